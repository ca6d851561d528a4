// The rows of an imported set into the database; what is there already stays as it is.
import type { Queries } from '../../adapters/postgres.ts';
import { type ReviewRow, storeReviews } from '../reviews/store.ts';

export interface Stored {
  made: number;
  there: number;
}

export interface Rows {
  locations: { id: string; name: string }[];
  images: { id: string; filename: string; path: string; timestamp: string; location_id: string | null }[];
  deer: {
    id: string;
    name: string;
    sex: string;
    first_seen: string;
    last_seen: string;
    sighting_count: number;
    embedding_version: string;
    source_detection_id: string;
    vector: string;
  }[];
  detections: {
    id: string;
    image_id: string;
    classification: string;
    burst_group_id: string | null;
    created_at: string;
    embedding_version: string;
    vector: string;
  }[];
  reviews: ReviewRow[];
}

/** A vector of 512 numbers is 5 kB of text: a statement stays below a few MB. */
const BATCH = 500;

/** In one transaction of the caller. Places, files and rows that are there already are met by their name, path or id. */
export async function store(queries: Queries, rows: Rows): Promise<Record<keyof Rows, Stored>> {
  const insert = async (all: readonly object[], sql: string): Promise<Stored> => {
    let made = 0;
    for (let at = 0; at < all.length; at += BATCH) {
      made += (await queries.rows(`${sql} ON CONFLICT DO NOTHING RETURNING 1`, [JSON.stringify(all.slice(at, at + BATCH))])).length;
    }
    return { made, there: all.length - made };
  };
  const locations = await insert(
    rows.locations,
    'INSERT INTO locations (id, name) SELECT id, name FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, name text)',
  );
  // A camera that has a location under its name is that location, and a file that has an image under its path is that image.
  const places = await met(
    queries,
    'SELECT name AS key, id::text FROM locations WHERE name = ANY($1::text[])',
    rows.locations.map(({ name }) => name),
  );
  const placeOf = new Map(rows.locations.map(({ id, name }) => [id, places.get(name) ?? id]));
  const images = await insert(
    rows.images.map((image) => ({ ...image, location_id: image.location_id === null ? null : placeOf.get(image.location_id) })),
    `INSERT INTO images (id, filename, path, "timestamp", created_at, location_id, processing_status)
     SELECT id, filename, path, "timestamp", "timestamp", location_id, 'completed'
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, filename text, path text, "timestamp" timestamptz, location_id uuid)`,
  );
  const files = await met(
    queries,
    'SELECT path AS key, id::text FROM images WHERE path = ANY($1::text[])',
    rows.images.map(({ path }) => path),
  );
  const imageOf = new Map(rows.images.map(({ id, path }) => [id, files.get(path) ?? id]));
  const deer = await insert(
    rows.deer,
    `INSERT INTO deer (id, name, sex, status, first_seen, last_seen, sighting_count, embedding_version, source_detection_id, feature_vector)
     SELECT id, name, sex, 'alive', first_seen, last_seen, sighting_count, embedding_version, source_detection_id, vector::vector
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, name text, sex text, first_seen timestamptz, last_seen timestamptz, sighting_count integer,
       embedding_version text, source_detection_id uuid, vector text)`,
  );
  const detections = await insert(
    rows.detections.map((detection) => ({ ...detection, image_id: imageOf.get(detection.image_id) })),
    `INSERT INTO detections (id, image_id, classification, burst_group_id, created_at, embedding_version, feature_vector)
     SELECT id, image_id, classification, burst_group_id, created_at, embedding_version, vector::vector
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, image_id uuid, classification text, burst_group_id uuid, created_at timestamptz,
       embedding_version text, vector text)`,
  );
  return { locations, images, deer, detections, reviews: await storeReviews(queries, rows.reviews) };
}

async function met({ rows }: Queries, sql: string, keys: readonly string[]): Promise<Map<string, string>> {
  return new Map((await rows<{ key: string; id: string }>(sql, [keys])).map(({ key, id }) => [key, id]));
}
