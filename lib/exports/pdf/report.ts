// A season's report as a document: cover block, figures, insights, sections, provenance.
import type { Content, TDocumentDefinitions } from 'pdfmake/interfaces.js';
import { daysBetween } from '../../deer/calendar.ts';
import type { Report } from '../season/comparison.ts';
import type { Season } from '../season/index.ts';
import { comparisonSection } from './comparison.ts';
import { insightsOf } from './insights.ts';
import { bullets, defaultStyle, INK, MARGIN, RULE, styles, TINT, WIDTH } from './layout/style.ts';
import { hasNumbers, typeset } from './layout/typeset.ts';
import {
  activitySection,
  cameraSection,
  classSection,
  deerSection,
  hourSection,
  notesSection,
  otherSection,
} from './sections.ts';
import { count, day, moment, plural, rate } from './words.ts';

export interface ReportOptions {
  /** Printed as text, whatever it holds. */
  title?: string | undefined;
  createdAt: Date;
  charts: boolean;
  tables: boolean;
  insights: boolean;
}

const DEFAULT_TITLE = 'Deer activity report';

/**
 * What no font shows (control and format characters, lone surrogates) would vanish or break lines;
 * it becomes spaces.
 */
const plain = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029\ufffd]+/gu, ' ')
    .trim();

const periodOf = (season: Season): string =>
  season.scope.start === season.scope.end
    ? day(season.scope.start)
    : `${day(season.scope.start)} to ${day(season.scope.end)}`;

function figures(season: Season): Content {
  const { total } = season;
  const entries: [string, string][] = [
    [count(total.detections), season.others.length > 0 ? 'deer detections' : 'detections'],
    [count(total.events), 'independent events'],
    [count(total.individuals), 'known deer'],
    [count(total.nights, 1), season.derivedEffort ? 'trap nights \u2020' : 'trap nights'],
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

const insightBlock = ({ season, previous }: Report): Content[] =>
  bullets(insightsOf(season, previous), { text: 'In short', style: 'section', margin: [0, 12, 0, 4] });

/** Classes named in the line of other animals. */
const OTHERS_NAMED = 6;

/**
 * Other animals in one line, right below the figures that leave them out, whatever parts are left
 * out.
 */
function otherLine({ others }: Season): Content[] {
  if (others.length === 0) return [];
  const sum = (value: (row: Season['others'][number]) => number): number =>
    others.reduce((all, row) => all + value(row), 0);
  const named = others.slice(0, OTHERS_NAMED).map((row) => `${row.name} ${count(row.detections)}`);
  if (others.length > named.length) named.push(plural(others.length - named.length, 'more class', 'more classes'));
  const text = `Other animals, not included above: ${plural(
    sum((row) => row.detections),
    'detection',
  )} in ${plural(
    sum((row) => row.events),
    'independent event',
  )} (${named.join(', ')}).`;
  return [{ text, style: 'small', margin: [0, 3, 0, 0] }];
}

/** What a reader has to know before any number, whatever parts are left out. */
function warnings(season: Season): Content[] {
  const { scope, total, otherZones } = season;
  const said: string[] = [];
  if (otherZones.length > 0) {
    said.push(
      `Time zones differ: deployments are recorded in ${otherZones.join(', ')}, this report is made in ${scope.timeZone}, so its days and hours are those of ` +
        `${scope.timeZone} (TIME_ZONE sets that).`,
    );
  }
  if (total.detections === 0 && season.others.length > 0) {
    said.push(
      `No deer were detected between ${day(scope.start)} and ${day(scope.end)}. For charts of other animals, name their classes in the request (classifications).`,
    );
  } else if (total.detections === 0) {
    said.push(
      `No detections found between ${day(scope.start)} and ${day(scope.end)}, the whole span: only the periods of the comparison are shown.`,
    );
  }
  return said.length === 0 ? [] : [{ stack: bullets(said), margin: [0, 8, 0, 0] }];
}

function provenance(season: Season, options: ReportOptions): Content {
  const { scope, total, leftOut } = season;
  const cameras = season.cameras.filter((camera) => camera.id !== null).length;
  const rows: [string, string][] = [
    ['Period', `${periodOf(season)} (${plural(daysBetween(scope.start, scope.end) + 1, 'day')}), by ${scope.groupBy}`],
    ['Time zone', scope.timeZone],
    [
      'Classes',
      scope.classifications?.join(', ') ??
        (season.others.length > 0 ? 'deer; other animals have their own table' : 'all'),
    ],
    ['Cameras', scope.locations?.join(', ') ?? 'all'],
    ['Events', `independent after ${plural(scope.independenceMinutes, 'minute')}`],
    [
      'Data',
      `${plural(total.detections, season.others.length > 0 ? 'deer detection' : 'detection')} at ${plural(cameras, 'camera')}${total.first === '' ? '' : `, ${day(total.first.slice(0, 10))} to ${day(total.last.slice(0, 10))}`}`,
    ],
    [
      'Left out',
      `${plural(leftOut.invalid, 'detection')} marked as not valid, ${count(leftOut.duplicate)} marked as duplicate` +
        `${leftOut.nonAnimal > 0 ? `, ${count(leftOut.nonAnimal)} of no animal (person, vehicle, empty)` : ''}`,
    ],
    ['Made', moment(options.createdAt, scope.timeZone)],
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

const seasonSections = (season: Season, { charts, tables }: ReportOptions): Content[] => [
  ...(charts || tables ? activitySection(season, { charts, tables }) : []),
  ...(tables ? classSection(season) : []),
  ...(charts ? hourSection(season) : []),
  ...(tables ? [...cameraSection(season), ...deerSection(season), ...otherSection(season)] : []),
];

/** What there is to show of a season without deer. */
const deerlessSections = (season: Season, { tables }: ReportOptions): Content[] =>
  tables && season.others.length > 0 ? [...cameraSection(season), ...otherSection(season)] : [];

/** The content as it is printed, with a word on letters that could not be. */
function told(content: Content[]): Content {
  const printed = typeset(content);
  if (!hasNumbers(printed)) return printed;
  const note =
    'U+ and digits: a letter of a name that the typeface of this report does not have, by its Unicode number. A ZIP archive has every name as it is.';
  return [printed, { text: note, style: 'small', margin: [0, 6, 0, 0] }];
}

/**
 * Everything but the clock comes from `report`; equal reports and createdAt give equal documents.
 */
export function reportOf(report: Report, options: ReportOptions): TDocumentDefinitions {
  const { season, compared } = report;
  const title = plain(options.title ?? '') || DEFAULT_TITLE;
  const period = periodOf(season);
  const empty = season.total.detections === 0;
  const footer = title.length > 70 ? `${title.slice(0, 69)}\u2026` : title;
  return {
    pageSize: 'A4',
    pageMargins: [MARGIN.left, MARGIN.top, MARGIN.right, MARGIN.bottom],
    version: '1.7',
    language: 'en',
    displayTitle: true,
    info: {
      title: `${title}, ${period}`,
      subject: `Camera-trap detections by ${season.scope.groupBy}, ${season.scope.start} to ${season.scope.end}`,
      author: 'Hoofprint',
      creator: 'Hoofprint',
      producer: 'Hoofprint with pdfmake',
      keywords: 'camera trap, deer, independent events, trap nights',
      creationDate: options.createdAt,
      modDate: options.createdAt,
    },
    styles,
    defaultStyle,
    footer: (page: number, pages: number): Content =>
      typeset({
        columns: [
          { text: `${footer}  |  ${period}`, style: 'small', width: '*' },
          { text: `Page ${page} of ${pages}`, style: 'small', width: 80, alignment: 'right' },
        ],
        margin: [MARGIN.left, 18, MARGIN.right, 0],
      }),
    content: told([
      { text: `HOOFPRINT  |  CAMERA-TRAP ${compared.length > 0 ? 'COMPARISON' : 'SEASON'} REPORT`, style: 'eyebrow' },
      { text: title, style: 'title', margin: [0, 5, 0, 3] },
      { text: period, style: 'period' },
      { canvas: [{ type: 'line', x1: 0, y1: 8, x2: WIDTH, y2: 8, lineWidth: 0.8, lineColor: RULE }] },
      provenance(season, options),
      figures(season),
      ...otherLine(season),
      ...warnings(season),
      ...(options.insights && !empty ? insightBlock(report) : []),
      ...(compared.length > 0 ? comparisonSection(season, compared, options) : []),
      ...(empty ? deerlessSections(season, options) : seasonSections(season, options)),
      ...notesSection(season),
    ]),
  };
}
