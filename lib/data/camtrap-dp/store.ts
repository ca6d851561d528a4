// The rows of a package into the database: one transaction, what is there already stays as it is.
import type { Queries } from '../../adapters/postgres.ts';
import type { Rows } from './rows.ts';

export interface Stored {
  made: number;
  there: number;
}

const BATCH = 2_000;

/** Columns and types of the JSON rows that each table takes. */
const COLUMNS = {
  locations: 'id uuid, name text, description text, coordinates jsonb',
  deployments: 'id uuid, location_id uuid, starts_at timestamptz, ends_at timestamptz, camera_id text, time_zone text',
  images: `id uuid, filename text, path text, "timestamp" timestamptz, created_at timestamptz, location_id uuid, deployment_id uuid, exif_data jsonb,
    width integer, height integer, contains_human boolean, processing_status text`,
  deer: `id uuid, name text, sex text, status text, species text, first_seen timestamptz, last_seen timestamptz, sighting_count integer`,
  detections: `id uuid, image_id uuid, deer_id uuid, bbox jsonb, bbox_relative jsonb, confidence double precision, classification text, is_reviewed boolean,
    is_duplicate boolean, is_valid boolean, burst_group_id uuid, created_at timestamptz, species text, observation jsonb`,
} as const;

/** @returns per table what was added and what was there already, and the number of images whose file has moved. */
export async function store(queries: Queries, rows: Rows): Promise<Record<keyof typeof COLUMNS, Stored> & { moved: number }> {
  const { rows: ask } = queries;
  const insert = async (table: keyof typeof COLUMNS, all: readonly object[]): Promise<Stored> => {
    const names = COLUMNS[table].replace(/ (uuid|text|jsonb|timestamptz|integer|boolean|double precision)\b/g, '');
    let made = 0;
    for (let at = 0; at < all.length; at += BATCH) {
      const added = await ask(
        `INSERT INTO ${table} (${names}) SELECT ${names} FROM jsonb_to_recordset($1::jsonb) AS r(${COLUMNS[table]}) ON CONFLICT DO NOTHING RETURNING 1`,
        [JSON.stringify(all.slice(at, at + BATCH))],
      );
      made += added.length;
    }
    return { made, there: all.length - made };
  };

  const locations = await insert('locations', await freeNames(queries, rows.locations));
  const deployments = await insert('deployments', rows.deployments);

  // An image that another import or the owner already has under this path is the same image.
  const ids = await ask<{ id: string; path: string }>('SELECT id::text, path FROM images WHERE path = ANY($1::text[])', [
    rows.images.map(({ path }) => path),
  ]);
  const idOf = new Map(ids.map(({ id, path }) => [path, id]));
  const same = new Map(rows.images.flatMap(({ id, path }) => (idOf.has(path) ? [[id, idOf.get(path)!]] : [])));
  const here = (id: string): string => same.get(id) ?? id;
  let moved = 0;
  for (let at = 0; at < rows.images.length; at += BATCH) {
    const unplaced = rows.images.slice(at, at + BATCH).filter(({ id }) => !same.has(id));
    const changed = await ask(
      `UPDATE images SET path = r.path, width = r.width, height = r.height
       FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, path text, width integer, height integer) WHERE images.id = r.id RETURNING 1`,
      [JSON.stringify(unplaced)],
    );
    moved += changed.length;
  }
  const images = await insert(
    'images',
    rows.images
      .filter(({ id, path }) => !idOf.has(path) || idOf.get(path) === id)
      .map((image) => ({ ...image, processing_status: 'completed' })),
  );
  images.there = rows.images.length - images.made;
  const human = rows.images.filter((image) => image.contains_human).map(({ id }) => here(id));
  await ask('UPDATE images SET contains_human = true WHERE id = ANY($1::uuid[]) AND NOT contains_human', [human]);

  const deer = await knownDeer(queries, rows);
  const newDeer = await insert(
    'deer',
    rows.deer.filter(({ id }) => !deer.has(id)).map((one) => ({ ...one, status: 'alive' })),
  );
  newDeer.there = rows.deer.length - newDeer.made;
  const detections = await insert(
    'detections',
    rows.detections.map((one) => {
      const deer_id = one.deer_id === null ? null : (deer.get(one.deer_id) ?? one.deer_id);
      return { ...one, image_id: here(one.image_id), deer_id, is_duplicate: false, is_valid: true };
    }),
  );
  await ask(
    `UPDATE locations SET image_count = n.count FROM (SELECT location_id, count(*) AS count FROM images WHERE location_id = ANY($1::uuid[]) GROUP BY 1) n
     WHERE locations.id = n.location_id AND locations.image_count IS DISTINCT FROM n.count`,
    [rows.locations.map(({ id }) => id)],
  );
  return { locations, deployments, images, deer: newDeer, detections, moved };
}

/** A location's name is unique: one that another place has is made distinct by the package's own key. */
async function freeNames({ rows: ask }: Queries, locations: Rows['locations']): Promise<object[]> {
  const known = await ask<{ id: string; name: string }>('SELECT id::text, name FROM locations WHERE name = ANY($1::text[])', [
    locations.flatMap(({ name, spare }) => [name, spare]),
  ]);
  const taken = new Map(known.map(({ id, name }) => [name, id]));
  return locations.map(({ id, name, spare, ...rest }) => {
    const free = [name, spare, `${spare} ${id}`].find((one) => (taken.get(one) ?? id) === id)!;
    taken.set(free, id);
    return { ...rest, id, name: free };
  });
}

/** Deer of this package that the database knows under another id, by the detections that both have: an export that comes home. */
async function knownDeer({ rows: ask }: Queries, rows: Rows): Promise<Map<string, string>> {
  const named = rows.detections.filter((one) => one.deer_id !== null);
  const assigned = await ask<{ id: string; deer_id: string }>(
    'SELECT id::text, deer_id::text FROM detections WHERE id = ANY($1::uuid[]) AND deer_id IS NOT NULL',
    [named.map(({ id }) => id)],
  );
  const deerOf = new Map(assigned.map(({ id, deer_id }) => [id, deer_id]));
  const known = new Map<string, string>();
  for (const [id, seen] of Map.groupBy(named, (one) => one.deer_id!)) {
    const theirs = new Set(seen.flatMap((one) => deerOf.get(one.id) ?? []));
    const [only] = theirs;
    if (theirs.size === 1 && only !== id) known.set(id, only!);
  }
  return known;
}
