// Periods beside each other: the one just before a season, and those that a comparison report
// names.
import type { Database, Queries } from '../../adapters/postgres.ts';
import { addDays, daysBetween } from '../../deer/calendar.ts';
import type { Selection } from '../shared/request.ts';
import { countsOf } from './activity.ts';
import type { Share } from './change.ts';
import { nightsWithin, spansOf } from './effort.ts';
import { anySeasonIn, makeScope, nothingFound, type Season } from './index.ts';
import type { Scope } from './scope.ts';

/** The equally long period that ends the day before a season begins. */
export interface Previous {
  start: string;
  end: string;
  detections: number;
  events: number;
  /** Events at known places, of which the rate is. */
  placed: number;
  nights: number;
  /** Events per 100 trap nights, null without effort. */
  per100: number | null;
  /** Events and trap nights place by place. */
  shares: Share[];
  /** Some of its effort is derived from images. */
  derived: boolean;
}

/** A named period with the same filters as the season; it may be empty. */
export interface Compared {
  label: string;
  season: Season;
}

export interface Report {
  season: Season;
  /** undefined when nothing is known of it: neither effort nor detections. */
  previous: Previous | undefined;
  /** In the order of the request; empty unless report_type is comparison. */
  compared: Compared[];
}

/** What a report is asked for, as far as its numbers go. */
export interface ReportRequest extends Selection {
  report_type?: string;
  comparison_periods?: readonly { start_date: string; end_date: string; label: string }[];
  include_insights?: boolean;
}

/**
 * The period of as many days that ends the day before `scope` begins; undefined where it would
 * reach beyond the year 1.
 */
export function periodBefore(scope: Scope): Scope | undefined {
  if (scope.start < '0003') return undefined;
  const end = addDays(scope.start, -1);
  return { ...scope, start: addDays(end, -daysBetween(scope.start, scope.end)), end };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

async function previousOf(queries: Queries, scope: Scope): Promise<Previous | undefined> {
  const counts = await countsOf(queries, scope);
  const spans = await spansOf(queries, scope);
  const ids = new Set([...counts.map((row) => row.location_id), ...spans.map((span) => span.location_id)]);
  const eventsOf = new Map(counts.map((row) => [row.location_id, row.events]));
  const spansAt = Map.groupBy(spans, (span) => span.location_id as string | null);
  const shares = [...ids].map(
    (id): Share => ({
      id,
      events: eventsOf.get(id) ?? 0,
      nights: sum((spansAt.get(id) ?? []).map((span) => nightsWithin(span, scope.start, scope.end))),
    }),
  );
  const detections = sum(counts.map((row) => row.detections));
  const events = sum(counts.map((row) => row.events));
  const nights = sum(shares.map((share) => share.nights));
  if (detections === 0 && nights === 0) return undefined;
  const placed = sum(shares.map((share) => (share.id === null ? 0 : share.events)));
  const per100 = nights > 0 ? (100 * placed) / nights : null;
  return {
    start: scope.start,
    end: scope.end,
    detections,
    events,
    placed,
    nights,
    per100,
    shares,
    derived: spans.some((span) => span.derived),
  };
}

/**
 * Everything that a PDF report shows, from one read-only snapshot. Without a filter of classes it
 * is about deer. An empty period of a comparison is shown as zero, also the whole span.
 * @throws Fault `invalid`: unknown names, or nothing found in start_date to end_date and in no
 *   period.
 */
export function loadReport(database: Database, request: ReportRequest, timeZone: string, asOf: Date): Promise<Report> {
  const scope = { ...makeScope(request, timeZone, asOf), deerOnly: !request.classifications?.length };
  const periods = request.report_type === 'comparison' ? (request.comparison_periods ?? []) : [];
  return database.read(async (queries) => {
    const season = await anySeasonIn(queries, scope);
    const before = (request.include_insights ?? true) ? periodBefore(scope) : undefined;
    const previous = before === undefined ? undefined : await previousOf(queries, before);
    const compared: Compared[] = [];
    for (const { start_date, end_date, label } of periods) {
      compared.push({ label, season: await anySeasonIn(queries, { ...scope, start: start_date, end: end_date }) });
    }
    if (
      [season, ...compared.map((one) => one.season)].every(
        ({ total, others }) => total.detections === 0 && others.length === 0,
      )
    )
      throw nothingFound(scope.start, scope.end);
    return { season, previous, compared };
  });
}
