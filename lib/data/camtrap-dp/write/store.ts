// The rows of a package into the database, in one transaction: what is there already stays as it
// is.
import type { Queries } from '../../../adapters/postgres.ts';
import { EFFORT_TAGS, tagPattern } from '../../../deer/camtrap-dp.ts';
import { isPerson } from '../../../deer/classes.ts';
import { finalClass, isValid } from '../../../deer/detections.ts';
import { warnOfKnownLocations } from '../../known-locations.ts';
import { Store, type Stored } from '../../store.ts';
import type { Target } from '../../target.ts';
import type { LocationRow } from '../rows/locations.ts';
import type { DetectionRow, PackageRows } from '../rows/rows.ts';
import { findDeer, settleDeer } from './individuals.ts';
import type { Move } from './known.ts';

/** Fields of the rows of each table. */
export const WRITES = {
  locations: ['id', 'name', 'description', 'coordinates'],
  deployments: ['id', 'location_id', 'starts_at', 'ends_at', 'camera_id', 'time_zone', 'source_fields'],
  images: [
    ...['id', 'filename', 'path', 'timestamp', 'created_at', 'location_id', 'deployment_id', 'exif_data', 'width'],
    ...['height', 'contains_human', 'source_fields', 'processing_status'],
  ],
  deer: ['id', 'name', 'sex', 'status', 'species', 'first_seen', 'last_seen', 'sighting_count'],
  detections: [
    ...['id', 'image_id', 'deer_id', 'bbox', 'bbox_relative', 'confidence', 'classification', 'is_reviewed'],
    ...['is_duplicate', 'is_valid', 'burst_group_id', 'created_at', 'species', 'observation'],
  ],
} as const;

export interface StoredPackage extends Record<keyof typeof WRITES, Stored> {
  /** Images whose file has moved. */
  moved: number;
  /** Deployments that ended later than an earlier package knew. */
  extended: number;
  notes: string[];
}

/** @returns for each table what was added and what was there already. */
export async function storePackage(
  queries: Queries,
  target: Target,
  rows: PackageRows,
  moves: readonly Move[],
): Promise<StoredPackage> {
  const store = new Store(queries, target);
  const fresh = await findNewDetections(queries, rows.detections);
  const locations = await store.insert('locations', await freeNames(store, rows.locations));
  const alike = await warnOfKnownLocations(queries, rows.locations);
  const extended = await extendDeployments(queries, target, rows);
  const deployments = await store.insert('deployments', rows.deployments);
  const images = await storeImages(queries, store, rows, fresh, moves);
  const deer = await findDeer(queries, rows, fresh);
  const newDeer = await store.insert(
    'deer',
    deer.made.map((animal) => ({ ...animal, status: 'alive' })),
  );
  const detections = await store.insert(
    'detections',
    fresh.map((row) => {
      const deer_id = deer.of.get(row.observation.individual ?? '') ?? null;
      return { ...row, image_id: images.toStored(row.image_id), deer_id, is_duplicate: false, is_valid: true };
    }),
  );
  await settleDeer(queries, target.catalog, deer, fresh);
  await countImages(queries, target, images.ids);
  const compare = (made: number, all: readonly unknown[]): Stored => ({ made, there: all.length - made });
  return {
    locations: compare(locations.made, rows.locations),
    deployments: compare(deployments.made, rows.deployments),
    images: compare(images.ids.length, rows.images),
    deer: { made: newDeer.made, there: deer.there },
    detections: compare(detections.made, rows.detections),
    moved: images.moved,
    extended,
    notes: [...alike, ...store.notes()],
  };
}

async function findNewDetections({ rows }: Queries, detections: readonly DetectionRow[]): Promise<DetectionRow[]> {
  const known = await rows<{ id: string }>('SELECT id::text FROM detections WHERE id = ANY($1::uuid[])', [
    detections.map(({ id }) => id),
  ]);
  const stored = new Set(known.map(({ id }) => id));
  return detections.filter(({ id }) => !stored.has(id));
}

/**
 * A location's name is unique: where a different location has it, the package's key is added to it.
 */
async function freeNames(store: Store, locations: readonly LocationRow[]): Promise<object[]> {
  const taken = await store.findIds(
    'locations',
    locations.flatMap(({ name, spare }) => [name, spare]),
  );
  return locations.map(({ id, name, spare, ...rest }) => {
    const free = [name, spare, `${spare} ${id}`].find((wanted) => (taken.get(wanted) ?? id) === id)!;
    taken.set(free, id);
    return { ...rest, id, name: free };
  });
}

/** Finds the tag of a deployment that was still running when its package was made. */
const OPEN = `'${tagPattern(EFFORT_TAGS.open)}'`;

/**
 * The end of such a deployment is only what was known then: that of a later package is stored.
 * @returns how many.
 */
async function extendDeployments(
  { rows }: Queries,
  { catalog }: Target,
  { deployments }: PackageRows,
): Promise<number> {
  const fields = catalog.sourceFields('deployments')!;
  const extended = await rows(
    `UPDATE deployments d SET ends_at = r.ends_at, ${fields} = r.source_fields
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, ends_at timestamptz, source_fields jsonb)
     WHERE d.id = r.id AND d.${fields}->>'deploymentTags' ~ ${OPEN}
       AND (r.ends_at > d.ends_at OR coalesce(r.source_fields->>'deploymentTags', '') !~ ${OPEN}) RETURNING 1`,
    [JSON.stringify(deployments)],
  );
  return extended.length;
}

interface StoredImages {
  /** Of the images that are new. */
  ids: string[];
  moved: number;
  /** The id in the database of an image of the package. */
  toStored: (id: string) => string;
}

async function storeImages(
  queries: Queries,
  store: Store,
  { images }: PackageRows,
  fresh: readonly DetectionRow[],
  moves: readonly Move[],
): Promise<StoredImages> {
  // An image that another import or the owner already has under this path is the same image.
  const byPath = await store.findIds(
    'images',
    images.map(({ path }) => path),
  );
  const same = new Map(images.flatMap(({ id, path }) => (byPath.has(path) ? [[id, byPath.get(path)!]] : [])));
  const toStored = (id: string): string => same.get(id) ?? id;
  const moved = await queries.rows(
    `UPDATE images SET path = r.path, width = coalesce(r.width, images.width), height = coalesce(r.height, images.height)
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, old text, path text, width integer, height integer) WHERE images.id = r.id AND images.path = r.old
     RETURNING 1`,
    [JSON.stringify(moves.filter(({ path }) => !byPath.has(path)))],
  );
  // A placeholder is for new detections: those that the database has are on an image there.
  const needed = new Set(fresh.map((row) => row.image_id));
  const { ids } = await store.insert(
    'images',
    images
      .filter(
        ({ id, path, placeholder }) =>
          (!byPath.has(path) || byPath.get(path) === id) && (!placeholder || needed.has(id)),
      )
      .map((image) => ({ ...image, processing_status: 'completed' })),
  );
  await markPeople(
    queries,
    images.filter((image) => image.contains_human).map(({ id }) => toStored(id)),
  );
  return { ids, moved: moved.length, toStored };
}

/** Marks images that show a person, unless a detection of the database says so already. */
async function markPeople({ rows }: Queries, images: readonly string[]): Promise<void> {
  const classes = await rows<{ name: string }>(
    `SELECT DISTINCT ${finalClass('h')} AS name FROM detections h WHERE h.image_id = ANY($1::uuid[])`,
    [images],
  );
  await rows(
    `UPDATE images i SET contains_human = true WHERE i.id = ANY($1::uuid[]) AND i.contains_human IS NOT TRUE
       AND NOT EXISTS (SELECT FROM detections h WHERE h.image_id = i.id AND ${isValid('h')} AND ${finalClass('h')} = ANY ($2::text[]))`,
    [images, classes.map(({ name }) => name).filter(isPerson)],
  );
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
