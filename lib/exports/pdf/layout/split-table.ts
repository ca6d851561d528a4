// Tables with a column for each class or period. Column heads are never clipped: columns that do
// not fit become a second table below the first.
import type { Content } from 'pdfmake/interfaces.js';
import { type Heading, PADDING, styles, WIDTH } from './style.ts';
import { type Column, table } from './table.ts';
import { measureText, printable, widestWord } from './typeset.ts';

/** Points that the first column takes at least when it fills the rest, and at most. */
const FIRST_LEAST = 60;
const FIRST_MOST = 180;

const lineWidth = (text: string): number =>
  Math.max(...text.split('\n').map((line) => measureText(printable(line), styles.cell.fontSize, true)));

/**
 * Points that a column needs: for its widest line, and for every word of its head. A width in
 * points is the least.
 */
const measureColumn = (column: Column, cells: readonly string[]): number =>
  Math.ceil(
    Math.max(
      typeof column.width === 'number' ? column.width : 0,
      widestWord(printable(column.head), styles.head.fontSize, true),
      ...cells.map(lineWidth),
    ),
  ) + 1;

/**
 * Indices of the columns in groups that fit next to each other, in order; the last `together` of
 * them stay in one group.
 */
function groupColumns(needs: readonly number[], room: number, together: number): number[][] {
  const alone = needs.length - together;
  const units = [
    ...needs.slice(0, alone).map((_, at) => [at]),
    ...(together > 0 ? [needs.slice(alone).map((_, at) => alone + at)] : []),
  ];
  const groups: number[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const unit of units) {
    const cost = unit.reduce((sum, at) => sum + (needs[at] ?? 0) + 2 * PADDING, 0);
    if (used + cost > room) {
      groups.push([]);
      used = 0;
    }
    groups.at(-1)?.push(...unit);
    used += cost;
  }
  return groups;
}

export interface SplitOptions {
  heading?: Heading | undefined;
  /** Rows in bold. */
  strong?: readonly number[];
  /** How many of the last columns stay together. */
  together?: number;
}

/**
 * One table, or several with the same first column where the columns do not fit in one. Only a word
 * wider than the page is broken.
 * @param first with width '*' it takes what the others leave; with 'auto' it is as wide as its
 *   longest line, and the others share what is left
 * @param rows the cell of the first column, then a cell for each of `columns`
 */
export function splitTable(
  first: Column,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { heading, strong = [], together = 0 }: SplitOptions = {},
): Content[] {
  const fills = first.width === '*';
  const widest = rows.map(([cell = '']) =>
    fills ? widestWord(printable(cell), styles.cell.fontSize, true) : lineWidth(cell),
  );
  const firstWidth = Math.min(FIRST_MOST, Math.max(fills ? FIRST_LEAST : 0, Math.ceil(Math.max(0, ...widest)) + 1));
  const room = WIDTH - firstWidth;
  const needs = columns.map((column, at) =>
    Math.min(
      room - 2 * PADDING,
      measureColumn(
        column,
        rows.map((row) => row[at + 1] ?? ''),
      ),
    ),
  );
  const groups = groupColumns(needs, room, together);
  return groups.map((group, index): Content => {
    const sum = group.reduce((points, at) => points + (needs[at] ?? 0) + 2 * PADDING, 0);
    const spare = fills ? 0 : Math.max(0, (room - sum) / group.length);
    const body = table(
      [
        fills ? first : { ...first, width: firstWidth },
        ...group.map((at): Column => ({ ...(columns[at] as Column), width: (needs[at] ?? 0) + spare })),
      ],
      rows.map((row) => [row[0] ?? '', ...group.map((at) => row[at + 1] ?? '')]),
      index === 0 ? heading : undefined,
      strong,
    );
    return index === 0 ? body : { stack: [body], margin: [0, 12, 0, 0] };
  });
}
