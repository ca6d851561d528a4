// Lines over categories, with marks that differ in shape as well as in color.
import { line } from 'd3-shape';
import { type Axes, type Look, makeFrame } from './frame.ts';
import { type Outline, traceOutline } from './outlines.ts';
import { round, type Shape } from './svg.ts';

export interface Mark {
  outline: Outline;
  /** White inside. */
  hollow?: boolean;
  /** Points. */
  size: number;
}

export interface LineSeries {
  color: string;
  /** Points. */
  width: number;
  /** One for each category; null interrupts the line. */
  amounts: readonly (number | null)[];
  /** Absent: only values without a neighbor are marked, because a line cannot show them. */
  mark?: Mark;
}

const DOT = (width: number): Mark => ({ outline: 'circle', size: Math.max(1.5, 1.5 * width) });

/** A value without a value before or after it. */
const isAlone = (amounts: LineSeries['amounts'], index: number): boolean =>
  (amounts[index - 1] ?? null) === null && (amounts[index + 1] ?? null) === null;

export function drawLines(series: readonly LineSeries[], axes: Axes, look: Look): string {
  const values = series.flatMap(({ amounts }) => amounts.filter((amount) => amount !== null));
  const { y, middle, draw } = makeFrame(axes, look, Math.max(0, ...values));
  const path = line<number | null>(
    (_, index) => middle(index),
    (amount) => y(amount ?? 0),
  )
    .defined((amount) => amount !== null)
    .digits(2);

  const marks = series.map(({ color, width, amounts, mark }): Shape => {
    const { outline, size, hollow = false } = mark ?? DOT(width);
    const shape = traceOutline(outline, size / 2);
    const d = amounts.map((amount, index) =>
      amount === null || (mark === undefined && !isAlone(amounts, index))
        ? ''
        : `M${round(middle(index))} ${round(y(amount))}${shape}`,
    );
    return { d: d.join(''), fill: hollow ? '#ffffff' : color, ...(hollow ? { stroke: color, width } : {}) };
  });
  const paths = series.map(({ color, width, amounts }): Shape => ({ d: path(amounts) ?? '', stroke: color, width }));
  // A line of zeros is on the axis.
  return draw([], [...paths, ...marks]);
}
