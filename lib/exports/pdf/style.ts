// The look of a report: A4, one typeface in two weights, four sizes, one accent colour, hairlines instead of boxes.
import type { Content, CustomTableLayout, TableCell } from 'pdfmake/interfaces.js';
import { FONT } from './fonts.ts';

export const ACCENT = '#14365d';
export const INK = '#20282c';
export const MUTED = '#66727a';
export const RULE = '#d5dbde';
export const TINT = '#f4f6f7';

export const MARGIN = { left: 46, right: 46, top: 52, bottom: 54 };
/** A4 is 595.28 points wide. */
export const WIDTH = 595.28 - MARGIN.left - MARGIN.right;

export const styles = {
  eyebrow: { fontSize: 7.5, bold: true, color: MUTED },
  title: { fontSize: 23, bold: true, color: ACCENT, lineHeight: 1.05 },
  period: { fontSize: 11.5, color: INK },
  section: { fontSize: 13, bold: true, color: ACCENT },
  lead: { fontSize: 8.5, color: MUTED },
  head: { fontSize: 7.2, bold: true, color: MUTED },
  cell: { fontSize: 8 },
  figure: { fontSize: 17, bold: true, color: ACCENT },
  small: { fontSize: 7.5, color: MUTED },
};

export const defaultStyle = { font: FONT, fontSize: 9, color: INK, lineHeight: 1.18 };

/** Points on both sides of a column. */
export const PADDING = 4;

/** A hairline under every row, a stronger one under the header, air instead of vertical lines. */
export const quiet: CustomTableLayout = {
  hLineWidth: (line, node) =>
    line < (node.table.headerRows ?? 1) ? 0 : line === node.table.headerRows ? 0.8 : line === node.table.body.length ? 0.8 : 0.35,
  hLineColor: (line, node) => (line === node.table.headerRows || line === node.table.body.length ? MUTED : RULE),
  vLineWidth: () => 0,
  paddingLeft: (column) => (column === 0 ? 0 : PADDING),
  paddingRight: (column, node) => (column === (node.table.widths?.length ?? 0) - 1 ? 0 : PADDING),
  paddingTop: () => 2.6,
  paddingBottom: () => 1.8,
};

const sectionBody = ({ text, lead }: Heading): { stack: Content[] } => ({
  stack: [
    { text, style: 'section' },
    { text: lead, style: 'lead', margin: [0, 1, 0, 7] },
  ],
});

export const section = (text: string, lead: string): Content => ({
  ...sectionBody({ text, lead }),
  unbreakable: true,
  margin: [0, 18, 0, 0],
});

/** Rows up to which a table is kept on one page. */
const SHORT = 24;

export interface Column {
  head: string;
  width: number | 'auto' | '*';
  /** Numbers stand on the right. */
  number?: boolean;
}

/** A heading over a table: never parted from its first rows. */
interface Heading {
  text: string;
  lead: string;
}

const LONGEST = 160;
const clipped = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}\u2026` : text || ' ');

/** A table whose header comes again on every page; `strong` rows (sums) are bold. Names are cut after 160 characters. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  heading?: Heading,
  strong: readonly number[] = [],
): Content {
  const cell = (text: string, column: number, style: string, bold: boolean): TableCell => ({
    text: clipped(text),
    style,
    ...(bold ? { bold: true } : {}),
    alignment: columns[column]?.number ? 'right' : 'left',
  });
  const short = rows.length <= SHORT && rows.flat().join('').length < 40 * SHORT * columns.length;
  // A short table moves to the next page as a whole; a long one carries its heading as a header row and starts with at least three rows.
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

/** Coloured squares with names, in the order of the stack. */
export const legend = (entries: readonly { name: string; color: string }[]): Content => ({
  text: entries.flatMap((entry) => [
    { text: '\u25A0 ', color: entry.color, fontSize: 10 },
    { text: `${entry.name}      `, fontSize: 8, color: INK },
  ]),
  margin: [34, 0, 0, 2],
});
