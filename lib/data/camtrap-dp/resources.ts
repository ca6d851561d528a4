// The resources of datapackage.json: where each of the three tables is and how it is written.

import { isUrl } from '../../deer/camtrap-dp.ts';
import type { PackageTable } from '../../deer/camtrap-dp-columns.ts';
import { Fault } from '../../errors.ts';
import { withoutDot } from './paths.ts';
import type { Dialect } from './table-text.ts';

export const DESCRIPTOR = 'datapackage.json';

export interface Resource {
  /** Name in messages. */
  name: string;
  /** Files inside the package, joined in this order; empty for a table inside the descriptor. */
  paths: readonly string[];
  /** Rows that are in the descriptor itself. */
  data: readonly unknown[] | undefined;
  dialect: Dialect;
  /** Cells that mean "no value". */
  missing: ReadonlySet<string>;
}

type Json = Record<string, unknown>;
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** What a resource says, with what the whole package says where it is silent. */
const inherited = (resource: Json, said: Json, name: string): unknown => resource[name] ?? said[name];

const UTF8 = new Set(['utf8', 'utf8sig', 'utf8bom', 'ascii', 'usascii']);
const BINARY =
  /\.(parquet|xlsx?|ods|sqlite3?|db|rdata|rds|arrow|feather|avro|jsonl?|geojson|zip|7z|rar|bz2|xz|zst|tar)$/i;

/**
 * @param wrong is called for what is broken but leaves something to read
 * @throws Fault `invalid` when a table cannot be found or read in the way it is described, with
 *   what to do.
 */
export function tableResource(
  table: PackageTable,
  said: Json,
  wrong: (field: string, why: string) => void,
  note: (text: string) => void,
): Resource | undefined {
  const all = listOf(said.resources).filter(isObject);
  const exact = all.filter((one) => one.name === table);
  const found =
    exact.length > 0 ? exact : all.filter((one) => isText(one.name) && one.name.trim().toLowerCase() === table);
  if (found.length === 0) {
    // Media may be kept back; that is said when the tables are read.
    if (table !== 'media') wrong('resources', `has no resource named ${table}`);
    return undefined;
  }
  if (found.length > 1) {
    const same = found.every(
      (one) => JSON.stringify([one.path, one.data]) === JSON.stringify([found[0]!.path, found[0]!.data]),
    );
    if (same)
      note(`${DESCRIPTOR} names the resource ${table} ${found.length} times with the same file: it is read once`);
    else wrong('resources', `has ${found.length} resources named ${table} with different files`);
  }
  const resource = found[0]!;
  const dialect = dialectOf(table, inherited(resource, said, 'dialect'), resource);
  const missing = missingOf(resource, said, dialect.nullSequence);
  const named = { dialect: dialect.dialect, missing };
  if (resource.path === undefined && resource.data !== undefined) {
    if (!Array.isArray(resource.data)) throw refused(table, 'has data that are no list of rows');
    return { name: `${DESCRIPTOR} (data of ${table})`, paths: [], data: resource.data, ...named };
  }
  refuseEncoding(table, inherited(resource, said, 'encoding'));
  const paths = (Array.isArray(resource.path) ? resource.path : [resource.path]).map(withoutDot);
  if (paths.length === 0 || paths.length > 1_000 || !paths.every(isText))
    throw refused(table, 'must have a file as its path');
  for (const path of paths) refusePath(table, path);
  return { name: paths[0]!, paths, data: undefined, ...named };
}

const refused = (table: PackageTable, why: string): Fault =>
  new Fault('invalid', `${DESCRIPTOR}: the resource ${table} ${why}`);

function refusePath(table: PackageTable, path: string): void {
  if (isUrl(path)) throw refused(table, 'is a URL, which is never fetched');
  if (BINARY.test(path)) {
    const kind = BINARY.exec(path)![1]!.toLowerCase();
    throw refused(
      table,
      `is a .${kind} file, which the import does not read: save the table as CSV UTF-8 and name that file as its path`,
    );
  }
}

function refuseEncoding(table: PackageTable, encoding: unknown): void {
  if (encoding === undefined || encoding === null || encoding === '') return;
  const name = String(encoding)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
  if (!UTF8.has(name))
    throw refused(
      table,
      `has the encoding ${JSON.stringify(encoding)}: save its file as UTF-8 and set encoding to utf-8`,
    );
}

/**
 * One character that stands for itself, as the standard of dialects allows; "\\t" spelled out is a
 * tab as well.
 */
function character(table: PackageTable, field: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = value === '\\t' || value === 'tab' ? '\t' : value;
  if (typeof text === 'string' && [...text].length === 1 && !/[\r\n\0]/.test(text)) return text;
  throw refused(table, `has the ${field} ${JSON.stringify(value)}: one character is needed`);
}

function dialectOf(
  table: PackageTable,
  given: unknown,
  resource: Json,
): { dialect: Dialect; nullSequence: string | undefined } {
  if (given !== undefined && given !== null && !isObject(given))
    throw refused(table, 'has a dialect that is no object: write it into the descriptor');
  const said: Json = isObject(given) ? (isObject(given.csv) ? { ...given, ...given.csv } : given) : {};
  const quote =
    said.quoteChar === null || said.quoteChar === '' ? null : (character(table, 'quoteChar', said.quoteChar) ?? '"');
  const escapeWith = character(table, 'escapeChar', said.escapeChar === '' ? undefined : said.escapeChar);
  const ends = said.lineTerminator;
  const usual =
    ends === undefined || ends === null || ['\r\n', '\n', '\r', '\\r\\n', '\\n', '\\r'].includes(String(ends));
  return {
    dialect: {
      delimiter: character(table, 'delimiter', said.delimiter),
      quote,
      // A doubled quote is the way of the standard; an escape character is used instead of it.
      escape: escapeWith ?? quote,
      comment: character(table, 'commentChar', said.commentChar === '' ? undefined : said.commentChar) ?? null,
      lineEnd: usual ? null : String(ends),
      trim: said.skipInitialSpace === true,
      columns: said.header === false ? columnsOf(table, resource) : undefined,
    },
    nullSequence: isText(said.nullSequence) ? said.nullSequence : undefined,
  };
}

function columnsOf(table: PackageTable, resource: Json): string[] {
  const names = listOf(isObject(resource.schema) ? resource.schema.fields : undefined).map((one) =>
    isObject(one) ? one.name : undefined,
  );
  if (names.length > 0 && names.every(isText)) return names;
  throw refused(
    table,
    'has no header and names no fields in its schema: add a header line with the names of the columns',
  );
}

/** missingValues of package, schema and fields: texts, or objects that have the text as `value`. */
function missingOf(resource: Json, said: Json, nullSequence: string | undefined): Set<string> {
  const schema = isObject(resource.schema) ? resource.schema : {};
  const lists = [said.missingValues, resource.missingValues, schema.missingValues];
  const values = lists.flatMap(listOf).map((one) => (isObject(one) ? one.value : one));
  return new Set([...values, nullSequence].filter((one): one is string => typeof one === 'string'));
}
