// The page of a plan: what would be written, of which deer, and random samples to look at.
import { number } from '../../format.ts';
import type { Picture } from '../analysis/pictures.ts';
import type { Plan } from '../apply/file.ts';
import type { PlannedRow } from '../apply/plan.ts';
import { describePlan } from '../apply/words.ts';
import { style } from './browser.ts';
import { escapeHtml, renderShell, renderTable } from './shell.ts';
import { renderList } from './summary.ts';

export interface PlanPageOptions {
  /** When the plan was made, as it is shown. */
  made: string;
  /** Rows drawn at random. */
  samples: readonly PlannedRow[];
  /** By detection id; a missing picture is explained on the page. */
  pictures: ReadonlyMap<string, Picture>;
  /** The command that carries the plan out; null where no file was written. */
  command: string | null;
}

const SAMPLE_STYLE =
  '.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 12px; } .samples figure { margin: 0; padding: 8px; } .samples img { width: 100%; height: auto; }';

function renderSample(row: PlannedRow, name: string, picture: Picture | undefined): string {
  const shown =
    picture !== undefined && 'jpeg' in picture
      ? `<img src="data:image/jpeg;base64,${picture.jpeg.toString('base64')}" alt="${escapeHtml(`Detection that would be ${name}`)}">`
      : `<p class="quiet">No picture: ${escapeHtml(picture?.reason ?? 'none was cut')}.</p>`;
  const why = row.by === 'verdict' ? 'by a verdict' : `score ${row.score?.toFixed(3) ?? '-'}`;
  return `<figure>${shown}<figcaption>${escapeHtml(name)} (${escapeHtml(why)})</figcaption></figure>`;
}

/** One HTML page without scripts: it opens from disk and loads nothing from anywhere. */
export function planPage(plan: Plan, { made, samples, pictures, command }: PlanPageOptions): string {
  const [first, ...others] = describePlan(plan);
  const names = new Map(plan.deer.map((deer) => [deer.deer, deer.name]));
  const rows = plan.deer.map(({ name, detections, events, now }) => [
    ...[name, number(now), number(detections), number(now + detections), number(events)],
  ]);
  const columns = ['deer', 'pictures now', 'would be added', 'then', 'visits'];
  const named = samples.map((row) =>
    renderSample(row, row.deer === null ? 'no deer' : (names.get(row.deer) ?? row.deer), pictures.get(row.detection)),
  );
  const next =
    command === null
      ? ''
      : `<p>To carry it out, type <code>${escapeHtml(command)}</code>. The plan expires when anything in the database changes.</p>`;
  const body = `<header><h1>A plan to write names on pictures</h1><p class="quiet">${escapeHtml(made)}. Nothing was written yet.</p></header>
<main>
<section class="verdict${plan.despite === null ? '' : ' none'}" aria-label="Plan"><strong>${escapeHtml(first!)}</strong>
${renderList(others)}
${next}</section>
<section><h2>By deer</h2>${renderTable('Pictures by deer', { columns, rows })}</section>
<section><h2>${number(named.length)} of these pictures, drawn at random</h2>
<p>Look at them before the plan is carried out. They are no evidence: what you see here changes no rate.</p>
<div class="samples">${named.join('\n')}</div></section>
</main>
<footer><p>docs/REID_OPTIMIZATION_ANALYSIS.md explains what is written, and how it is undone.</p></footer>`;
  const { rows: _, ...summary } = plan;
  return renderShell({
    title: 'A plan to write names on pictures - Hoofprint',
    style: style + SAMPLE_STYLE,
    body,
    data: { plan: summary },
    scripts: [],
  });
}
