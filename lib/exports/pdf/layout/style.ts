// The look of a report: A4, one typeface in two weights, four sizes, one accent color, hairlines
// instead of boxes.
import type { Content, CustomTableLayout } from 'pdfmake/interfaces.js';
import { FONT } from './fonts.ts';

const ACCENT = '#14365d';
export const INK = '#20282c';
export const MUTED = '#66727a';
export const RULE = '#d5dbde';
export const TINT = '#f4f6f7';

export const MARGIN = { left: 46, right: 46, top: 52, bottom: 54 };
/** Points between the margins; A4 is 595.28 points wide. */
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
    line < (node.table.headerRows ?? 1)
      ? 0
      : line === node.table.headerRows
        ? 0.8
        : line === node.table.body.length
          ? 0.8
          : 0.35,
  hLineColor: (line, node) => (line === node.table.headerRows || line === node.table.body.length ? MUTED : RULE),
  vLineWidth: () => 0,
  paddingLeft: (column) => (column === 0 ? 0 : PADDING),
  paddingRight: (column, node) => (column === (node.table.widths?.length ?? 0) - 1 ? 0 : PADDING),
  paddingTop: () => 2.6,
  paddingBottom: () => 1.8,
};

/** The heading of a table or chart, which is on the same page as what follows it. */
export interface Heading {
  text: string;
  lead: string;
}

export const sectionBody = ({ text, lead }: Heading): { stack: Content[] } => ({
  stack: [
    { text, style: 'section' },
    { text: lead, style: 'lead', margin: [0, 1, 0, 7] },
  ],
});

/** A heading alone; what has to follow it goes into one unbreakable stack with it. */
export const section = (text: string, lead: string): Content => ({
  ...sectionBody({ text, lead }),
  unbreakable: true,
  margin: [0, 18, 0, 0],
});

/** The title of a chart. */
export const caption = (text: string, top = 8): Content => ({
  text,
  bold: true,
  fontSize: 8.5,
  margin: [0, top, 0, 2],
});

/** Small print below a table or a figure. */
export const footnote = (text: string): Content => ({ text, style: 'small', margin: [0, 3, 0, 0] });

/** A chart over the whole width. */
export const picture = (svg: string, height: number): Content => ({ svg, width: WIDTH, height });

/** Sentences with a bullet in front; a heading stays with the first of them. */
export function bullets(lines: readonly string[], heading?: Content): Content[] {
  const items = lines.map(
    (text): Content => ({
      columns: [
        { text: '\u2022', width: 8, color: ACCENT },
        { text, width: '*' },
      ],
      margin: [0, 0, 0, 2.5],
    }),
  );
  if (heading === undefined) return items;
  const [first, ...others] = items;
  return [{ stack: first === undefined ? [heading] : [heading, first], unbreakable: true }, ...others];
}

/** Colored marks with names, in the order of the series. */
export const legend = (entries: readonly { name: string; color: string; mark?: string }[]): Content => ({
  text: entries.flatMap((entry) => [
    // A blank that does not break: the mark stays with its name.
    { text: `${entry.mark ?? '\u25A0'}\u00A0`, color: entry.color, fontSize: 10 },
    { text: `${entry.name}      `, fontSize: 8, color: INK },
  ]),
  margin: [34, 0, 0, 2],
});
