// How many animals observations count, bounded.
import { Fault } from '../../errors.ts';
import type { Cells } from './tables.ts';

/** More animals than any survey counts: a table of large counts would fill memory and database. */
const MOST_DETECTIONS = 1_000_000;

/** Animals of one observation; one where it does not say. */
export const countOf = (row: Cells): number => Number(row.count ?? 1);

/** @throws Fault `invalid` when there are more animals than a database can take at once. */
export function boundAnimals(rows: readonly Cells[]): void {
  const animals = rows.reduce((sum, row) => sum + countOf(row), 0);
  if (animals <= MOST_DETECTIONS) return;
  const most = MOST_DETECTIONS.toLocaleString('en-US');
  throw new Fault(
    'invalid',
    `the package counts more than ${most} animals: split it, or look for counts that are not meant`,
  );
}
