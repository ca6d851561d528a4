// The door of the pages: an analysis becomes one self-contained HTML page of charts, each with a
// sentence that says what it shows and the table of its numbers.
import { count } from '../../format.ts';

import type { Result } from '../analysis/findings.ts';
import type { PlotFindings } from '../analysis/plot.ts';
import type { ScoreFindings } from '../analysis/scores.ts';
import type { ThresholdFindings } from '../analysis/thresholds.ts';
import { script, style } from './browser.ts';
import { animalsFigure, replayFigure, strataFigure } from './charts/breakdown.ts';
import { cumulativeFigure, eventsFigure, matedFigure, pairsFigure } from './charts/distribution.ts';
import type { Figure } from './charts/figure.ts';
import { assignmentFigure, detFigure, errorsFigure } from './charts/rates.ts';
import { renderCoverage } from './coverage.ts';
import { escapeHtml, plotlyScript, renderShell, renderTable } from './shell.ts';
import { renderBasis, renderRequested, renderVerdict } from './summary.ts';

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
  scores: 'How similarity scores are distributed',
  thresholds: 'What each threshold would do',
  plot: 'Re-identification of deer: scores, thresholds, and errors',
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

export function renderFigure({ id, title, reading, table: behind }: Figure): string {
  return `<figure aria-labelledby="title-${id}" aria-describedby="reading-${id}">
<h2 id="title-${id}">${escapeHtml(title)}</h2>
<p id="reading-${id}">${escapeHtml(reading)}</p>
<div class="plot" id="plot-${id}" tabindex="0" role="group" aria-label="${escapeHtml(`Chart: ${title}. Use the arrow keys to read its points.`)}"></div>
<output class="point" id="point-${id}" aria-live="polite"></output>
<details><summary>Numbers of this chart (${count(behind.rows.length, 'row')})</summary>
${renderTable(`Numbers: ${title}`, behind)}</details>
</figure>`;
}

/** One HTML page, about 1.3 MB: it opens from disk and loads nothing from anywhere. */
export function page(content: Content, { made, maxFpir }: PageOptions): string {
  const { kind, result, report } = content;
  const { overview } = result;
  const figures = makeFigures(content, maxFpir);
  const rows =
    result.kind === 'studied' && 'threshold_analysis' in result.findings ? result.findings.threshold_analysis : [];
  const body = `<header><h1>${escapeHtml(TITLES[kind])}</h1><p class="quiet">${escapeHtml(made)}. All numbers are computed from the database; nothing in it was changed.</p></header>
<main>
${renderVerdict(overview)}
${renderRequested(rows, overview)}
${figures.map(renderFigure).join('\n')}
${result.kind === 'studied' ? renderCoverage(result.findings.coverage, overview.evidence) : ''}
${renderBasis(overview)}
</main>
<footer><p>Terms follow ISO/IEC 19795-1 and the NIST FRTE 1:N reports; docs/REID_OPTIMIZATION_ANALYSIS.md explains the method. A score is the cosine similarity of two embeddings; it is a match if it is at least the threshold.</p></footer>`;
  const charts = figures.map(({ id, traces, layout, height }) => ({ id, traces, layout, height }));
  return renderShell({
    title: `${TITLES[kind]} - Hoofprint`,
    style,
    body,
    data: { analysis: report, figures: charts },
    scripts: [plotlyScript(), script],
  });
}
