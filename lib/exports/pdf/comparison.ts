// The comparison of named periods: sentences, charts and tables.
import type { Content } from 'pdfmake/interfaces.js';
import { daysBetween } from '../../deer/calendar.ts';
import { day, number } from '../../format.ts';
import { type ComparedPeriod, computeChange, type RatedTally, type Season } from '../season/index.ts';
import { formatChange } from './change-text.ts';
import { comparedHourChart, comparedRateChart, groupClasses, MARKS } from './charts.ts';
import { writeDifferences, writeWarnings } from './comparison-sentences.ts';
import { rate } from './labels.ts';
import { splitTable } from './layout/split-table.ts';
import { bullets, caption, type Heading, legend, picture, section, styles, WIDTH } from './layout/style.ts';
import { type Column, numeric, table } from './layout/table.ts';
import { measureText, printable } from './layout/typeset.ts';

/** Names of the periods under an axis: text of a request never goes into an SVG. */
const letter = (index: number): string => String.fromCharCode(65 + index);
const nameOfPeriod = (period: ComparedPeriod, index: number): string => `${letter(index)} ${period.label}`;

/** All classes of all periods: those of the whole span first, 'unknown' last. */
function listClasses(whole: Season, compared: readonly ComparedPeriod[]): string[] {
  const names = new Set(whole.classes);
  for (const { season } of compared) for (const name of season.classes) names.add(name);
  return [...names].sort((a, b) => Number(a === 'unknown') - Number(b === 'unknown'));
}

const classTotal = ({ season }: ComparedPeriod, name: string): RatedTally | undefined =>
  season.classTotals[season.classes.indexOf(name)];

/** Events per 100 trap nights of some classes in one period; null without effort. */
const rateOfClasses = (period: ComparedPeriod, classes: readonly string[]): number | null =>
  period.season.total.nights === 0
    ? null
    : classes.reduce((sum, name) => sum + (classTotal(period, name)?.per100 ?? 0), 0);

/** Shares of detections by hour in percent; undefined without detections. */
function hourShares({ season }: ComparedPeriod): number[] | undefined {
  if (season.total.detections === 0) return undefined;
  return Array.from(
    { length: 24 },
    (_, hour) => (100 * season.hours.reduce((sum, line) => sum + (line[hour] ?? 0), 0)) / season.total.detections,
  );
}

function charts(whole: Season, compared: readonly ComparedPeriod[]): Content[] {
  const classes = listClasses(whole, compared);
  const series = groupClasses({ classes });
  const rates = series.map(({ color, classes: indices }) => ({
    color,
    amounts: compared.map((period) =>
      rateOfClasses(
        period,
        indices.map((index) => classes[index] ?? ''),
      ),
    ),
  }));
  const periods = compared.map((period, index) => ({
    name: nameOfPeriod(period, index),
    color: MARKS[index]?.color ?? '',
    mark: MARKS[index]?.glyph ?? '',
  }));
  const letters = compared.map((_, index) => letter(index));
  return [
    {
      stack: [
        caption('Independent events per 100 trap nights by class and period', 10),
        legend(series),
        picture(comparedRateChart(rates, letters, WIDTH, 130), 130),
      ],
      unbreakable: true,
    },
    {
      stack: [
        caption(`Share of each period's detections by hour of day, in percent (${whole.scope.timeZone})`, 10),
        legend(periods),
        picture(comparedHourChart(compared.map(hourShares), WIDTH, 120), 120),
      ],
      unbreakable: true,
    },
  ];
}

function periodTable(compared: readonly ComparedPeriod[]): Content {
  const base = compared[0]?.season.cameras ?? [];
  return table(
    [
      { head: 'Period', width: '*' },
      { head: 'From', width: 48 },
      { head: 'To', width: 48 },
      ...['Days', 'Detections', 'Events', 'Known deer', 'Trap nights', 'Events / 100 TN', 'Change from A'].map(numeric),
    ],
    compared.map((period, index) => {
      const { scope, total, cameras } = period.season;
      return [
        nameOfPeriod(period, index),
        day(scope.start),
        day(scope.end),
        number(daysBetween(scope.start, scope.end) + 1),
        number(total.detections),
        number(total.events),
        number(total.individuals),
        number(total.nights, 1),
        rate(total.per100),
        index === 0 ? '' : formatChange(computeChange(cameras, base)),
      ];
    }),
    {
      text: 'Periods',
      lead: 'All periods use the same filters. "Change from A" compares events per 100 trap nights with the first period; its 95% interval is below it (see Notes).',
    },
  );
}

/** Cameras by name; images without a location come last. */
function listCameras(compared: readonly ComparedPeriod[]): string[] {
  const unlocated = new Map(
    compared.flatMap(({ season }) => season.cameras.map((camera) => [camera.name, camera.id === null] as const)),
  );
  return [...unlocated.keys()].sort((a, b) => Number(unlocated.get(a)) - Number(unlocated.get(b)) || (a < b ? -1 : 1));
}

type RateAndEvents = { events: number; per100: number | null };

/** `12.5 (3)`: the rate, and the events in parentheses. */
const formatRate = (row: RateAndEvents | undefined): string =>
  row === undefined ? '-' : `${rate(row.per100)} (${number(row.events)})`;

/** The same for a class: without an event in the period its rate is 0, or a dash without effort. */
const formatClassRate = (row: RateAndEvents | undefined, { season }: ComparedPeriod): string =>
  formatRate(row ?? { events: 0, per100: season.total.nights > 0 ? 0 : null });

/** Points that the columns of all periods may take together to hold their labels. */
const PERIODS_WIDTH = 300;

/** A table with a column for each period. */
function tableByPeriod(
  head: string,
  names: readonly string[],
  compared: readonly ComparedPeriod[],
  cell: (period: ComparedPeriod, name: string) => string,
  heading: Heading,
): Content[] {
  const columns = compared.map((period, index): Column => {
    const label = nameOfPeriod(period, index);
    // As wide as its label, if there is room for all of them; else the label wraps.
    const width = Math.min(PERIODS_WIDTH / compared.length, measureText(printable(label), styles.head.fontSize, true));
    return { head: label, width, number: true };
  });
  return splitTable(
    { head, width: '*' },
    columns,
    names.map((name) => [name, ...compared.map((period) => cell(period, name))]),
    { heading },
  );
}

function tables(whole: Season, compared: readonly ComparedPeriod[]): Content[] {
  const others = [...new Set(compared.flatMap(({ season }) => season.others.map((row) => row.name)))].sort();
  return [
    periodTable(compared),
    ...tableByPeriod(
      'Class',
      listClasses(whole, compared),
      compared,
      (period, name) => formatClassRate(classTotal(period, name), period),
      {
        text: 'Classes by period',
        lead: 'Events per 100 trap nights, with the number of independent events in parentheses.',
      },
    ),
    ...tableByPeriod(
      'Camera',
      listCameras(compared),
      compared,
      ({ season }, name) => formatRate(season.cameras.find((camera) => camera.name === name)),
      {
        text: 'Cameras by period',
        lead: 'Events per 100 trap nights of each camera, with its events in parentheses. A dash means no effort.',
      },
    ),
    ...(others.length === 0
      ? []
      : tableByPeriod(
          'Class',
          others,
          compared,
          (period, name) =>
            formatClassRate(
              period.season.others.find((row) => row.name === name),
              period,
            ),
          {
            text: 'Other animals by period',
            lead: 'Classes that are not deer: events per 100 trap nights, with the number of independent events in parentheses.',
          },
        )),
  ];
}

/** The part of a comparison report before the season of its whole span. */
export function comparisonSection(
  whole: Season,
  compared: readonly ComparedPeriod[],
  parts: { charts: boolean; tables: boolean; insights: boolean },
): Content[] {
  const labels = compared.map(
    (period, index) =>
      `${nameOfPeriod(period, index)} (${day(period.season.scope.start)} to ${day(period.season.scope.end)})`,
  );
  return [
    ...bullets(
      [...writeWarnings(compared), ...(parts.insights ? writeDifferences(compared) : [])],
      section('Comparison', `${labels.join('; ')}.`),
    ),
    ...(parts.charts ? charts(whole, compared) : []),
    ...(parts.tables ? tables(whole, compared) : []),
  ];
}
