// What an import did, in sentences for the terminal.
import type { PackageSummary } from '../../lib/data/camtrap-dp/import.ts';
import type { AttachSummary } from '../../lib/data/embeddings/attach.ts';
import type { EmbeddingsSummary } from '../../lib/data/embeddings/import.ts';
import { firstProblems, SHOWN } from '../../lib/data/problems.ts';
import type { ReviewsSummary } from '../../lib/data/reviews/import.ts';
import { count, number } from '../../lib/format.ts';
import { forTerminalLine } from '../../lib/plain-text.ts';

/** A number in a column of six characters or more. */
const column = (n: number): string => number(n).padStart(6);

const storedLine = (name: string, { made, there }: { made: number; there: number }): string =>
  `    ${column(made)} new ${column(there)} already there  ${name}`;

const countLines = (counts: Record<string, number>): string[] =>
  Object.entries(counts).map(([name, n]) => `    ${column(n)}  ${forTerminalLine(name)}`);

interface Remarks {
  skipped?: readonly string[];
  warnings?: readonly string[];
  notes?: readonly string[];
}

const remarkLines = ({ skipped = [], warnings = [], notes = [] }: Remarks): string[] => [
  ...skippedLines(firstProblems(skipped), skipped.length),
  ...warnings.map((warning) => `  WARNING: ${warning}`),
  ...notes.map((note) => `  note: ${note}`),
];

const skippedLines = (lines: readonly string[], total: number): string[] =>
  total === 0 ? [] : [`  skipped, ${count(total, 'reason')}:`, ...lines.map((line) => `    ${line}`)];

export function describePackage(summary: PackageSummary): string {
  const { skipped, skippedCount } = summary;
  const shown = skipped.slice(0, Math.min(SHOWN, skippedCount));
  const more = skippedCount > shown.length ? [`and ${number(skippedCount - shown.length)} more`] : [];
  return [
    `Imported ${summary.package.title}`,
    '  observations by type:',
    ...countLines(summary.observations),
    '  detections of animals by class:',
    ...countLines(summary.classes),
    '  in the database:',
    ...(['locations', 'deployments', 'images', 'detections', 'deer'] as const).map((table) =>
      storedLine(table, summary[table]),
    ),
    ...skippedLines([...shown, ...more], skippedCount),
    ...remarkLines({ notes: summary.notes }),
  ].join('\n');
}

export const describeEmbeddings = (summary: EmbeddingsSummary): string =>
  [
    `Imported ${summary.title}: ${count(summary.rows, 'vector')} of ${number(summary.dimensions)} dimensions, ` +
      `${count(summary.identities, 'identity')}, ${number(summary.enrolled)} enrolled`,
    '  in the database:',
    ...Object.entries(summary.stored).map(([table, stored]) => storedLine(table, stored)),
    ...remarkLines(summary),
  ].join('\n');

export const describeAttached = ({ title, rows, dimensions, version, stored, ...rest }: AttachSummary): string =>
  [
    `Imported ${title}: ${count(rows, 'vector')} of ${number(dimensions)} dimensions for detections of the database, version ${version}`,
    '  in the database:',
    `${storedLine('vectors of detections', stored)}, ${number(stored.changed)} changed`,
    ...remarkLines(rest),
  ].join('\n');

export const describeReviews = ({ events, verdicts, stored, ...rest }: ReviewsSummary): string =>
  [
    `Imported ${count(events, 'reviewed event')}`,
    ...countLines(verdicts),
    '  in the database:',
    storedLine('reviewed detections', stored),
    ...remarkLines(rest),
  ].join('\n');
