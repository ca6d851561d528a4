// What a report shows: a season, the period before it, and the periods of a comparison.
import type { Database, Queries } from '../../adapters/postgres.ts';
import { addDays, daysBetween } from '../../deer/calendar.ts';
import type { Selection } from '../shared/request.ts';
import { loadLocationCounts } from './activity.ts';
import type { EventsAndNights } from './change.ts';
import { countNights, loadSpans } from './effort.ts';
import { loadPictureSources, loadPlaces, type PictureSource } from './pictures.ts';
import { rememberLoaded } from './remembered.ts';
import { makeScope, nothingFound, type Scope } from './scope.ts';
import { ratePer100, readSeason, type Season } from './season.ts';

/** The period of equal length that ends the day before a season begins. */
export interface PreviousPeriod {
  start: string;
  end: string;
  detections: number;
  events: number;
  /** Events at known locations, which the rate is based on. */
  locatedEvents: number;
  nights: number;
  /** Events per 100 trap nights, null without effort. */
  per100: number | null;
  /** Events and trap nights by location. */
  byLocation: EventsAndNights[];
  /** Whether any effort is derived from images. */
  derivedEffort: boolean;
}

/** A named period with the same filters as the season; it may be empty. */
export interface ComparedPeriod {
  label: string;
  season: Season;
}

export interface SeasonReport {
  season: Season;
  /** undefined when it has neither effort nor detections. */
  previous: PreviousPeriod | undefined;
  /** In the order of the request; empty unless report_type is comparison. */
  compared: ComparedPeriod[];
  /**
   * By id of the deer, the best first: pictures of the deer with the most detections. Empty unless
   * they were asked for.
   */
  pictures: ReadonlyMap<string, readonly PictureSource[]>;
  /** Coordinates by id of the location. Empty unless they were asked for. */
  places: ReadonlyMap<string, unknown>;
}

/** Deer that a report shows at most, and pictures of each that are looked at. */
export const MOST_SHOWN = 60;
const MOST_PICTURES = 3;

/** The fields of a request that decide the numbers of a report. */
export interface ReportRequest extends Selection {
  report_type?: string;
  comparison_periods?: readonly { start_date: string; end_date: string; label: string }[];
  include_insights?: boolean;
  include_pictures?: boolean;
  include_map?: boolean;
}

/**
 * The period of as many days that ends the day before `scope` begins; undefined where it would
 * begin before the year 1.
 */
export function periodBefore(scope: Scope): Scope | undefined {
  if (scope.start < '0003') return undefined;
  const end = addDays(scope.start, -1);
  return { ...scope, start: addDays(end, -daysBetween(scope.start, scope.end)), end };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

async function loadPrevious(queries: Queries, scope: Scope): Promise<PreviousPeriod | undefined> {
  const counts = await loadLocationCounts(queries, scope);
  const spans = await loadSpans(queries, scope);
  const ids = new Set([...counts.map((row) => row.location_id), ...spans.map((span) => span.location_id)]);
  const eventsAt = new Map(counts.map((row) => [row.location_id, row.events]));
  const spansAt = Map.groupBy(spans, (span) => span.location_id as string | null);
  const byLocation = [...ids].map(
    (id): EventsAndNights => ({
      id,
      events: eventsAt.get(id) ?? 0,
      nights: sum((spansAt.get(id) ?? []).map((span) => countNights(span, scope.start, scope.end))),
    }),
  );
  const detections = sum(counts.map((row) => row.detections));
  const events = sum(counts.map((row) => row.events));
  const nights = sum(byLocation.map((row) => row.nights));
  if (detections === 0 && nights === 0) return undefined;
  const locatedEvents = sum(byLocation.map((row) => (row.id === null ? 0 : row.events)));
  return {
    start: scope.start,
    end: scope.end,
    detections,
    events,
    locatedEvents,
    nights,
    per100: ratePer100(locatedEvents, nights),
    byLocation,
    derivedEffort: spans.some((span) => span.derived),
  };
}

async function readReport(queries: Queries, scope: Scope, request: ReportRequest): Promise<SeasonReport> {
  const periods = request.report_type === 'comparison' ? (request.comparison_periods ?? []) : [];
  const season = await readSeason(queries, scope);
  const before = (request.include_insights ?? true) ? periodBefore(scope) : undefined;
  const previous = before === undefined ? undefined : await loadPrevious(queries, before);
  const compared: ComparedPeriod[] = [];
  for (const { start_date, end_date, label } of periods) {
    compared.push({ label, season: await readSeason(queries, { ...scope, start: start_date, end: end_date }) });
  }
  const isEmpty = ({ total, others }: Season): boolean => total.detections === 0 && others.length === 0;
  if ([season, ...compared.map((period) => period.season)].every(isEmpty)) throw nothingFound(scope.start, scope.end);
  const shown = (request.include_pictures ?? true) ? season.deer.slice(0, MOST_SHOWN).map(({ id }) => id) : [];
  const pictures = await loadPictureSources(queries, scope, shown, MOST_PICTURES);
  const located = (request.include_map ?? true) ? season.cameras.flatMap(({ id }) => id ?? []) : [];
  const places = await loadPlaces(queries, located);
  return { season, previous, compared, pictures, places };
}

/** What a report counts: deer only, unless the request names classes. */
export const makeReportScope = (request: Selection, timeZone: string, asOf: Date): Scope => ({
  ...makeScope(request, timeZone, asOf),
  deerOnly: !request.classifications?.length,
});

/** What else a report reads in its snapshot. */
export type ReadMore<T> = (queries: Queries, scope: Scope) => Promise<T>;

/**
 * Reads everything that a PDF report shows from one read-only snapshot. Without a class filter it
 * counts deer only. An empty period of a comparison has zeros, and so has an empty whole span.
 * @param asOf now, to the minute: jobs of one minute share what they read
 * @returns not to be changed
 * @throws Fault `invalid`: unknown names, or no detections in the whole span and in every period
 */
export const loadReport = (
  database: Database,
  request: ReportRequest,
  timeZone: string,
  asOf: Date,
): Promise<SeasonReport> =>
  loadReportWith(database, request, { timeZone, asOf }, async () => undefined).then(([report]) => report);

/** A report, and from the same snapshot what `more` reads. */
export function loadReportWith<T>(
  database: Database,
  request: ReportRequest,
  { timeZone, asOf }: Pick<Scope, 'timeZone' | 'asOf'>,
  more: ReadMore<T>,
): Promise<[SeasonReport, T]> {
  const minute = new Date(Math.floor(asOf.getTime() / 60_000) * 60_000);
  const scope = makeReportScope(request, timeZone, minute);
  const { report_type, comparison_periods, include_insights, include_pictures = true, include_map = true } = request;
  const parts = [include_insights, include_pictures, include_map];
  return database.read(async (queries) => [
    await rememberLoaded(database, queries, [scope, report_type, comparison_periods, ...parts], () =>
      readReport(queries, scope, request),
    ),
    await more(queries, scope),
  ]);
}
