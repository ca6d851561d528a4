// Vector charts as SVG, drawn without a browser. They hold no name from the database: legends and
// titles are text of the page.
import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Season } from '../season/index.ts';
import { axisLabel } from './labels.ts';
import { CHART_FONT } from './layout/fonts.ts';

use([BarChart, LineChart, GridComponent, SVGRenderer]);

/**
 * Neighbors in a stack differ in gray and for every kind of color blindness (CIE lightness about
 * 22, 46, 74, 57, 37). `unknown` comes last and is the lightest (90), so it differs from each of
 * them.
 */
const PALETTE = ['#14365d', '#b5482c', '#e2ab45', '#4f958b', '#6b4a7d'];
const REST = '#dde2e4';
const INK = '#4a5358';
const RULE = '#d9dee0';

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

/** What a chart never contains: markup that loads something. Text between tags is not looked at. */
const LOADS = /<\s*(image|script|use|foreignObject|iframe|style)\b|\b(xlink:\w+|href)\s*=|url\s*\(\s*['"]?(?!['"]?#)/i;

/** @returns the SVG unchanged. @throws when it could make pdfmake load a file or an address */
export function checkSvg(svg: string): string {
  if (LOADS.test(svg.replace(/>[^<]*</g, '><'))) throw new Error('a chart holds a reference and is not printed');
  return svg;
}

/** Markup that is only used when a pointer moves over the chart. */
const INTERACTIVE = /<style\b[\s\S]*?<\/style>| (?:class|pointer-events|ecmeta_\w+)="[^"]*"/g;
/**
 * Consecutive outlined paths that look the same: the bars of a class, the lines of the grid. Thin
 * bars without an outline would look different when joined.
 */
const ALIKE = /<path d="[^"]*"([^>]* stroke="[^>]*)><\/path>(?:\n<path d="[^"]*"\1><\/path>)+/g;

/** The same picture in fewer elements, because pdfmake parses and sets up each element twice. */
const joinPaths = (svg: string): string =>
  svg
    .replace(INTERACTIVE, '')
    .replace(
      ALIKE,
      (paths, look: string) =>
        `<path d="${Array.from(paths.matchAll(/ d="([^"]*)"/g), ([, d]) => d).join('')}"${look}></path>`,
    );

function draw(option: EChartsCoreOption, width: number, height: number): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: CHART_FONT, color: INK, fontSize: 8 }, ...option });
    return checkSvg(joinPaths(chart.renderToSVGString()));
  } finally {
    chart.dispose();
  }
}

const axes = (labels: string[], yMin: number, everyLabel: boolean, steps = 4) => ({
  grid: { left: 34, right: 4, top: 8, bottom: 20 },
  xAxis: {
    type: 'category',
    z: 5,
    data: labels,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: INK, width: 0.6 } },
    axisLabel: {
      color: INK,
      fontSize: 7.5,
      fontFamily: CHART_FONT,
      hideOverlap: true,
      interval: everyLabel ? 0 : 'auto',
    },
  },
  yAxis: {
    type: 'value',
    minInterval: yMin,
    splitNumber: steps,
    axisLabel: { color: INK, fontSize: 7.5, fontFamily: CHART_FONT },
    splitLine: { lineStyle: { color: RULE, width: 0.5 } },
  },
});

/** White between dark neighbors; the lightest color needs a dark line on white paper. */
const edge = (color: string): string => (color === REST ? INK : '#ffffff');

const stack = (series: readonly Series[], amounts: (classes: number[]) => number[], bars: number) =>
  series.map(({ color, classes }) => ({
    type: 'bar',
    stack: 'all',
    silent: true,
    emphasis: { disabled: true },
    barCategoryGap: bars > 100 ? '0%' : bars > 30 ? '15%' : '30%',
    itemStyle: { color, ...(bars > 100 ? {} : { borderColor: edge(color), borderWidth: 0.5 }) },
    // Nothing is drawn for zero: the white edge of an empty bar would interrupt the axis.
    data: amounts(classes).map((amount) => amount || '-'),
  }));

const total = (numbers: (number | undefined)[]): number => numbers.reduce<number>((a, b) => a + (b ?? 0), 0);

/** Stacked detections by class per bin. */
export function activityChart(season: Season, width: number, height: number): string {
  const { groupBy } = season.scope;
  return draw(
    {
      ...axes(
        season.bins.map((row) => axisLabel(row.bin, groupBy)),
        1,
        season.bins.length <= 14,
      ),
      series: stack(
        groupClasses(season),
        (classes) => season.bins.map((row) => total(classes.map((index) => row.byClass[index]?.detections))),
        season.bins.length,
      ),
    },
    width,
    height,
  );
}

/** Events per 100 trap nights per bin; the line is interrupted at a bin without effort. */
export function rateChart(season: Season, width: number, height: number): string {
  const { groupBy } = season.scope;
  const few = season.bins.length <= 60;
  return draw(
    {
      ...axes(
        season.bins.map((row) => axisLabel(row.bin, groupBy)),
        0,
        season.bins.length <= 14,
        2,
      ),
      series: [
        {
          type: 'line',
          silent: true,
          emphasis: { disabled: true },
          showSymbol: few,
          symbol: 'circle',
          symbolSize: 3.5,
          lineStyle: { color: PALETTE[0], width: few ? 1.2 : 0.7 },
          itemStyle: { color: PALETTE[0] },
          data: season.bins.map((row) => (row.per100 === null ? '-' : Math.round(row.per100 * 100) / 100)),
        },
      ],
    },
    width,
    height,
  );
}

/** Stacked detections by class per hour of the local day. */
export function hourChart(season: Season, width: number, height: number): string {
  return draw(
    {
      ...axes(
        Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0')),
        1,
        true,
      ),
      series: stack(
        groupClasses(season),
        (classes) =>
          Array.from({ length: 24 }, (_, hour) => total(classes.map((index) => season.hours[index]?.[hour]))),
        24,
      ),
    },
    width,
    height,
  );
}

/** The shapes that distinguish the periods of a comparison in color and in gray. */
export const MARKS = [
  { symbol: 'circle', glyph: '\u25CF', color: '#14365d' },
  { symbol: 'rect', glyph: '\u25A0', color: '#b5482c' },
  { symbol: 'triangle', glyph: '\u25B2', color: '#8a6a10' },
  { symbol: 'diamond', glyph: '\u25C6', color: '#4f958b' },
  { symbol: 'emptyCircle', glyph: '\u25CB', color: '#20282c' },
] as const;

/** Stacked rates by class, one bar per period; a period without effort has no bar. */
export function comparedRateChart(
  series: readonly { color: string; amounts: (number | null)[] }[],
  periods: string[],
  width: number,
  height: number,
): string {
  return draw(
    {
      ...axes(periods, 0, true),
      series: series.map(({ color, amounts }) => ({
        type: 'bar',
        stack: 'all',
        silent: true,
        emphasis: { disabled: true },
        barMaxWidth: 46,
        itemStyle: { color, borderColor: edge(color), borderWidth: 0.5 },
        data: amounts.map((amount) => (amount === null || amount === 0 ? '-' : Math.round(amount * 1e4) / 1e4)),
      })),
    },
    width,
    height,
  );
}

/** One line of 24 shares (in percent) per period; undefined for a period without detections. */
export function comparedHourChart(periods: readonly (number[] | undefined)[], width: number, height: number): string {
  return draw(
    {
      ...axes(
        Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0')),
        0,
        true,
      ),
      series: periods.flatMap((shares, index) => {
        const mark = MARKS[index];
        if (shares === undefined || mark === undefined) return [];
        return [
          {
            type: 'line',
            silent: true,
            emphasis: { disabled: true },
            symbol: mark.symbol,
            symbolSize: 5,
            lineStyle: { color: mark.color, width: 1 },
            itemStyle: { color: mark.color },
            data: shares.map((amount) => Math.round(amount * 100) / 100),
          },
        ];
      }),
    },
    width,
    height,
  );
}
