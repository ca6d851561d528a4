// Sightings of each known deer over the whole database: counted by the rules of a season, so that
// the list of deer and a report of all days agree.
import type { Queries } from '../../adapters/postgres.ts';
import { decideClasses } from '../../deer/classes.ts';
import { DEER_CLASSES, isInSeason, opensEvent } from './activity.ts';
import { HAS_PICTURE, type Hidden, hiddenParams, orderPictures } from './pictures.ts';
import { asRows, DEFAULT_INDEPENDENCE_MINUTES, FOUND, foundParams, type Scope, UNDECIDED } from './scope.ts';

/** All days, deer only. */
export const EVERYTHING = (timeZone: string, asOf: Date, ids?: readonly string[]): Scope => ({
  ...{ start: '0001-01-01', end: '9999-12-31', timeZone, groupBy: 'month', asOf, deerOnly: true },
  ...{ classifications: undefined, locations: undefined, ids, independenceMinutes: DEFAULT_INDEPENDENCE_MINUTES },
});

export interface DeerSighting {
  id: string;
  detections: number;
  /** Of the deer: its detections at one camera, whatever their classes. */
  events: number;
  cameras: number;
  /** Instants as PostgreSQL's JSON has them. */
  first: string;
  last: string;
  /** The detection with the best picture; null without one. */
  best: string | null;
}

export interface DeerSightings {
  deer: DeerSighting[];
  /** Detections and events of no deer. */
  unassigned: { detections: number; events: number };
}

const mine = (scope: Scope): string => `mine AS MATERIALIZED (
  SELECT id, deer_id, location_id, class, at, local, ${opensEvent('deer_id')} FROM found WHERE ${isInSeason(scope)} AND deer_id IS NOT NULL
)`;

const tallies = async (
  queries: Queries,
): Promise<string> => `SELECT m.deer_id AS id, count(*) AS detections, count(*) FILTER (WHERE opens) AS events, count(DISTINCT m.location_id) AS cameras,
  min(at) AS first, max(at) AS last, (array_agg(m.id ORDER BY ${await orderPictures(queries)}) FILTER (WHERE ${HAS_PICTURE}))[1] AS best
FROM mine m JOIN detections d ON d.id = m.id JOIN images i ON i.id = d.image_id GROUP BY m.deer_id`;

const unassigned = (scope: Scope): string => `SELECT count(*) AS detections, count(*) FILTER (WHERE opens) AS events
FROM (SELECT ${opensEvent('class')} FROM found WHERE ${isInSeason(scope)} AND deer_id IS NULL) k`;

interface Undecided {
  undecided: { class: string }[];
}

/** Counts the sightings of every deer; those that were never seen are absent. */
export async function loadSightings(queries: Queries, scope: Scope, hidden: Hidden): Promise<DeerSightings> {
  const sql = `WITH ${FOUND}, ${DEER_CLASSES}, ${mine(scope)}
SELECT ${asRows(await tallies(queries))} AS deer, ${asRows(unassigned(scope))} AS unassigned, ${asRows(UNDECIDED)} AS undecided`;
  const more = [scope.independenceMinutes, ...hiddenParams(hidden)];
  const { deer, unassigned: rest } = await decideClasses(async (decided) => {
    const params = [...foundParams(scope, decided), ...more];
    return (
      await queries.rows<Undecided & { deer: DeerSighting[]; unassigned: [DeerSightings['unassigned']] }>(sql, params)
    )[0]!;
  });
  return { deer, unassigned: rest[0] };
}

export interface SeenEvent {
  /** Its first detection. */
  id: string;
  /** `YYYY-MM-DDTHH:MM:SS.ffffffZ` */
  at: string;
  camera: string | null;
  detections: { id: string; class: string; picture: boolean }[];
}

export interface DeerPage extends DeerSightings {
  byCamera: { location_id: string | null; name: string | null; events: number }[];
  byHour: { hour: number; events: number }[];
  /** The newest first. */
  events: SeenEvent[];
}

export interface PageWanted {
  /** Events from before this one; undefined = the newest. */
  before: Pick<SeenEvent, 'at' | 'id'> | undefined;
  limit: number;
}

const BY_CAMERA = `SELECT m.location_id, l.name, count(*) AS events FROM mine m LEFT JOIN locations l ON l.id = m.location_id
WHERE opens GROUP BY m.location_id, l.name ORDER BY events DESC, l.name LIMIT 500`;
const BY_HOUR = 'SELECT extract(hour FROM local)::int AS hour, count(*) AS events FROM mine WHERE opens GROUP BY 1';

/** $12 and $13 the event before which the page begins, $14 how many. */
const EVENTS = `SELECT e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, l.name AS camera, e.detections FROM (
  SELECT n.location_id, min(n.at) AS at, (array_agg(n.id ORDER BY n.at, n.id))[1] AS id,
         json_agg(json_build_object('id', n.id, 'class', n.class, 'picture', ${HAS_PICTURE}) ORDER BY n.at, n.id) AS detections
  FROM (SELECT *, sum(opens::int) OVER (PARTITION BY location_id ORDER BY at, id) AS event FROM mine) n
  JOIN detections d ON d.id = n.id JOIN images i ON i.id = d.image_id
  GROUP BY n.location_id, n.event
) e LEFT JOIN locations l ON l.id = e.location_id
WHERE $12::timestamptz IS NULL OR (e.at, e.id) < ($12::timestamptz, $13::uuid)
ORDER BY e.at DESC, e.id DESC LIMIT $14::int`;

/** @param scope whose ids are the detections of one deer */
export async function loadDeerPage(
  queries: Queries,
  scope: Scope,
  hidden: Hidden,
  { before, limit }: PageWanted,
): Promise<Omit<DeerPage, 'unassigned'>> {
  const sql = `WITH ${FOUND}, ${DEER_CLASSES}, ${mine(scope)}
SELECT ${asRows(await tallies(queries))} AS deer, ${asRows(BY_CAMERA)} AS "byCamera", ${asRows(BY_HOUR)} AS "byHour", ${asRows(EVENTS)} AS events, ${asRows(UNDECIDED)} AS undecided`;
  const more = [scope.independenceMinutes, ...hiddenParams(hidden), before?.at ?? null, before?.id ?? null, limit];
  return decideClasses(async (decided) => {
    const params = [...foundParams(scope, decided), ...more];
    return (await queries.rows<Undecided & Omit<DeerPage, 'unassigned'>>(sql, params))[0]!;
  });
}
