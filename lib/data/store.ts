// The one way in: rows of any format into the tables of a database, whoever made them. What is
// there already stays as it is.
import type { Queries } from '../adapters/postgres.ts';
import { Fault, isFault, readSqlState } from '../errors.ts';
import { counted } from './problems.ts';
import { JSON_NULL, labelFor, type Slot, type Target } from './target.ts';

export interface Stored {
  made: number;
  there: number;
}

export interface Put extends Stored {
  /** Of the rows that were made now. */
  ids: string[];
}

/** A vector of 512 numbers is 5 kB of text: a statement stays below a few MB. */
const [BATCH, VECTORS] = [2_000, 500];
const SHOWN = 5;

/** Columns besides the id whose value is unique: a row that is met by it is the same thing. */
const KEYS: Readonly<Record<string, string>> = { locations: 'name', images: 'path' };

const name = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** What was written otherwise than the package has it, for the notes of an import. */
export class Changes {
  readonly #counts = new Map<string, number>();

  add(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  notes(): string[] {
    return [...this.#counts].map(([what, count]) => `${what} (${count} ${count === 1 ? 'row' : 'rows'})`);
  }
}

/**
 * A class that is a scientific name loses its last words where the column is too short: the species
 * or genus is still true. undefined when nothing fits.
 */
function shortened(text: string, length: number): string | undefined {
  const words = text.split(' ');
  while (words.length > 1 && words.join(' ').length > length) words.pop();
  return words.join(' ').length <= length ? words.join(' ') : undefined;
}

/** One value as the column takes it; a sentence in `problems` where it does not. */
function fitted(table: string, slot: Slot, given: unknown, problems: Set<string>, changes: Changes): unknown {
  const { column, instead } = slot;
  const where = `${table}.${column.name}`;
  let value = given ?? null;
  if (value === null && column.notNull) {
    if (instead === undefined)
      return void problems.add(`${where} does not allow empty values, and rows of the import have none`);
    if (instead === JSON_NULL) return null;
    value = instead;
    if (value !== '' && given !== undefined)
      changes.add(
        `${where} does not allow empty values here: ${JSON.stringify(value)} is stored where the import has none`,
      );
  }
  if (typeof value !== 'string') return value;
  if (column.labels !== undefined) {
    const label = labelFor(column, value);
    if (label === undefined)
      problems.add(`${where} has no label for ${JSON.stringify(value)} (it has ${column.labels.join(', ')})`);
    return label;
  }
  if (column.length === undefined || [...value].length <= column.length) return value;
  const short = where === 'detections.classification' ? shortened(value, column.length) : undefined;
  if (short === undefined)
    problems.add(`${where} holds ${column.length} characters, and ${JSON.stringify(value)} has ${[...value].length}`);
  else
    changes.add(
      `${where} holds ${column.length} characters: ${JSON.stringify(value)} is stored as ${JSON.stringify(short)}`,
    );
  return short;
}

const fittedRow = (
  table: string,
  slots: readonly Slot[],
  row: object,
  changes: Changes,
  problems: Set<string>,
): object =>
  Object.fromEntries(
    slots.map((slot) => [
      slot.column.name,
      fitted(table, slot, (row as Record<string, unknown>)[slot.field], problems, changes),
    ]),
  );

/**
 * @throws Fault `conflict` naming table and column where a value has no place; nothing has been
 * written of these rows then.
 */
function refuseUnfit(table: string, slots: readonly Slot[], rows: readonly object[]): void {
  const [problems, unsaid] = [new Set<string>(), new Changes()];
  // Looked at first and made again when they are written: all of them at once would be another copy
  // of the package.
  for (const row of rows) fittedRow(table, slots, row, unsaid, problems);
  if (problems.size === 0) return;
  const more = problems.size > SHOWN ? `; and ${problems.size - SHOWN} more` : '';
  throw new Fault(
    'conflict',
    `the database does not take what the import has: ${[...problems].slice(0, SHOWN).join('; ')}${more}; nothing was loaded`,
  );
}

/** JSON null in a column that is NOT NULL: the recordset would read it as an absent value. */
const expression = ({ column, instead }: Slot): string =>
  instead === JSON_NULL ? `coalesce(r.${name(column.name)}, 'null'::${column.type})` : `r.${name(column.name)}`;

/**
 * Adds rows in batches; those whose id, name or path the table has already are left as they are.
 * @throws Fault `conflict` in words that name table and column when the database does not take a
 *   row; roll back then.
 */
export async function put(
  { rows: ask }: Queries,
  target: Target,
  table: string,
  rows: readonly object[],
  changes: Changes,
): Promise<Put> {
  const slots = target.slots.get(table)!;
  const columns = slots.map(({ column }) => name(column.name)).join(', ');
  const types = slots.map(({ column }) => `${name(column.name)} ${column.type}`).join(', ');
  const sql = `INSERT INTO ${table} (${columns}) SELECT ${slots.map(expression).join(', ')} FROM jsonb_to_recordset($1::jsonb) AS r(${types})
    ON CONFLICT DO NOTHING RETURNING id::text`;
  const size = slots.some(({ family }) => family === 'vector') ? VECTORS : BATCH;
  refuseUnfit(table, slots, rows);
  const ids: string[] = [];
  for (let at = 0; at < rows.length; at += size) {
    const fit = rows.slice(at, at + size).map((row) => fittedRow(table, slots, row, changes, new Set()));
    const added = await refusedInWords(target, table, ask<{ id: string }>(sql, [JSON.stringify(fit)]));
    ids.push(...added.map(({ id }) => id));
  }
  if (ids.length < rows.length) await refuseDisplaced(ask, table, rows as { id: string }[], new Set(ids));
  return { made: ids.length, there: rows.length - ids.length, ids };
}

const UNIQUE = `
SELECT string_agg(DISTINCT $1 || '.' || a.attname, ', ') AS columns FROM pg_index x
JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey)
WHERE x.indrelid = to_regclass(quote_ident($1)) AND x.indisunique AND a.attname <> ALL ($2::text[])`;

/**
 * A row that was not added and is not there either has met another row by a rule of the owner's, or
 * a trigger has left it out.
 */
async function refuseDisplaced(
  ask: Queries['rows'],
  table: string,
  rows: readonly { id: string }[],
  made: ReadonlySet<string>,
): Promise<void> {
  const [key, left] = [KEYS[table], rows.filter(({ id }) => !made.has(id))];
  const same = key === undefined ? '' : ` OR t.${key} = r.key`;
  const [lost] = await ask<{ count: number }>(
    `SELECT count(*) AS count FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, key text)
     WHERE NOT EXISTS (SELECT FROM ${table} t WHERE t.id = r.id${same})`,
    [
      JSON.stringify(
        left.map((row) => ({ id: row.id, key: key === undefined ? null : (row as Record<string, unknown>)[key] })),
      ),
    ],
  );
  if (lost!.count === 0) return;
  const [unique] = await ask<{ columns: string | null }>(UNIQUE, [table, ['id', ...(key === undefined ? [] : [key])]]);
  const why =
    unique?.columns == null
      ? `the table ${table} leaves out ${counted(lost!.count, 'row')} of the import by a trigger or rule`
      : `${counted(lost!.count, 'row')} for the table ${table} ${lost!.count === 1 ? 'equals a row that is' : 'equal rows that are'} there, ` +
        `by a unique rule of this database (${unique.columns})`;
  throw new Fault('conflict', `${why}; nothing was loaded`);
}

/**
 * What the owner's own rules (checks, triggers, further keys) say of a row, without the statement.
 * The columns that an import writes were looked at before, so a name that is missing now (42) is
 * one that a trigger asks for; that a privilege is missing (42501) has words already.
 */
async function refusedInWords<T>({ rules }: Target, table: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const cause = isFault(error) ? error.cause : error;
    const state = readSqlState(cause);
    if (state === undefined || state === '42501' || !/^(2[1237]|42|44|P0)/.test(state)) throw error;
    const { column, constraint } = cause as { column?: string; constraint?: string };
    const about = rules.get(`${table}.${constraint}`)?.map((one) => `${table}.${one}`) ?? [];
    const named = constraint ?? (column === undefined ? undefined : `${table}.${column}`);
    const rule = /^(42|P0)/.test(state) ? ' by a trigger' : named === undefined ? '' : ` by its rule ${named}`;
    const detail = [...(about.length > 0 ? [`on ${about.join(', ')}`] : []), `code ${state}`].join(', ');
    throw new Fault(
      'conflict',
      `the table ${table} refuses rows of the import${rule} (${detail}); nothing was loaded`,
      { cause },
    );
  }
}

/**
 * Whether a detection's vector and its version have columns there; else they go to
 * hoofprint_embeddings, as an owner's table stays as it is.
 */
export const vectorsInDetections = ({ catalog }: Pick<Target, 'catalog'>): boolean =>
  catalog.has('detections', 'feature_vector') && catalog.has('detections', 'embedding_version');
