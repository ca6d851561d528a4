// A Re-ID report in a few lines for a terminal.
import { count, threshold as formatThreshold, number } from '../../lib/format.ts';
import type { Overview } from '../../lib/reid/analysis/overview.ts';
import { percent } from '../../lib/reid/pages/charts/figure.ts';
import type { ThresholdRow } from '../../lib/reid/study/rates.ts';

export type ReidReport = Overview & {
  threshold_analysis?: ThresholdRow[];
  report: string | null;
  review?: string | null;
  trial_csv?: string | null;
};

const COLUMNS = ['threshold', 'assigned', 'share', 'events', 'FPIR', 'at most', 'FNIR', 'MIS', 'FDP<='];

const alignCells = (cells: readonly string[]): string => `  ${cells.map((cell) => cell.padStart(9)).join(' ')}`;

const formatRow = (row: ThresholdRow): string =>
  alignCells([
    formatThreshold(row.threshold),
    number(row.assigned_count),
    ...[row.assignment_rate, row.event_assignment_rate, row.fpir, row.fpir_upper, row.fnir, row.mis, row.fdp_upper].map(
      percent,
    ),
  ]);

function formatRecommendation({ current_threshold: current, recommendation }: ReidReport): string[] {
  const { threshold, reason, setting, fnir, improvement } = recommendation;
  if (threshold === null) return [reason];
  const relative = improvement?.relative ?? null;
  const change = relative === null ? '' : ` (${relative >= 0 ? '+' : ''}${percent(relative)})`;
  const known =
    fnir === null
      ? ''
      : `; ${percent(fnir)} of searches for known deer miss the deer, ${percent(recommendation.mis)} match another deer`;
  return [
    `recommended: ${formatThreshold(threshold)}, ${reason}`,
    `  ${percent(recommendation.assignment_rate)} of detections would be assigned${change}${known}`,
    `  to apply it after review, set ${setting} (currently ${formatThreshold(current)}); this report changes no settings`,
  ];
}

/** The table, the recommendation with its reason, and where the pages are. */
export function formatReport(report: ReidReport): string {
  const { recommendation, threshold_analysis: rows = [], notes } = report;
  return [
    `${count(report.total_detections, 'detection')}, ${count(report.deer_profiles, 'profile')}, ${count(report.events, 'search event')}; ${percent(report.current_assignment_rate)} of detections are assigned now (threshold ${formatThreshold(report.current_threshold)})`,
    ...(rows.length === 0 ? [] : ['', alignCells(COLUMNS), ...rows.map(formatRow)]),
    '',
    ...formatRecommendation(report),
    ...recommendation.what_would_change.map((line) => `  what would change this: ${line}`),
    ...recommendation.warnings.map((line) => `  warning: ${line}`),
    ...notes.map((line) => `  note: ${line}`),
    '',
    `page     ${report.report}`,
    ...(report.review == null ? [] : [`review   ${report.review}`, `list     ${report.trial_csv}`]),
  ].join('\n');
}
