// A table of a package as records: from its files, joined, or from the descriptor itself. UTF-8 in
// the dialect that the package names, record by record, bounded in rows and columns.
import { isUtf8 } from 'node:buffer';
import { CsvError, parse } from 'csv-parse/sync';
import { Fault } from '../../../errors.ts';
import { number } from '../../../format.ts';
import { visible } from '../../../plain-text.ts';
import { utf8Text } from '../../text.ts';
import type { Dialect, Resource } from './resources.ts';
import type { Source } from './source.ts';

/** `row` counts as a spreadsheet does: the header is row 1. */
type OnRecord = (cells: string[], row: number) => void;

export interface TableText {
  file: string;
  /**
   * Calls `onRecord` with the cells of the header and of each record after it.
   * @throws Fault `invalid` when the file is no UTF-8 CSV of its dialect or beyond the bounds.
   */
  read: (onRecord: OnRecord) => void;
  /** Cells that the package declares to mean "no value". */
  missing: ReadonlySet<string>;
  /** The content, for the id of a package that has none. */
  bytes: Buffer[];
  notes: string[];
}

/**
 * A camera takes tens of thousands of pictures a season: a table of more rows is not of camera
 * traps, and does not fit into memory.
 */
const MOST_ROWS = 2_000_000;
const MOST_COLUMNS = 1_000;
const LONGEST_RECORD = 1024 * 1024;

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const [LF, CR] = [10, 13];

/** @returns undefined when a file of the table is not in the package. */
export async function openTableText(source: Source, resource: Resource): Promise<TableText | undefined> {
  const { name, paths, data, missing, dialect } = resource;
  if (data !== undefined) {
    const read = (onRecord: OnRecord): void => readInline(name, data, onRecord);
    return { file: name, missing, read, bytes: [Buffer.from(JSON.stringify(data))], notes: [] };
  }
  const parts: { path: string; bytes: Buffer }[] = [];
  for (const path of paths) {
    const bytes = await source.read(path);
    if (bytes === undefined) return undefined;
    refuseBinary(path, bytes);
    parts.push({ path, bytes: dropSeparatorLine(bytes) });
  }
  const delimiter = chooseDelimiter(dialect, parts[0]!.bytes);
  const notes =
    delimiter === (dialect.delimiter ?? ',')
      ? []
      : [`${name}: its cells are separated by ${visible(delimiter)}, which its dialect does not say`];
  const read = (onRecord: OnRecord): void => {
    let header = dialect.columns;
    if (header !== undefined) onRecord([...header], 0);
    for (const { path, bytes } of parts) {
      let first = true;
      parseRecords(path, bytes, { ...dialect, delimiter }, (cells, row) => {
        // Files that are joined may each have the header.
        const repeated = first && header?.length === cells.length && header.every((column, i) => column === cells[i]);
        first = false;
        header ??= cells;
        if (!repeated) onRecord(cells, row);
      });
    }
  };
  return { file: name, missing, read, bytes: parts.map(({ bytes }) => bytes), notes };
}

const MAGIC: readonly [string, Buffer][] = [
  ['a Parquet file', Buffer.from('PAR1')],
  ['a spreadsheet or ZIP archive', Buffer.from('PK\u0003\u0004')],
  ['an old spreadsheet', Buffer.from([0xd0, 0xcf, 0x11, 0xe0])],
  ['an SQLite database', Buffer.from('SQLite format 3')],
  ['a gzip archive whose name does not end in .gz', Buffer.from([0x1f, 0x8b])],
];

function refuseBinary(file: string, bytes: Buffer): void {
  const known = MAGIC.find(([, magic]) => bytes.subarray(0, magic.length).equals(magic));
  if (known !== undefined) throw new Fault('invalid', `${file} is ${known[0]}, not a text table: save it as CSV UTF-8`);
}

/** Rows as objects by column, or as lists of which the first is the header. */
function readInline(name: string, data: readonly unknown[], onRecord: OnRecord): void {
  const text = (value: unknown): string =>
    value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (data.every(Array.isArray)) {
    data.forEach((cells, i) => void onRecord((cells as unknown[]).map(text), i + 1));
    return;
  }
  const columns = new Set<string>();
  for (const row of data) {
    if (typeof row !== 'object' || row === null)
      throw new Fault('invalid', `${name} has a row that is neither a list nor an object`);
    for (const column of Object.keys(row)) columns.add(column);
    if (columns.size > MOST_COLUMNS) throw new Fault('invalid', `${name} has more than ${MOST_COLUMNS} columns`);
  }
  const header = [...columns];
  onRecord(header, 1);
  data.forEach((row, i) => {
    const cells = header.map((column) => text((row as Record<string, unknown>)[column]));
    onRecord(cells, i + 2);
  });
}

/** Many zeros in the first bytes: UTF-16 or UTF-32 of Latin letters, or no text at all. */
const looksWide = (bytes: Buffer): boolean =>
  bytes.subarray(0, 1_000).filter((byte) => byte === 0).length > Math.min(bytes.length, 1_000) / 5;

/**
 * Bytes that are UTF-8, without the marks that some programs put at the start of a file or, after
 * joining files, of a line.
 * @throws Fault `invalid` for any other encoding: read as UTF-8, different names would become one.
 */
export function decodeUtf8(file: string, bytes: Buffer, again?: string): Buffer {
  // Zero bytes in single cells are a fault of those cells.
  if (!isUtf8(bytes) || looksWide(bytes)) utf8Text(bytes, file, again);
  if (bytes.indexOf(BOM) === -1) return bytes;
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(BOM); at !== -1; at = bytes.indexOf(BOM, at + BOM.length)) {
    if (at > from && ![LF, CR].includes(bytes[at - 1]!)) continue;
    parts.push(bytes.subarray(from, at));
    from = at + BOM.length;
  }
  parts.push(bytes.subarray(from));
  return Buffer.concat(parts);
}

/** A first line such as `sep=;`, by which a spreadsheet names the delimiter, is not a header. */
function dropSeparatorLine(bytes: Buffer): Buffer {
  const line = /^(?:\xef\xbb\xbf)?"?sep=.{1,3}"?(?:\r\n|\n|\r)/i.exec(bytes.subarray(0, 20).toString('latin1'));
  return line === null ? bytes : bytes.subarray(line[0].length);
}

/**
 * The delimiter of the dialect where the header holds it, else the one that the header has most
 * often: a header that is one cell shows that the file was saved again in another way.
 */
function chooseDelimiter(dialect: Dialect, bytes: Buffer): string {
  const end = bytes.findIndex((byte) => byte === LF || byte === CR);
  const line = bytes.subarray(0, Math.min(end === -1 ? bytes.length : end, LONGEST_RECORD)).toString('utf8');
  const holds = line.includes(dialect.delimiter ?? ',') || line.trim() === '';
  if (dialect.delimiter !== undefined && (dialect.comment !== null || holds)) return dialect.delimiter;
  const cells = (delimiter: string): number => line.split(delimiter).length;
  return [',', '\t', ';', '|'].reduce((best, next) => (cells(next) > cells(best) ? next : best));
}

const tooManyRows = (file: string): Fault =>
  new Fault('invalid', `${file} has more than ${number(MOST_ROWS)} rows: split the package`);

/** @throws Fault `invalid` for too many lines, before anything is made of them. */
function boundLines(file: string, bytes: Buffer): void {
  let lines = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) lines += 1;
  if (lines > MOST_ROWS + 1) throw tooManyRows(file);
}

function parseRecords(file: string, bytes: Buffer, dialect: Dialect & { delimiter: string }, onRecord: OnRecord): void {
  const text = decodeUtf8(file, bytes);
  boundLines(file, text);
  let records = 0;
  const handle = (cells: string[], info: { empty_lines: number; comment_lines: number }): null => {
    records += 1;
    if (records > MOST_ROWS + 1) throw tooManyRows(file);
    if (cells.length > MOST_COLUMNS)
      throw new Fault(
        'invalid',
        `${file} has ${cells.length} columns, more than ${MOST_COLUMNS}: it is not a table of Camtrap DP`,
      );
    onRecord(cells, records + info.empty_lines + info.comment_lines);
    return null;
  };
  try {
    parse(text, {
      delimiter: dialect.delimiter,
      quote: dialect.quote ?? false,
      escape: dialect.escape,
      comment: dialect.comment,
      comment_no_infix: true,
      record_delimiter: dialect.lineEnd ?? ['\r\n', '\n', '\r'],
      ltrim: dialect.trim,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: LONGEST_RECORD,
      on_record: handle as never,
    });
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('invalid', `${file} cannot be read as CSV: ${explain(cause)}`, { cause });
  }
}

function explain(cause: unknown): string {
  if (cause instanceof CsvError && cause.code === 'CSV_MAX_RECORD_SIZE')
    return `line ${String(cause.lines)} is longer than 1 MiB: a quote that never ends, or too many columns`;
  return cause instanceof Error ? cause.message : String(cause);
}
