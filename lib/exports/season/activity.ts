// Detections, independent events and individuals, counted by PostgreSQL in every grouping that an
// export shows.
import type { Queries } from '../../adapters/postgres.ts';
import { decideClasses, isDeerClassSql } from '../../deer/classes.ts';
import { isAccepted, isDuplicate, isValid } from '../../deer/detections.ts';
import { makeShortNames } from '../../deer/short-names.ts';
import { hasDeployments } from './effort.ts';
import { asRows, FOUND, foundParams, type Scope, UNDECIDED } from './scope.ts';

export interface Tally {
  detections: number;
  /** Independent events; one belongs to the bin and hour of its first detection. */
  events: number;
  /** Those of them at a known place: only these have effort, and a rate is of them alone. */
  placed: number;
  /** Different known deer. */
  individuals: number;
}

/** A class that is not a deer's, where only deer are counted. */
export interface OtherRow {
  name: string;
  detections: number;
  events: number;
  placed: number;
  /** Different locations. */
  cameras: number;
  /** Detections that are given to a known deer: their class contradicts that. */
  assigned: number;
  first: string;
  last: string;
}

/** One grouping set's row; what is not grouped by is null. */
interface GroupRow extends Tally {
  level: 'all' | 'class' | 'bin' | 'bin-class' | 'place' | 'hour-class';
  class: string | null;
  floor: string | null;
  location_id: string | null;
  hour: number | null;
  assigned: number;
  first: string;
  last: string;
}

export interface DeerRow {
  id: string;
  /** As the database has it. */
  name: string | null;
  /** What it is called on a page: the name, or a short id. */
  label: string;
  sex: string;
  detections: number;
  events: number;
  places: number;
  days: number;
  first: string;
  last: string;
}

/** CTE `deer_classes`: which of the classes found are a deer's, asked once of each class. */
const DEER_CLASSES = `deer_classes AS MATERIALIZED (
  SELECT class FROM (SELECT DISTINCT class FROM found WHERE counts) classes WHERE ${isDeerClassSql('class')}
)`;

/** Rows of `found` that a season is about; the rest of those that count are other animals. */
const counted = ({ deerOnly }: Scope): string =>
  deerOnly === true ? 'counts AND class IN (SELECT class FROM deer_classes)' : 'counts';

const opens = (key: string): string =>
  `coalesce(at - lag(at) OVER (PARTITION BY ${key}, location_id ORDER BY at, id) >= $9::float8 * interval '1 minute', true) AS opens`;

/**
 * CTE `kept`: what is counted. $9 minutes. A detection opens a new event when the previous one of
 * its class at its camera lies at least that long back ("closer than" joins, exactly as long does
 * not); chains may therefore be longer than the limit. With 0 minutes every detection is an event
 * of its own. Only detections inside the request are looked at.
 */
const kept = (scope: Scope): string => `${DEER_CLASSES}, kept AS MATERIALIZED (
  SELECT id, deer_id, location_id, class, local, ${opens('class')} FROM found WHERE ${counted(scope)}
)`;

const OTHERS = `SELECT class AS name, count(*) AS detections, count(*) FILTER (WHERE opens) AS events,
       count(*) FILTER (WHERE opens AND location_id IS NOT NULL) AS placed, count(DISTINCT location_id) AS cameras, count(deer_id) AS assigned,
       to_char(min(local), 'YYYY-MM-DD HH24:MI') AS first, to_char(max(local), 'YYYY-MM-DD HH24:MI') AS last
FROM (
  SELECT class, location_id, local, deer_id, ${opens('class')} FROM found WHERE counts AND class NOT IN (SELECT class FROM deer_classes)
) other GROUP BY class ORDER BY detections DESC, class`;

const TALLY = `count(*) AS detections, count(*) FILTER (WHERE opens) AS events,
  count(*) FILTER (WHERE opens AND location_id IS NOT NULL) AS placed, count(DISTINCT deer_id) AS individuals`;

/** $10 group_by. */
const GROUPS = `SELECT CASE grouping(bin, class, location_id, hour)
         WHEN 15 THEN 'all' WHEN 11 THEN 'class' WHEN 7 THEN 'bin' WHEN 3 THEN 'bin-class' WHEN 13 THEN 'place' WHEN 10 THEN 'hour-class' END AS level,
       class, bin::text AS floor, location_id, hour, ${TALLY}, count(deer_id) AS assigned,
       to_char(min(local), 'YYYY-MM-DD HH24:MI') AS first, to_char(max(local), 'YYYY-MM-DD HH24:MI') AS last
FROM (SELECT *, date_trunc($10, local)::date AS bin, extract(hour FROM local)::int AS hour FROM kept) binned
GROUP BY GROUPING SETS ((), (class), (bin), (bin, class), (location_id), (hour, class))`;

/**
 * An animal's own events: its detections at one camera, by the same limit, whatever class each of
 * them was given.
 */
const deer = (scope: Scope): string => `SELECT k.deer_id AS id, d.name, coalesce(d.sex::text, 'unknown') AS sex,
       count(*) AS detections, count(*) FILTER (WHERE opens) AS events, count(DISTINCT k.location_id) AS places,
       count(DISTINCT k.local::date) AS days, to_char(min(k.local), 'YYYY-MM-DD HH24:MI') AS first, to_char(max(k.local), 'YYYY-MM-DD HH24:MI') AS last
FROM (
  SELECT deer_id, location_id, local, ${opens('deer_id')} FROM found WHERE ${counted(scope)} AND deer_id IS NOT NULL
) k LEFT JOIN deer d ON d.id = k.deer_id
GROUP BY k.deer_id, d.name, d.sex`;

/** By detections, the most seen first; every deer with its label. */
function labelled(rows: readonly Omit<DeerRow, 'label'>[], labels: ReadonlyMap<string, string>): DeerRow[] {
  return rows
    .map((row): DeerRow => ({ ...row, label: labels.get(row.id) ?? row.id }))
    .sort(
      (a, b) => b.detections - a.detections || (a.label < b.label ? -1 : a.label > b.label ? 1 : a.id < b.id ? -1 : 1),
    );
}

const LEFT_OUT = `SELECT count(*) FILTER (WHERE NOT ${isValid('found')}) AS invalid, count(*) FILTER (WHERE ${isValid('found')} AND ${isDuplicate('found')}) AS duplicate,
       count(*) FILTER (WHERE ${isAccepted('found')}) - count(*) FILTER (WHERE counts) AS "nonAnimal"
FROM found`;

/**
 * $11 now. Detections at a place that has deployments, taken when none of them stood. Both ends of
 * a deployment count as inside: cameras are often switched on and off in front of themselves.
 * Places without any deployment have derived effort instead.
 */
const outside = (scope: Scope): string => `SELECT f.location_id, count(*) AS detections
FROM found f JOIN (
  SELECT location_id, range_agg(tsrange(starts_at AT TIME ZONE $3,
           greatest(starts_at AT TIME ZONE $3, coalesce(ends_at, $11::timestamptz) AT TIME ZONE $3), '[]')) AS spans
  FROM deployments GROUP BY location_id
) s ON s.location_id = f.location_id
WHERE ${counted(scope)} AND NOT s.spans @> f.local
GROUP BY f.location_id`;

/** Known deer that detections of other animals are given to. */
const MISTAKEN = `SELECT DISTINCT f.deer_id AS id, d.name FROM found f LEFT JOIN deer d ON d.id = f.deer_id
WHERE f.counts AND f.deer_id IS NOT NULL AND f.class NOT IN (SELECT class FROM deer_classes)`;

const NO_ROWS = `'[]'::json`;

/** Detections that are not counted, each told by the first that holds. */
export interface LeftOut {
  invalid: number;
  duplicate: number;
  /** Of a person, a vehicle, or nothing at all. */
  nonAnimal: number;
}

export interface Activity {
  groups: GroupRow[];
  deer: DeerRow[];
  /** Empty unless only deer are counted. */
  others: OtherRow[];
  /** Labels of the known deer that some of `others` are given to, sorted. */
  mistaken: string[];
  leftOut: LeftOut;
  outside: { location_id: string; detections: number }[];
}

/** As the one statement gives it, deer without labels. */
type Found = Pick<Activity, 'groups' | 'others' | 'outside'> & {
  leftOut: [LeftOut];
  deer: Omit<DeerRow, 'label'>[];
  mistaken: { id: string; name: string | null }[];
  undecided: { class: string }[];
};

export async function activityOf(queries: Queries, scope: Scope): Promise<Activity> {
  const recorded = await hasDeployments(queries);
  const sql = `WITH ${FOUND}, ${kept(scope)}
SELECT ${asRows(GROUPS)} AS groups, ${asRows(deer(scope))} AS deer, ${asRows(LEFT_OUT)} AS "leftOut",
       ${scope.deerOnly === true ? asRows(OTHERS) : NO_ROWS} AS others, ${scope.deerOnly === true ? asRows(MISTAKEN) : NO_ROWS} AS mistaken,
       ${recorded ? asRows(outside(scope)) : NO_ROWS} AS outside, ${asRows(UNDECIDED)} AS undecided`;
  const more = [scope.independenceMinutes, scope.groupBy, ...(recorded ? [scope.asOf] : [])];
  const activity = await decideClasses(
    async (decided) => (await queries.rows<Found>(sql, [...foundParams(scope, decided), ...more]))[0]!,
  );
  const { leftOut, deer: seen, mistaken, undecided: _, ...rest } = activity;
  const labels = makeShortNames([...seen, ...mistaken]);
  return {
    ...rest,
    deer: labelled(seen, labels),
    mistaken: mistaken.map(({ id }) => labels.get(id) ?? id).sort(),
    leftOut: leftOut[0],
  };
}

type PlaceCounts = Pick<Tally, 'detections' | 'events'> & { location_id: string | null };

const PLACES =
  'SELECT location_id, count(*) AS detections, count(*) FILTER (WHERE opens) AS events FROM kept GROUP BY location_id';

/**
 * Detections and independent events of each place alone, for a period that is only compared with.
 */
export async function countsOf(queries: Queries, scope: Scope): Promise<PlaceCounts[]> {
  const sql = `WITH ${FOUND}, ${kept(scope)} SELECT ${asRows(PLACES)} AS places, ${asRows(UNDECIDED)} AS undecided`;
  const { places } = await decideClasses(async (decided) => {
    const [found] = await queries.rows<{ places: PlaceCounts[]; undecided: { class: string }[] }>(sql, [
      ...foundParams(scope, decided),
      scope.independenceMinutes,
    ]);
    return found!;
  });
  return places;
}
