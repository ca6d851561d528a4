// The column in which images and deployments keep what a package says of them beyond our own
// columns, by the names of Camtrap DP. An owner's table may have a column of any of its names, so
// ours is known by a comment, never by its name alone.
import { SHAPES, TYPES } from './table-shapes.ts';

export const SOURCE_FIELDS_COLUMN = 'source_fields';
/** Its name where the owner has a column `source_fields`. */
const SECOND_NAME = 'hoofprint_source_fields';
/**
 * Its name until migration 6, which renames it. A database that is not migrated yet still has it.
 */
const FORMER_NAME = 'told';

/** Comments that begin so mark a column of ours. */
export const MARK = 'Hoofprint: ';
const COMMENT = `${MARK}what an imported package says, by the names of Camtrap DP`;

interface Found {
  base: string;
  marked: boolean;
}
type Columns = ReadonlyMap<string, Found>;

/**
 * Ours was added after every other column that Hoofprint uses; one of the owner's was there before
 * them.
 */
function isFormer(table: string, columns: Columns): boolean {
  const former = columns.get(FORMER_NAME);
  if (former === undefined || !TYPES.json.names.includes(former.base)) return false;
  const { needed, ours } = SHAPES[table]!;
  const order = [...columns.keys()];
  return [...Object.keys(needed), ...Object.keys(ours)]
    .filter((name) => name !== SOURCE_FIELDS_COLUMN)
    .every((name) => columns.has(name) && order.indexOf(name) < order.indexOf(FORMER_NAME));
}

/** @param columns in the order of the table */
export function findSourceFields(table: string, columns: Columns | undefined): string | undefined {
  if (columns === undefined || SHAPES[table]?.ours[SOURCE_FIELDS_COLUMN] === undefined) return undefined;
  const marked = [SOURCE_FIELDS_COLUMN, SECOND_NAME].find((name) => columns.get(name)?.marked === true);
  return marked ?? (isFormer(table, columns) ? FORMER_NAME : undefined);
}

/** The statements that give a table its column, or its former column the new name; none twice. */
export function planSourceFields(table: string, columns: Columns): string[] {
  const found = findSourceFields(table, columns);
  if (found !== undefined && found !== FORMER_NAME) return [];
  const name = [SOURCE_FIELDS_COLUMN, SECOND_NAME].find((free) => !columns.has(free));
  if (name === undefined) return [];
  const change = found === undefined ? `ADD COLUMN ${name} jsonb` : `RENAME COLUMN ${found} TO ${name}`;
  return [`ALTER TABLE ${table} ${change}`, `COMMENT ON COLUMN ${table}.${name} IS '${COMMENT}'`];
}
