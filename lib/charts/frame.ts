// What every chart has: a plot with a value axis on the left, categories below, and light lines.
import { type ScaleBand, type ScaleLinear, scaleBand, scaleLinear } from 'd3-scale';
import { number } from '../format.ts';
import { type Label, round, type Shape, writeSvg } from './svg.ts';

/** How charts are printed: size, typeface and the colors of axes. */
export interface Look {
  width: number;
  height: number;
  /** A font family. */
  font: string;
  /** Points that a text takes at a size of one point. */
  measure: (text: string) => number;
  ink: string;
  rule: string;
}

export interface Axes {
  /** One for each category; they are thinned where they would overlap. */
  labels: readonly string[];
  /** About how many intervals the value axis has. */
  intervals: number;
  /** Whether values are counts, which have no ticks between whole numbers. */
  counts?: boolean;
}

export interface Frame {
  x: ScaleBand<number>;
  y: ScaleLinear<number, number>;
  /** The middle of a category. */
  middle: (index: number) => number;
  /** Draws shapes over the lines of the grid, below or over the line of the axis. */
  draw: (below: readonly Shape[], over?: readonly Shape[]) => string;
}

const FONT_SIZE = 7.5;
/** From the middle of a figure to its baseline, in heights of the typeface. */
const HALF_FIGURE = 0.36;
const MARGIN = { left: 34, right: 4, top: 8, bottom: 20 };
/** Points between labels and the plot, and between neighbors below it. */
const APART = 8;
const BETWEEN = 5;

/** Zero and up to the first tick that is not below the largest value. */
function makeValueAxis(most: number, { intervals, counts = false }: Axes): [ScaleLinear<number, number>, number[]] {
  const top = most > 0 ? most : 1;
  const about = counts ? Math.min(intervals, Math.ceil(top)) : intervals;
  const [, step = top] = scaleLinear([0, counts ? Math.ceil(top) : top], [0, 1]).ticks(about);
  // Not quite: 0.3 is not three times 0.1.
  const ticks = Math.ceil(top / step - 1e-9);
  const y = scaleLinear([0, ticks * step], [0, 1]);
  return [y, Array.from({ length: ticks + 1 }, (_, index) => index * step)];
}

/** A value as short as it is exact: `0`, `0.5`, `1,200`. */
function formatTick(value: number): string {
  const [, decimals = ''] = /\.(\d+)$/.exec(String(Number(value.toPrecision(12)))) ?? [];
  return number(value, decimals.length);
}

/** Every n-th label, so that none touches another or leaves the picture. */
function thinLabels(labels: readonly string[], middle: Frame['middle'], step: number, y: number, look: Look): Label[] {
  const widths = labels.map((text) => FONT_SIZE * look.measure(text));
  const every = Math.max(1, Math.ceil((Math.max(0, ...widths) + BETWEEN) / step));
  return labels
    .map((text, index) => ({ text, x: middle(index), y }))
    .filter(({ x }, index) => index % every === 0 && x + (widths[index] ?? 0) / 2 <= look.width);
}

/**
 * @param most the largest value that is shown
 * @param gap the part of a category that stays free next to a bar
 */
export function makeFrame(axes: Axes, look: Look, most: number, gap = 0): Frame {
  const [y, ticks] = makeValueAxis(most, axes);
  const values = ticks.map(formatTick);
  const widest = Math.max(...values.map((text) => FONT_SIZE * look.measure(text)));
  const left = Math.max(MARGIN.left, Math.ceil(widest) + APART + 1);
  const [right, bottom] = [look.width - MARGIN.right, look.height - MARGIN.bottom];
  y.range([bottom, MARGIN.top]);

  const x = scaleBand(axes.labels.keys(), [left, right])
    .paddingInner(gap)
    .paddingOuter(gap / 2);
  const middle = (index: number): number => (x(index) ?? 0) + x.bandwidth() / 2;
  const line = (at: number): string => `M${left} ${round(at)}H${round(right)}`;

  return {
    x,
    y,
    middle,
    draw: (below, over = []) =>
      writeSvg({
        width: look.width,
        height: look.height,
        font: look.font,
        fontSize: FONT_SIZE,
        ink: look.ink,
        shapes: [
          {
            d: ticks
              .slice(1)
              .map((tick) => line(y(tick)))
              .join(''),
            stroke: look.rule,
            width: 0.5,
          },
          ...below,
          { d: line(bottom), stroke: look.ink, width: 0.6 },
          ...over,
        ],
        labels: {
          end: values.map((text, at) => ({
            text,
            x: left - APART,
            y: y(ticks[at] ?? 0) + HALF_FIGURE * FONT_SIZE,
          })),
          middle: thinLabels(axes.labels, middle, x.step(), bottom + APART + FONT_SIZE * (0.5 + HALF_FIGURE), look),
        },
      }),
  };
}
