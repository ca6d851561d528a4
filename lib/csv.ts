// CSV that spreadsheets and programs can read: UTF-8, commas, quotes where needed, and no cell that
// runs as a formula.
import { stringify } from 'csv-stringify/sync';

export type Cell = string | number | boolean | null | undefined;

/**
 * A spreadsheet runs text that begins like this as a formula (OWASP, CSV injection, which includes
 * the full-width signs). An apostrophe in front makes it text. Numbers stay as they are.
 */
const FORMULA = /^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/;

/**
 * Characters that could control a terminal which shows the file: all control characters except tab
 * and line feed, which are text inside a cell. A carriage return alone would write over its line.
 */
const CONTROL = /(?![\t\n])\p{Cc}/gu;
const LINE_END = /\r\n?/g;

/** Begins with no sign of a formula and has no control character, as nearly all cells. */
const HARMLESS = /^[A-Za-z0-9][ -~]*$/;

/** A cell that neither runs in a spreadsheet nor controls a terminal. */
export const disarmed = (cell: Cell): Cell => {
  if (typeof cell !== 'string' || HARMLESS.test(cell)) return cell;
  const plain = cell.replace(LINE_END, '\n').replace(CONTROL, ' ');
  // A blank that replaced a control character must not hide a formula.
  return FORMULA.test(plain) || (plain !== cell && FORMULA.test(plain.trimStart())) ? `'${plain}` : plain;
};

const BYTE_ORDER_MARK = '\ufeff';
const beyondAscii = (cell: Cell): boolean => typeof cell === 'string' && /[\u0080-\uffff]/.test(cell);

/**
 * A table in chunks. Booleans are true/false; null and undefined are empty.
 * @param onRows called after each chunk with its number of rows
 * @param batch rows of a chunk
 */
export function* csv(
  header: readonly string[],
  rows: Iterable<readonly Cell[]>,
  onRows?: (n: number) => void,
  batch = 500,
): Generator<string> {
  const text = (lines: readonly (readonly Cell[])[]): string =>
    stringify(lines as Cell[][], { cast: { boolean: String } });
  yield text([header]);
  let waiting: Cell[][] = [];
  for (const row of rows) {
    waiting.push(row.map(disarmed));
    if (waiting.length === batch) {
      yield text(waiting);
      onRows?.(waiting.length);
      waiting = [];
    }
  }
  if (waiting.length > 0) {
    yield text(waiting);
    onRows?.(waiting.length);
  }
}

/**
 * `csv` for a spreadsheet: it begins with a byte order mark where a cell is not ASCII, because
 * Excel guesses another encoding without it. Not for tables of a standard, which programs read.
 * @param rows called twice: to look for such cells, then to write
 */
export function* spreadsheet(
  header: readonly string[],
  rows: () => Iterable<readonly Cell[]>,
  onRows?: (n: number) => void,
): Generator<string> {
  for (const row of rows()) {
    if (!row.some(beyondAscii)) continue;
    yield BYTE_ORDER_MARK;
    break;
  }
  yield* csv(header, rows(), onRows);
}
