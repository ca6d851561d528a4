// Which animals of a package are deer of the database: an individual needs sightings in two events,
// of this package or of one before it.
import type { Queries } from '../../adapters/postgres.ts';
import { SEXES } from '../../deer/class-gates.ts';
import type { Catalog } from '../../deer/columns.ts';
import type { DetectionRow, Rows } from './rows.ts';

export interface DeerRow {
  id: string;
  name: string;
  sex: string;
  species: string | null;
  first_seen: string;
  last_seen: string;
  sighting_count: number;
}

export interface Deer {
  /** Not in the database yet. */
  made: DeerRow[];
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

/**
 * Deer for detections that are new (`fresh`): what the database has already is never given to
 * another animal.
 */
export async function deerOf({ rows: ask }: Queries, rows: Rows, fresh: readonly DetectionRow[]): Promise<Deer> {
  const all = [...rows.names.keys()];
  const known = await ask<{ id: string }>('SELECT id::text FROM deer WHERE id = ANY($1::uuid[])', [all]);
  const of = new Map(known.map(({ id }) => [id, id]));
  const named = (detections: readonly DetectionRow[]): Map<string, DetectionRow[]> =>
    Map.groupBy(
      detections.filter((one) => one.observation.individual !== undefined),
      (one) => one.observation.individual!,
    );

  // An animal that the database has under another id, by the detections that both give to one
  // animal.
  const assigned = await ask<{ id: string; deer_id: string }>(
    'SELECT id::text, deer_id::text FROM detections WHERE id = ANY($1::uuid[]) AND deer_id IS NOT NULL',
    [rows.detections.map(({ id }) => id)],
  );
  const theirs = new Map(assigned.map(({ id, deer_id }) => [id, deer_id]));
  for (const [individual, seen] of named(rows.detections)) {
    const [only, ...more] = new Set(seen.flatMap((one) => theirs.get(one.id) ?? []));
    if (!of.has(individual) && only !== undefined && more.length === 0) of.set(individual, only);
  }
  const there = of.size;

  const unknown = new Map([...named(fresh)].filter(([individual]) => !of.has(individual)));
  const before = await ask<Sighting & { individual: string }>(
    `SELECT d.observation->>'individual' AS individual, coalesce(d.burst_group_id, d.image_id)::text || ' ' || coalesce(i.location_id::text, '') AS event,
       to_char(i.timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at, d.classification, d.species
     FROM detections d JOIN images i ON i.id = d.image_id WHERE d.observation->>'individual' = ANY($1) AND d.deer_id IS NULL`,
    [[...unknown.keys()]],
  );
  const earlier = Map.groupBy(before, (one) => one.individual);
  const imageOf = new Map(rows.images.map((image) => [image.id, image]));
  const sighting = (one: DetectionRow): Sighting => {
    const { timestamp, location_id } = imageOf.get(one.image_id)!;
    return { ...one, event: `${one.burst_group_id ?? one.image_id} ${location_id}`, at: timestamp };
  };
  const made: DeerRow[] = [];
  for (const [individual, seen] of unknown) {
    const sightings = [...(earlier.get(individual) ?? []), ...seen.map(sighting)];
    if (new Set(sightings.map(({ event }) => event)).size < 2) continue;
    of.set(individual, individual);
    made.push(deerRow(individual, rows.names.get(individual)!, sightings));
  }
  return { made, there, of };
}

function deerRow(id: string, name: string, seen: readonly Sighting[]): DeerRow {
  const times = seen.map(({ at }) => at).sort();
  const sexes = new Map<string, number>();
  for (const { classification } of seen) {
    if (SEXES.some((sex) => sex === classification)) sexes.set(classification, (sexes.get(classification) ?? 0) + 1);
  }
  const [first, second] = [...sexes].sort((a, b) => b[1] - a[1]);
  const sex = first === undefined || first[1] === second?.[1] ? 'unknown' : first[0];
  return {
    id,
    name,
    sex,
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
 * After the detections are stored: an animal that exists now gets its earlier sightings, one that
 * was known counts its new ones.
 */
export async function settle(
  { rows: ask }: Queries,
  catalog: Catalog,
  deer: Deer,
  fresh: readonly DetectionRow[],
): Promise<void> {
  await ask(
    `UPDATE detections SET deer_id = (observation->>'individual')::uuid WHERE observation->>'individual' = ANY($1) AND deer_id IS NULL`,
    [deer.made.map(({ id }) => id)],
  );
  const made = new Set(deer.made.map(({ id }) => id));
  const grown = fresh.flatMap((one) => {
    const id = deer.of.get(one.observation.individual ?? '');
    return id === undefined || made.has(id) ? [] : [{ deer: id, detection: one.id }];
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
