// The review page of a trial: detection and profile side by side, a verdict for each event, and a
// file of the verdicts for the import.
import { count, threshold as formatThreshold, number } from '../../format.ts';
import type { Picture } from '../analysis/pictures.ts';
import type { Trial, TrialRow } from '../analysis/trial.ts';
import { reviewScript, reviewStyle } from './review-browser.ts';
import { escapeHtml, renderShell } from './shell.ts';

function renderPicture(found: Picture | undefined, alt: string): string {
  if (found !== undefined && 'jpeg' in found)
    return `<img src="data:image/jpeg;base64,${found.jpeg.toString('base64')}" alt="${escapeHtml(alt)}">`;
  return `<p class="missing">No picture: ${escapeHtml(found?.reason ?? 'no detection of this deer is known')}.</p>`;
}

const VERDICTS = [
  ['same', 'Same animal', 's'],
  ['different', 'Different', 'd'],
  ['unsure', 'Unsure', 'u'],
] as const;

const renderVerdicts = (row: TrialRow, index: number): string =>
  VERDICTS.map(
    ([value, label, key]) =>
      `<label><input type="radio" name="verdict-${index}" value="${value}"${row.candidate_deer_id === null && value !== 'unsure' ? ' disabled' : ''}> ${label} <kbd>${key}</kbd></label>`,
  ).join('');

function renderDetection(row: TrialRow, pictures: ReadonlyMap<string, Picture>): string {
  const where = row.location === null ? '' : ` at ${row.location}`;
  const when = row.captured_at === null ? '' : `, ${row.captured_at.slice(0, 16).replace('T', ' ')} UTC`;
  return `<figure>${renderPicture(pictures.get(row.detection), `Detection: ${row.class}`)}<figcaption>Detection: ${escapeHtml(`${row.class}${where}${when}`)}</figcaption></figure>`;
}

function renderProfile(row: TrialRow, deer: string, pictures: ReadonlyMap<string, Picture>): string {
  const { candidate_picture: id } = row;
  const shown =
    row.candidate_deer === null
      ? '<p class="missing">No profile passes the gate of its class.</p>'
      : renderPicture(id === null ? undefined : pictures.get(id), `Profile of ${deer}`);
  const caption = row.candidate_source === null && id !== null ? 'Named by the matcher' : 'Profile';
  return `<figure>${shown}<figcaption>${caption}: ${escapeHtml(deer)}</figcaption></figure>`;
}

function describeMatcher(row: TrialRow): string {
  const score = row.score === null ? 'no candidate' : `score ${row.score.toFixed(3)}`;
  const next = row.runner_up_deer === null ? '' : `, next ${row.runner_up_deer} ${row.runner_up_score?.toFixed(3)}`;
  return `${row.change}: now ${row.present_deer ?? 'no deer'}, then ${row.proposed_deer ?? 'no deer'}; ${score}${next}.`;
}

function renderCard(row: TrialRow, index: number, total: number, pictures: ReadonlyMap<string, Picture>): string {
  const deer = row.candidate_deer ?? 'no deer of this class';
  return `<article class="card" id="card-${index}" tabindex="-1" aria-labelledby="head-${index}">
<h2 id="head-${index}">${index + 1} of ${total}: is this ${escapeHtml(deer)}?</h2>
<div class="pair">
${renderDetection(row, pictures)}
${renderProfile(row, deer, pictures)}
</div>
<details class="quiet"><summary>What the matcher says (look at the pictures first)</summary>${escapeHtml(describeMatcher(row))}</details>
<fieldset><legend>Verdict on event ${index + 1}</legend>${renderVerdicts(row, index)}
<label class="name">None of the known deer; my name for it: <input type="text" name="identity-${index}" maxlength="200" autocomplete="off"></label></fieldset>
</article>`;
}

const INSTRUCTIONS = `<p>Mark the events in this order (only those before the first gap count): <kbd>s</kbd> same, <kbd>d</kbd> different, <kbd>u</kbd> unsure; <kbd>j</kbd> and <kbd>k</kbd> go to the next and the previous event. If the animal is none of the known deer and you recognize it, give it a name, and use the same name each time: only such events show how often strangers are matched to a deer. Verdicts that name every animal for a head count are no sample: choose "a head count (a roster)" below. Save the file, then load it: <code>npm run import -- --reviews reviews.json</code></p>`;

export interface ReviewOptions {
  /** When the trial was made, as it is shown. */
  made: string;
  /** By detection id; a missing picture is explained on the page. */
  pictures: ReadonlyMap<string, Picture>;
}

/** One self-contained HTML page; it saves the file that `npm run import -- --reviews` loads. */
export function reviewPage(trial: Trial, { made, pictures }: ReviewOptions): string {
  const { rows, threshold, seed, population, draw, decided_before: before } = trial;
  const body = `<header><h1>Trial of threshold ${formatThreshold(threshold)}: ${count(rows.length, 'event')} to review</h1>
<p>${number(rows.length)} of ${count(population, 'event')}, drawn at random (seed ${seed}), each with a known chance.${before > 0 ? ` ${number(before)} more had a verdict before.` : ''} ${escapeHtml(made)}.</p>
${INSTRUCTIONS}</header>
<main>
${rows.map((row, i) => renderCard(row, i, rows.length, pictures)).join('\n')}
${rows.length === 0 ? '<p>No event can be drawn: all events are sources of profiles or were drawn before.</p>' : ''}
</main>
<div class="bar" role="region" aria-label="Saving"><label>Your name <input type="text" id="reviewer" maxlength="200" autocomplete="off"></label>
<label>Meant for <select id="purpose"><option value="evidence">error rates (a sample)</option><option value="roster">a head count (a roster)</option><option value="second_look">a second look at animals with one event</option><option value="repeat">repeats (shown again as new)</option></select></label>
<output id="progress" aria-live="polite"></output><button type="button" id="save">Save file</button></div>`;
  const events = rows.map((row) => ({
    event: row.event,
    detections: row.detections,
    deer_id: row.candidate_deer_id,
    inclusion_probability: row.inclusion_probability,
    score: row.score,
  }));
  return renderShell({
    title: `Trial of threshold ${formatThreshold(threshold)} - Hoofprint`,
    style: reviewStyle,
    body,
    data: { data: { trial: { threshold, seed, population, draw }, events } },
    scripts: [reviewScript],
  });
}
