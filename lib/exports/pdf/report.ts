// A season's report as a document: the top, key findings, sections and notes.
import type { Content, TDocumentDefinitions } from 'pdfmake/interfaces.js';
import type { Locator } from '../../deer/coordinates.ts';
import type { Season, SeasonReport } from '../season/index.ts';
import { activitySection, classSection, hourSection } from './activity.ts';
import { cameraSection } from './cameras.ts';
import { comparisonSection } from './comparison.ts';
import { formatPeriod, keyFigures, otherAnimalsLine, provenance, warnings } from './cover.ts';
import { deerSection, otherAnimalsSection } from './deer.ts';
import type { Face } from './faces.ts';
import { writeInsights } from './insights.ts';
import { bullets, defaultStyle, MARGIN, RULE, styles, WIDTH } from './layout/style.ts';
import { type Seen, typeset } from './layout/typeset.ts';
import { mapSection } from './map.ts';
import { notesSection } from './notes.ts';
import { surveySection } from './survey.ts';
import type { Surveyed } from './survey-read.ts';
import { whoSection } from './who.ts';

export interface ReportOptions {
  /** Printed as text, whatever it contains. */
  title?: string | undefined;
  createdAt: Date;
  charts: boolean;
  tables: boolean;
  insights: boolean;
  /** Pictures by id of the deer; absent = the report has no section with them. */
  faces?: ReadonlyMap<string, Face> | undefined;
  /** How coordinates may be shown on a map; absent = there is none. */
  map?: Locator | undefined;
  /** Absent: the report has no survey. */
  survey?: Surveyed | undefined;
}

const DEFAULT_TITLE = 'Deer activity report';

/** Spaces instead of what no font shows: control and format characters, lone surrogates. */
const plain = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029\ufffd]+/gu, ' ')
    .trim();

const insightSection = ({ season, previous }: SeasonReport): Content[] =>
  bullets(writeInsights(season, previous), { text: 'Key findings', style: 'section', margin: [0, 12, 0, 4] });

const seasonSections = (report: SeasonReport, { charts, tables, faces, map }: ReportOptions): Content[] => {
  const { season } = report;
  return [
    ...(charts || tables ? activitySection(season, { charts, tables }) : []),
    ...(tables ? classSection(season) : []),
    ...(charts ? hourSection(season) : []),
    ...(map ? mapSection(report, map) : []),
    ...(tables ? cameraSection(season) : []),
    ...(faces ? whoSection(season, faces) : []),
    ...(tables ? [...deerSection(season), ...otherAnimalsSection(season)] : []),
  ];
};

/** What there is to show of a season without deer. */
const deerlessSections = (season: Season, { tables }: ReportOptions): Content[] =>
  tables && season.others.length > 0 ? [...cameraSection(season), ...otherAnimalsSection(season)] : [];

/** Typesets the content, and adds a note where letters are shown by their number. */
function typesetWithNote(content: Content[]): Content {
  const seen: Seen = { numbers: false };
  const printed = typeset(content, seen);
  if (!seen.numbers) return printed;
  const note =
    "U+ followed by digits is the Unicode number of a letter that this report's typeface does not have. A ZIP archive has all names unchanged.";
  return [printed, { text: note, style: 'small', margin: [0, 6, 0, 0] }];
}

/** @returns a document that depends on its arguments alone: equal arguments give equal bytes */
export function buildDocument(report: SeasonReport, options: ReportOptions): TDocumentDefinitions {
  const { season, compared } = report;
  const title = plain(options.title ?? '') || DEFAULT_TITLE;
  const period = formatPeriod(season.scope);
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
    content: typesetWithNote([
      { text: `HOOFPRINT  |  CAMERA-TRAP ${compared.length > 0 ? 'COMPARISON' : 'SEASON'} REPORT`, style: 'eyebrow' },
      { text: title, style: 'title', margin: [0, 5, 0, 3] },
      { text: period, style: 'period' },
      { canvas: [{ type: 'line', x1: 0, y1: 8, x2: WIDTH, y2: 8, lineWidth: 0.8, lineColor: RULE }] },
      provenance(season, options.createdAt),
      keyFigures(season),
      ...otherAnimalsLine(season),
      ...warnings(season),
      ...(options.insights && !empty ? insightSection(report) : []),
      ...(compared.length > 0 ? comparisonSection(season, compared, options) : []),
      ...(empty ? deerlessSections(season, options) : seasonSections(report, options)),
      ...(options.survey === undefined ? [] : surveySection(options.survey, options)),
      ...notesSection(season),
    ]),
  };
}
