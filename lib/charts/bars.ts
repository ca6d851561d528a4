// Stacked bars: one for each category, one color for each series.
import { stack } from 'd3-shape';
import { type Axes, type Frame, type Look, makeFrame } from './frame.ts';
import { round } from './svg.ts';

export interface BarSeries {
  color: string;
  /** The color between a bar and its neighbors. */
  edge: string;
  /** One for each category, zero or more. */
  amounts: readonly number[];
}

/** More bars than this touch each other and have no edges: they are narrower than some points. */
const MANY = 100;
const EDGE = 0.5;

interface Bar {
  /** Left and right. */
  from: number;
  to: number;
  /** Lower and upper, downward as in SVG. */
  low: number;
  high: number;
}

const writeBar = ({ from, to, low, high }: Bar): string =>
  `M${round(from)} ${round(low)}H${round(to)}V${round(high)}H${round(from)}Z`;

/** Bars that touch, as one outline: up and down along their tops, and back along their feet. */
function writeOutline(bars: readonly Bar[]): string {
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return '';
  const tops = bars.map(({ to, high }) => `V${round(high)}H${round(to)}`);
  const feet = bars.toReversed().map(({ from, low }) => `V${round(low)}H${round(from)}`);
  return `M${round(first.from)} ${round(first.low)}${tops.join('')}${feet.join('')}Z`;
}

/** Bars in rows without a gap between them. */
function findRows(bars: readonly (Bar | undefined)[]): Bar[][] {
  const rows: Bar[][] = [[]];
  for (const bar of bars) {
    if (bar === undefined) rows.push([]);
    else rows.at(-1)?.push(bar);
  }
  return rows;
}

/** The bars of each series; undefined where there is nothing to show. */
function makeBars(series: readonly BarSeries[], { x, y, middle }: Frame, widest: number): (Bar | undefined)[][] {
  const width = Math.min(widest, x.bandwidth());
  const layers = stack<number, number>()
    .keys(series.keys())
    .value((index, key) => series[key]?.amounts[index] ?? 0)(x.domain());
  return layers.map((layer) =>
    layer.map(([low, high], index) =>
      low === high
        ? undefined
        : { from: middle(index) - width / 2, to: middle(index) + width / 2, low: y(low), high: y(high) },
    ),
  );
}

export interface BarOptions extends Axes {
  /** The part of a category that stays free next to a bar. */
  gap: number;
  /** Points that a bar takes at most. */
  widest?: number;
}

/** Nothing is drawn for zero: the edge of an empty bar would interrupt the axis. */
export function drawBars(series: readonly BarSeries[], options: BarOptions, look: Look): string {
  const { labels, gap, widest = Number.POSITIVE_INFINITY } = options;
  const sums = labels.map((_, index) => series.reduce((sum, { amounts }) => sum + (amounts[index] ?? 0), 0));
  const many = labels.length > MANY;
  const frame = makeFrame(options, look, Math.max(0, ...sums), many ? 0 : gap);
  const layers = makeBars(series, frame, widest);
  return frame.draw(
    series.map(({ color, edge }, key) => {
      const bars = layers[key] ?? [];
      if (many) return { d: findRows(bars).map(writeOutline).join(''), fill: color };
      const shown = bars.filter((bar) => bar !== undefined);
      return { d: shown.map(writeBar).join(''), fill: color, stroke: edge, width: EDGE };
    }),
  );
}
