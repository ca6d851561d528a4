// A table with a header that people or programs saved as text: comma, semicolon or tab, header
// names in any case, bounded in columns and rows.
import { type Options, parse } from 'csv-parse/sync';
import { fold } from '../deer/names-alike.ts';
import { Fault } from '../errors.ts';
import { number } from '../format.ts';
import { visible } from '../plain-text.ts';
import { utf8Text } from './text.ts';

export interface TextTable<Column extends string> {
  /**
   * Cells of each row, as they are written; a row may have more or fewer cells than `columns`.
   * Empty rows at the end are dropped.
   */
  rows: string[][];
  columns: number;
  /** Index of a known column, or -1. */
  find(column: Column): number;
  /** Header names that are not known. */
  ignored: string[];
}

export interface TableRules<Column extends string> {
  known: readonly Column[];
  /** The column that every such table has; it also shows which character separates the cells. */
  needed: Column;
  /** Rows that are wanted at most; reading stops soon after. */
  most: number;
}

const MOST_COLUMNS = 1_000;
/** Characters of one row, quoted line breaks included. */
const LONGEST_ROW = 1_000_000;
/** Rows without a cell that a spreadsheet leaves at the end. */
const SLACK = 1_000;
const DELIMITERS = [',', ';', '\t'];

/** Header names match in any case, with blanks, underscores or hyphens between their words. */
const plain = (name: string): string => fold(name).replace(/[_-]/g, '');

const isBlank = (cells: readonly string[]): boolean => cells.every((cell) => cell.trim() === '');

/**
 * Reads a table of at most `most` rows (more rows than that come back as `most` + 1 or a few more,
 * so that a caller can count them as too many).
 * @throws Fault `invalid` when it is no UTF-8 text, no table, lacks the needed column, names a
 *   known column twice or is wider than 1,000 columns.
 */
export function readTextTable<Column extends string>(
  bytes: Buffer,
  name: string,
  rules: TableRules<Column>,
): TextTable<Column> {
  const text = utf8Text(bytes, name);
  // By a first line `sep=;` a spreadsheet names the delimiter.
  const named = /^"?sep=([,;\t])"?[ \t]*(?:\r\n|\n|\r)/i.exec(text);
  const body = named === null ? text : text.slice(named[0].length);
  const delimiters = named === null ? DELIMITERS : [named[1]!];
  const { header, delimiter } = findHeader(body, name, delimiters, rules);
  const columns = findColumns(header, name, rules.known);
  const rows = parseRecords(body, name, delimiter, rules.most + SLACK + 2).slice(1);
  while (rows.length > 0 && isBlank(rows.at(-1)!)) rows.pop();
  if (rows.length === 0) throw new Fault('invalid', `${name} has no rows`);
  return {
    rows,
    columns: header.length,
    find: (column) => columns.get(column) ?? -1,
    ignored: header.filter((cell) => !rules.known.some((column) => plain(column) === plain(cell))),
  };
}

/** The header is certain where one of the delimiters gives it the needed column. */
function findHeader<Column extends string>(
  body: string,
  name: string,
  delimiters: readonly string[],
  { known, needed }: TableRules<Column>,
): { header: string[]; delimiter: string } {
  let refused: unknown;
  for (const delimiter of delimiters) {
    try {
      const [header = []] = parseRecords(body, name, delimiter, 1);
      if (header.some((cell) => plain(cell) === plain(needed))) return { header, delimiter };
    } catch (error) {
      refused ??= error;
    }
  }
  if (refused !== undefined) throw refused;
  throw new Fault(
    'invalid',
    `${name} has no column ${needed}${known.length > 1 ? `; known columns: ${known.join(', ')}` : ''}`,
  );
}

function findColumns<Column extends string>(
  header: readonly string[],
  name: string,
  known: readonly Column[],
): Map<Column, number> {
  const columns = new Map<Column, number>();
  const byName = new Map(known.map((column) => [plain(column), column]));
  header.forEach((cell, i) => {
    const column = byName.get(plain(cell));
    if (column === undefined) return;
    if (columns.has(column)) throw new Fault('invalid', `${name} has the column ${column} twice`);
    columns.set(column, i);
  });
  return columns;
}

function parseRecords(text: string, name: string, delimiter: string, to: number): string[][] {
  const options: Options = {
    ...{ delimiter, to, record_delimiter: ['\r\n', '\n', '\r'], relax_column_count: true, skip_empty_lines: true },
    max_record_size: LONGEST_ROW,
    on_record: (cells: string[]) => {
      if (cells.length > MOST_COLUMNS)
        throw new Fault('invalid', `${name} has more than ${number(MOST_COLUMNS)} columns`);
      return cells;
    },
  };
  try {
    return parse(text, options) as unknown as string[][];
  } catch (error) {
    if (error instanceof Fault) throw error;
    const { code, message, lines } = error as { code?: string; message: string; lines?: number };
    if (code === 'CSV_MAX_RECORD_SIZE')
      throw new Fault('invalid', `${name} has a row of more than 1,000,000 characters (near line ${lines})`, {
        cause: error,
      });
    // A blank between a delimiter and a quote is an error unless cells are trimmed, and blanks in
    // names matter: they are trimmed only then.
    if (code === 'INVALID_OPENING_QUOTE' || code === 'CSV_INVALID_CLOSING_QUOTE') {
      try {
        return parse(text, { ...options, trim: true }) as unknown as string[][];
      } catch (cause) {
        if (cause instanceof Fault) throw cause;
      }
    }
    throw new Fault('invalid', `${name} is not a CSV table: ${visible(message, 200)}`, { cause: error });
  }
}
