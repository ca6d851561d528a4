// Small worlds for the tests of what is in an export: named cameras, detections at given minutes,
// deployments.
import { randomUUID } from 'node:crypto';
import type { Database } from '../../lib/adapters/postgres.ts';
import { migratedDatabase, type OwnDatabase } from '../support/database.ts';

export interface Shot {
  /** ISO instant with offset. */
  at: string;
  place?: string | null;
  class?: string | null;
  corrected?: string | null;
  deer?: string | null;
  valid?: boolean;
  duplicate?: boolean;
  bbox?: object | null;
  path?: string;
  /** Puts this detection on the image of an earlier path instead of a new image. */
  id?: string;
  /** false: an image without a detection. */
  detection?: boolean;
}

export interface World extends OwnDatabase {
  database: Database;
  add(shots: readonly Shot[]): Promise<string[]>;
  deploy(place: string, from: string, to: string | null, camera?: string | null, zone?: string): Promise<void>;
  clear(): Promise<void>;
}

/** Of rows, which may be none. */
const columnsOf = (rows: readonly unknown[][], width: number): unknown[][] =>
  Array.from({ length: width }, (_, i) => rows.map((row) => row[i]));

export async function world(): Promise<World> {
  const own = await migratedDatabase();
  const places = new Map<string, string>();
  const deer = new Map<string, string>();
  const images = new Map<string, string>();

  const idOf = async (known: Map<string, string>, name: string, sql: string): Promise<string> => {
    const id = known.get(name) ?? randomUUID();
    if (!known.has(name)) await own.database.write((queries) => queries.rows(sql, [id, name]));
    known.set(name, id);
    return id;
  };
  const place = (name: string) => idOf(places, name, 'INSERT INTO locations (id, name) VALUES ($1, $2)');
  const animal = (name: string) => idOf(deer, name, `INSERT INTO deer (id, name, sex) VALUES ($1, $2, 'doe')`);

  return {
    ...own,
    add: async (shots) => {
      const newImages: unknown[][] = [];
      const detections: unknown[][] = [];
      const ids: string[] = [];
      for (const shot of shots) {
        const location = shot.place === null ? null : await place(shot.place ?? 'North');
        const deerId = shot.deer ? await animal(shot.deer) : null;
        const id = shot.id ?? randomUUID();
        const path = shot.path ?? `${id}.jpg`;
        const image = images.get(path) ?? randomUUID();
        if (!images.has(path)) newImages.push([image, path.split('/').at(-1), path, shot.at, location]);
        images.set(path, image);
        ids.push(id);
        if (shot.detection === false) continue;
        const label = [shot.class === undefined ? 'doe' : shot.class, shot.corrected ?? null];
        const bbox = shot.bbox ? JSON.stringify(shot.bbox) : null;
        detections.push([id, image, deerId, bbox, ...label, shot.valid ?? true, shot.duplicate ?? false]);
      }
      await own.database.write(async ({ rows }) => {
        await rows(
          `INSERT INTO images (id, filename, path, timestamp, location_id)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::uuid[])`,
          columnsOf(newImages, 5),
        );
        await rows(
          `INSERT INTO detections (id, image_id, deer_id, bbox, classification, corrected_classification, is_valid, is_duplicate, confidence, created_at)
           SELECT d.*, 0.9, '2024-01-01Z' FROM
             unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::jsonb[], $5::text[], $6::text[], $7::boolean[], $8::boolean[]) AS d`,
          columnsOf(detections, 8),
        );
      });
      return ids;
    },
    deploy: async (name, from, to, camera = null, zone = undefined) => {
      const location = await place(name);
      await own.database.write((queries) =>
        queries.rows(
          'INSERT INTO deployments (location_id, starts_at, ends_at, camera_id, time_zone) VALUES ($1, $2, $3, $4, $5)',
          [location, from, to, camera, zone ?? null],
        ),
      );
    },
    clear: async () => {
      for (const known of [places, deer, images]) known.clear();
      await own.database.write((queries) =>
        queries.rows('TRUNCATE locations, images, detections, deer, deployments CASCADE'),
      );
    },
  };
}
