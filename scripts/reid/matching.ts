// The comparison of methods in a few lines for a terminal.
import type { MatchingReport } from '../../lib/reid/matching/report.ts';
import { explainChoice, METHOD_COLUMNS, methodCells } from '../../lib/reid/pages/matching.ts';
import type { ReidReport } from './report.ts';

export const isMatching = (report: object): report is MatchingReport & ReidReport => 'methods' in report;

/** Cells under each other; the first column to the left. */
function alignTable(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map(
    (row) => `  ${row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')}`,
  );
}

/** The three sentences, the five methods, how one was chosen, and where the page is. */
export function formatMatching(report: MatchingReport): string {
  const { sentences, methods, searchable, recommendation, notes, apply } = report;
  const rows = methods.map((row) => methodCells(row, searchable?.detections ?? 0));
  return [
    ...sentences,
    ...(rows.length === 0 ? [] : ['', ...alignTable([METHOD_COLUMNS, ...rows])]),
    '',
    ...explainChoice(report).map((line) => `  ${line}`),
    ...recommendation.what_would_change.map((line) => `  what would change this: ${line}`),
    ...recommendation.warnings.map((line) => `  warning: ${line}`),
    ...notes.map((line) => `  note: ${line}`),
    '',
    ...(apply === null ? [] : [`plan     ${apply}`]),
    `page     ${report.report}`,
  ].join('\n');
}
