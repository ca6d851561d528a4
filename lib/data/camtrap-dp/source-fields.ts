// What a package says beyond the columns of the database: stored as it is, so that an export writes
// it again.
import { type PackageTable, RULES, SOURCE_FIELDS } from '../../deer/camtrap-dp-columns.ts';
import type { Cells } from './tables.ts';

/** By the standard's names, numbers and booleans as such. */
export function pickSourceFields(table: PackageTable, row: Cells): Record<string, unknown> {
  return Object.fromEntries(
    SOURCE_FIELDS[table].flatMap((name) => {
      const [cell, is] = [row[name], RULES[table][name]!.is];
      if (cell === undefined) return [];
      return [[name, is === 'number' || is === 'integer' ? Number(cell) : is === 'boolean' ? cell === 'true' : cell]];
    }),
  );
}
