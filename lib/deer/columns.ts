// Which tables and columns a database has, read once from its catalog: what may be read, what must
// be written, what does not fit.
import type { Queries } from '../adapters/postgres.ts';
import { findSourceFields, MARK, SOURCE_FIELDS_COLUMN } from './source-fields.ts';
import { type Family, findFamily, SHAPES, TYPES } from './table-shapes.ts';

export interface Column {
  name: string;
  /** As PostgreSQL names it, e.g. `character varying(20)`. */
  type: string;
  /** Name of the type in the catalog, that of its base for a domain; `enum` for any enum. */
  base: string;
  notNull: boolean;
  /** The database fills it when a row does not name it. */
  filled: boolean;
  /** Cannot be written at all. */
  generated: boolean;
  /** Of an enum, in its order. */
  labels: readonly string[] | undefined;
  /** Characters that a varchar or char holds. */
  length: number | undefined;
  /** Dimensions that a vector column takes; undefined = any. */
  dimensions: number | undefined;
  /** Its comment says that it is Hoofprint's. */
  marked: boolean;
}

export interface Table {
  name: string;
  kind: 'table' | 'view' | 'foreign table';
  owner: string;
  /** The user of the connection may alter it. */
  alterable: boolean;
  readable: boolean;
  writable: boolean;
  /** Foreign keys to its id are possible. */
  keyed: boolean;
  /** In the order of the table. */
  columns: ReadonlyMap<string, Column>;
}

export interface Catalog {
  user: string;
  table(name: string): Table | undefined;
  /**
   * Whether a column is there and holds what Hoofprint would read from it: a column of the same
   * name and another type is the owner's and not used. Without a column: whether the table has
   * every column that Hoofprint needs of it.
   */
  has(table: string, column?: string): boolean;
  /** The column of a table that `source_fields` means, whatever its name there. */
  sourceFields(table: string): string | undefined;
}

/** Names are resolved through the search path, as in every query. A domain counts as its base. */
const CATALOG = `
SELECT w.name AS "table", c.relkind::text AS kind, pg_get_userbyid(c.relowner)::text AS owner, current_user::text AS "user",
  pg_has_role(c.relowner, 'USAGE') AS alterable, has_table_privilege(c.oid, 'SELECT') AS readable,
  has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE') AS writable,
  EXISTS (SELECT FROM pg_index x JOIN pg_attribute k ON k.attrelid = x.indrelid AND k.attnum = x.indkey[0] WHERE x.indrelid = c.oid
    AND k.attname = 'id' AND x.indisunique AND x.indimmediate AND x.indisvalid AND x.indnkeyatts = 1 AND x.indpred IS NULL) AS keyed,
  coalesce((SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
      'base', CASE WHEN b.typtype = 'e' THEN 'enum' ELSE b.typname END, 'notNull', a.attnotnull OR t.typnotnull,
      'filled', a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL,
      'generated', a.attgenerated <> '' OR a.attidentity = 'a', 'marked', starts_with(coalesce(col_description(a.attrelid, a.attnum), ''), '${MARK}'),
      'modifier', CASE WHEN t.typtype = 'd' AND b.oid <> t.oid THEN t.typtypmod ELSE a.atttypmod END,
      'labels', (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = b.oid)) ORDER BY a.attnum)
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' AND t.typname <> 'vector' THEN t.typbasetype ELSE t.oid END
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]') AS columns
FROM unnest($1::text[]) AS w(name) JOIN pg_class c ON c.oid = to_regclass(quote_ident(w.name))`;

interface CatalogRow {
  table: string;
  kind: string;
  owner: string;
  user: string;
  alterable: boolean;
  readable: boolean;
  writable: boolean;
  keyed: boolean;
  columns: (Pick<Column, 'name' | 'type' | 'base' | 'notNull' | 'filled' | 'generated' | 'marked'> & {
    modifier: number;
    labels: string[] | null;
  })[];
}

const RELATIONS: Record<string, Table['kind']> = { v: 'view', m: 'view', f: 'foreign table' };

function makeTable({ table, kind, columns, ...rest }: CatalogRow): Table {
  return {
    ...rest,
    name: table,
    kind: RELATIONS[kind] ?? 'table',
    columns: new Map(
      columns.map(({ modifier, labels, ...column }): [string, Column] => [
        column.name,
        {
          ...column,
          labels: labels ?? undefined,
          length: ['varchar', 'bpchar'].includes(column.base) && modifier > 4 ? modifier - 4 : undefined,
          dimensions: column.base === 'vector' && modifier > 0 ? modifier : undefined,
        },
      ]),
    ),
  };
}

export const fits = (column: Pick<Column, 'base'>, family: Family): boolean =>
  TYPES[family].names.includes(column.base);

/** Whether a column may be used. */
type Known = Pick<Column, 'base' | 'marked'>;
type FindColumns = (table: string) => ReadonlyMap<string, Known> | undefined;

function makeHas(findColumns: FindColumns): Catalog['has'] {
  const has = (table: string, column?: string): boolean => {
    const columns = findColumns(table);
    if (column === undefined)
      return columns !== undefined && Object.keys(SHAPES[table]?.needed ?? {}).every((name) => has(table, name));
    if (column === SOURCE_FIELDS_COLUMN) return findSourceFields(table, columns) !== undefined;
    const [there, family] = [columns?.get(column), findFamily(table, column)];
    return there !== undefined && (family === undefined || fits(there, family));
  };
  return has;
}

/** @param names the tables to look for; by default all that Hoofprint has a use for. */
export async function readCatalog({ rows }: Pick<Queries, 'rows'>, names = Object.keys(SHAPES)): Promise<Catalog> {
  const found = await rows<CatalogRow>(CATALOG, [names]);
  const [who] = found.length > 0 ? found : await rows<{ user: string }>('SELECT current_user::text AS "user"');
  const tables = new Map(found.map((table) => [table.table, makeTable(table)]));
  const findColumns: FindColumns = (name) => tables.get(name)?.columns;
  return {
    user: who!.user,
    table: (name) => tables.get(name),
    has: makeHas(findColumns),
    sourceFields: (name) => findSourceFields(name, findColumns(name)),
  };
}

/**
 * Names and types alone: a tenth of the time of the whole catalog on the embedded engine, and every
 * export asks it. Only the columns that are known by their comment are asked for it.
 */
const NAMES = `
SELECT c.relname::text AS "table", a.attname::text AS name, CASE WHEN b.typtype = 'e' THEN 'enum' ELSE b.typname::text END AS base,
  CASE WHEN a.attname LIKE '%source\\_fields' THEN starts_with(coalesce(col_description(a.attrelid, a.attnum), ''), '${MARK}') ELSE false END AS marked
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' AND t.typname <> 'vector' THEN t.typbasetype ELSE t.oid END
WHERE a.attrelid = ANY (ARRAY(SELECT to_regclass(quote_ident(w.name)) FROM unnest($1::text[]) AS w(name))) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum`;

/** What an export asks of the columns of a database. */
export type KnownColumns = Pick<Catalog, 'has' | 'sourceFields'>;

const asked = new WeakMap<object, Promise<KnownColumns>>();

/**
 * {@link Catalog.has} and {@link Catalog.sourceFields} for a read-only snapshot: asked once for
 * each, however many questions are answered from it.
 */
export function readKnownColumns(queries: Pick<Queries, 'rows'>): Promise<KnownColumns> {
  const known = asked.get(queries) ?? askNames(queries);
  asked.set(queries, known);
  return known;
}

export const readColumns = async (queries: Pick<Queries, 'rows'>): Promise<Catalog['has']> =>
  (await readKnownColumns(queries)).has;

async function askNames({ rows }: Pick<Queries, 'rows'>): Promise<KnownColumns> {
  const found = await rows<Pick<Column, 'name' | 'base' | 'marked'> & { table: string }>(NAMES, [Object.keys(SHAPES)]);
  const tables = Map.groupBy(found, ({ table }) => table);
  const columns = new Map(
    [...tables].map(([table, all]) => [table, new Map(all.map((column) => [column.name, column]))]),
  );
  const findColumns: FindColumns = (table) => columns.get(table);
  return { has: makeHas(findColumns), sourceFields: (table) => findSourceFields(table, findColumns(table)) };
}
