// GET /api/deer and /api/deer/{deer_id}: the known deer, and the sightings of one of them.
import type { Database, Queries } from '../adapters/postgres.ts';
import { PLACEHOLDER } from '../deer/camtrap-dp.ts';
import { findPeople } from '../deer/detections.ts';
import { isMissing } from '../deer/missing-values.ts';
import { makeShortNames } from '../deer/short-names.ts';
import { Fault } from '../errors.ts';
import {
  type DeerSighting,
  EVERYTHING,
  loadDeerPage,
  loadSightings,
  rememberLoaded,
  type SeenEvent,
} from '../exports/season/index.ts';
import { findLookAlikes } from './look-alikes.ts';
import type { Query } from './period.ts';

export interface DeerPorts {
  database: Database;
  timeZone: string;
}

/** Deer that are listed at most: those with the most events. */
const MOST_DEER = 1_000;
/** Events of one page: unless it says so, and at most. */
const LIMIT = 20;
const MOST_EVENTS = 100;
/** Of one event: a feeder holds an animal for an hour. */
const MOST_DETECTIONS = 100;

interface DeerRow {
  id: string;
  name: string | null;
  sex: string | null;
}

const readDeer = ({ rows }: Queries): Promise<DeerRow[]> =>
  rows<DeerRow>('SELECT id, name, sex::text AS sex FROM deer ORDER BY id LIMIT 10000');

const toIso = (instant: string | undefined): string | null =>
  instant === undefined ? null : new Date(instant).toISOString();

const describeDeer = ({ id, sex }: DeerRow, name: string, seen: DeerSighting | undefined) => ({
  ...{ deer_id: id, name, sex: sex === null || isMissing(sex) ? null : sex },
  ...{ events: seen?.events ?? 0, detections: seen?.detections ?? 0, cameras: seen?.cameras ?? 0 },
  ...{ first_seen: toIso(seen?.first), last_seen: toIso(seen?.last), best_detection_id: seen?.best ?? null },
});

async function readList(queries: Queries, timeZone: string, now: Date) {
  const rows = await readDeer(queries);
  const people = await findPeople(queries, 'i.id IN (SELECT image_id FROM detections WHERE deer_id IS NOT NULL)', []);
  const hidden = { images: people.images, placeholder: PLACEHOLDER };
  const { deer, unassigned } = await loadSightings(queries, EVERYTHING(timeZone, now), hidden);
  const seen = new Map(deer.map((sighting) => [sighting.id, sighting]));
  const names = makeShortNames(rows);
  const listed = rows
    .map((row) => describeDeer(row, names.get(row.id) ?? row.id, seen.get(row.id)))
    .sort((a, b) => b.events - a.events || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .slice(0, MOST_DEER);
  return { deer: listed, unassigned };
}

export type DeerView = Awaited<ReturnType<typeof readList>>;

/** @throws Fault `unavailable` */
export const loadDeerView = ({ database, timeZone }: DeerPorts, now: Date): Promise<DeerView> =>
  database.read((queries) =>
    rememberLoaded(database, queries, ['deer', timeZone], () => readList(queries, timeZone, now)),
  );

type Cursor = Pick<SeenEvent, 'at' | 'id'>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const CURSOR = /^(\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([0-9a-f-]{36})$/;

const writeCursor = ({ at, id }: Cursor): string => Buffer.from(`${at} ${id}`).toString('base64url');

function readCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  const [, at, id] = CURSOR.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? [];
  if (at === undefined || id === undefined || !UUID.test(id) || Number.isNaN(Date.parse(at)))
    throw new Fault('invalid', 'before must be the `next` of an earlier answer');
  return { at, id };
}

/** @throws Fault `invalid` for a query that asks for no page */
export function readDeerQuery({ before, limit: text }: Query): { before: Cursor | undefined; limit: number } {
  const limit = text === undefined ? LIMIT : /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MOST_EVENTS)
    throw new Fault('invalid', `limit must be a whole number from 1 to ${MOST_EVENTS}`);
  return { before: readCursor(before), limit };
}

const describeEvent = ({ at, camera, detections }: SeenEvent) => ({
  at: new Date(at).toISOString(),
  camera,
  detection_count: detections.length,
  detections: detections.slice(0, MOST_DETECTIONS).map(({ id, class: name, picture }) => ({
    ...{ detection_id: id, classification: name, has_picture: picture },
  })),
});

async function readOne(
  queries: Queries,
  id: string,
  wanted: ReturnType<typeof readDeerQuery>,
  ports: DeerPorts,
  now: Date,
) {
  const rows = await readDeer(queries);
  const row = rows.find((deer) => deer.id === id);
  if (row === undefined) throw new Fault('not-found', 'There is no such deer');
  const names = makeShortNames(rows);
  const own = await queries.rows<{ id: string }>('SELECT id FROM detections WHERE deer_id = $1', [id]);
  const people = await findPeople(queries, 'i.id IN (SELECT image_id FROM detections WHERE deer_id = $1::uuid)', [id]);
  const ids = own.map((detection) => detection.id);
  const { deer, byCamera, byHour, events } = await loadDeerPage(
    ...([queries, EVERYTHING(ports.timeZone, now, ids), { images: people.images, placeholder: PLACEHOLDER }] as const),
    { ...wanted, limit: wanted.limit + 1 },
  );
  const hours = new Array<number>(24).fill(0);
  for (const { hour, events: n } of byHour) hours[hour] = n;
  const page = events.slice(0, wanted.limit);
  return {
    deer: describeDeer(row, names.get(id) ?? id, deer[0]),
    by_camera: byCamera,
    by_hour: hours,
    events: page.map(describeEvent),
    next: events.length > page.length ? writeCursor(page.at(-1)!) : null,
    look_alikes: (await findLookAlikes(queries, id)).map(({ deer_id, similarity }) => ({
      ...{ deer_id, name: names.get(deer_id) ?? deer_id, similarity },
    })),
  };
}

export type OneDeerView = Awaited<ReturnType<typeof readOne>>;

/** @throws Fault `not-found` for what is no deer, `unavailable` */
export function loadOneDeer(
  ports: DeerPorts,
  id: string | undefined,
  wanted: ReturnType<typeof readDeerQuery>,
  now: Date,
): Promise<OneDeerView> {
  if (!UUID.test(id ?? '')) throw new Fault('not-found', 'There is no such deer');
  return ports.database.read((queries) => readOne(queries, id!.toLowerCase(), wanted, ports, now));
}
