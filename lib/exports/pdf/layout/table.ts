// The report's tables: one look, columns that hold their words, and headers that are repeated on
// every page.
import type { Content, ContentText, TableCell } from 'pdfmake/interfaces.js';
import { type Heading, PADDING, quiet, section, sectionBody, styles, WIDTH } from './style.ts';
import { measureText, printable, widestWord } from './typeset.ts';

/** A table of at most this many lines stays on one page. */
const SHORT = 24;

export interface Column {
  head: string;
  /** Points; 'auto' as wide as its content; '*' takes what the others leave. */
  width: number | 'auto' | '*';
  /** Numbers are aligned on the right. */
  number?: boolean;
}

/** A column of numbers, as wide as its content. */
export const numeric = (head: string): Column => ({ head, width: 'auto', number: true });

const LONGEST = 160;
const clipped = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}\u2026` : text || ' ');

/** A cell and the points that its words may take. */
type Limited = ContentText & { limit: number | undefined };

/** Points up to which an 'auto' column grows, so that its numbers and dates are not wrapped. */
const WIDEST = 90;
/** Points that a '*' column gets at least. */
const LEAST = 60;

/** Points that the words of each column may take, so that the table never leaves the page. */
function limitColumns(columns: readonly Column[], rows: readonly (readonly string[])[]): number[] {
  const widest = columns.map(({ width, head }, at) => {
    if (typeof width === 'number') return width;
    if (width === '*') return 0;
    const lines = rows.flatMap((row) =>
      (row[at] ?? '').split('\n').map((line) => measureText(printable(line), styles.cell.fontSize, true)),
    );
    return Math.min(WIDEST, Math.max(widestWord(printable(head), styles.head.fontSize, true), ...lines));
  });
  const rest = WIDTH - 2 * PADDING * (columns.length - 1) - widest.reduce((a, b) => a + b, 0);
  return columns.map(({ width }, at) => (width === '*' ? Math.max(LEAST, rest - 1) : (widest[at] ?? 0) + 0.01));
}

function makeCell(
  text: string,
  column: Column | undefined,
  limit: number | undefined,
  style: 'head' | 'cell',
  bold: boolean,
): TableCell {
  const lines = text.split('\n').map((line): Limited => {
    const fits =
      column?.width === 'auto' &&
      style === 'cell' &&
      measureText(printable(line), styles.cell.fontSize, true) <= (limit ?? 0);
    return {
      text: line,
      style,
      limit,
      alignment: column?.number ? 'right' : 'left',
      ...(bold ? { bold } : {}),
      ...(fits ? { noWrap: true } : {}),
    };
  });
  return lines.length === 1 ? (lines[0] as Limited) : { stack: lines };
}

/** Lines that all rows take together, about. */
const countLines = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  limits: readonly number[],
): number =>
  rows
    .map((row) =>
      Math.max(
        1,
        ...row.map((text, at) =>
          columns[at]?.width === 'auto'
            ? 1
            : Math.ceil(measureText(printable(text), styles.cell.fontSize) / (limits[at] ?? LEAST)),
        ),
      ),
    )
    .reduce((sum, lines) => sum + lines, 0);

/**
 * A table whose header is repeated on every page. A short table moves to the next page as a whole;
 * a long one has its heading as a header row and begins with at least three rows.
 * @param texts rows of cells; a cell is clipped after 160 characters
 * @param strong indices of the rows in bold (sums)
 */
export function table(
  columns: readonly Column[],
  texts: readonly (readonly string[])[],
  heading?: Heading,
  strong: readonly number[] = [],
): Content {
  const rows = texts.map((row) => row.map(clipped));
  const limits = limitColumns(columns, rows);
  const short = countLines(columns, rows, limits) <= SHORT;
  const headingRow: TableCell[][] =
    heading === undefined || short
      ? []
      : [[{ ...sectionBody(heading), colSpan: columns.length }, ...columns.slice(1).map(() => ({ text: '' }))]];
  const body: Content = {
    layout: quiet,
    margin: headingRow.length > 0 ? [0, 18, 0, 0] : 0,
    table: {
      headerRows: 1 + headingRow.length,
      keepWithHeaderRows: Math.min(3, rows.length),
      dontBreakRows: true,
      widths: columns.map((column) => column.width),
      body: [
        ...headingRow,
        columns.map((column, at) => makeCell(column.head, column, limits[at], 'head', true)),
        ...rows.map((row, index) =>
          row.map((text, at) => makeCell(text, columns[at], limits[at], 'cell', strong.includes(index))),
        ),
      ],
    },
  };
  if (!short) return body;
  return { stack: [...(heading === undefined ? [] : [section(heading.text, heading.lead)]), body], unbreakable: true };
}
