// The door of the pages: an analysis becomes one self-contained HTML page with its charts, their
// readings and their tables.

import type { ScoreAnalysis, ThresholdAnalysis } from '../analysis/analysis.ts';
import type { AllPairs } from '../study/all-pairs.ts';
import { script, style } from './browser.ts';
import { animalsFigure, replayFigure, strataFigure } from './charts/breakdown.ts';
import { cumulativeFigure, eventsFigure, matedFigure, pairsFigure } from './charts/distribution.ts';
import { assignmentFigure, detFigure, errorsFigure } from './charts/rates.ts';
import { count, type Figure } from './figure.ts';
import { escapeHtml, plotlyScript, shell, table } from './shell.ts';
import { ground, requested, verdict } from './summary.ts';

export type ScoresReport = ScoreAnalysis & { all_pairs: AllPairs | null };
export type PlotReport = ThresholdAnalysis & Omit<ScoresReport, 'report'>;

export interface PageOptions {
  /** When the analysis was made, as it is shown. */
  made: string;
  maxFpir: number;
}

type Kind =
  | { kind: 'scores'; analysis: ScoresReport }
  | { kind: 'thresholds'; analysis: ThresholdAnalysis }
  | { kind: 'plot'; analysis: PlotReport };

const TITLES = {
  scores: 'How the similarity scores are distributed',
  thresholds: 'What each threshold would do',
  plot: 'Re-identification of deer: scores, thresholds, errors',
} as const;

/** The charts of a page, in order; what the data cannot fill is not there. */
export function figuresOf(of: Kind, { maxFpir }: Pick<PageOptions, 'maxFpir'>): Figure[] {
  const { analysis } = of;
  const { animals, strata, at } = analysis;
  const scores = of.kind === 'thresholds' ? [] : [matedFigure(of.analysis), eventsFigure(of.analysis)];
  const pairs = of.kind === 'thresholds' ? [] : [pairsFigure(of.analysis, of.analysis.all_pairs)];
  const rates = of.kind === 'scores' ? [] : [assignmentFigure(analysis), errorsFigure(analysis, maxFpir)];
  const from = [
    strataFigure(strata, at, 'mated'),
    strataFigure(strata, at, 'non-mated'),
    animalsFigure(animals, at, true),
    animalsFigure(animals, at, false),
  ];
  const replay = of.kind === 'scores' ? [] : [replayFigure(of.analysis.replay)];
  return [...rates, ...scores, cumulativeFigure(analysis), detFigure(analysis), ...from, ...pairs, ...replay].filter(
    (figure) => figure !== undefined,
  );
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

/**
 * One HTML page, about 1.3 MB: it opens from disk and asks for nothing. The analysis lies in it as
 * JSON (element `analysis`).
 */
export function page(of: Kind, options: PageOptions): string {
  const { kind, analysis } = of;
  const figures = figuresOf(of, options);
  const title = `${TITLES[kind]} - Hoofprint`;
  const body = `<header><h1>${escapeHtml(TITLES[kind])}</h1><p class="quiet">${escapeHtml(options.made)}. Every number is computed from the database; nothing is changed by it.</p></header>
<main>
${verdict(analysis)}
${kind === 'scores' ? '' : requested(of.analysis.threshold_analysis, analysis)}
${figures.map(drawn).join('\n')}
${ground(analysis)}
</main>
<footer><p>Terms as in ISO/IEC 19795-1 and the NIST FRTE 1:N reports; the method is explained in docs/REID_OPTIMIZATION_ANALYSIS.md. s = cosine similarity, a match iff s is at least the threshold.</p></footer>`;
  const drawing = figures.map(({ id, traces, layout, height }) => ({ id, traces, layout, height }));
  return shell({ title, style, body, data: { analysis, figures: drawing }, scripts: [plotlyScript(), script] });
}
