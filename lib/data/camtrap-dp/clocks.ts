// Media that were taken outside of their deployment: a camera whose clock was reset says 1970 or
// 2000.

import { timeOf } from './events.ts';
import { oneLine } from './problems.ts';
import type { Cells } from './tables.ts';

const NAMED = 10;

/**
 * Such as `5 of 20 media lie outside their deployment, from 1970 to 2054: c1 5`; undefined when all
 * are within.
 */
export function outsideNote(deployments: readonly Cells[], media: readonly Cells[]): string | undefined {
  const spans = new Map(
    deployments.map((row) => [
      row.deploymentID!,
      { start: timeOf(row.deploymentStart!), end: timeOf(row.deploymentEnd!) },
    ]),
  );
  const counts = new Map<string, number>();
  let [count, first, last] = [0, '9999', '0000'];
  for (const { deploymentID, timestamp } of media) {
    const span = spans.get(deploymentID!);
    const at = timeOf(timestamp!);
    if (span === undefined || (at >= span.start && at <= span.end)) continue;
    count += 1;
    counts.set(deploymentID!, (counts.get(deploymentID!) ?? 0) + 1);
    const year = timestamp!.slice(0, 4);
    if (year < first) first = year;
    if (year > last) last = year;
  }
  if (count === 0) return undefined;
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const named = sorted.slice(0, NAMED).map(([id, n]) => `${oneLine(id)} ${n}`);
  const more = sorted.length > NAMED ? ` and ${sorted.length - NAMED} more deployments` : '';
  const years = first === last ? `in ${first}` : `from ${first} to ${last}`;
  return `${count} of ${media.length} media lie outside their deployment, ${years}: ${named.join(', ')}${more}`;
}
