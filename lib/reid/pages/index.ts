// The door of the pages: an analysis becomes one self-contained HTML page with its charts, their
// readings and their tables.

import type { Result } from '../analysis/findings.ts';
import type { PlotFindings } from '../analysis/plot.ts';
import type { ScoreFindings } from '../analysis/scores.ts';
import type { ThresholdFindings } from '../analysis/thresholds.ts';
import { script, style } from './browser.ts';
import { animalsFigure, replayFigure, strataFigure } from './charts/breakdown.ts';
import { cumulativeFigure, eventsFigure, matedFigure, pairsFigure } from './charts/distribution.ts';
import { count, type Figure } from './charts/figure.ts';
import { assignmentFigure, detFigure, errorsFigure } from './charts/rates.ts';
import { escapeHtml, plotlyScript, shell, table } from './shell.ts';
import { ground, requested, verdict } from './summary.ts';

export interface PageOptions {
  /** When the analysis was made, as it is shown. */
  made: string;
  maxFpir: number;
}

/** An analysis with its JSON, which the page carries along. */
export type Content = { report: object } & (
  | { kind: 'scores'; result: Result<ScoreFindings> }
  | { kind: 'thresholds'; result: Result<ThresholdFindings> }
  | { kind: 'plot'; result: Result<PlotFindings> }
);

const TITLES = {
  scores: 'How the similarity scores are distributed',
  thresholds: 'What each threshold would do',
  plot: 'Re-identification of deer: scores, thresholds, errors',
} as const;

/** The charts of a page, in order; without the data for a chart there is none. */
function makeFigures({ kind, result }: Content, maxFpir: number): Figure[] {
  if (result.kind === 'refused') return [];
  const { overview: decision, findings } = result;
  const { animals, strata, at, grid } = findings;
  const scores = 'events_best' in findings ? findings : undefined;
  const figures = [
    ...(kind === 'scores' ? [] : [assignmentFigure(grid, decision), errorsFigure(grid, decision, maxFpir)]),
    ...(scores === undefined ? [] : [matedFigure(scores, decision), eventsFigure(scores, decision)]),
    cumulativeFigure(grid, decision),
    detFigure(grid, decision),
    strataFigure(strata, at, 'mated'),
    strataFigure(strata, at, 'non-mated'),
    animalsFigure(animals, at, true),
    animalsFigure(animals, at, false),
    ...(scores === undefined ? [] : [pairsFigure(scores.all_pairs, decision)]),
    ...('replay' in findings ? [replayFigure(findings.replay)] : []),
  ];
  return figures.filter((figure) => figure !== undefined);
}

function drawn({ id, title, reading, table: behind }: Figure): string {
  return `<figure aria-labelledby="title-${id}" aria-describedby="reading-${id}">
<h2 id="title-${id}">${escapeHtml(title)}</h2>
<p id="reading-${id}">${escapeHtml(reading)}</p>
<div class="plot" id="plot-${id}" tabindex="0" role="group" aria-label="${escapeHtml(`Chart: ${title}. Arrow keys read its points.`)}"></div>
<output class="point" id="point-${id}" aria-live="polite"></output>
<details><summary>The numbers behind this chart (${count(behind.rows.length)} rows)</summary>
${table(`Numbers behind: ${title}`, behind)}</details>
</figure>`;
}

/** One HTML page, about 1.3 MB: it opens from disk and loads nothing from anywhere. */
export function page(content: Content, { made, maxFpir }: PageOptions): string {
  const { kind, result, report } = content;
  const { overview } = result;
  const figures = makeFigures(content, maxFpir);
  const rows =
    result.kind === 'studied' && 'threshold_analysis' in result.findings ? result.findings.threshold_analysis : [];
  const body = `<header><h1>${escapeHtml(TITLES[kind])}</h1><p class="quiet">${escapeHtml(made)}. Every number is computed from the database; nothing is changed by it.</p></header>
<main>
${verdict(overview)}
${requested(rows, overview)}
${figures.map(drawn).join('\n')}
${ground(overview)}
</main>
<footer><p>Terms as in ISO/IEC 19795-1 and the NIST FRTE 1:N reports; the method is explained in docs/REID_OPTIMIZATION_ANALYSIS.md. s = cosine similarity, a match iff s is at least the threshold.</p></footer>`;
  const charts = figures.map(({ id, traces, layout, height }) => ({ id, traces, layout, height }));
  return shell({
    title: `${TITLES[kind]} - Hoofprint`,
    style,
    body,
    data: { analysis: report, figures: charts },
    scripts: [plotlyScript(), script],
  });
}
