// The demo herd into a database, out of it again, and the mark by which it is recognised: invented
// data must never pass for real.
import type { Database } from '../../lib/adapters/postgres.ts';
import { SOURCE_KEY } from '../../lib/deer/camtrap-dp.ts';
import { Fault } from '../../lib/errors.ts';
import { HEIGHT, WIDTH } from './boxes.ts';
import { binaryCopy, type ColumnType, type Value } from './copy.ts';
import { DIMENSIONS } from './embeddings.ts';
import { EMBEDDING_VERSION, generateHerd, type Herd, type HerdOptions, REVIEWER, SPECIES } from './herd.ts';

export interface LoadOptions extends HerdOptions {
  /** Does a binary COPY of `body` into a target such as `deer (id, name)`. */
  copy(target: string, body: Buffer): Promise<unknown>;
  rows<T extends object = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<T[]>;
}

/**
 * Written first and finished last: a herd whose loading was interrupted is recognised by its
 * unfinished mark and removed before the next try.
 */
const MARK = 'demo_herd';

/**
 * What an exported Camtrap DP package may truly say of invented animals; the key is read by
 * lib/exports/zip/camtrap-dp.
 */
const ABOUT = `${SOURCE_KEY}demo_herd`;
/** In the column `notes` of each deer. */
const NOTES = 'invented animal of the demo herd';
const about = {
  title: 'Demo herd of Hoofprint (invented data)',
  contributors: [{ title: 'Hoofprint demo herd generator', role: 'contributor' }],
  project: {
    title: 'Demo herd of Hoofprint (invented data)',
    description: 'Animals, cameras and detections were drawn by a program. Nothing here was observed.',
    samplingDesign: 'targeted',
    captureMethod: ['activityDetection'],
  },
};

/**
 * Generates a herd and loads it into a migrated database; an unfinished one is removed first.
 * @throws Fault `conflict` when a herd is there already.
 */
export async function loadHerd({ copy, rows, ...options }: LoadOptions): Promise<Herd> {
  const [mark] = await rows<{ value: { finished: boolean } }>('SELECT value FROM hoofprint_meta WHERE key = $1', [
    MARK,
  ]);
  if (mark?.value.finished === true) throw new Fault('conflict', 'the demo herd is already in this database');
  if (mark !== undefined) await removeRows(rows);
  const herd = generateHerd(options);
  await rows('INSERT INTO hoofprint_meta (key, value) VALUES ($1, $2)', [MARK, JSON.stringify(describe(herd, false))]);
  const tables = [locations(herd), deployments(herd), images(herd), deer(herd), detections(herd), reviews(herd)];
  for (const { table, columns, body } of tables) await copy(`${table} (${columns})`, body);
  for (const { table } of tables) await rows(`ANALYZE ${table}`);
  await rows('INSERT INTO hoofprint_meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING', [
    ABOUT,
    JSON.stringify(about),
  ]);
  await rows('UPDATE hoofprint_meta SET value = $2 WHERE key = $1', [MARK, JSON.stringify(describe(herd, true))]);
  return herd;
}

interface TableLoad {
  table: string;
  columns: string;
  body: Buffer;
}

/** @param columns each with its type, in the order of the values of a row */
function tableLoad<const C extends Record<string, ColumnType>>(
  table: string,
  columns: C,
  rows: Value<ColumnType>[][],
): TableLoad {
  return {
    table,
    columns: Object.keys(columns)
      .map((column) => `"${column}"`)
      .join(', '),
    body: binaryCopy(Object.values(columns), rows),
  };
}

const readVector = (herd: Herd, row: number): Float32Array =>
  herd.vectors.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS);

const locations = (herd: Herd): TableLoad =>
  tableLoad(
    'locations',
    { id: 'uuid', name: 'text', description: 'text', coordinates: 'jsonb', image_count: 'int4' },
    herd.locations.map((at) => [at.id, at.name, at.description, at.coordinates, at.images]),
  );

const deployments = (herd: Herd): TableLoad =>
  tableLoad(
    'deployments',
    {
      id: 'uuid',
      location_id: 'uuid',
      starts_at: 'timestamptz',
      ends_at: 'timestamptz',
      camera_id: 'text',
      time_zone: 'text',
    },
    herd.deployments.map((stay) => [stay.id, stay.location, stay.startsAt, stay.endsAt, stay.camera, stay.timeZone]),
  );

const images = (herd: Herd): TableLoad =>
  tableLoad(
    'images',
    {
      id: 'uuid',
      filename: 'text',
      path: 'text',
      timestamp: 'timestamptz',
      created_at: 'timestamptz',
      location_id: 'uuid',
      deployment_id: 'uuid',
      exif_data: 'jsonb',
      processing_status: 'text',
      width: 'int4',
      height: 'int4',
    },
    herd.images.map(({ id, filename, path, at, location, deployment, exif }) => {
      const file = [id, filename, path, at, at, location, deployment, exif];
      return [...file, 'completed', WIDTH, HEIGHT];
    }),
  );

const deer = (herd: Herd): TableLoad =>
  tableLoad(
    'deer',
    {
      id: 'uuid',
      name: 'text',
      sex: 'text',
      status: 'text',
      species: 'text',
      first_seen: 'timestamptz',
      last_seen: 'timestamptz',
      feature_vector: 'vector',
      embedding_version: 'text',
      confidence: 'float8',
      sighting_count: 'int4',
      notes: 'text',
      enrolled_at: 'timestamptz',
      source_detection_id: 'uuid',
    },
    herd.deer.map(({ id, name, sex, firstSeen, lastSeen, confidence, sightings, source, enrolledAt }) => {
      const animal = [id, name, sex, 'alive', SPECIES, firstSeen, lastSeen];
      const profile = [readVector(herd, source), EMBEDDING_VERSION, confidence, sightings];
      return [...animal, ...profile, NOTES, enrolledAt, herd.detections[source]!.id];
    }),
  );

const detections = (herd: Herd): TableLoad =>
  tableLoad(
    'detections',
    {
      id: 'uuid',
      image_id: 'uuid',
      deer_id: 'uuid',
      bbox: 'jsonb',
      confidence: 'float8',
      classification: 'text',
      corrected_classification: 'text',
      is_duplicate: 'bool',
      is_reviewed: 'bool',
      is_valid: 'bool',
      burst_group_id: 'uuid',
      created_at: 'timestamptz',
      species: 'text',
      embedding_version: 'text',
      feature_vector: 'vector',
    },
    herd.detections.map((detection, row) => {
      const { id, image, bbox, confidence, classification, corrected, duplicate, reviewed, valid } = detection;
      const labels = [confidence, classification, corrected, duplicate, reviewed, valid];
      const vector = [SPECIES, EMBEDDING_VERSION, readVector(herd, row)];
      return [id, image, detection.deer, bbox, ...labels, detection.burst, detection.createdAt, ...vector];
    }),
  );

const reviews = (herd: Herd): TableLoad =>
  tableLoad(
    'reid_reviews',
    {
      detection_id: 'uuid',
      deer_id: 'uuid',
      identity: 'text',
      verdict: 'text',
      inclusion_probability: 'float8',
      reviewer: 'text',
      reviewed_at: 'timestamptz',
    },
    herd.reviews.map(({ detection, deer, identity, verdict, inclusion, reviewedAt }) => [
      detection,
      deer,
      identity,
      verdict,
      inclusion,
      REVIEWER,
      reviewedAt,
    ]),
  );

const describe = (herd: Herd, finished: boolean): object => ({
  finished,
  seed: herd.seed,
  detections: herd.detections.length,
  locations: herd.locations.map(({ id }) => id),
  deer: herd.deer.map(({ id }) => id),
});

/**
 * The seed and size of the demo herd that is wholly in this database; undefined when there is none
 * or it has no tables of ours.
 */
export async function herdPresent(database: Database): Promise<{ seed: number; detections: number } | undefined> {
  return database.read(async ({ rows }) => {
    const [table] = await rows<{ there: boolean }>(`SELECT to_regclass('hoofprint_meta') IS NOT NULL AS there`);
    if (table?.there !== true) return undefined;
    const [mark] = await rows<{ value: { finished: boolean; seed: number; detections: number } }>(
      'SELECT value FROM hoofprint_meta WHERE key = $1',
      [MARK],
    );
    return mark?.value.finished === true ? { seed: mark.value.seed, detections: mark.value.detections } : undefined;
  });
}

/**
 * Removes the herd, whole or unfinished, and nothing else, in one transaction. @returns the number
 * of detections removed.
 */
export async function removeHerd(database: Database): Promise<number> {
  return database.write(({ rows }) => removeRows(rows));
}

async function removeRows(rows: LoadOptions['rows']): Promise<number> {
  const [mark] = await rows<{ value: { locations: string[]; deer: string[] } }>(
    'SELECT value FROM hoofprint_meta WHERE key = $1',
    [MARK],
  );
  if (mark === undefined) return 0;
  const { locations, deer } = mark.value;
  const [gone] = await rows<{ count: number }>(
    `SELECT count(*) AS count FROM detections d JOIN images i ON i.id = d.image_id WHERE i.location_id = ANY($1::uuid[]) AND i.path LIKE 'demo/%'`,
    [locations],
  );
  // Reviews, scores and detections follow their image by their foreign keys.
  await rows(`DELETE FROM images WHERE location_id = ANY($1::uuid[]) AND path LIKE 'demo/%'`, [locations]);
  await rows('DELETE FROM deer WHERE id = ANY($1::uuid[])', [deer]);
  await rows('DELETE FROM locations WHERE id = ANY($1::uuid[])', [locations]);
  await rows('DELETE FROM hoofprint_meta WHERE key IN ($1, $2)', [MARK, ABOUT]);
  return gone?.count ?? 0;
}
