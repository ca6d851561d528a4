// The page of the comparison of methods: three sentences, the table of the methods, charts, and
// what it is based on.
import { count, listWords, number } from '../../format.ts';
import { formatLimit, formatScore } from '../analysis/words.ts';
import type { MethodRow } from '../matching/matching.ts';
import type { MatchingReport } from '../matching/report.ts';
import { script, style } from './browser.ts';
import { percent } from './charts/figure.ts';
import { assignedFigure, methodsFigure } from './charts/methods.ts';
import { renderFigure } from './index.ts';
import { escapeHtml, plotlyScript, renderShell, renderTable } from './shell.ts';
import { renderBasis, renderList } from './summary.ts';

const TITLE = 'Methods of matching: more deer found at the same promise';

/** The columns of the comparison, on the page and at a terminal. */
export const METHOD_COLUMNS = [
  'method',
  'mark',
  'threshold',
  'bound of FPIR',
  'FNIR',
  'detections',
  'share',
  'without own',
  'events',
  'without own',
];

/** A row under METHOD_COLUMNS; "own" are the events that profiles and templates come from. */
export function methodCells({ label, mark, threshold, rates, assigned }: MethodRow, searchable: number): string[] {
  const counted = (n: number | undefined): string => (n === undefined ? '-' : number(n));
  return [
    ...[label, mark, threshold === null ? 'none' : formatScore(threshold)],
    ...[percent(rates?.fpir_upper), percent(rates?.fnir)],
    ...[counted(assigned?.detections), percent(assigned === null ? null : assigned.detections / searchable)],
    ...[counted(assigned?.other_detections), counted(assigned?.events), counted(assigned?.other_events)],
  ];
}

/** How the method was chosen, and by what all of them were judged, in sentences. */
export function explainChoice({ choice, judged, methods, center }: MatchingReport): string[] {
  if (choice === null || judged === null) return [];
  const by = {
    halves: `The method was chosen by ${count(choice.choosing_strangers, 'stranger')} and ${choice.choosing_deer} deer (${count(choice.choosing_mated, 'search')}), half of the reviewed animals, drawn with seed ${choice.seed}. Its threshold and its bound come from all ${count(choice.strangers, 'stranger')}.`,
    fixed: `The method is the one that was fixed beforehand, because there is ${choice.reason ?? ''}.`,
    only: 'There is only one method for these data.',
  }[choice.by];
  const templates =
    judged.template_events === 0
      ? ''
      : ` ${count(judged.template_events, 'confirmed event')} became templates, which are in no error rate.`;
  const withheld = methods.flatMap(({ withheld: reason, label }) =>
    reason === null ? [] : [`Not offered: "${label}". Why: ${reason}.`],
  );
  return [
    by,
    `All methods are judged by the same ${count(judged.mated_searches, 'search')} for known deer.${templates}`,
    ...(judged.unjudged.length === 0
      ? []
      : [`All confirmed events of ${listWords(judged.unjudged, 10)} became templates: they are in no error rate.`]),
    ...(center === null
      ? []
      : [
          `Centered: the mean vector of all ${count(center.n, 'detection')} is taken off each vector (hash ${center.hash.slice(0, 12)}${center.stored ? ', stored with this recommendation' : ', not stored'}).`,
        ]),
    ...withheld,
  ];
}

export interface MatchingPageOptions {
  /** When the analysis was made, as it is shown. */
  made: string;
  maxFpir: number;
}

/** One HTML page, about 5 MB: it opens from disk and loads nothing from anywhere. */
export function matchingPage(report: MatchingReport, { made, maxFpir }: MatchingPageOptions): string {
  const { sentences, methods, searchable, apply, recommendation, overview } = { ...report, overview: report };
  const all = searchable?.detections ?? 0;
  const figures = [methodsFigure(methods, maxFpir), assignedFigure(methods, all)].filter(
    (figure) => figure !== undefined,
  );
  const [first, ...others] = sentences;
  const rows = methods.map((row) => methodCells(row, all));
  const marked = ([, mark]: readonly string[]): string => (mark === 'chosen' ? 'then' : '');
  const next =
    apply === null
      ? ''
      : `<p>To see what it would write, type <code>${escapeHtml(apply)}</code>. This report changes no detection and no setting.</p>`;
  const body = `<header><h1>${escapeHtml(TITLE)}</h1><p class="quiet">${escapeHtml(made)}. All numbers are computed from the database; nothing that it says of deer was changed.</p></header>
<main>
<section class="verdict${recommendation.threshold === null ? ' none' : ''}" aria-label="Recommendation"><strong>${escapeHtml(first!)}</strong>
${others.map((sentence) => `<p>${escapeHtml(sentence)}</p>`).join('\n')}
${next}
${recommendation.what_would_change.length === 0 ? '' : `<p>What would change this:</p>${renderList(recommendation.what_would_change)}`}
${recommendation.warnings.length === 0 ? '' : `<p>Warnings:</p>${renderList(recommendation.warnings)}`}</section>
${
  rows.length === 0
    ? ''
    : `<section><h2>The five methods</h2>${renderTable('The five methods', { columns: METHOD_COLUMNS, rows }, marked)}
<p class="quiet">${escapeHtml(`Each method has its own scores, so its own thresholds. "Threshold" is the lowest at which the bound of FPIR (visits of strangers that get a name) stays below ${formatLimit(maxFpir)}; FNIR is the share of visits of known deer that are missed there. All pictures of an assigned visit go to its deer. "Without own" leaves out the visits that profiles and templates come from.`)}</p>
${renderList(explainChoice(report))}</section>`
}
${figures.map(renderFigure).join('\n')}
${renderBasis(overview)}
</main>
<footer><p>docs/REID_OPTIMIZATION_ANALYSIS.md explains the methods. A score is the cosine similarity of two vectors; it is a match if it is at least the threshold.</p></footer>`;
  const charts = figures.map(({ id, traces, layout, height }) => ({ id, traces, layout, height }));
  return renderShell({
    title: `${TITLE} - Hoofprint`,
    style,
    body,
    data: { analysis: report, figures: charts },
    scripts: [plotlyScript(), script],
  });
}
