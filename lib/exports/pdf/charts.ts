// The charts of a report as SVG. They hold no name from the database: legends and titles are text
// of the page.
import { type BarSeries, drawBars, drawLines, type Look, type Mark } from '../../charts/index.ts';
import type { Season } from '../season/index.ts';
import { axisLabel } from './labels.ts';
import { CHART_FONT, faces } from './layout/fonts.ts';

/**
 * Neighbors in a stack differ in gray and for every kind of color blindness (CIE lightness about
 * 22, 46, 74, 57, 37). `unknown` comes last and is the lightest (90), so it differs from each of
 * them.
 */
const PALETTE = ['#14365d', '#b5482c', '#e2ab45', '#4f958b', '#6b4a7d'];
const REST = '#dde2e4';
const INK = '#4a5358';
const RULE = '#d9dee0';

/** Light enough for a number on it, and dark enough for gray. */
export const MAP_COLORS = { fill: '#b7c8da', line: '#14365d' };

/** Classes with a series; smaller classes share the last one. */
const DRAWN = 5;

export interface Series {
  name: string;
  color: string;
  /** Indices into Season.classes. */
  classes: number[];
}

/**
 * Classes for a chart, at most six series: the largest classes, the rest, and 'unknown' in gray.
 */
export function groupClasses(season: Pick<Season, 'classes'>): Series[] {
  const known = season.classes.map((name, index) => ({ name, index })).filter((entry) => entry.name !== 'unknown');
  const unknown = season.classes.indexOf('unknown');
  const drawn = known.slice(0, unknown < 0 && known.length === DRAWN ? DRAWN : DRAWN - 1);
  const series: Series[] = drawn.map((entry, at) => ({
    name: entry.name,
    color: PALETTE[at] ?? REST,
    classes: [entry.index],
  }));
  const rest = known.slice(drawn.length).map((entry) => entry.index);
  if (rest.length > 0)
    series.push({ name: `${rest.length} other classes`, color: PALETTE[DRAWN - 1] ?? REST, classes: rest });
  if (unknown >= 0) series.push({ name: 'unknown', color: REST, classes: [unknown] });
  return series;
}

export const look = (width: number, height: number): Look => ({
  width,
  height,
  font: CHART_FONT,
  measure: (text) => faces().regular.width(text),
  ink: INK,
  rule: RULE,
});

/** White between dark neighbors; the lightest color needs a dark line on white paper. */
const edge = (color: string): string => (color === REST ? INK : '#ffffff');

const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));

const axisLabels = ({ bins, scope }: Season): string[] => bins.map((row) => axisLabel(row.bin, scope.groupBy));

/** The amounts of each series: those of its classes together. */
const addClasses = (season: Season, bars: number, amount: (index: number, bar: number) => number): BarSeries[] =>
  groupClasses(season).map(({ color, classes }) => ({
    color,
    edge: edge(color),
    amounts: Array.from({ length: bars }, (_, bar) => classes.reduce((sum, index) => sum + amount(index, bar), 0)),
  }));

/** Stacked detections by class per bin. */
export const activityChart = (season: Season, width: number, height: number): string =>
  drawBars(
    addClasses(season, season.bins.length, (index, bar) => season.bins[bar]?.byClass[index]?.detections ?? 0),
    { labels: axisLabels(season), intervals: 4, counts: true, gap: season.bins.length > 30 ? 0.15 : 0.3 },
    look(width, height),
  );

/** Events per 100 trap nights per bin; the line is interrupted at a bin without effort. */
export function rateChart(season: Season, width: number, height: number): string {
  const few = season.bins.length <= 60;
  return drawLines(
    [
      {
        color: PALETTE[0] ?? INK,
        width: few ? 1.2 : 0.7,
        amounts: season.bins.map((row) => row.per100),
        ...(few ? { mark: { outline: 'circle', size: 3.5 } } : {}),
      },
    ],
    { labels: axisLabels(season), intervals: 2 },
    look(width, height),
  );
}

/** Stacked detections by class per hour of the local day. */
export const hourChart = (season: Season, width: number, height: number): string =>
  drawBars(
    addClasses(season, HOURS.length, (index, hour) => season.hours[index]?.[hour] ?? 0),
    { labels: HOURS, intervals: 4, counts: true, gap: 0.3 },
    look(width, height),
  );

/** The shapes that distinguish the periods of a comparison in color and in gray. */
export const MARKS: readonly (Omit<Mark, 'size'> & { glyph: string; color: string })[] = [
  { outline: 'circle', glyph: '\u25CF', color: '#14365d' },
  { outline: 'square', glyph: '\u25A0', color: '#b5482c' },
  { outline: 'triangle', glyph: '\u25B2', color: '#8a6a10' },
  { outline: 'diamond', glyph: '\u25C6', color: '#4f958b' },
  { outline: 'circle', hollow: true, glyph: '\u25CB', color: '#20282c' },
];

/** Stacked rates by class, one bar per period; a period without effort has no bar. */
export const comparedRateChart = (
  series: readonly { color: string; amounts: (number | null)[] }[],
  periods: string[],
  width: number,
  height: number,
): string =>
  drawBars(
    series.map(({ color, amounts }) => ({ color, edge: edge(color), amounts: amounts.map((amount) => amount ?? 0) })),
    { labels: periods, intervals: 4, gap: 0.2, widest: 46 },
    look(width, height),
  );

/** One line of 24 shares (in percent) per period; undefined for a period without detections. */
export const comparedHourChart = (periods: readonly (number[] | undefined)[], width: number, height: number): string =>
  drawLines(
    periods.flatMap((amounts, index) => {
      const mark = MARKS[index];
      return amounts === undefined || mark === undefined
        ? []
        : [{ color: mark.color, width: 1, amounts, mark: { ...mark, size: 5 } }];
    }),
    { labels: HOURS, intervals: 4 },
    look(width, height),
  );
