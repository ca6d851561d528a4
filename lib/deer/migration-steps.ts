// The steps of migrations. Each looks at the catalog first: what an owner has already, under any
// name, is not made again.
import type { Queries } from '../adapters/postgres.ts';
import type { Catalog } from './columns.ts';
import { planSourceFields, SOURCE_FIELDS_COLUMN } from './source-fields.ts';
import { MADE, SHAPES } from './table-shapes.ts';

export type Step =
  /** Made where no table of that name is in sight. */
  | { table: string; create: string }
  /**
   * The columns that {@link SHAPES} calls ours, without `source_fields`: nullable, so that the
   * owner's own statements go on working, and no row is rewritten.
   */
  | { widen: string }
  /** The column of source-fields.ts. */
  | { sourceFields: string }
  /** Made where no usable index of the table begins with these columns. */
  | { index: string; on: string; columns: readonly string[]; where?: string }
  | { run: string }
  /** The table that an earlier version of ours made under a name of the platform's. */
  | { moveScores: string };

/** The table that a step makes or adds to. */
export const findTable = (step: Step): string | undefined =>
  'table' in step
    ? step.table
    : 'widen' in step
      ? step.widen
      : 'sourceFields' in step
        ? step.sourceFields
        : 'index' in step
          ? step.on
          : undefined;

export interface PlannedStatement {
  /** The owner's table that the statement alters; undefined for tables of ours. */
  alters?: string;
  /** Tables that a new table of ours refers to. */
  refers?: readonly string[];
  sql: string;
}

export interface Index {
  table: string;
  columns: (string | null)[];
  predicate: string | null;
}

const SCORES = 'reid_similarity_scores';

/** The tables that the plan of a step looks at: reading all of them for each step takes seconds. */
export const findTables = (step: Step): string[] =>
  'moveScores' in step ? [SCORES, step.moveScores] : [findTable(step)].filter((name) => name !== undefined);

const INDEXES = `
SELECT w.name AS "table", pg_get_expr(x.indpred, x.indrelid) AS predicate,
  (SELECT json_agg(a.attname ORDER BY k.position) FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k (number, position)
   LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.number WHERE k.position <= x.indnkeyatts) AS columns
FROM unnest($1::text[]) AS w(name) JOIN pg_index x ON x.indrelid = to_regclass(quote_ident(w.name))
JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_am m ON m.oid = c.relam
WHERE x.indisvalid AND x.indisready AND m.amname = 'btree'`;

export const readIndexes = ({ rows }: Pick<Queries, 'rows'>, tables: readonly string[]): Promise<Index[]> =>
  rows<Index>(INDEXES, [tables]);

const name = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/**
 * An index serves where it begins with the wanted columns and has every row of the wanted index.
 */
const serves = (index: Index, { on, columns, where }: Extract<Step, { index: string }>): boolean =>
  index.table === on &&
  columns.every((column, i) => index.columns[i] === column) &&
  (index.predicate === null || index.predicate === where || index.predicate === `(${where})`);

/** An owner's table of the name of one of ours: never altered, never indexed. */
const isForeign = (catalog: Catalog, table: string): boolean =>
  Object.hasOwn(MADE, table) && catalog.table(table) !== undefined && !catalog.has(table);

/** The statements that a step comes to in this database; none where its work is there already. */
export async function planStep(
  step: Step,
  queries: Pick<Queries, 'rows'>,
  catalog: Catalog,
  indexes: readonly Index[],
): Promise<PlannedStatement[]> {
  if ('run' in step) return [{ sql: step.run }];
  if ('moveScores' in step) return planMove(queries, catalog, step.moveScores);
  if ('table' in step) {
    if (catalog.table(step.table) !== undefined) return [];
    const refers = [...step.create.matchAll(/REFERENCES (\w+)/g)].map(([, table]) => table!);
    return [{ refers, sql: step.create }];
  }
  if ('widen' in step) {
    const found = catalog.table(step.widen);
    if (isForeign(catalog, step.widen)) return [];
    const missing = Object.entries(SHAPES[step.widen]!.ours).filter(
      ([column]) => column !== SOURCE_FIELDS_COLUMN && found?.columns.has(column) !== true,
    );
    if (missing.length === 0) return [];
    const added = missing.map(([column, { type }]) => `ADD COLUMN IF NOT EXISTS ${column} ${type}`);
    return [{ alters: step.widen, sql: `ALTER TABLE ${step.widen} ${added.join(', ')}` }];
  }
  if ('sourceFields' in step) {
    const found = catalog.table(step.sourceFields);
    if (found === undefined || isForeign(catalog, step.sourceFields)) return [];
    return planSourceFields(step.sourceFields, found.columns).map((sql) => ({ alters: step.sourceFields, sql }));
  }
  if (isForeign(catalog, step.on) || indexes.some((index) => serves(index, step))) return [];
  const where = step.where === undefined ? '' : ` WHERE ${step.where}`;
  return [
    {
      alters: step.on,
      sql: `CREATE INDEX IF NOT EXISTS ${step.index} ON ${step.on} (${step.columns.map(name).join(', ')})${where}`,
    },
  ];
}

const OUR_SCORES = {
  detection_id: 'uuid',
  deer_id: 'uuid',
  similarity_score: 'float8',
  threshold_used: 'float8',
  calculated_at: 'timestamptz',
};

/**
 * Renames the table with all its constraints and indexes, so that the platform's migration can use
 * their names. A table in another shape is the owner's.
 */
async function planMove({ rows }: Pick<Queries, 'rows'>, catalog: Catalog, to: string): Promise<PlannedStatement[]> {
  const columns = catalog.table(SCORES)?.columns;
  const isOurs =
    columns?.size === Object.keys(OUR_SCORES).length &&
    Object.entries(OUR_SCORES).every(([of, type]) => columns.get(of)?.base === type);
  if (!isOurs || catalog.table(to) !== undefined) return [];
  const [made] = await rows<{ ours: boolean }>(
    `SELECT EXISTS (SELECT FROM hoofprint_migrations WHERE version = 2) AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass($1)
       AND contype = 'p' AND array_length(conkey, 1) = 2) AS ours`,
    [SCORES],
  );
  if (made?.ours !== true) return [];
  const constraints = await rows<{ name: string }>(
    'SELECT conname::text AS name FROM pg_constraint WHERE conrelid = to_regclass($1) AND starts_with(conname::text, $1) ORDER BY 1',
    [SCORES],
  );
  const indexes = await rows<{ name: string }>(
    `SELECT c.relname::text AS name FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid WHERE x.indrelid = to_regclass($1)
       AND starts_with(c.relname::text, $1) AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid) ORDER BY 1`,
    [SCORES],
  );
  const renamed = (old: string): string => name(old.replace(SCORES, to));
  return [
    { alters: SCORES, sql: `ALTER TABLE ${SCORES} RENAME TO ${to}` },
    ...constraints.map((constraint) => ({
      sql: `ALTER TABLE ${to} RENAME CONSTRAINT ${name(constraint.name)} TO ${renamed(constraint.name)}`,
    })),
    ...indexes.map((index) => ({ sql: `ALTER INDEX ${name(index.name)} RENAME TO ${renamed(index.name)}` })),
  ];
}
