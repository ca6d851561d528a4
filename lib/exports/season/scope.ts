// Which detections an export is about: one definition in SQL for every number and every row.
import type { DecidedClasses } from '../../deer/classes.ts';
import { finalClass, isCounted } from '../../deer/detections.ts';
import { Fault } from '../../errors.ts';
import type { Selection } from '../shared/request.ts';
import type { GroupBy } from '../shared/rules.ts';

/**
 * A request's selection with its defaults; dates are calendar days in `timeZone`, both included.
 */
export interface Scope {
  start: string;
  end: string;
  timeZone: string;
  groupBy: GroupBy;
  independenceMinutes: number;
  /** Absent = all. */
  classifications: readonly string[] | undefined;
  locations: readonly string[] | undefined;
  /** Absent = all detections of the period; lower-case UUIDs. */
  ids: readonly string[] | undefined;
  /**
   * Only deer classes are counted, and other animals are listed separately (Season.others). Absent
   * = every animal is counted.
   */
  deerOnly?: boolean;
  /** Now: there is no effort after it. */
  asOf: Date;
}

export const DEFAULT_INDEPENDENCE_MINUTES = 30;

export function makeScope(selection: Selection, timeZone: string, asOf: Date, ids?: readonly string[]): Scope {
  return {
    start: selection.start_date,
    end: selection.end_date,
    timeZone,
    groupBy: selection.group_by,
    independenceMinutes: selection.independence_minutes ?? DEFAULT_INDEPENDENCE_MINUTES,
    classifications: selection.classifications?.length ? [...new Set(selection.classifications)] : undefined,
    locations: selection.locations?.length ? [...new Set(selection.locations)] : undefined,
    ids,
    asOf,
  };
}

/** A detection under the alias `d` that is counted. $7 classes that are not animals. */
export const COUNTS = isCounted('d', '$7');

/** SQL: the instant is in the period, whose last day is included. $1 start, $2 end, $3 zone. */
export const inPeriod = (column: string): string =>
  `${column} >= ($1::date)::timestamp AT TIME ZONE $3 AND ${column} < ($2::date + 1)::timestamp AT TIME ZONE $3`;

/**
 * CTE `found`: every detection that the request names, also those that are left out. $1 start, $2
 * end, $3 zone, $4 classes, $5 locations, $6 ids, $7 classes that are not animals. `counts` marks
 * those that are counted; `local` is local time in the zone, so that days and hours need no further
 * zone arithmetic. OFFSET 0 keeps the planner from deciding for every detection of the database
 * whether it is an animal before it looks at the period.
 */
export const FOUND = `found AS (
  SELECT d.id, d.image_id, d.deer_id, d.is_valid, d.is_duplicate, ${COUNTS} AS counts, i.timestamp AS at, i.timestamp AT TIME ZONE $3 AS local,
         i.location_id, ${finalClass('d')} AS class
  FROM detections d
  JOIN images i ON i.id = d.image_id
  LEFT JOIN locations l ON l.id = i.location_id
  WHERE ${inPeriod('i.timestamp')}
    AND ($4::text[] IS NULL OR ${finalClass('d')} = ANY ($4::text[]))
    AND ($5::text[] IS NULL OR l.name = ANY ($5::text[]))
    AND ($6::uuid[] IS NULL OR d.id = ANY ($6::uuid[]))
  OFFSET 0
)`;

/**
 * Classes of `found` that nobody has decided yet, for decideClasses. $8 those that are decided, as
 * JSON.
 */
export const UNDECIDED = 'SELECT DISTINCT class FROM found WHERE NOT ($8::jsonb ? class)';

/** $1 to $5 of FOUND. */
export const periodParams = (scope: Scope): unknown[] => [
  scope.start,
  scope.end,
  scope.timeZone,
  scope.classifications ?? null,
  scope.locations ?? null,
];

/** $1 to $7 of FOUND and $8 of UNDECIDED. */
export const foundParams = (scope: Scope, { nonAnimals, known }: DecidedClasses): unknown[] => [
  ...periodParams(scope),
  scope.ids ?? null,
  nonAnimals,
  known,
];

/** The failure of an export without content. */
export const nothingFound = (start: string, end: string): Fault =>
  new Fault('invalid', `No detections found between ${start} and ${end}`);

/**
 * SQL: the rows of a subquery as one JSON value, in their order. Several questions about one CTE
 * become one statement, which finds the rows once: a round trip and its planning cost the embedded
 * engine 1 to 2 ms, finding the detections of a month 8 ms.
 */
export const asRows = (sql: string): string => `(SELECT coalesce(json_agg(listed), '[]') FROM (${sql}) listed)`;
