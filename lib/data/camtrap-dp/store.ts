// The rows of a package into the database: one transaction, what is there already stays as it is.
import type { Queries } from '../../adapters/postgres.ts';
import { EFFORT_TAGS, tagPattern } from '../../deer/camtrap-dp.ts';
import { isPerson } from '../../deer/classes.ts';
import { finalClass, isValid } from '../../deer/detections.ts';
import { Changes, type Put, put, type Stored } from '../store.ts';
import type { Target } from '../target.ts';
import { deerOf, settle } from './individuals.ts';
import type { Move } from './moves.ts';
import type { Rows } from './rows.ts';

/** Fields of the rows of each table. */
export const WRITES = {
  locations: ['id', 'name', 'description', 'coordinates'],
  deployments: ['id', 'location_id', 'starts_at', 'ends_at', 'camera_id', 'time_zone', 'source_fields'],
  images: [
    ...[
      'id',
      'filename',
      'path',
      'timestamp',
      'created_at',
      'location_id',
      'deployment_id',
      'exif_data',
      'width',
      'height',
    ],
    ...['contains_human', 'source_fields', 'processing_status'],
  ],
  deer: ['id', 'name', 'sex', 'status', 'species', 'first_seen', 'last_seen', 'sighting_count'],
  detections: [
    ...[
      'id',
      'image_id',
      'deer_id',
      'bbox',
      'bbox_relative',
      'confidence',
      'classification',
      'is_reviewed',
      'is_duplicate',
      'is_valid',
    ],
    ...['burst_group_id', 'created_at', 'species', 'observation'],
  ],
} as const;

/**
 * What of the database says already that a person is in an image `i`; the import then has nothing
 * to add. $2 classes of people.
 */
const PERSON_KNOWN = `EXISTS (SELECT FROM detections h WHERE h.image_id = i.id AND ${isValid('h')}
  AND ${finalClass('h')} = ANY ($2::text[]))`;

/**
 * A deployment that was still running when its package was made: its end is only the time of that
 * package.
 */
const OPEN = `'${tagPattern(EFFORT_TAGS.open)}'`;
const extendSql = (fields: string): string => `UPDATE deployments d SET ends_at = r.ends_at, ${fields} = r.source_fields
FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, ends_at timestamptz, source_fields jsonb)
WHERE d.id = r.id AND d.${fields}->>'deploymentTags' ~ ${OPEN}
  AND (r.ends_at > d.ends_at OR coalesce(r.source_fields->>'deploymentTags', '') !~ ${OPEN}) RETURNING 1`;

/**
 * @returns per table what was added and what was there already, and the number of images whose file
 * has moved and of deployments that stand longer.
 */
export async function store(
  queries: Queries,
  target: Target,
  rows: Rows,
  moves: readonly Move[],
): Promise<Record<keyof typeof WRITES, Stored> & { moved: number; longer: number; notes: string[] }> {
  const { rows: ask } = queries;
  const changes = new Changes();
  const insert = (table: keyof typeof WRITES, all: readonly object[]): Promise<Put> =>
    put(queries, target, table, all, changes);

  const known = await ask<{ id: string }>('SELECT id::text FROM detections WHERE id = ANY($1::uuid[])', [
    rows.detections.map(({ id }) => id),
  ]);
  const stored = new Set(known.map(({ id }) => id));
  const fresh = rows.detections.filter(({ id }) => !stored.has(id));
  const locations = await insert('locations', await freeNames(queries, rows.locations));
  const longer = await ask(extendSql(target.catalog.sourceFields('deployments')!), [JSON.stringify(rows.deployments)]);
  const deployments = await insert('deployments', rows.deployments);

  // An image that another import or the owner already has under this path is the same image.
  const pathsOf = (all: readonly { path: string }[]): string[] => all.map(({ path }) => path);
  const ids = await ask<{ id: string; path: string }>(
    'SELECT id::text, path FROM images WHERE path = ANY($1::text[])',
    [pathsOf(rows.images)],
  );
  const idOf = new Map(ids.map(({ id, path }) => [path, id]));
  const same = new Map(rows.images.flatMap(({ id, path }) => (idOf.has(path) ? [[id, idOf.get(path)!]] : [])));
  const here = (id: string): string => same.get(id) ?? id;
  const changed = await ask(
    `UPDATE images SET path = r.path, width = coalesce(r.width, images.width), height = coalesce(r.height, images.height)
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, old text, path text, width integer, height integer) WHERE images.id = r.id AND images.path = r.old
     RETURNING 1`,
    [JSON.stringify(moves.filter(({ path }) => !idOf.has(path)))],
  );
  // A stand-in keeps place and time of new detections; those that the database has are on an image
  // of its own.
  const needed = new Set(fresh.map((one) => one.image_id));
  const images = await insert(
    'images',
    rows.images
      .filter(({ id, path, stand_in }) => (!idOf.has(path) || idOf.get(path) === id) && (!stand_in || needed.has(id)))
      .map((image) => ({ ...image, processing_status: 'completed' })),
  );
  const human = rows.images.filter((image) => image.contains_human).map(({ id }) => here(id));
  const classes = await ask<{ name: string | null }>(
    `SELECT DISTINCT ${finalClass('h')} AS name FROM detections h WHERE h.image_id = ANY($1::uuid[])`,
    [human],
  );
  await ask(
    `UPDATE images i SET contains_human = true WHERE i.id = ANY($1::uuid[]) AND i.contains_human IS NOT TRUE AND NOT ${PERSON_KNOWN}`,
    [human, classes.map(({ name }) => name).filter(isPerson)],
  );

  const deer = await deerOf(queries, rows, fresh);
  const newDeer = await insert(
    'deer',
    deer.made.map((one) => ({ ...one, status: 'alive' })),
  );
  const detections = await insert(
    'detections',
    fresh.map((one) => {
      const deer_id = deer.of.get(one.observation.individual ?? '') ?? null;
      return { ...one, image_id: here(one.image_id), deer_id, is_duplicate: false, is_valid: true };
    }),
  );
  await settle(queries, target.catalog, deer, fresh);
  await countImages(queries, target, images.ids);
  const counts = ({ made }: { made: number }, of: number): Stored => ({ made, there: of - made });
  return {
    locations: counts(locations, rows.locations.length),
    deployments: counts(deployments, rows.deployments.length),
    images: counts(images, rows.images.length),
    deer: { made: newDeer.made, there: deer.there },
    detections: counts(detections, rows.detections.length),
    moved: changed.length,
    longer: longer.length,
    notes: changes.notes(),
  };
}

async function countImages({ rows }: Queries, { catalog }: Target, made: readonly string[]): Promise<void> {
  if (!catalog.has('locations', 'image_count')) return;
  await rows(
    `UPDATE locations SET image_count = n.count FROM (SELECT location_id, count(*) AS count FROM images
       WHERE location_id IN (SELECT location_id FROM images WHERE id = ANY($1::uuid[])) GROUP BY 1) n
     WHERE locations.id = n.location_id AND locations.image_count IS DISTINCT FROM n.count`,
    [made],
  );
}

/**
 * A location's name is unique: one that another place has is made distinct by the package's own
 * key.
 */
async function freeNames({ rows: ask }: Queries, locations: Rows['locations']): Promise<object[]> {
  const known = await ask<{ id: string; name: string }>(
    'SELECT id::text, name FROM locations WHERE name = ANY($1::text[])',
    [locations.flatMap(({ name, spare }) => [name, spare])],
  );
  const taken = new Map(known.map(({ id, name }) => [name, id]));
  return locations.map(({ id, name, spare, ...rest }) => {
    const free = [name, spare, `${spare} ${id}`].find((one) => (taken.get(one) ?? id) === id)!;
    taken.set(free, id);
    return { ...rest, id, name: free };
  });
}
