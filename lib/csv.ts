// CSV as a spreadsheet and a program can both read it: UTF-8, comma, quotes where needed, formulas
// disarmed.
import { stringify } from 'csv-stringify/sync';

export type Cell = string | number | boolean | null | undefined;

/**
 * A spreadsheet runs a text that starts like this (OWASP, CSV injection: the full-width signs as
 * well); an apostrophe in front makes it text again. Numbers are numbers and stay as they are.
 */
const FORMULA = /^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/;

/**
 * What steers a terminal that shows the file: every control character but tab and line ends, which
 * are text inside of a cell.
 */
const CONTROL = /(?![\t\n\r])\p{Cc}/gu;

/** A cell without what would run in a spreadsheet or steer a terminal. */
export const disarmed = (cell: Cell): Cell => {
  if (typeof cell !== 'string') return cell;
  const plain = cell.replace(CONTROL, ' ');
  // A blank that has come in front hides no formula.
  return FORMULA.test(plain) || (plain !== cell && FORMULA.test(plain.trimStart())) ? `'${plain}` : plain;
};

const BYTE_ORDER_MARK = '\ufeff';
const beyondAscii = (cell: Cell): boolean => typeof cell === 'string' && /[\u0080-\uffff]/.test(cell);

/**
 * A table in chunks of `batch` rows; `onRows` is told of each. Booleans are true/false, null and
 * undefined are empty.
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
 * `csv` for people who open it in a spreadsheet: begins with a byte order mark where a cell is not
 * ASCII, without which Excel takes the text for another encoding. Not for tables that programs of a
 * standard read. `rows` is called twice: to look, then to write.
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
