// The one writer of locations, images, deployments, deer and detections, for every format: rows in
// batches into the tables of any database. What is there already stays as it is.
import type { Queries } from '../adapters/postgres.ts';
import { Fault, isFault, readSqlState } from '../errors.ts';
import { count, number } from '../format.ts';
import { JSON_NULL, matchLabel, type Slot, type Target } from './target.ts';

export interface Stored {
  /** Rows that are new. */
  made: number;
  there: number;
}

export interface Inserted extends Stored {
  /** Of the rows that are new. */
  ids: string[];
}

/** A vector of 512 numbers is 5 kB of text: a statement stays below a few MB. */
const [BATCH, VECTORS] = [2_000, 500];
const SHOWN = 5;

/** Unique columns in addition to the id: a row that has the same value is the same thing. */
const KEYS: Readonly<Record<string, string>> = { locations: 'name', images: 'path' };

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

type Problems = Set<string>;
/** What is written in another way than the package has it, and in how many rows. */
type Changes = Map<string, number>;
const addChange = (changes: Changes, what: string): unknown => changes.set(what, (changes.get(what) ?? 0) + 1);

/** Writes the rows of one import, inside the transaction of its caller. */
export class Store {
  readonly #queries: Queries;
  readonly #target: Target;
  readonly #changes: Changes = new Map();

  constructor(queries: Queries, target: Target) {
    this.#queries = queries;
    this.#target = target;
  }

  /**
   * Adds rows; those whose id, name or path the table has already are left as they are.
   * @throws Fault `conflict` that names table and column when the database does not take a row;
   *   roll
   *   back then.
   */
  async insert(table: string, rows: readonly object[]): Promise<Inserted> {
    const slots = this.#target.slots.get(table)!;
    const columns = slots.map(({ column }) => quote(column.name)).join(', ');
    const types = slots.map(({ column }) => `${quote(column.name)} ${column.type}`).join(', ');
    const sql = `INSERT INTO ${table} (${columns}) SELECT ${slots.map(writeExpression).join(', ')} FROM jsonb_to_recordset($1::jsonb) AS r(${types})
    ON CONFLICT DO NOTHING RETURNING id::text`;
    const size = slots.some(({ family }) => family === 'vector') ? VECTORS : BATCH;
    refuseUnfit(table, slots, rows);
    const ids: string[] = [];
    for (let at = 0; at < rows.length; at += size) {
      const batch = rows.slice(at, at + size).map((row) => fitRow(table, slots, row, this.#changes, new Set()));
      const added = this.#queries.rows<{ id: string }>(sql, [JSON.stringify(batch)]);
      for (const { id } of await explainRefusal(this.#target, table, added)) ids.push(id);
    }
    if (ids.length < rows.length) await refuseDisplaced(this.#queries, table, rows as { id: string }[], new Set(ids));
    return { made: ids.length, there: rows.length - ids.length, ids };
  }

  /** Ids of the rows that a table has, by location's name or image's path. */
  async findIds(table: 'locations' | 'images', keys: readonly string[]): Promise<Map<string, string>> {
    const key = KEYS[table]!;
    const found = await this.#queries.rows<{ key: string; id: string }>(
      `SELECT ${key}::text AS key, id::text FROM ${table} WHERE ${key} = ANY($1::text[])`,
      [keys],
    );
    return new Map(found.map((row) => [row.key, row.id]));
  }

  /** Notes something for the person who imports, once however often it is said. */
  note(what: string): void {
    addChange(this.#changes, what);
  }

  notes(): string[] {
    return [...this.#changes].map(([what, rows]) => `${what} (${count(rows, 'row')})`);
  }
}

/**
 * A class that is a scientific name loses its last words where the column is too short: the species
 * or genus is still true. undefined when nothing fits.
 */
function shorten(text: string, length: number): string | undefined {
  const words = text.split(' ');
  while (words.length > 1 && words.join(' ').length > length) words.pop();
  return words.join(' ').length <= length ? words.join(' ') : undefined;
}

/** One value as the column takes it; a sentence in `problems` where it does not. */
function fitValue(table: string, slot: Slot, given: unknown, problems: Problems, changes: Changes): unknown {
  const { column, instead } = slot;
  const where = `${table}.${column.name}`;
  let value = given ?? null;
  if (value === null && column.notNull) {
    if (instead === undefined)
      return void problems.add(`${where} does not allow empty values, and rows of the import have none`);
    if (instead === JSON_NULL) return null;
    value = instead;
    if (value !== '' && given !== undefined)
      addChange(
        changes,
        `${where} does not allow empty values here: ${JSON.stringify(value)} is stored where the import has none`,
      );
  }
  if (typeof value !== 'string') return value;
  if (column.labels !== undefined) {
    const label = matchLabel(column, value);
    if (label === undefined)
      problems.add(`${where} has no label for ${JSON.stringify(value)} (it has ${column.labels.join(', ')})`);
    return label;
  }
  if (column.length === undefined || [...value].length <= column.length) return value;
  const short = where === 'detections.classification' ? shorten(value, column.length) : undefined;
  if (short === undefined)
    problems.add(`${where} holds ${column.length} characters, and ${JSON.stringify(value)} has ${[...value].length}`);
  else
    addChange(
      changes,
      `${where} holds ${column.length} characters: ${JSON.stringify(value)} is stored as ${JSON.stringify(short)}`,
    );
  return short;
}

const fitRow = (table: string, slots: readonly Slot[], row: object, changes: Changes, problems: Problems): object =>
  Object.fromEntries(
    slots.map((slot) => [
      slot.column.name,
      fitValue(table, slot, (row as Record<string, unknown>)[slot.field], problems, changes),
    ]),
  );

/**
 * @throws Fault `conflict` that names table and column where a value does not fit; nothing has been
 * written of these rows then.
 */
function refuseUnfit(table: string, slots: readonly Slot[], rows: readonly object[]): void {
  const [problems, unused]: [Problems, Changes] = [new Set(), new Map()];
  // Fitted here to be checked and again to be written: all fitted rows at once would be another
  // copy of the package.
  for (const row of rows) fitRow(table, slots, row, unused, problems);
  if (problems.size === 0) return;
  const more = problems.size > SHOWN ? `; and ${number(problems.size - SHOWN)} more` : '';
  throw new Fault(
    'conflict',
    `the database does not take what the import has: ${[...problems].slice(0, SHOWN).join('; ')}${more}; nothing was loaded`,
  );
}

/** JSON null in a column that is NOT NULL: the recordset would read it as an absent value. */
const writeExpression = ({ column, instead }: Slot): string =>
  instead === JSON_NULL ? `coalesce(r.${quote(column.name)}, 'null'::${column.type})` : `r.${quote(column.name)}`;

const UNIQUE = `
SELECT string_agg(DISTINCT $1 || '.' || a.attname, ', ') AS columns FROM pg_index x
JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey)
WHERE x.indrelid = to_regclass(quote_ident($1)) AND x.indisunique AND a.attname <> ALL ($2::text[])`;

/**
 * Refuses rows that were not added and are not there either: another row is equal by a unique rule
 * of the owner's, or a trigger has left them out.
 */
async function refuseDisplaced(
  { rows: ask }: Queries,
  table: string,
  rows: readonly { id: string }[],
  made: ReadonlySet<string>,
): Promise<void> {
  const [key, left] = [KEYS[table], rows.filter(({ id }) => !made.has(id))];
  const same = key === undefined ? '' : ` OR t.${key} = r.key`;
  const wanted = left.map((row) => ({
    id: row.id,
    key: key === undefined ? null : (row as Record<string, unknown>)[key],
  }));
  const [lost] = await ask<{ count: number }>(
    `SELECT count(*) AS count FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, key text)
     WHERE NOT EXISTS (SELECT FROM ${table} t WHERE t.id = r.id${same})`,
    [JSON.stringify(wanted)],
  );
  if (lost!.count === 0) return;
  const [unique] = await ask<{ columns: string | null }>(UNIQUE, [table, ['id', ...(key === undefined ? [] : [key])]]);
  const why =
    unique?.columns == null
      ? `the table ${table} leaves out ${count(lost!.count, 'row')} of the import by a trigger or rule`
      : `${count(lost!.count, 'row')} for the table ${table} ${lost!.count === 1 ? 'equals a row that is' : 'equal rows that are'} there, ` +
        `by a unique rule of this database (${unique.columns})`;
  throw new Fault('conflict', `${why}; nothing was loaded`);
}

/**
 * What the owner's rules (checks, triggers, further keys) say of a row, without the statement. The
 * columns that an import writes were checked before, so a name that is missing now (42) is one that
 * a trigger asks for; a missing privilege (42501) has words already.
 */
async function explainRefusal<T>({ rules }: Target, table: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const cause = isFault(error) ? error.cause : error;
    const state = readSqlState(cause);
    if (state === undefined || state === '42501' || !/^(2[1237]|42|44|P0)/.test(state)) throw error;
    const { column, constraint } = cause as { column?: string; constraint?: string };
    const about = rules.get(`${table}.${constraint}`)?.map((name) => `${table}.${name}`) ?? [];
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
 * hoofprint_embeddings, since an owner's table stays as it is.
 */
export const vectorsInDetections = ({ catalog }: Pick<Target, 'catalog'>): boolean =>
  catalog.has('detections', 'feature_vector') && catalog.has('detections', 'embedding_version');
