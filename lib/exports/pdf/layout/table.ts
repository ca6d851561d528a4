// The report's tables: one look, columns that hold their words, headers that come again on every
// page.
import type { Content, ContentText, TableCell } from 'pdfmake/interfaces.js';
import { type Heading, PADDING, quiet, section, sectionBody, styles, WIDTH } from './style.ts';
import { printable, widestWord, widthOf } from './typeset.ts';

/** Lines up to which a table is kept on one page. */
const SHORT = 24;

export interface Column {
  head: string;
  width: number | 'auto' | '*';
  /** Numbers stand on the right. */
  number?: boolean;
}

const LONGEST = 160;
const clipped = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}\u2026` : text || ' ');

/** A cell and the points that its words may take. */
type Limited = ContentText & { limit: number | undefined };

/**
 * Points up to which a column of its own width grows with its numbers and dates, which are then not
 * wrapped; and what the column that takes the rest gets at least.
 */
const WIDEST = 90;
const LEAST = 60;

/**
 * Points that the words of each column may take, so that all columns together never leave the page.
 */
function limitsOf(columns: readonly Column[], rows: readonly (readonly string[])[]): number[] {
  const widest = columns.map(({ width, head }, at) => {
    if (typeof width === 'number') return width;
    if (width === '*') return 0;
    const lines = rows.flatMap((row) =>
      (row[at] ?? '').split('\n').map((line) => widthOf(printable(line), styles.cell.fontSize, true)),
    );
    return Math.min(WIDEST, Math.max(widestWord(printable(head), styles.head.fontSize, true), ...lines));
  });
  const rest = WIDTH - 2 * PADDING * (columns.length - 1) - widest.reduce((a, b) => a + b, 0);
  return columns.map(({ width }, at) => (width === '*' ? Math.max(LEAST, rest - 1) : (widest[at] ?? 0) + 0.01));
}

/**
 * A table whose header comes again on every page; `strong` rows (sums) are bold. Names are cut
 * after 160 characters.
 */
export function table(
  columns: readonly Column[],
  names: readonly (readonly string[])[],
  heading?: Heading,
  strong: readonly number[] = [],
): Content {
  const rows = names.map((row) => row.map(clipped));
  const limits = limitsOf(columns, rows);
  const cell = (text: string, column: number, style: 'head' | 'cell', bold: boolean): TableCell => {
    const limit = limits[column];
    const lines = text.split('\n').map((line): Limited => {
      const fits =
        columns[column]?.width === 'auto' &&
        style === 'cell' &&
        widthOf(printable(line), styles.cell.fontSize, true) <= (limit ?? 0);
      return {
        text: line,
        style,
        limit,
        alignment: columns[column]?.number ? 'right' : 'left',
        ...(bold ? { bold } : {}),
        ...(fits ? { noWrap: true } : {}),
      };
    });
    return lines.length === 1 ? (lines[0] as Limited) : { stack: lines };
  };
  const lines = rows.map((row) =>
    Math.max(
      1,
      ...row.map((text, at) =>
        columns[at]?.width === 'auto'
          ? 1
          : Math.ceil(widthOf(printable(text), styles.cell.fontSize) / (limits[at] ?? LEAST)),
      ),
    ),
  );
  const short = lines.reduce((sum, one) => sum + one, 0) <= SHORT;
  // A short table moves to the next page as a whole; a long one carries its heading as a header row
  // and starts with at least three rows.
  const carried: TableCell[][] =
    heading === undefined || short
      ? []
      : [[{ ...sectionBody(heading), colSpan: columns.length }, ...columns.slice(1).map(() => ({ text: '' }))]];
  const body: Content = {
    layout: quiet,
    margin: carried.length > 0 ? [0, 18, 0, 0] : 0,
    table: {
      headerRows: 1 + carried.length,
      keepWithHeaderRows: Math.min(3, rows.length),
      dontBreakRows: true,
      widths: columns.map((column) => column.width),
      body: [
        ...carried,
        columns.map((column, at) => cell(column.head, at, 'head', true)),
        ...rows.map((row, index) => row.map((text, at) => cell(text, at, 'cell', strong.includes(index)))),
      ],
    },
  };
  if (!short) return body;
  return { stack: [...(heading === undefined ? [] : [section(heading.text, heading.lead)]), body], unbreakable: true };
}
