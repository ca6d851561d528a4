// The top of a report: where its numbers come from, the main figures, and what a reader has to know
// before any number.
import type { Content } from 'pdfmake/interfaces.js';
import { daysBetween } from '../../deer/calendar.ts';
import { count, day, number } from '../../format.ts';
import type { Season } from '../season/index.ts';
import { moment, rate } from './labels.ts';
import { bullets, footnote, INK, TINT } from './layout/style.ts';

/** `1 Sep 2023 to 31 Jan 2024`. */
export const formatPeriod = ({ start, end }: Season['scope']): string =>
  start === end ? day(start) : `${day(start)} to ${day(end)}`;

/** What the detections of a season are called: other animals are listed separately. */
const detectionNoun = ({ others }: Season): string => (others.length > 0 ? 'deer detection' : 'detection');

/** The large figures in a row. */
export function keyFigures(season: Season): Content {
  const { total } = season;
  const entries: [string, string][] = [
    [number(total.detections), `${detectionNoun(season)}s`],
    [number(total.events), 'independent events'],
    [number(total.individuals), 'known deer'],
    [number(total.nights, 1), season.derivedEffort ? 'trap nights \u2020' : 'trap nights'],
    [rate(total.per100), 'events / 100 trap nights'],
  ];
  return {
    table: {
      widths: entries.map(() => '*'),
      body: [
        entries.map(([value, label]) => ({
          stack: [
            { text: value, style: 'figure' },
            { text: label, style: 'small' },
          ],
          fillColor: TINT,
        })),
      ],
    },
    layout: {
      hLineWidth: () => 0,
      vLineWidth: (line, node) => (line === 0 || line === node.table.widths?.length ? 0 : 4),
      vLineColor: () => '#ffffff',
      paddingLeft: () => 9,
      paddingRight: () => 4,
      paddingTop: () => 8,
      paddingBottom: () => 7,
    },
    margin: [0, 16, 0, 4],
  };
}

/** Classes named in the line of other animals. */
const OTHERS_NAMED = 6;

/** Other animals in one line below the figures that do not include them; part of every report. */
export function otherAnimalsLine({ others }: Season): Content[] {
  if (others.length === 0) return [];
  const detections = others.reduce((sum, row) => sum + row.detections, 0);
  const events = others.reduce((sum, row) => sum + row.events, 0);
  const named = others.slice(0, OTHERS_NAMED).map((row) => `${row.name} ${number(row.detections)}`);
  if (others.length > named.length) named.push(count(others.length - named.length, 'more class'));
  return [
    footnote(
      `Other animals, not included above: ${count(detections, 'detection')} in ${count(events, 'independent event')} (${named.join(', ')}).`,
    ),
  ];
}

/** What a reader has to know before any number; part of every report. */
export function warnings(season: Season): Content[] {
  const { scope, total, otherZones } = season;
  const period = `between ${day(scope.start)} and ${day(scope.end)}`;
  const lines: string[] = [];
  if (otherZones.length > 0) {
    lines.push(
      `Time zones differ: deployments are recorded in ${otherZones.join(', ')}, but this report uses ${scope.timeZone} for all days and hours (setting: TIME_ZONE).`,
    );
  }
  if (total.detections === 0 && season.others.length > 0) {
    lines.push(
      `No deer were detected ${period}. To chart other animals, name their classes in the request (classifications).`,
    );
  } else if (total.detections === 0) {
    lines.push(`No detections were found ${period}, the whole span. Only the periods of the comparison are shown.`);
  }
  return lines.length === 0 ? [] : [{ stack: bullets(lines), margin: [0, 8, 0, 0] }];
}

function formatLeftOut({ invalid, duplicate, nonAnimal }: Season['leftOut']): string {
  const others = nonAnimal > 0 ? `, ${number(nonAnimal)} not of an animal (person, vehicle, empty)` : '';
  return `${count(invalid, 'detection')} marked as not valid, ${number(duplicate)} marked as duplicate${others}`;
}

/** Period, filters and data of the report, in two columns. */
export function provenance(season: Season, createdAt: Date): Content {
  const { scope, total } = season;
  const cameras = season.cameras.filter((camera) => camera.id !== null).length;
  const days = count(daysBetween(scope.start, scope.end) + 1, 'day');
  const span = total.first === '' ? '' : `, ${day(total.first.slice(0, 10))} to ${day(total.last.slice(0, 10))}`;
  const rows: [string, string][] = [
    ['Period', `${formatPeriod(scope)} (${days}), by ${scope.groupBy}`],
    ['Time zone', scope.timeZone],
    [
      'Classes',
      scope.classifications?.join(', ') ??
        (season.others.length > 0 ? 'deer (other animals are listed separately)' : 'all'),
    ],
    ['Cameras', scope.locations?.join(', ') ?? 'all'],
    ['Events', `independent after ${count(scope.independenceMinutes, 'minute')}`],
    ['Data', `${count(total.detections, detectionNoun(season))} at ${count(cameras, 'camera')}${span}`],
    ['Left out', formatLeftOut(season.leftOut)],
    ['Created', moment(createdAt, scope.timeZone)],
  ];
  const half = Math.ceil(rows.length / 2);
  const column = (part: [string, string][]) => ({
    layout: 'noBorders',
    table: {
      widths: [46, '*'],
      body: part.map(([term, text]) => [
        { text: term, style: 'small', bold: true },
        { text, style: 'small', color: INK },
      ]),
    },
  });
  return {
    columns: [
      { ...column(rows.slice(0, half)), width: 232 },
      { ...column(rows.slice(half)), width: '*' },
    ],
    columnGap: 12,
    margin: [0, 14, 0, 0],
  };
}
