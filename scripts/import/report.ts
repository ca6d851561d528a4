// What an import did, in words for a person.
import type { Summary } from '../../lib/data/camtrap-dp/import.ts';
import { oneLine } from '../../lib/data/camtrap-dp/problems.ts';
import type { AttachSummary } from '../../lib/data/embeddings/attach.ts';
import type { EmbeddingsSummary } from '../../lib/data/embeddings/import.ts';
import { firstProblems, SHOWN } from '../../lib/data/problems.ts';
import type { ReviewsSummary } from '../../lib/data/reviews/import.ts';

const line = (name: string, { made, there }: { made: number; there: number }): string =>
  `    ${String(made).padStart(6)} new ${String(there).padStart(6)} already there  ${name}`;

const counted = (counts: Record<string, number>): string[] =>
  Object.entries(counts).map(([name, count]) => `    ${String(count).padStart(6)}  ${oneLine(name)}`);

interface Ends {
  skipped?: readonly string[];
  warnings?: readonly string[];
  notes?: readonly string[];
}

const ends = ({ skipped = [], warnings = [], notes = [] }: Ends): string[] => [
  ...(skipped.length === 0
    ? []
    : [`  skipped, ${skipped.length} reasons:`, ...firstProblems(skipped).map((reason) => `    ${reason}`)]),
  ...warnings.map((warning) => `  WARNING: ${warning}`),
  ...notes.map((note) => `  note: ${note}`),
];

export const packageTold = (summary: Summary): string =>
  [
    `Imported ${summary.package.title}`,
    '  observations by type:',
    ...counted(summary.observations),
    '  detections of animals by class:',
    ...counted(summary.classes),
    '  in the database:',
    ...(['locations', 'deployments', 'images', 'detections', 'deer'] as const).map((table) =>
      line(table, summary[table]),
    ),
    ...leftOut(summary),
    ...ends({ notes: summary.notes }),
  ].join('\n');

/** The first lines of what was left out, with the number of all. */
function leftOut({ skipped, skippedCount }: Pick<Summary, 'skipped' | 'skippedCount'>): string[] {
  const shown = skipped.slice(0, Math.min(SHOWN, skippedCount));
  const more = skippedCount > shown.length ? [`    and ${skippedCount - shown.length} more`] : [];
  return skippedCount === 0
    ? []
    : [`  skipped, ${skippedCount} reasons:`, ...shown.map((reason) => `    ${reason}`), ...more];
}

export const embeddingsTold = (summary: EmbeddingsSummary): string =>
  [
    `Imported ${summary.title}: ${summary.rows} vectors of ${summary.dimensions} dimensions, ${summary.identities} identities, ${summary.enrolled} enrolled`,
    '  in the database:',
    ...Object.entries(summary.stored).map(([table, stored]) => line(table, stored)),
    ...ends(summary),
  ].join('\n');

export const attachTold = ({ title, rows, dimensions, version, stored, ...rest }: AttachSummary): string =>
  [
    `Imported ${title}: ${rows} vectors of ${dimensions} dimensions for detections of the database, version ${version}`,
    '  in the database:',
    `${line('vectors of detections', stored)}, ${stored.changed} changed`,
    ...ends(rest),
  ].join('\n');

export const reviewsTold = ({ events, verdicts, stored, ...rest }: ReviewsSummary): string =>
  [
    `Imported ${events} reviewed events`,
    ...counted(verdicts),
    '  in the database:',
    line('reviewed detections', stored),
    ...ends(rest),
  ].join('\n');
