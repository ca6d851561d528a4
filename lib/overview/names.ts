// GET /api/names: what a form offers: classes, cameras and deer with their counts, and the days
// that the images span.
import type { Database, Queries } from '../adapters/postgres.ts';
import { nonAnimal } from '../deer/classes.ts';
import { finalClass, isAccepted } from '../deer/detections.ts';
import { makeShortNames } from '../deer/short-names.ts';
import { rememberLoaded } from '../exports/season/index.ts';

/** Of each list: what has the most detections. */
const MOST = 1_000;

/** Classes that are not animals are taken out in this process: twice as many are read. */
const CLASSES = `SELECT ${finalClass('d')} AS name, count(*) FILTER (WHERE ${isAccepted('d')}) AS count
FROM detections d GROUP BY 1 ORDER BY count DESC, name LIMIT ${2 * MOST}`;
/** $1 classes that are not animals. */
const COUNTED = `SELECT i.location_id, d.deer_id FROM detections d JOIN images i ON i.id = d.image_id
  WHERE ${isAccepted('d')} AND NOT ${finalClass('d')} = ANY ($1::text[])`;
const BY_CAMERA = `SELECT l.id AS location_id, l.name, coalesce(c.count, 0) AS count
FROM locations l LEFT JOIN (SELECT location_id, count(*) AS count FROM (${COUNTED}) k GROUP BY location_id) c ON c.location_id = l.id
ORDER BY count DESC, l.name, l.id LIMIT ${MOST}`;
const BY_DEER = `SELECT e.id, e.name, coalesce(c.count, 0) AS count
FROM deer e LEFT JOIN (SELECT deer_id, count(*) AS count FROM (${COUNTED}) k WHERE deer_id IS NOT NULL GROUP BY deer_id) c ON c.deer_id = e.id
ORDER BY count DESC, e.name, e.id LIMIT ${MOST}`;
/** $1 zone. */
const DAYS = `SELECT to_char(min(timestamp) AT TIME ZONE $1, 'YYYY-MM-DD') AS first, to_char(max(timestamp) AT TIME ZONE $1, 'YYYY-MM-DD') AS last FROM images`;

interface Counted {
  name: string;
  count: number;
}

const byName = (a: Counted, b: Counted): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

async function readNames({ rows }: Queries, timeZone: string) {
  const classes = await rows<Counted>(CLASSES);
  const nonAnimals = classes.filter(({ name }) => nonAnimal(name) !== undefined).map(({ name }) => name);
  const cameras = await rows<Counted & { location_id: string }>(BY_CAMERA, [nonAnimals]);
  const deer = await rows<{ id: string; name: string | null; count: number }>(BY_DEER, [nonAnimals]);
  const [days] = await rows<{ first: string | null; last: string | null }>(DAYS, [timeZone]);
  const labels = makeShortNames(deer);
  return {
    classes: classes
      .filter(({ name }) => nonAnimal(name) === undefined)
      .slice(0, MOST)
      .map(({ name, count }) => ({ name, label: name, count })),
    cameras: cameras.sort(byName),
    deer: deer.map(({ id, count }) => ({ deer_id: id, name: labels.get(id) ?? id, count })).sort(byName),
    first_day: days?.first ?? null,
    last_day: days?.last ?? null,
  };
}

export type NamesView = Awaited<ReturnType<typeof readNames>>;

/** @throws Fault `unavailable` */
export const loadNamesView = (database: Database, timeZone: string): Promise<NamesView> =>
  database.read((queries) =>
    rememberLoaded(database, queries, ['names', timeZone], () => readNames(queries, timeZone)),
  );
