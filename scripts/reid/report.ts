// A Re-ID report in a few lines for a terminal.
import type { Overview } from '../../lib/reid/analysis/overview.ts';
import { count, percent } from '../../lib/reid/pages/charts/figure.ts';
import type { ThresholdRow } from '../../lib/reid/study/rates.ts';

export type ReidReport = Overview & {
  threshold_analysis?: ThresholdRow[];
  report: string | null;
  review?: string | null;
  trial_csv?: string | null;
};

const COLUMNS = ['threshold', 'assigned', 'share', 'events', 'FPIR', 'at most', 'FNIR', 'MIS', 'FDP<='];

const aligned = (cells: readonly string[]): string => `  ${cells.map((cell) => cell.padStart(9)).join(' ')}`;

const cellsOf = (row: ThresholdRow): string[] => [
  row.threshold.toFixed(2),
  count(row.assigned_count),
  ...[row.assignment_rate, row.event_assignment_rate, row.fpir, row.fpir_upper, row.fnir, row.mis, row.fdp_upper].map(
    percent,
  ),
];

/** The table, the recommendation with its reason, and where the pages are. */
export function formatReport(report: ReidReport): string {
  const { recommendation, threshold_analysis: rows = [], notes } = report;
  const { threshold, reason, what_would_change: change, warnings, setting, improvement } = recommendation;
  const more =
    improvement?.relative == null ? '' : ` (${improvement.relative >= 0 ? '+' : ''}${percent(improvement.relative)})`;
  return [
    `${count(report.total_detections)} detections, ${report.deer_profiles} profiles, ${count(report.events)} events; ${percent(report.current_assignment_rate)} of the detections are assigned now (threshold ${report.current_threshold.toFixed(2)})`,
    ...(rows.length === 0 ? [] : ['', aligned(COLUMNS), ...rows.map((row) => aligned(cellsOf(row)))]),
    '',
    threshold === null ? reason : `recommended: ${threshold.toFixed(2)}, ${reason}`,
    ...(threshold === null
      ? []
      : [
          `  ${percent(recommendation.assignment_rate)} of the detections would be assigned${more}${
            recommendation.fnir === null
              ? ''
              : `; ${percent(recommendation.fnir)} of the known deer are missed, ${percent(recommendation.mis)} taken for another`
          }`,
          `  after looking, a person would set: ${setting}`,
        ]),
    ...change.map((line) => `  what would change this: ${line}`),
    ...warnings.map((line) => `  warning: ${line}`),
    ...notes.map((line) => `  note: ${line}`),
    '',
    `page     ${report.report}`,
    ...(report.review == null ? [] : [`review   ${report.review}`, `list     ${report.trial_csv}`]),
  ].join('\n');
}
