// The demo herd into a database, out of it again, and the mark by which it is recognised: invented
// data must never pass for real.
import type { Database } from '../../lib/adapters/postgres.ts';
import { SOURCE_KEY } from '../../lib/deer/camtrap-dp.ts';
import { Fault } from '../../lib/errors.ts';
import { binaryCopy } from './copy.ts';
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
  await copy(
    'locations (id, name, description, coordinates, image_count)',
    binaryCopy(
      ['uuid', 'text', 'text', 'jsonb', 'int4'],
      herd.locations.map((at) => [at.id, at.name, at.description, at.coordinates, at.images]),
    ),
  );
  await copy(
    'deployments (id, location_id, starts_at, ends_at, camera_id, time_zone)',
    binaryCopy(
      ['uuid', 'uuid', 'timestamptz', 'timestamptz', 'text', 'text'],
      herd.deployments.map((stay) => [stay.id, stay.location, stay.startsAt, stay.endsAt, stay.camera, stay.timeZone]),
    ),
  );
  await copy(
    'images (id, filename, path, "timestamp", created_at, location_id, deployment_id, exif_data, processing_status, width, height)',
    binaryCopy(
      ['uuid', 'text', 'text', 'timestamptz', 'timestamptz', 'uuid', 'uuid', 'jsonb', 'text', 'int4', 'int4'],
      herd.images.map((image) => {
        const { id, filename, path, at, location, deployment, exif } = image;
        return [id, filename, path, at, at, location, deployment, exif, 'completed', 1_920, 1_080];
      }),
    ),
  );
  const vector = (row: number): Float32Array => herd.vectors.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS);
  await copy(
    `deer (id, name, sex, status, species, first_seen, last_seen, feature_vector, embedding_version, confidence, sighting_count, notes,
      enrolled_at, source_detection_id)`,
    binaryCopy(
      [
        'uuid',
        'text',
        'text',
        'text',
        'text',
        'timestamptz',
        'timestamptz',
        'vector',
        'text',
        'float8',
        'int4',
        'text',
        'timestamptz',
        'uuid',
      ],
      herd.deer.map((deer) => {
        const { id, name, sex, firstSeen, lastSeen, confidence, sightings, source, enrolledAt } = deer;
        const made = [firstSeen, lastSeen, vector(source), EMBEDDING_VERSION, confidence, sightings] as const;
        return [
          id,
          name,
          sex,
          'alive',
          SPECIES,
          ...made,
          'invented animal of the demo herd',
          enrolledAt,
          herd.detections[source]!.id,
        ];
      }),
    ),
  );
  await copy(
    `detections (id, image_id, deer_id, bbox, confidence, classification, corrected_classification, is_duplicate, is_reviewed, is_valid,
      burst_group_id, created_at, species, embedding_version, feature_vector)`,
    binaryCopy(
      [
        'uuid',
        'uuid',
        'uuid',
        'jsonb',
        'float8',
        'text',
        'text',
        'bool',
        'bool',
        'bool',
        'uuid',
        'timestamptz',
        'text',
        'text',
        'vector',
      ],
      herd.detections.map((one, row) => {
        const said = [
          one.bbox,
          one.confidence,
          one.classification,
          one.corrected,
          one.duplicate,
          one.reviewed,
          one.valid,
        ] as const;
        return [
          one.id,
          one.image,
          one.deer,
          ...said,
          one.burst,
          one.createdAt,
          SPECIES,
          EMBEDDING_VERSION,
          vector(row),
        ];
      }),
    ),
  );
  await copy(
    'reid_reviews (detection_id, deer_id, identity, verdict, inclusion_probability, reviewer, reviewed_at)',
    binaryCopy(
      ['uuid', 'uuid', 'text', 'text', 'float8', 'text', 'timestamptz'],
      herd.reviews.map((said) => [
        said.detection,
        said.deer,
        said.identity,
        said.verdict,
        said.inclusion,
        REVIEWER,
        said.reviewedAt,
      ]),
    ),
  );
  for (const table of ['locations', 'deployments', 'images', 'deer', 'detections', 'reid_reviews']) {
    await rows(`ANALYZE ${table}`);
  }
  await rows('INSERT INTO hoofprint_meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING', [
    ABOUT,
    JSON.stringify(about),
  ]);
  await rows('UPDATE hoofprint_meta SET value = $2 WHERE key = $1', [MARK, JSON.stringify(describe(herd, true))]);
  return herd;
}

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
