// Which tables and columns a camera-trap database has: asked once per reading, because an owner's tables may lack any optional one.
import type { Queries } from '../adapters/postgres.ts';
import { Fault } from '../errors.ts';

/** True when the table, or this column of it, is there. */
export type Has = (table: string, column?: string) => boolean;

/**
 * Looks the tables up by the search path, as every query does; views count too.
 * @param tables names without schema, trusted
 */
export async function columnsOf({ rows }: Pick<Queries, 'rows'>, tables: readonly string[]): Promise<Has> {
  const found = await rows<{ table_name: string; column_name: string }>(
    `SELECT t AS table_name, a.attname::text AS column_name FROM unnest($1::text[]) AS t
       JOIN pg_attribute a ON a.attrelid = to_regclass(t) WHERE a.attnum > 0 AND NOT a.attisdropped`,
    [tables],
  );
  const columns = new Map(tables.map((table) => [table, new Set<string>()]));
  for (const { table_name: table, column_name: column } of found) columns.get(table)!.add(column);
  return (table, column) => {
    const there = columns.get(table);
    return there !== undefined && (column === undefined ? there.size > 0 : there.has(column));
  };
}

/**
 * Refuses a database that lacks what a reading cannot do without.
 * @throws Fault `conflict` that names every missing table, or else every missing column, and says what to type
 */
export function requireColumns(has: Has, needed: Readonly<Record<string, readonly string[]>>): void {
  const tables = Object.keys(needed);
  const missing = tables.filter((table) => !has(table));
  if (missing.length === tables.length) {
    throw new Fault(
      'conflict',
      `the database has no camera-trap tables (${tables.join(', ')}): check DATABASE_URL, or type npm run migrate to create them`,
    );
  }
  if (missing.length > 0) {
    throw new Fault(
      'conflict',
      `the database has no table ${missing.join(', no table ')}: check DATABASE_URL, or type npm run migrate to add it`,
    );
  }
  const columns = tables.flatMap((table) => needed[table]!.flatMap((column) => (has(table, column) ? [] : [`${table}.${column}`])));
  if (columns.length > 0) {
    throw new Fault('conflict', `the database lacks ${columns.join(', ')}: Hoofprint cannot read it without`);
  }
}
