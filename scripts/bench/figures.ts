// What the benches of exports measure, and how figures are made of times.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { PROJECT } from '../../localstack/stack/folder.ts';

/** Speed is that of reports without what people want to see: pictures and a map. */
const PLAIN = { include_pictures: false, include_map: false, include_survey: false } as const;
export const YEAR = { start_date: '2023-09-01', end_date: '2024-08-31', group_by: 'month', ...PLAIN } as const;
export const REFUSED = { start_date: '2024-12-31', end_date: '2024-01-01', group_by: 'day' };
export const SMALL = { start_date: '2023-11-01', end_date: '2023-11-30', group_by: 'week', ...PLAIN };
export const CROPS = 1_000;
/** The only detection of its image each, so that every crop costs a decoded image. */
export const SINGLE_DETECTIONS = `SELECT min(d.id::text) AS id FROM detections d JOIN images i ON i.id = d.image_id
  WHERE d.is_valid AND NOT d.is_duplicate
  GROUP BY i.id HAVING count(*) = 1 ORDER BY min(i.timestamp) LIMIT ${CROPS}`;

/** When, on what machine and of which version figures were measured. */
export const describeRun = () => ({
  date: new Date().toISOString(),
  node: process.version,
  cpu: cpus()[0]?.model ?? '',
  cores: cpus().length,
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: PROJECT }).toString().trim(),
});

export const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
export const median = (values: readonly number[]): number =>
  quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
export const round = (n: number): number => Math.round(n * 100) / 100;

/** Times of `count` acts in ms, sorted. */
export async function repeat(count: number, act: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const began = performance.now();
    await act();
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b);
}
