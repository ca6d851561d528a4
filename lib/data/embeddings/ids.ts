// The table that says which detection each vector belongs to: one id a row, in the order of the
// vectors.
import { visible } from '../../plain-text.ts';
import { readTextTable } from '../text-table.ts';

export interface DetectionIds {
  /** By row, lower case with hyphens; undefined where the cell is no UUID. */
  ids: (string | undefined)[];
  /** `ids.csv row 7: ...` by row from 0. */
  problems: Map<number, string>;
  ignored: string[];
}

const UUID = /^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i;

/**
 * @param most rows that are wanted; a longer table gives a few rows more
 * @throws Fault `invalid` when it is no table with a column detection_id.
 */
export function readDetectionIds(bytes: Buffer, name: string, most: number): DetectionIds {
  const table = readTextTable(bytes, name, { known: ['detection_id'], needed: 'detection_id', most });
  const at = table.find('detection_id');
  const problems = new Map<number, string>();
  const ids = table.rows.map((cells, row) => {
    const cell = (cells[at] ?? '').trim();
    const parts = UUID.exec(cell);
    if (parts !== null) return parts.slice(1).join('-').toLowerCase();
    problems.set(
      row,
      `${name} row ${row + 1}: ${cell === '' ? 'detection_id is empty' : `${visible(cell)} is not a UUID`}`,
    );
    return undefined;
  });
  return { ids, problems, ignored: table.ignored };
}
