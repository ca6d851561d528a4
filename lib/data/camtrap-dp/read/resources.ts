// The resources of datapackage.json: where each of the three tables is, and how it is written.
import { isUrl } from '../../../deer/camtrap-dp.ts';
import type { PackageTable } from '../../../deer/camtrap-dp-columns.ts';
import { Fault } from '../../../errors.ts';
import { withoutDot } from './ids.ts';
import { isObject, isText, type JsonObject, toList } from './json.ts';

export const DESCRIPTOR = 'datapackage.json';

/** How the package says its table is written. */
export interface Dialect {
  /** undefined: the package does not say. */
  delimiter: string | undefined;
  /** null: quotes are plain characters. */
  quote: string | null;
  escape: string | null;
  comment: string | null;
  /** Ends of lines other than the usual three. */
  lineEnd: string | null;
  /** Blanks after a delimiter do not count. */
  trim: boolean;
  /** Names of the columns of a table without a header. */
  columns: readonly string[] | undefined;
}

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

/** What a resource says, or where it is silent the whole package. */
const inherit = (resource: JsonObject, descriptor: JsonObject, name: string): unknown =>
  resource[name] ?? descriptor[name];

const UTF8 = new Set(['utf8', 'utf8sig', 'utf8bom', 'ascii', 'usascii']);
const BINARY =
  /\.(parquet|xlsx?|ods|sqlite3?|db|rdata|rds|arrow|feather|avro|jsonl?|geojson|zip|7z|rar|bz2|xz|zst|tar)$/i;

/**
 * @param wrong is called for what is broken but leaves something to read
 * @throws Fault `invalid` with what to do, when a table cannot be found or read in the way that its
 *   resource describes.
 */
export function readResource(
  table: PackageTable,
  descriptor: JsonObject,
  wrong: (field: string, why: string) => void,
  note: (text: string) => void,
): Resource | undefined {
  const resource = chooseResource(table, descriptor, wrong, note);
  if (resource === undefined) return undefined;
  const { dialect, nullSequence } = readDialect(table, inherit(resource, descriptor, 'dialect'), resource);
  const shared = { dialect, missing: listMissingValues(resource, descriptor, nullSequence) };
  if (resource.path === undefined && resource.data !== undefined) {
    if (!Array.isArray(resource.data)) throw refuse(table, 'has data that are no list of rows');
    return { name: `${DESCRIPTOR} (data of ${table})`, paths: [], data: resource.data, ...shared };
  }
  refuseEncoding(table, inherit(resource, descriptor, 'encoding'));
  const paths = (Array.isArray(resource.path) ? resource.path : [resource.path]).map(withoutDot);
  if (paths.length === 0 || paths.length > 1_000 || !paths.every(isText))
    throw refuse(table, 'must have a file as its path');
  for (const path of paths) refusePath(table, path);
  return { name: paths[0]!, paths, data: undefined, ...shared };
}

/** The resource of a table by its name, in any case where no name is exact. */
function chooseResource(
  table: PackageTable,
  descriptor: JsonObject,
  wrong: (field: string, why: string) => void,
  note: (text: string) => void,
): JsonObject | undefined {
  const all = toList(descriptor.resources).filter(isObject);
  const exact = all.filter(({ name }) => name === table);
  const found =
    exact.length > 0 ? exact : all.filter(({ name }) => isText(name) && name.trim().toLowerCase() === table);
  if (found.length === 0) {
    // Media may be kept back; a note says so when the tables are read.
    if (table !== 'media') wrong('resources', `has no resource named ${table}`);
    return undefined;
  }
  if (found.length > 1) {
    const contents = new Set(found.map(({ path, data }) => JSON.stringify([path, data])));
    if (contents.size === 1)
      note(`${DESCRIPTOR} names the resource ${table} ${found.length} times with the same file: it is read once`);
    else wrong('resources', `has ${found.length} resources named ${table} with different files`);
  }
  return found[0];
}

const refuse = (table: PackageTable, why: string): Fault =>
  new Fault('invalid', `${DESCRIPTOR}: the resource ${table} ${why}`);

function refusePath(table: PackageTable, path: string): void {
  if (isUrl(path)) throw refuse(table, 'is a URL, which is never fetched');
  const [, ending] = BINARY.exec(path) ?? [];
  if (ending !== undefined)
    throw refuse(
      table,
      `is a .${ending.toLowerCase()} file, which the import does not read: save the table as CSV UTF-8 and name that file as its path`,
    );
}

function refuseEncoding(table: PackageTable, encoding: unknown): void {
  if (encoding === undefined || encoding === null || encoding === '') return;
  const name = String(encoding)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
  if (!UTF8.has(name))
    throw refuse(
      table,
      `has the encoding ${JSON.stringify(encoding)}: save its file as UTF-8 and set encoding to utf-8`,
    );
}

/** A character of a dialect; "\\t" spelled out is a tab as well. */
function readCharacter(table: PackageTable, field: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = value === '\\t' || value === 'tab' ? '\t' : value;
  if (typeof text === 'string' && [...text].length === 1 && !/[\r\n\0]/.test(text)) return text;
  throw refuse(table, `has the ${field} ${JSON.stringify(value)}: one character is needed`);
}

function readDialect(
  table: PackageTable,
  given: unknown,
  resource: JsonObject,
): { dialect: Dialect; nullSequence: string | undefined } {
  if (given !== undefined && given !== null && !isObject(given))
    throw refuse(table, 'has a dialect that is no object: write it into the descriptor');
  const fields: JsonObject = isObject(given) ? (isObject(given.csv) ? { ...given, ...given.csv } : given) : {};
  const read = (field: string): string | undefined =>
    readCharacter(table, field, fields[field] === '' ? undefined : fields[field]);
  const quote = fields.quoteChar === null || fields.quoteChar === '' ? null : (read('quoteChar') ?? '"');
  const ends = fields.lineTerminator;
  const usual =
    ends === undefined || ends === null || ['\r\n', '\n', '\r', '\\r\\n', '\\n', '\\r'].includes(String(ends));
  return {
    dialect: {
      delimiter: readCharacter(table, 'delimiter', fields.delimiter),
      quote,
      // The standard doubles a quote; an escape character is used instead of that.
      escape: read('escapeChar') ?? quote,
      comment: read('commentChar') ?? null,
      lineEnd: usual ? null : String(ends),
      trim: fields.skipInitialSpace === true,
      columns: fields.header === false ? listSchemaColumns(table, resource) : undefined,
    },
    nullSequence: isText(fields.nullSequence) ? fields.nullSequence : undefined,
  };
}

function listSchemaColumns(table: PackageTable, resource: JsonObject): string[] {
  const fields = toList(isObject(resource.schema) ? resource.schema.fields : undefined);
  const names = fields.map((field) => (isObject(field) ? field.name : undefined));
  if (names.length > 0 && names.every(isText)) return names;
  throw refuse(
    table,
    'has no header and names no fields in its schema: add a header line with the names of the columns',
  );
}

/** missingValues of package, schema and fields: texts, or objects that have the text as `value`. */
function listMissingValues(
  resource: JsonObject,
  descriptor: JsonObject,
  nullSequence: string | undefined,
): Set<string> {
  const schema = isObject(resource.schema) ? resource.schema : {};
  const lists = [descriptor.missingValues, resource.missingValues, schema.missingValues];
  const values = lists.flatMap(toList).map((value) => (isObject(value) ? value.value : value));
  return new Set([...values, nullSequence].filter((value) => typeof value === 'string'));
}
