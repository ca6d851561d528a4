// A table of a package as text: UTF-8, the dialect that the package names, record by record,
// bounded in rows and columns.
import { isUtf8 } from 'node:buffer';
import { CsvError, parse } from 'csv-parse/sync';
import { Fault } from '../../errors.ts';
import { utf8Text } from '../text.ts';

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

/**
 * A camera takes tens of thousands of pictures a season: more rows are no camera-trap package, and
 * do not fit into memory.
 */
export const MOST_ROWS = 2_000_000;
export const MOST_COLUMNS = 1_000;
const LONGEST_RECORD = 1024 * 1024;

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const [LF, CR] = [10, 13];

/** Zeros in the first bytes: UTF-16 or UTF-32 of Latin letters, or no text at all. */
const looksWide = (bytes: Buffer): boolean =>
  bytes.subarray(0, 1_000).filter((byte) => byte === 0).length > Math.min(bytes.length, 1_000) / 5;

/**
 * Bytes that are UTF-8, without the marks that some programs put at the start of a file or, after
 * joining files, of a line.
 * @throws Fault `invalid` for any other encoding: read as UTF-8, different names would become one.
 */
export function utf8(file: string, bytes: Buffer, again?: string): Buffer {
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

/**
 * @throws Fault `invalid` when there are more lines than rows are allowed: counted before anything
 * is made of them.
 */
function boundLines(file: string, bytes: Buffer): void {
  let lines = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) lines += 1;
  if (lines > MOST_ROWS + 1) throw tooMany(file);
}

const tooMany = (file: string): Fault =>
  new Fault('invalid', `${file} has more than ${MOST_ROWS.toLocaleString('en-US')} rows: split the package`);

/**
 * A spreadsheet's own way to name the delimiter: `sep=;` as the first line. It is no header; the
 * cells tell the delimiter.
 */
export function withoutSeparatorLine(bytes: Buffer): Buffer {
  const line = /^(?:\xef\xbb\xbf)?"?sep=.{1,3}"?(?:\r\n|\n|\r)/i.exec(bytes.subarray(0, 20).toString('latin1'));
  return line === null ? bytes : bytes.subarray(line[0].length);
}

function firstLine(bytes: Buffer): string {
  const end = bytes.findIndex((byte) => byte === LF || byte === CR);
  return bytes.subarray(0, Math.min(end === -1 ? bytes.length : end, LONGEST_RECORD)).toString('utf8');
}

/** Whether the first line with anything in it holds the delimiter. */
export const headerHolds = (bytes: Buffer, delimiter: string): boolean =>
  firstLine(bytes).includes(delimiter) || firstLine(bytes).trim() === '';

/** The one that parts the most cells in the first line; a comma unless another one does. */
export function guessDelimiter(bytes: Buffer): string {
  const line = firstLine(bytes);
  const cells = (delimiter: string): number => line.split(delimiter).length;
  return [',', '\t', ';', '|'].reduce((best, one) => (cells(one) > cells(best) ? one : best));
}

/**
 * Calls `onRecord` with the cells of each record, the header first, and its row as a spreadsheet
 * counts it.
 * @throws Fault `invalid` when the bytes are no UTF-8 CSV of the dialect or beyond the bounds.
 */
export function readRecords(
  file: string,
  bytes: Buffer,
  dialect: Dialect & { delimiter: string },
  onRecord: (cells: string[], row: number) => void,
): void {
  const text = utf8(file, bytes);
  boundLines(file, text);
  let records = 0;
  const one = (cells: string[], info: { empty_lines: number; comment_lines: number }): null => {
    records += 1;
    if (records > MOST_ROWS + 1) throw tooMany(file);
    if (cells.length > MOST_COLUMNS)
      throw new Fault(
        'invalid',
        `${file} has ${cells.length} columns, more than ${MOST_COLUMNS}: it is no table of Camtrap DP`,
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
      on_record: one as never,
    });
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('invalid', `${file} cannot be read as CSV: ${reason(cause)}`, { cause });
  }
}

function reason(cause: unknown): string {
  if (cause instanceof CsvError && cause.code === 'CSV_MAX_RECORD_SIZE')
    return `line ${String(cause.lines)} is longer than 1 MiB: a quote that never ends, or too many columns`;
  return cause instanceof Error ? cause.message : String(cause);
}
