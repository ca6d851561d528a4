// The review page of a trial (FR-019): detection and profile side by side, a verdict for each
// event, and a file to load them from.
import type { Picture } from '../analysis/pictures.ts';
import type { Trial, TrialRow } from '../analysis/trial.ts';
import { reviewScript, reviewStyle } from './review-browser.ts';
import { escapeHtml, shell } from './shell.ts';

const picture = (found: Picture | undefined, alt: string): string => {
  if (found !== undefined && 'jpeg' in found)
    return `<img src="data:image/jpeg;base64,${found.jpeg.toString('base64')}" alt="${escapeHtml(alt)}">`;
  return `<p class="missing">No picture: ${escapeHtml(found?.reason ?? 'no detection of this deer is known')}.</p>`;
};

const VERDICTS = [
  ['same', 'Same animal', 's'],
  ['different', 'Different', 'd'],
  ['unsure', 'Unsure', 'u'],
] as const;

function card(row: TrialRow, index: number, total: number, pictures: ReadonlyMap<string, Picture>): string {
  const deer = row.candidate_deer ?? 'no deer of this class';
  const scores = row.score === null ? 'no candidate' : `score ${row.score.toFixed(3)}`;
  const second = row.runner_up_deer === null ? '' : `, next ${row.runner_up_deer} ${row.runner_up_score?.toFixed(3)}`;
  const buttons = VERDICTS.map(
    ([value, label, key]) =>
      `<label><input type="radio" name="verdict-${index}" value="${value}"${row.candidate_deer_id === null && value !== 'unsure' ? ' disabled' : ''}> ${label} <kbd>${key}</kbd></label>`,
  ).join('');
  const when = row.captured_at === null ? '' : `, ${row.captured_at.slice(0, 16).replace('T', ' ')} UTC`;
  return `<article class="card" id="card-${index}" tabindex="-1" aria-labelledby="head-${index}">
<h2 id="head-${index}">${index + 1} of ${total}: is this ${escapeHtml(deer)}?</h2>
<div class="pair">
<figure>${picture(pictures.get(row.detection), `Detection: ${row.class}`)}<figcaption>Detection: ${escapeHtml(row.class)}${escapeHtml(row.location === null ? '' : ` at ${row.location}`)}${when}</figcaption></figure>
<figure>${row.candidate_deer === null ? '<p class="missing">No profile passes the gate of its class.</p>' : picture(row.candidate_picture === null ? undefined : pictures.get(row.candidate_picture), `Profile of ${deer}`)}<figcaption>${row.candidate_source === null && row.candidate_picture !== null ? 'Named by the matcher' : 'Profile'}: ${escapeHtml(deer)}</figcaption></figure>
</div>
<details class="quiet"><summary>What the matcher says (look at the pictures first)</summary>${escapeHtml(row.change)}: now ${escapeHtml(row.present_deer ?? 'nobody')}, then ${escapeHtml(row.proposed_deer ?? 'nobody')}; ${escapeHtml(scores)}${escapeHtml(second)}.</details>
<fieldset><legend>Verdict on event ${index + 1}</legend>${buttons}
<label class="name">None of the known deer; I call it <input type="text" name="identity-${index}" maxlength="200" autocomplete="off"></label></fieldset>
</article>`;
}

export interface ReviewOptions {
  made: string;
  /** Known detections and profiles' sources; what is missing is said on the page. */
  pictures: ReadonlyMap<string, Picture>;
}

/** One self-contained HTML page; what it saves is what `npm run import -- --reviews` takes. */
export function reviewPage(trial: Trial, { made, pictures }: ReviewOptions): string {
  const { rows, threshold, seed, population } = trial;
  const body = `<header><h1>Trial of threshold ${threshold.toFixed(2)}: ${rows.length} events to look at</h1>
<p>${rows.length} of ${population} events, drawn with seed ${seed} so that every event has a known chance to be here. ${escapeHtml(made)}.</p>
<p>Mark each event: <kbd>s</kbd> same, <kbd>d</kbd> different, <kbd>u</kbd> unsure; <kbd>j</kbd> and <kbd>k</kbd> go to the next and the one before. When the animal is none of the known deer and you recognise it, give it a name, and the same name each time: only such events tell how often strangers are taken for a deer. Save the file, then load it: <code>npm run import -- --reviews reviews.json</code></p></header>
<main>
${rows.map((row, i) => card(row, i, rows.length, pictures)).join('\n')}
${rows.length === 0 ? '<p>No event can be drawn: every event is a source of a profile or was reviewed before.</p>' : ''}
</main>
<div class="bar" role="region" aria-label="Saving"><label>Your name <input type="text" id="reviewer" maxlength="200" autocomplete="off"></label>
<output id="progress" aria-live="polite"></output><button type="button" id="save">Save file</button></div>`;
  const events = rows.map((row) => ({
    event: row.event,
    detections: row.detections,
    deer_id: row.candidate_deer_id,
    inclusion_probability: row.inclusion_probability,
  }));
  const data = { trial: { threshold, seed, population }, events };
  return shell({
    title: `Trial of threshold ${threshold.toFixed(2)} - Hoofprint`,
    style: reviewStyle,
    body,
    data: { data },
    scripts: [reviewScript],
  });
}
