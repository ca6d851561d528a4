// Vector charts as SVG, drawn without a browser. No name from the database enters them: legends and
// titles are the page's own text.
import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Season } from '../season/index.ts';
import { CHART_FONT } from './layout/fonts.ts';
import { tick } from './words.ts';

use([BarChart, LineChart, GridComponent, SVGRenderer]);

/**
 * From dark to light, so that neighbours in a stack differ in grey and for every kind of colour
 * blindness (CIE lightness about 22, 46, 74, 57, 37); what is unknown comes last and is lightest
 * (90), so that it differs from each of them.
 */
const PALETTE = ['#14365d', '#b5482c', '#e2ab45', '#4f958b', '#6b4a7d'];
const REST = '#dde2e4';
const INK = '#4a5358';
const RULE = '#d9dee0';

/** Classes drawn apart; smaller ones share a last series. */
export const DRAWN = 5;

export interface Series {
  name: string;
  color: string;
  /** Indices into Season.classes. */
  classes: number[];
}

/** At most six series: five classes and the rest; 'unknown' is always grey. */
export function seriesOf(season: Pick<Season, 'classes'>): Series[] {
  const known = season.classes.map((name, index) => ({ name, index })).filter((entry) => entry.name !== 'unknown');
  const unknown = season.classes.indexOf('unknown');
  const apart = known.slice(0, unknown < 0 && known.length === DRAWN ? DRAWN : DRAWN - 1);
  const series: Series[] = apart.map((entry, at) => ({
    name: entry.name,
    color: PALETTE[at] ?? REST,
    classes: [entry.index],
  }));
  const rest = known.slice(apart.length).map((entry) => entry.index);
  if (rest.length > 0)
    series.push({ name: `${rest.length} other classes`, color: PALETTE[DRAWN - 1] ?? REST, classes: rest });
  if (unknown >= 0) series.push({ name: 'unknown', color: REST, classes: [unknown] });
  return series;
}

/**
 * What an SVG of ours never holds: a way to load something. Text between tags is not looked at,
 * markup is.
 */
const LOADS = /<\s*(image|script|use|foreignObject|iframe|style)\b|\b(xlink:\w+|href)\s*=|url\s*\(\s*['"]?(?!['"]?#)/i;

/** @returns the SVG itself. @throws when it could make pdfmake load a file or an address. */
export function checkedSvg(svg: string): string {
  if (LOADS.test(svg.replace(/>[^<]*</g, '><'))) throw new Error('a chart holds a reference and is not printed');
  return svg;
}

/** What only a pointer over the chart would ask for. */
const IDLE = /<style\b[\s\S]*?<\/style>| (?:class|pointer-events|ecmeta_\w+)="[^"]*"/g;
/**
 * Outlined paths of one look, one after another: the bars of a class, the lines of the grid. Thin
 * bars without outline look different when joined.
 */
const ALIKE = /<path d="[^"]*"([^>]* stroke="[^>]*)><\/path>(?:\n<path d="[^"]*"\1><\/path>)+/g;

/**
 * The same picture in fewer elements, each of which pdfmake parses twice and sets up anew. Bars of
 * one class stand beside each other.
 */
const spare = (svg: string): string =>
  svg
    .replace(IDLE, '')
    .replace(
      ALIKE,
      (paths, look: string) =>
        `<path d="${Array.from(paths.matchAll(/ d="([^"]*)"/g), ([, d]) => d).join('')}"${look}></path>`,
    );

function draw(option: EChartsCoreOption, width: number, height: number): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: CHART_FONT, color: INK, fontSize: 8 }, ...option });
    return checkedSvg(spare(chart.renderToSVGString()));
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

/**
 * White between dark neighbours; the lightest would be lost on white paper without a line around
 * it.
 */
const edge = (color: string): string => (color === REST ? INK : '#ffffff');

const stack = (series: readonly Series[], amounts: (classes: number[]) => number[], bars: number) =>
  series.map((one) => ({
    type: 'bar',
    stack: 'all',
    silent: true,
    emphasis: { disabled: true },
    barCategoryGap: bars > 100 ? '0%' : bars > 30 ? '15%' : '30%',
    itemStyle: { color: one.color, ...(bars > 100 ? {} : { borderColor: edge(one.color), borderWidth: 0.5 }) },
    // Nothing is drawn for zero: the white edge of an empty bar would cut the axis.
    data: amounts(one.classes).map((amount) => amount || '-'),
  }));

const total = (numbers: (number | undefined)[]): number => numbers.reduce<number>((a, b) => a + (b ?? 0), 0);

/** Stacked detections by class per bin. */
export function activityChart(season: Season, width: number, height: number): string {
  const { groupBy } = season.scope;
  return draw(
    {
      ...axes(
        season.bins.map((row) => tick(row.bin, groupBy)),
        1,
        season.bins.length <= 14,
      ),
      series: stack(
        seriesOf(season),
        (classes) => season.bins.map((row) => total(classes.map((index) => row.byClass[index]?.detections))),
        season.bins.length,
      ),
    },
    width,
    height,
  );
}

/** Events per 100 trap nights per bin; a bin without effort is a hole in the line, not a zero. */
export function rateChart(season: Season, width: number, height: number): string {
  const { groupBy } = season.scope;
  const few = season.bins.length <= 60;
  return draw(
    {
      ...axes(
        season.bins.map((row) => tick(row.bin, groupBy)),
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
        seriesOf(season),
        (classes) =>
          Array.from({ length: 24 }, (_, hour) => total(classes.map((index) => season.hours[index]?.[hour]))),
        24,
      ),
    },
    width,
    height,
  );
}

/**
 * How the periods of a comparison are told apart in colour and in grey: by the shape of their
 * points.
 */
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
      series: series.map((one) => ({
        type: 'bar',
        stack: 'all',
        silent: true,
        emphasis: { disabled: true },
        barMaxWidth: 46,
        itemStyle: { color: one.color, borderColor: edge(one.color), borderWidth: 0.5 },
        data: one.amounts.map((amount) => (amount === null || amount === 0 ? '-' : Math.round(amount * 1e4) / 1e4)),
      })),
    },
    width,
    height,
  );
}

/** One line of 24 shares (percent) per period; undefined = a period without detections. */
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
