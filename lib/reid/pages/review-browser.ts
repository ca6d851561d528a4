// Script and style of the review page, as text: verdicts by mouse or keyboard, kept when the page
// is loaded again, saved as one file.

export const reviewScript = `(function () {
  'use strict';
  var data = JSON.parse(document.getElementById('data').textContent);
  var cards = Array.prototype.slice.call(document.querySelectorAll('.card'));
  var marks = data.events.map(function () { return { verdict: null, identity: '', at: null }; });
  var key = 'hoofprint-trial-' + data.trial.threshold + '-' + data.trial.seed + '-' + (data.events[0] ? data.events[0].event : '') + '-' + data.events.length;
  var reviewer = document.getElementById('reviewer');
  var purpose = document.getElementById('purpose');
  var progress = document.getElementById('progress');
  var current = 0;
  var radio = function (i, value) { return document.querySelector('input[name="verdict-' + i + '"][value="' + value + '"]'); };
  var name = function (i) { return document.querySelector('input[name="identity-' + i + '"]'); };
  var marked = function (mark) { return mark.verdict !== null || mark.identity !== ''; };
  var keep = function () {
    progress.textContent = marks.filter(marked).length + ' of ' + marks.length + ' marked';
    cards.forEach(function (card, i) { card.classList.toggle('done', marked(marks[i])); });
    try { localStorage.setItem(key, JSON.stringify({ marks: marks, reviewer: reviewer.value, purpose: purpose.value })); } catch (_) { /* private windows keep nothing */ }
  };
  var go = function (i) {
    current = Math.max(0, Math.min(cards.length - 1, i));
    if (cards[current]) { cards[current].focus({ preventScroll: true }); cards[current].scrollIntoView({ block: 'center' }); }
  };
  var mark = function (i, value) {
    marks[i].verdict = value;
    marks[i].at = new Date().toISOString();
    if (value === 'same' || value === 'unsure') { marks[i].identity = ''; name(i).value = ''; }
    keep();
  };
  try {
    var kept = JSON.parse(localStorage.getItem(key) || 'null');
    if (kept && kept.marks.length === marks.length) {
      marks = kept.marks;
      reviewer.value = kept.reviewer || '';
      purpose.value = kept.purpose || 'evidence';
      marks.forEach(function (one, i) {
        var input = one.verdict && radio(i, one.verdict);
        if (input) input.checked = true;
        name(i).value = one.identity;
      });
    }
  } catch (_) { /* nothing was kept */ }
  cards.forEach(function (card, i) {
    card.addEventListener('focusin', function () { current = i; });
    card.addEventListener('change', function (event) { if (event.target.type === 'radio') mark(i, event.target.value); });
    name(i).addEventListener('input', function () {
      marks[i].identity = name(i).value.trim();
      if (marks[i].identity !== '') {
        marks[i].at = new Date().toISOString();
        var different = radio(i, 'different');
        if (!different.disabled) { different.checked = true; marks[i].verdict = 'different'; }
        else { marks[i].verdict = null; radio(i, 'unsure').checked = false; }
      }
      keep();
    });
  });
  reviewer.addEventListener('input', keep);
  purpose.addEventListener('change', keep);
  document.addEventListener('keydown', function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.type === 'text') return;
    var value = { s: 'same', d: 'different', u: 'unsure' }[event.key];
    if (value) {
      var input = radio(current, value);
      if (!input || input.disabled) return;
      event.preventDefault();
      input.checked = true;
      mark(current, value);
      go(current + 1);
    } else if (event.key === 'j' || event.key === 'k') {
      event.preventDefault();
      go(current + (event.key === 'j' ? 1 : -1));
    }
  });
  document.getElementById('save').addEventListener('click', function () {
    var reviews = [];
    var sample = purpose.value === 'evidence';
    marks.forEach(function (one, i) {
      if (!marked(one)) return;
      var event = data.events[i];
      var review = { event: event.event, detections: event.detections, verdict: one.verdict, inclusion_probability: sample ? event.inclusion_probability : null, reviewed_at: one.at, purpose: purpose.value, draw_id: sample ? data.trial.draw : null, score: event.score, threshold: data.trial.threshold };
      if (one.identity !== '') { review.verdict = 'none'; review.identity = one.identity; }
      else if (one.verdict !== 'unsure') review.deer_id = event.deer_id;
      reviews.push(review);
    });
    var file = { format: 'hoofprint-reviews', version: 1, reviewer: reviewer.value.trim() || null, trial: data.trial, reviews: reviews };
    var link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([JSON.stringify(file, null, 1)], { type: 'application/json' }));
    link.download = 'reviews.json';
    link.click();
  });
  keep();
})();`;

export const reviewStyle = `
* { box-sizing: border-box; }
body { margin: 0 0 90px; font: 16px/1.5 system-ui, sans-serif; color: #222; background: #f5f5f3; }
header, main { max-width: 900px; margin: 0 auto; padding: 0 16px; }
header { padding-top: 20px; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 6px; }
h2 { font-size: 1.15rem; margin: 0 0 8px; overflow-wrap: anywhere; }
.card { background: #fff; border: 1px solid #d9d9d4; border-left: 6px solid #b9b9b4; border-radius: 8px; margin: 16px 0; padding: 14px; }
.card.done { border-left-color: #009E73; }
.card:focus, .card:focus-within { outline: 3px solid #0072B2; outline-offset: 1px; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; }
.pair figure { margin: 0; background: #ededea; border-radius: 6px; overflow: hidden; display: flex; flex-direction: column; }
.pair img { width: 100%; height: 320px; object-fit: contain; background: #1d1d1b; }
.pair figcaption { padding: 6px 8px; font-size: .9rem; overflow-wrap: anywhere; }
.missing { margin: auto; padding: 40px 12px; }
.quiet { color: #555; margin: 8px 0; overflow-wrap: anywhere; }
fieldset { border: 0; padding: 0; margin: 0; display: flex; flex-wrap: wrap; gap: 8px; }
legend { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
fieldset label { border: 1px solid #8a8a85; border-radius: 6px; padding: 8px 12px; cursor: pointer; background: #fff; }
fieldset label:has(:checked) { background: #0072B2; border-color: #0072B2; color: #fff; }
fieldset label:has(:disabled) { color: #6b6b6b; cursor: not-allowed; }
fieldset label.name { border: 0; padding: 8px 0; flex-basis: 100%; cursor: default; }
kbd { background: #eef1f3; color: #222; border: 1px solid #b9c0c5; border-radius: 4px; padding: 0 5px; font-size: .85em; }
code { display: inline-block; background: #eef1f3; padding: 1px 5px; border-radius: 4px; overflow-wrap: anywhere; }
.bar { position: fixed; inset: auto 0 0; background: #222; color: #fff; padding: 10px 16px; display: flex; flex-wrap: wrap; gap: 12px; align-items: center; justify-content: center; }
input[type=text], select { font: inherit; padding: 4px 8px; max-width: 100%; }
button { font: inherit; padding: 8px 18px; border: 0; border-radius: 6px; background: #fff; color: #222; cursor: pointer; }
button:focus-visible, input:focus-visible, select:focus-visible { outline: 3px solid #56B4E9; outline-offset: 2px; }
@media (max-width: 600px) { .pair img { height: 180px; } .pair { gap: 6px; } header, main { padding: 0 10px; } }
`;
