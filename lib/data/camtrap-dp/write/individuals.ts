// Which animals of a package are deer of the database: an individual needs sightings in two events,
// of this package or of earlier ones.
import type { Queries } from '../../../adapters/postgres.ts';
import { SEXES } from '../../../deer/class-gates.ts';
import type { Catalog } from '../../../deer/columns.ts';
import type { DetectionRow, PackageRows } from '../rows/rows.ts';

export interface NewDeer {
  id: string;
  name: string;
  sex: string;
  species: string | null;
  first_seen: string;
  last_seen: string;
  sighting_count: number;
}

export interface PackageDeer {
  /** Not in the database yet. */
  made: NewDeer[];
  /** Individuals of the package that it has already. */
  there: number;
  /** deer.id of each individual that has one now. */
  of: Map<string, string>;
}

interface Sighting {
  /** Its id and its location: cameras share ids of events. */
  event: string;
  at: string;
  classification: string;
  species: string | null;
}

const groupByIndividual = (detections: readonly DetectionRow[]): Map<string, DetectionRow[]> =>
  Map.groupBy(
    detections.filter(({ observation }) => observation.individual !== undefined),
    ({ observation }) => observation.individual!,
  );

/**
 * Finds the deer of detections.
 * @param fresh detections that are new: what the database has already is never given to another
 *   animal
 */
export async function findDeer(
  queries: Queries,
  rows: PackageRows,
  fresh: readonly DetectionRow[],
): Promise<PackageDeer> {
  const of = await findKnownDeer(queries, rows);
  const there = of.size;
  const unknown = new Map([...groupByIndividual(fresh)].filter(([individual]) => !of.has(individual)));
  const earlier = await readEarlierSightings(queries, [...unknown.keys()]);
  const images = new Map(rows.images.map((image) => [image.id, image]));
  const toSighting = (row: DetectionRow): Sighting => {
    const { timestamp, location_id } = images.get(row.image_id)!;
    return { ...row, event: `${row.burst_group_id ?? row.image_id} ${location_id}`, at: timestamp };
  };
  const made: NewDeer[] = [];
  for (const [individual, seen] of unknown) {
    const sightings = [...(earlier.get(individual) ?? []), ...seen.map(toSighting)];
    if (new Set(sightings.map(({ event }) => event)).size < 2) continue;
    of.set(individual, individual);
    made.push(makeDeer(individual, rows.names.get(individual)!, sightings));
  }
  return { made, there, of };
}

/**
 * Individuals that the database has as deer: by their id, or under another id by the detections
 * that both give to one animal.
 */
async function findKnownDeer({ rows: ask }: Queries, rows: PackageRows): Promise<Map<string, string>> {
  const known = await ask<{ id: string }>('SELECT id::text FROM deer WHERE id = ANY($1::uuid[])', [
    [...rows.names.keys()],
  ]);
  const of = new Map(known.map(({ id }) => [id, id]));
  const assigned = await ask<{ id: string; deer_id: string }>(
    'SELECT id::text, deer_id::text FROM detections WHERE id = ANY($1::uuid[]) AND deer_id IS NOT NULL',
    [rows.detections.map(({ id }) => id)],
  );
  const theirs = new Map(assigned.map(({ id, deer_id }) => [id, deer_id]));
  for (const [individual, seen] of groupByIndividual(rows.detections)) {
    const [only, ...more] = new Set(seen.flatMap(({ id }) => theirs.get(id) ?? []));
    if (!of.has(individual) && only !== undefined && more.length === 0) of.set(individual, only);
  }
  return of;
}

/** Sightings of individuals that were stored without a deer. */
async function readEarlierSightings(
  { rows }: Queries,
  individuals: readonly string[],
): Promise<Map<string, Sighting[]>> {
  const found = await rows<Sighting & { individual: string }>(
    `SELECT d.observation->>'individual' AS individual, coalesce(d.burst_group_id, d.image_id)::text || ' ' || coalesce(i.location_id::text, '') AS event,
       to_char(i.timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at, d.classification, d.species
     FROM detections d JOIN images i ON i.id = d.image_id WHERE d.observation->>'individual' = ANY($1) AND d.deer_id IS NULL`,
    [individuals],
  );
  return Map.groupBy(found, ({ individual }) => individual);
}

function makeDeer(id: string, name: string, seen: readonly Sighting[]): NewDeer {
  const times = seen.map(({ at }) => at).sort();
  const sexes = new Map<string, number>();
  for (const { classification } of seen) {
    if (SEXES.some((sex) => sex === classification)) sexes.set(classification, (sexes.get(classification) ?? 0) + 1);
  }
  const [first, second] = [...sexes].sort((a, b) => b[1] - a[1]);
  return {
    id,
    name,
    sex: first === undefined || first[1] === second?.[1] ? 'unknown' : first[0],
    species: seen[0]!.species,
    first_seen: times[0]!,
    last_seen: times.at(-1)!,
    sighting_count: seen.length,
  };
}

/** What new sightings `s` change of a deer, by column. */
const SEEN = {
  first_seen: 'least(deer.first_seen, s.first)',
  last_seen: 'greatest(deer.last_seen, s.last)',
  sighting_count: 'deer.sighting_count + s.n',
} as const;

/**
 * After the detections are stored: an animal that is a deer now gets its earlier sightings, and a
 * known deer counts its new ones.
 */
export async function settleDeer(
  { rows: ask }: Queries,
  catalog: Catalog,
  deer: PackageDeer,
  fresh: readonly DetectionRow[],
): Promise<void> {
  await ask(
    `UPDATE detections SET deer_id = (observation->>'individual')::uuid WHERE observation->>'individual' = ANY($1) AND deer_id IS NULL`,
    [deer.made.map(({ id }) => id)],
  );
  const made = new Set(deer.made.map(({ id }) => id));
  const grown = fresh.flatMap(({ id: detection, observation }) => {
    const id = deer.of.get(observation.individual ?? '');
    return id === undefined || made.has(id) ? [] : [{ deer: id, detection }];
  });
  const counted = Object.entries(SEEN).filter(([column]) => catalog.has('deer', column));
  if (counted.length === 0) return;
  await ask(
    `UPDATE deer SET ${counted.map(([column, value]) => `${column} = ${value}`).join(', ')}
     FROM (SELECT g.deer, min(i.timestamp) AS first, max(i.timestamp) AS last, count(*) AS n
       FROM jsonb_to_recordset($1::jsonb) AS g(deer uuid, detection uuid) JOIN detections d ON d.id = g.detection JOIN images i ON i.id = d.image_id
       GROUP BY 1) s WHERE deer.id = s.deer`,
    [JSON.stringify(grown)],
  );
}
