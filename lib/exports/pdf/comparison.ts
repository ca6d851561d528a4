// The comparison of named periods: rates beside rates, and unequal effort said before anything is
// compared.
import type { Content } from 'pdfmake/interfaces.js';
import { daysBetween } from '../../deer/calendar.ts';
import { type Change, changeOf } from '../season/change.ts';
import type { Compared } from '../season/comparison.ts';
import type { Season } from '../season/index.ts';
import { comparedHourChart, comparedRateChart, MARKS, type Series, seriesOf } from './charts.ts';
import { splitTable } from './layout/split-table.ts';
import { bullets, type Heading, legend, section, styles, WIDTH } from './layout/style.ts';
import { type Column, table } from './layout/table.ts';
import { printable, widthOf } from './layout/typeset.ts';
import { count, day, plural, rate, share } from './words.ts';

/** Names of the periods under the axis: their labels are the page's own text, not the chart's. */
const letter = (index: number): string => String.fromCharCode(65 + index);
const named = (one: Compared, index: number): string => `${letter(index)} ${one.label}`;
const quoted = (one: Compared): string => `"${one.label}"`;

/** Points that the columns of all periods take together at most for the sake of their labels. */
const PERIOD_MOST = 300;

const number = (head: string): Column => ({ head, width: 'auto', number: true });

/** Trap nights this far apart, as a share of the larger, make raw counts incomparable. */
const SAME_EFFORT = 0.01;

const percent = (ratio: number): string => {
  const change = 100 * (ratio - 1);
  return `${change > 0 ? '+' : ''}${change.toFixed(1)} %`;
};

/** Prints as 0.0 %. */
const isNothing = (ratio: number): boolean => Math.abs(ratio - 1) < 0.0005;
/** No camera speaks for a change in either direction: an interval would say nothing. */
const same = ({ ratio, interval }: Change): boolean =>
  isNothing(ratio) && (interval === undefined || interval.every(isNothing));

/** `+34.2 %`, below it `-3.1 to +85.9 %`; '-' when there is nothing to set it against. */
export function shortChange(change: Change | undefined): string {
  if (change === undefined) return '-';
  if (same(change)) return 'unchanged';
  const interval =
    change.interval && `\n${percent(change.interval[0]).replace(' %', '')} to ${percent(change.interval[1])}`;
  return `${percent(change.ratio)}${interval ?? ''}`;
}

/** The same with what it rests on, for a sentence; '' when there is nothing to set it against. */
export function toldChange(change: Change | undefined): string {
  if (change === undefined) return '';
  if (same(change)) return ' (unchanged)';
  const { ratio, interval, doubt, cameras } = change;
  if (interval === undefined) return ` (${percent(ratio)}${ratio === 0 ? '' : `; ${doubt}`})`;
  const [low, high] = interval;
  const verdict = low <= 1 && high >= 1 && !isNothing(ratio) ? ', so it may be chance' : '';
  return ` (${percent(ratio)}; 95 % interval ${percent(low)} to ${percent(high)} over ${plural(cameras, 'camera')}${verdict})`;
}

export const unequal = (a: number, b: number): boolean => Math.abs(a - b) > SAME_EFFORT * Math.max(a, b);

/** All classes of all periods, those of the whole first. */
function classesOf(whole: Season, compared: readonly Compared[]): string[] {
  const names = new Set(whole.classes);
  for (const { season } of compared) for (const name of season.classes) names.add(name);
  return [...names].sort((a, b) => Number(a === 'unknown') - Number(b === 'unknown'));
}

const totalsOf = (one: Compared, name: string) => one.season.classTotals[one.season.classes.indexOf(name)];

/** Events per 100 trap nights of some classes in one period; null without effort. */
function ratesOf(one: Compared, classes: readonly string[]): number | null {
  if (one.season.total.nights === 0) return null;
  return classes.reduce((sum, name) => sum + (totalsOf(one, name)?.per100 ?? 0), 0);
}

/** What the comparison says in sentences, each with its numbers; empty periods are told as such. */
export function comparisonSentences(compared: readonly Compared[]): string[] {
  const said: string[] = [];
  const [first, ...others] = compared;
  if (first === undefined) return said;
  const base = first.season.total;
  for (const one of others) {
    const { total } = one.season;
    if (total.per100 === null || base.per100 === null) {
      const silent = total.per100 === null ? one : first;
      said.push(
        `${quoted(one)} cannot be compared with ${quoted(first)}: no camera effort is known for ${quoted(silent)}.`,
      );
      continue;
    }
    said.push(
      `${quoted(one)} has ${rate(total.per100)} events per 100 trap nights, ${quoted(first)} ${rate(base.per100)}` +
        `${toldChange(changeOf(one.season.cameras, first.season.cameras))}: ${plural(total.placed, 'event')} in ${count(total.nights, 1)} trap nights against ` +
        `${count(base.placed)} in ${count(base.nights, 1)}.`,
    );
  }
  for (const one of others) {
    const known = new Set(first.season.deer.map((deer) => deer.id));
    const again = one.season.deer.filter((deer) => known.has(deer.id)).length;
    if (known.size > 0 && one.season.deer.length > 0) {
      said.push(
        `Of ${plural(known.size, 'known deer', 'known deer')} in ${quoted(first)}, ${count(again)} (${share(again, known.size)}) ` +
          `${again === 1 ? 'is' : 'are'} also among the ${count(one.season.deer.length)} of ${quoted(one)}.`,
      );
    }
  }
  return said;
}

/** Pairs of periods that share days: what lies in them is on both sides of the comparison. */
function overlaps(compared: readonly Compared[]): string[] {
  return compared.flatMap((one, index) =>
    compared.slice(index + 1).flatMap((other) => {
      const [a, b] = [one.season.scope, other.season.scope];
      const [start, end] = [[a.start, b.start].sort()[1] as string, [a.end, b.end].sort()[0] as string];
      if (start > end) return [];
      if (a.start === b.start && a.end === b.end)
        return [`${quoted(one)} and ${quoted(other)} are the same days: there is nothing to compare.`];
      const days = plural(daysBetween(start, end) + 1, 'day');
      return [
        `${quoted(one)} and ${quoted(other)} overlap by ${days} (${day(start)} to ${day(end)}): what lies there counts in both.`,
      ];
    }),
  );
}

/**
 * Why counts do not compare by themselves; empty when effort and cameras are the same. Printed
 * whatever parts are left out.
 */
export function comparisonWarnings(compared: readonly Compared[]): string[] {
  const warned: string[] = overlaps(compared);
  const nights = compared.map((one) => one.season.total.nights);
  if (unequal(Math.min(...nights), Math.max(...nights))) {
    const listed = compared.map((one) => `${quoted(one)} ${count(one.season.total.nights, 1)}`).join(', ');
    warned.push(
      `Effort is unequal (trap nights: ${listed}). Counts of detections, events and known deer do not compare; events per 100 trap nights do.`,
    );
  }
  const stood = compared.map(
    (one) => new Set(one.season.cameras.filter((camera) => camera.nights > 0).map((camera) => camera.name)),
  );
  const all = [...new Set(stood.flatMap((names) => [...names]))].sort();
  const partly = all.filter((name) => stood.some((names) => names.size > 0 && !names.has(name)));
  if (partly.length > 0) {
    const shown = partly.slice(0, 6).join(', ');
    warned.push(
      `${plural(partly.length, 'camera')} of ${count(all.length)} stood in only some of the periods (${shown}${partly.length > 6 ? ', ...' : ''}): ` +
        `a difference may be one of places.`,
    );
  }
  if (compared.some((one) => one.season.derivedEffort)) {
    warned.push(
      'Some effort is derived from first and last images, because no deployment is recorded: rates built on it are rough.',
    );
  }
  for (const { label, season } of compared) {
    if (season.total.detections === 0)
      warned.push(`No detections${season.others.length > 0 ? ' of deer' : ''} found in "${label}".`);
  }
  return warned;
}

const caption = (text: string): Content => ({ text, bold: true, fontSize: 8.5, margin: [0, 10, 0, 2] });

function charts(whole: Season, compared: readonly Compared[]): Content[] {
  const classes = classesOf(whole, compared);
  const series = seriesOf({ classes });
  const amounts = (one: Series): (number | null)[] =>
    compared.map((period) =>
      ratesOf(
        period,
        one.classes.map((index) => classes[index] ?? ''),
      ),
    );
  const key: Content = {
    text: compared.flatMap((one, index) => [
      { text: `${MARKS[index]?.glyph ?? ''}\u00A0`, color: MARKS[index]?.color ?? '', fontSize: 10 },
      { text: `${named(one, index)}      `, fontSize: 8 },
    ]),
    margin: [34, 0, 0, 2],
  };
  const hours = compared.map(({ season }) => {
    const sums = Array.from({ length: 24 }, (_, hour) =>
      season.hours.reduce((sum, line) => sum + (line[hour] ?? 0), 0),
    );
    return season.total.detections === 0 ? undefined : sums.map((sum) => (100 * sum) / season.total.detections);
  });
  return [
    {
      stack: [
        caption('Independent events per 100 trap nights by class, period by period'),
        legend(series),
        {
          svg: comparedRateChart(
            series.map((one) => ({ color: one.color, amounts: amounts(one) })),
            compared.map((_, at) => letter(at)),
            WIDTH,
            130,
          ),
          width: WIDTH,
          height: 130,
        },
      ],
      unbreakable: true,
    },
    {
      stack: [
        caption(`Share of each period's detections by hour of day, percent (${whole.scope.timeZone})`),
        key,
        { svg: comparedHourChart(hours, WIDTH, 120), width: WIDTH, height: 120 },
      ],
      unbreakable: true,
    },
  ];
}

/** Names of cameras by the alphabet; images without a location come last, as everywhere. */
function camerasOf(compared: readonly Compared[]): string[] {
  const nowhere = new Map(
    compared.flatMap((one) => one.season.cameras.map((camera) => [camera.name, camera.id === null] as const)),
  );
  return [...nowhere.keys()].sort((a, b) => Number(nowhere.get(a)) - Number(nowhere.get(b)) || (a < b ? -1 : 1));
}

function tables(whole: Season, compared: readonly Compared[]): Content[] {
  const base = compared[0]?.season.cameras ?? [];
  const cell = (row: { events: number; per100: number | null } | undefined): string =>
    row === undefined ? '-' : `${rate(row.per100)} (${count(row.events)})`;
  const others = [...new Set(compared.flatMap((one) => one.season.others.map((row) => row.name)))].sort();
  const columns = compared.map((one, index): Column => {
    const head = named(one, index);
    // As wide as its label, if there is room for all of them; else the label wraps.
    return {
      head,
      width: Math.min(PERIOD_MOST / compared.length, widthOf(printable(head), styles.head.fontSize, true)),
      number: true,
    };
  });
  const byPeriod = (
    head: string,
    names: readonly string[],
    of: (one: Compared, name: string) => string,
    heading: Heading,
  ): Content[] =>
    splitTable(
      { head, width: '*' },
      columns,
      names.map((name) => [name, ...compared.map((one) => of(one, name))]),
      { heading },
    );
  const seen = (one: Compared, row: { events: number; per100: number | null } | undefined): string =>
    cell(row ?? { events: 0, per100: one.season.total.nights > 0 ? 0 : null });
  return [
    table(
      [
        { head: 'Period', width: '*' },
        { head: 'From', width: 48 },
        { head: 'To', width: 48 },
        ...['Days', 'Detections', 'Events', 'Known deer', 'Trap nights', 'Events / 100 TN', 'Against A'].map(number),
      ],
      compared.map((one, index) => {
        const { scope, total } = one.season;
        return [
          named(one, index),
          day(scope.start),
          day(scope.end),
          count(daysBetween(scope.start, scope.end) + 1),
          count(total.detections),
          count(total.events),
          count(total.individuals),
          count(total.nights, 1),
          rate(total.per100),
          index === 0 ? '' : shortChange(changeOf(one.season.cameras, base)),
        ];
      }),
      {
        text: 'Periods',
        lead: 'Each with the same filters. "Against A" is the change of events per 100 trap nights against the first period, below it its 95 % interval (see Notes).',
      },
    ),
    ...byPeriod('Class', classesOf(whole, compared), (one, name) => seen(one, totalsOf(one, name)), {
      text: 'Classes by period',
      lead: 'Events per 100 trap nights, with the number of independent events in brackets.',
    }),
    ...byPeriod(
      'Camera',
      camerasOf(compared),
      (one, name) => cell(one.season.cameras.find((camera) => camera.name === name)),
      {
        text: 'Cameras by period',
        lead: 'Events per 100 trap nights of the camera, with its events in brackets; a dash where it had no effort.',
      },
    ),
    ...(others.length === 0
      ? []
      : byPeriod(
          'Class',
          others,
          (one, name) =>
            seen(
              one,
              one.season.others.find((row) => row.name === name),
            ),
          {
            text: 'Other animals by period',
            lead: 'Classes that are not deer: events per 100 trap nights, with the number of independent events in brackets.',
          },
        )),
  ];
}

/** The part that a comparison report has before the season of its whole span. */
export function comparisonSection(
  whole: Season,
  compared: readonly Compared[],
  parts: { charts: boolean; tables: boolean; insights: boolean },
): Content[] {
  const labels = compared.map(
    (one, index) => `${named(one, index)} (${day(one.season.scope.start)} to ${day(one.season.scope.end)})`,
  );
  return [
    ...bullets(
      [...comparisonWarnings(compared), ...(parts.insights ? comparisonSentences(compared) : [])],
      section('Comparison', `${labels.join('; ')}.`),
    ),
    ...(parts.charts ? charts(whole, compared) : []),
    ...(parts.tables ? tables(whole, compared) : []),
  ];
}
