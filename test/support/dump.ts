// An owner's tables as text: columns, types, defaults, rules, indexes and rows, to see that nothing
// of theirs has changed.
import type { Database } from '../../lib/adapters/postgres.ts';

export interface Dump {
  /** `table.column type null|not null default` */
  columns: string[];
  rules: string[];
  indexes: string[];
  types: string[];
  /** Per table: number of rows and a sum over the columns that the first dump had. */
  rows: Record<string, string>;
  tables: string[];
}

const COLUMNS = `SELECT format('%s.%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attnotnull THEN 'not null' ELSE 'null' END, coalesce(pg_get_expr(d.adbin, d.adrelid), '-')) AS line
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE c.relname = ANY($1) AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped`;
const RULES = `SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS line FROM pg_constraint
  WHERE conrelid = ANY(SELECT to_regclass(t) FROM unnest($1::text[]) AS t)`;
const INDEXES = `SELECT indexdef AS line FROM pg_indexes WHERE tablename = ANY($1) AND schemaname = current_schema()`;
const TYPES = `SELECT format('%s: %s', t.typname, string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder)) AS line
  FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid WHERE $1::text[] IS NOT NULL GROUP BY t.typname`;
const TABLES = `SELECT table_name::text AS line FROM information_schema.tables WHERE table_schema = current_schema() AND $1::text[] IS NOT NULL`;

/** @param like only the columns of that dump count for the rows */
export async function dump(database: Database, owned: readonly string[], like?: Dump): Promise<Dump> {
  return database.read(async ({ rows }) => {
    const lines = async (sql: string): Promise<string[]> =>
      (await rows<{ line: string }>(sql, [owned])).map(({ line }) => line).sort();
    const columns = await lines(COLUMNS);
    const sums: Record<string, string> = {};
    for (const table of owned) {
      const named = (like?.columns ?? columns).flatMap((line) =>
        line.startsWith(`${table}.`) ? [line.split(' ')[0]!.split('.')[1]!] : [],
      );
      const list = named.map((column) => `"${column}"`).join(', ');
      const [sum] = await rows<{ sum: string }>(
        `SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS sum FROM (SELECT ${list} FROM ${table}) t`,
      );
      sums[table] = sum!.sum;
    }
    return {
      columns,
      rules: await lines(RULES),
      indexes: await lines(INDEXES),
      types: await lines(TYPES),
      rows: sums,
      tables: await lines(TABLES),
    };
  });
}

/** What the second dump has more, and what it lacks. */
export function difference(before: readonly string[], after: readonly string[]): { more: string[]; gone: string[] } {
  return { more: after.filter((line) => !before.includes(line)), gone: before.filter((line) => !after.includes(line)) };
}
