// Detections, independent events and individuals, counted by PostgreSQL in every grouping that an
// export shows.
import type { Queries } from '../../adapters/postgres.ts';
import { decideClasses } from '../../deer/classes.ts';
import { isAccepted, isDuplicate, isValid } from '../../deer/detections.ts';
import { makeShortNames } from '../../deer/short-names.ts';
import { hasDeployments } from './effort.ts';
import { asRows, FOUND, foundParams, type Scope, UNDECIDED } from './scope.ts';

export interface Tally {
  detections: number;
  /** Independent events; each counts in the bin and hour of its first detection. */
  events: number;
  /** Independent events at a known location: only these have effort, so rates use these alone. */
  locatedEvents: number;
  /** Different known deer. */
  individuals: number;
}

/** A class that is not a deer class, where only deer are counted. */
export interface OtherTally {
  name: string;
  detections: number;
  events: number;
  locatedEvents: number;
  /** Different locations. */
  cameras: number;
  /** Detections that are assigned to a known deer, which their class contradicts. */
  assigned: number;
  first: string;
  last: string;
}

/** A row of one grouping set; columns that it does not group by are null. */
interface GroupTally extends Tally {
  level: 'all' | 'class' | 'bin' | 'bin-class' | 'location' | 'hour-class';
  class: string | null;
  floor: string | null;
  location_id: string | null;
  hour: number | null;
  assigned: number;
  first: string;
  last: string;
}

export interface DeerTally {
  id: string;
  /** As stored in the database. */
  name: string | null;
  /** How a page names it: the name, or a short id. */
  label: string;
  sex: string;
  detections: number;
  events: number;
  locations: number;
  days: number;
  first: string;
  last: string;
}

/** CTE `deer_classes`: which of the decided classes ($8) are deer classes. */
export const DEER_CLASSES = `deer_classes AS MATERIALIZED (
  SELECT key AS class FROM jsonb_each($8::jsonb) WHERE value = 'true'
)`;

/** Rows of `found` that a season counts; the other rows that count are other animals. */
export const isInSeason = ({ deerOnly }: Scope): string =>
  deerOnly === true ? 'counts AND class IN (SELECT class FROM deer_classes)' : 'counts';

export const opensEvent = (key: string): string =>
  `coalesce(at - lag(at) OVER (PARTITION BY ${key}, location_id ORDER BY at, id) >= $9::float8 * interval '1 minute', true) AS opens`;

/**
 * CTE `in_season`: the detections that a season counts. $9 minutes. A detection opens a new event
 * when the previous one of its class at its camera is at least that long ago; a shorter time joins
 * the event, so an event may be longer than the limit. With 0 minutes every detection is an event.
 * Only detections inside the request are considered.
 */
export const inSeason = (scope: Scope): string => `${DEER_CLASSES}, in_season AS MATERIALIZED (
  SELECT id, image_id, deer_id, location_id, class, at, local, ${opensEvent('class')} FROM found WHERE ${isInSeason(scope)}
)`;

const OTHERS = `SELECT class AS name, count(*) AS detections, count(*) FILTER (WHERE opens) AS events,
       count(*) FILTER (WHERE opens AND location_id IS NOT NULL) AS "locatedEvents", count(DISTINCT location_id) AS cameras, count(deer_id) AS assigned,
       to_char(min(local), 'YYYY-MM-DD HH24:MI') AS first, to_char(max(local), 'YYYY-MM-DD HH24:MI') AS last
FROM (
  SELECT class, location_id, local, deer_id, ${opensEvent('class')} FROM found WHERE counts AND class NOT IN (SELECT class FROM deer_classes)
) other GROUP BY class ORDER BY detections DESC, class`;

const TALLY = `count(*) AS detections, count(*) FILTER (WHERE opens) AS events,
  count(*) FILTER (WHERE opens AND location_id IS NOT NULL) AS "locatedEvents", count(DISTINCT deer_id) AS individuals`;

/** $10 group_by. */
const GROUPS = `SELECT CASE grouping(bin, class, location_id, hour)
         WHEN 15 THEN 'all' WHEN 11 THEN 'class' WHEN 7 THEN 'bin' WHEN 3 THEN 'bin-class' WHEN 13 THEN 'location' WHEN 10 THEN 'hour-class' END AS level,
       class, bin::text AS floor, location_id, hour, ${TALLY}, count(deer_id) AS assigned,
       to_char(min(local), 'YYYY-MM-DD HH24:MI') AS first, to_char(max(local), 'YYYY-MM-DD HH24:MI') AS last
FROM (SELECT *, date_trunc($10, local)::date AS bin, extract(hour FROM local)::int AS hour FROM in_season) binned
GROUP BY GROUPING SETS ((), (class), (bin), (bin, class), (location_id), (hour, class))`;

/**
 * Events of each deer: its detections at one camera by the same limit, whatever their classes.
 */
const deerTallies = (scope: Scope): string => `SELECT k.deer_id AS id, d.name, coalesce(d.sex::text, 'unknown') AS sex,
       count(*) AS detections, count(*) FILTER (WHERE opens) AS events, count(DISTINCT k.location_id) AS locations,
       count(DISTINCT k.local::date) AS days, to_char(min(k.local), 'YYYY-MM-DD HH24:MI') AS first, to_char(max(k.local), 'YYYY-MM-DD HH24:MI') AS last
FROM (
  SELECT deer_id, location_id, local, ${opensEvent('deer_id')} FROM found WHERE ${isInSeason(scope)} AND deer_id IS NOT NULL
) k LEFT JOIN deer d ON d.id = k.deer_id
GROUP BY k.deer_id, d.name, d.sex`;

/** Adds labels; the deer with the most detections comes first. */
function labelDeer(rows: readonly Omit<DeerTally, 'label'>[], labels: ReadonlyMap<string, string>): DeerTally[] {
  return rows
    .map((row): DeerTally => ({ ...row, label: labels.get(row.id) ?? row.id }))
    .sort(
      (a, b) => b.detections - a.detections || (a.label < b.label ? -1 : a.label > b.label ? 1 : a.id < b.id ? -1 : 1),
    );
}

const LEFT_OUT = `SELECT count(*) FILTER (WHERE NOT ${isValid('found')}) AS invalid, count(*) FILTER (WHERE ${isValid('found')} AND ${isDuplicate('found')}) AS duplicate,
       count(*) FILTER (WHERE ${isAccepted('found')}) - count(*) FILTER (WHERE counts) AS "nonAnimal"
FROM found`;

/**
 * $11 now. Detections dated outside every deployment of their location. Both ends of a deployment
 * count as inside: a camera often records the person who switches it on and off. Locations without
 * any deployment have derived effort instead.
 */
const outsideDeployments = (scope: Scope): string => `SELECT f.location_id, count(*) AS detections
FROM found f JOIN (
  SELECT location_id, range_agg(tsrange(starts_at AT TIME ZONE $3,
           greatest(starts_at AT TIME ZONE $3, coalesce(ends_at, $11::timestamptz) AT TIME ZONE $3), '[]')) AS spans
  FROM deployments GROUP BY location_id
) s ON s.location_id = f.location_id
WHERE ${isInSeason(scope)} AND NOT s.spans @> f.local
GROUP BY f.location_id`;

/** Known deer to which detections of other animals are assigned. */
const MISTAKEN = `SELECT DISTINCT f.deer_id AS id, d.name FROM found f LEFT JOIN deer d ON d.id = f.deer_id
WHERE f.counts AND f.deer_id IS NOT NULL AND f.class NOT IN (SELECT class FROM deer_classes)`;

const NO_ROWS = `'[]'::json`;

/** Detections that are not counted, each by the first reason that applies. */
export interface LeftOut {
  invalid: number;
  duplicate: number;
  /** Of a person, a vehicle, or an empty frame. */
  nonAnimal: number;
}

export interface Activity {
  groups: GroupTally[];
  deer: DeerTally[];
  /** Empty unless only deer are counted. */
  others: OtherTally[];
  /** Labels of the known deer to which some of `others` are assigned, sorted. */
  mistaken: string[];
  leftOut: LeftOut;
  outside: { location_id: string; detections: number }[];
}

/** The row that the statement returns, deer without labels. */
type ActivityRow = Pick<Activity, 'groups' | 'others' | 'outside'> & {
  leftOut: [LeftOut];
  deer: Omit<DeerTally, 'label'>[];
  mistaken: { id: string; name: string | null }[];
  undecided: { class: string }[];
};

/** Counts a season in one statement; everything is empty or zero where nothing is found. */
export async function loadActivity(queries: Queries, scope: Scope): Promise<Activity> {
  const recorded = await hasDeployments(queries);
  const sql = `WITH ${FOUND}, ${inSeason(scope)}
SELECT ${asRows(GROUPS)} AS groups, ${asRows(deerTallies(scope))} AS deer, ${asRows(LEFT_OUT)} AS "leftOut",
       ${scope.deerOnly === true ? asRows(OTHERS) : NO_ROWS} AS others, ${scope.deerOnly === true ? asRows(MISTAKEN) : NO_ROWS} AS mistaken,
       ${recorded ? asRows(outsideDeployments(scope)) : NO_ROWS} AS outside, ${asRows(UNDECIDED)} AS undecided`;
  const more = [scope.independenceMinutes, scope.groupBy, ...(recorded ? [scope.asOf] : [])];
  const activity = await decideClasses(
    async (decided) => (await queries.rows<ActivityRow>(sql, [...foundParams(scope, decided), ...more]))[0]!,
  );
  const { leftOut, deer: seen, mistaken, undecided: _, ...rest } = activity;
  const labels = makeShortNames([...seen, ...mistaken]);
  return {
    ...rest,
    deer: labelDeer(seen, labels),
    mistaken: mistaken.map(({ id }) => labels.get(id) ?? id).sort(),
    leftOut: leftOut[0],
  };
}

export type LocationCounts = Pick<Tally, 'detections' | 'events'> & { location_id: string | null };

const BY_LOCATION =
  'SELECT location_id, count(*) AS detections, count(*) FILTER (WHERE opens) AS events FROM in_season GROUP BY location_id';

/** Detections and independent events by location, for a period that is only compared with. */
export async function loadLocationCounts(queries: Queries, scope: Scope): Promise<LocationCounts[]> {
  const sql = `WITH ${FOUND}, ${inSeason(scope)} SELECT ${asRows(BY_LOCATION)} AS locations, ${asRows(UNDECIDED)} AS undecided`;
  const { locations } = await decideClasses(async (decided) => {
    const [found] = await queries.rows<{ locations: LocationCounts[]; undecided: { class: string }[] }>(sql, [
      ...foundParams(scope, decided),
      scope.independenceMinutes,
    ]);
    return found!;
  });
  return locations;
}
