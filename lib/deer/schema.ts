// The tables: what a camera-trap Re-ID database of this kind has, and what Hoofprint adds to it.
// Migrations only add (and rename what is ours).
import type { Database, Queries } from '../adapters/postgres.ts';
import { readCatalog } from './columns.ts';
import { enableVectors, refuseOtherShapes, refuseWithoutRights, refuseWithoutSchema } from './migration-needs.ts';
import { findTable, findTables, planStep, readIndexes, type Step } from './migration-steps.ts';
import { ACCESS_TABLES, MADE } from './table-shapes.ts';
import { takenNames } from './usability.ts';

/**
 * Optional columns of ours (docs/data-model.md):
 * - images.width, images.height: pixels, where the file could be read; images.deployment_id;
 * images.contains_human: never shown as crop or frame.
 * - images.path of an observation without a file is `camtrap-dp:<package>/...`: the row keeps
 * location and time.
 * - detections.bbox null = the whole frame, or pixels unknown; detections.bbox_relative
 * {x,y,width,height} of 0-1 as a package gave it.
 * - detections.species: scientific name; classification is buck/doe/fawn/unknown for deer and the
 * scientific name itself for everything else.
 * - detections.observation: what else the package says of the animal (sex, lifeStage, behavior,
 * individualID, tags, comments).
 * - detections.observation.individual: UUID of the animal that individualID names, the same in
 * every package of one source.
 * - deployments.source_fields, images.source_fields: what else a package says of the deployment or
 * media file, by the standard's names: an export writes it again.
 * - hoofprint_meta: facts about this database itself, such as the presence of the demo herd;
 * `camtrap_dp_package:<id>` is what a source of its
 * data says of people, licenses and project (an imported package, the demo herd): an exported
 * Camtrap DP package repeats it where there is only one source.
 * `database_id` is a UUID, made once: the id of its exported packages, whatever their period.
 * `matching_recommendation` is the newest recommendation of a method, with its center.
 * - hoofprint_runs: who wrote names on pictures, by what, and in `deer` what each deer's row was
 * before and after; hoofprint_assignments: each name written, and what was there before.
 * - hoofprint_profiles: each profile written, the vector before it, and the detections that it was
 * made from: those are sources of the profile.
 * - hoofprint_draw_events: every event that a draw could have taken, with its stratum; chance_a is
 * the share of the stratum that was taken (null: not known), chance_b the share that was decided
 * when reviews were last imported. place and detections: of taken events only.
 */
const MIGRATIONS: readonly { version: number; name: string; steps: readonly Step[] }[] = [
  {
    version: 1,
    name: 'camera-trap tables',
    steps: [
      {
        table: 'locations',
        create: `CREATE TABLE locations (
          id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL UNIQUE, description text, coordinates jsonb,
          active boolean NOT NULL DEFAULT true, image_count integer NOT NULL DEFAULT 0)`,
      },
      {
        table: 'images',
        create: `CREATE TABLE images (
          id uuid PRIMARY KEY DEFAULT gen_random_uuid(), filename text NOT NULL, path text NOT NULL UNIQUE, "timestamp" timestamptz NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now(), location_id uuid REFERENCES locations (id) ON DELETE SET NULL, exif_data jsonb,
          processing_status text NOT NULL DEFAULT 'pending', contains_human boolean NOT NULL DEFAULT false)`,
      },
      {
        table: 'deer',
        create: `CREATE TABLE deer (
          id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text, sex text NOT NULL DEFAULT 'unknown', status text NOT NULL DEFAULT 'alive',
          species text, first_seen timestamptz, last_seen timestamptz, feature_vector vector, embedding_version text,
          confidence double precision, sighting_count integer NOT NULL DEFAULT 0, notes text)`,
      },
      {
        table: 'detections',
        create: `CREATE TABLE detections (
          id uuid PRIMARY KEY DEFAULT gen_random_uuid(), image_id uuid NOT NULL REFERENCES images (id) ON DELETE CASCADE,
          deer_id uuid REFERENCES deer (id) ON DELETE SET NULL, bbox jsonb, confidence double precision, classification text,
          corrected_classification text, is_duplicate boolean NOT NULL DEFAULT false, is_reviewed boolean NOT NULL DEFAULT false,
          is_valid boolean NOT NULL DEFAULT true, burst_group_id uuid, created_at timestamptz NOT NULL DEFAULT now(), feature_vector vector,
          embedding_version text)`,
      },
    ],
  },
  {
    version: 2,
    name: 'optional tables and columns of Hoofprint',
    steps: [
      {
        table: 'deployments',
        create: `CREATE TABLE deployments (
          id uuid PRIMARY KEY DEFAULT gen_random_uuid(), location_id uuid NOT NULL REFERENCES locations (id) ON DELETE CASCADE,
          starts_at timestamptz NOT NULL, ends_at timestamptz, camera_id text, time_zone text)`,
      },
      {
        table: 'reid_reviews',
        create: `CREATE TABLE reid_reviews (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, detection_id uuid NOT NULL REFERENCES detections (id) ON DELETE CASCADE,
          deer_id uuid REFERENCES deer (id) ON DELETE CASCADE, identity text,
          verdict text NOT NULL CHECK (verdict IN ('same', 'different', 'none', 'unsure')),
          inclusion_probability double precision CHECK (inclusion_probability > 0 AND inclusion_probability <= 1),
          reviewer text, reviewed_at timestamptz NOT NULL DEFAULT now())`,
      },
      {
        table: 'hoofprint_meta',
        create:
          'CREATE TABLE hoofprint_meta (key text PRIMARY KEY, value jsonb NOT NULL, written_at timestamptz NOT NULL DEFAULT now())',
      },
      { widen: 'images' },
      { widen: 'detections' },
      { widen: 'deer' },
    ],
  },
  {
    version: 3,
    name: 'indexes for exports',
    steps: [
      { index: 'hoofprint_images_timestamp', on: 'images', columns: ['timestamp'] },
      { index: 'hoofprint_images_location', on: 'images', columns: ['location_id', 'timestamp'] },
      { index: 'hoofprint_detections_image', on: 'detections', columns: ['image_id'] },
      { index: 'hoofprint_detections_deer', on: 'detections', columns: ['deer_id'], where: 'deer_id IS NOT NULL' },
      { index: 'hoofprint_deployments_location', on: 'deployments', columns: ['location_id', 'starts_at'] },
      { index: 'hoofprint_reviews_detection', on: 'reid_reviews', columns: ['detection_id'] },
      { index: 'hoofprint_reviews_deer', on: 'reid_reviews', columns: ['deer_id'], where: 'deer_id IS NOT NULL' },
    ],
  },
  {
    version: 4,
    name: 'id of the database, what packages say',
    steps: [
      {
        run: `INSERT INTO hoofprint_meta (key, value) VALUES ('database_id', to_jsonb(gen_random_uuid())) ON CONFLICT (key) DO NOTHING`,
      },
    ],
  },
  {
    version: 5,
    name: 'vectors of detections in a table of ours',
    steps: [
      {
        table: 'hoofprint_embeddings',
        create: `CREATE TABLE hoofprint_embeddings (
          detection_id uuid NOT NULL REFERENCES detections (id) ON DELETE CASCADE, version text NOT NULL, vector vector NOT NULL,
          PRIMARY KEY (detection_id, version))`,
      },
      { moveScores: 'hoofprint_similarity_scores' },
    ],
  },
  {
    version: 6,
    name: 'source fields of images and deployments',
    steps: [{ sourceFields: 'images' }, { sourceFields: 'deployments' }],
  },
  {
    version: 7,
    name: 'keys, and what was done with them',
    steps: [
      {
        table: 'hoofprint_keys',
        create: `CREATE TABLE hoofprint_keys (
          prefix text PRIMARY KEY, hash text NOT NULL UNIQUE CHECK (hash ~ '^[0-9a-f]{64}$'), owner text NOT NULL, scopes text NOT NULL,
          created_at timestamptz NOT NULL DEFAULT now(), expires_at timestamptz, revoked_at timestamptz, last_used_on text)`,
      },
      {
        table: 'hoofprint_audit',
        create: `CREATE TABLE hoofprint_audit (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), key_prefix text NOT NULL,
          owner text NOT NULL, act text NOT NULL, subject text NOT NULL)`,
      },
    ],
  },
  {
    version: 8,
    name: 'draws of events, and where reviews are from',
    steps: [
      {
        table: 'hoofprint_draws',
        create: `CREATE TABLE hoofprint_draws (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, seed bigint NOT NULL, design text NOT NULL, population jsonb NOT NULL,
          drawn_at timestamptz NOT NULL DEFAULT now())`,
      },
      {
        table: 'hoofprint_draw_events',
        create: `CREATE TABLE hoofprint_draw_events (
          draw_id bigint NOT NULL REFERENCES hoofprint_draws (id) ON DELETE CASCADE, event_id text NOT NULL, stratum text NOT NULL,
          chance_a double precision, chance_b double precision, place integer, detections uuid[], PRIMARY KEY (draw_id, event_id))`,
      },
      { widen: 'reid_reviews' },
    ],
  },
  {
    version: 9,
    name: 'assignments and profiles that Hoofprint wrote',
    steps: [
      {
        table: 'hoofprint_runs',
        create: `CREATE TABLE hoofprint_runs (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), who text NOT NULL, method text NOT NULL,
          threshold double precision NOT NULL, despite text, plan_hash text NOT NULL, deer jsonb NOT NULL, undone_at timestamptz)`,
      },
      {
        table: 'hoofprint_assignments',
        create: `CREATE TABLE hoofprint_assignments (
          run_id bigint NOT NULL REFERENCES hoofprint_runs (id) ON DELETE CASCADE, detection_id uuid NOT NULL REFERENCES detections (id) ON DELETE CASCADE,
          deer_id uuid, old_deer_id uuid, score double precision, undone_at timestamptz, PRIMARY KEY (run_id, detection_id))`,
      },
      { index: 'hoofprint_assignments_detection', on: 'hoofprint_assignments', columns: ['detection_id'] },
      {
        table: 'hoofprint_profiles',
        create: `CREATE TABLE hoofprint_profiles (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), who text NOT NULL, method text NOT NULL,
          deer_id uuid NOT NULL REFERENCES deer (id) ON DELETE CASCADE, old_vector vector, new_vector vector NOT NULL, detections jsonb NOT NULL)`,
      },
      { index: 'hoofprint_profiles_deer', on: 'hoofprint_profiles', columns: ['deer_id'] },
    ],
  },
  {
    version: 10,
    name: 'webhooks of keys',
    steps: [
      {
        table: 'hoofprint_webhooks',
        create: `CREATE TABLE hoofprint_webhooks (
          key_prefix text PRIMARY KEY, url text NOT NULL, secret text NOT NULL, created_at timestamptz NOT NULL DEFAULT now(),
          ended_at timestamptz, ended_because text)`,
      },
    ],
  },
  {
    version: 11,
    name: 'the class that a reviewer of a roster saw',
    steps: [{ widen: 'reid_reviews' }],
  },
];

/**
 * Brings a database to the newest version in one transaction; running it again applies nothing.
 * An owner's tables are kept as they are: only missing tables, nullable columns and indexes without
 * an equivalent are added.
 * @returns the migrations applied now, e.g. `1 camera-trap tables`, and in `notes` names that the
 *   owner uses for something else.
 * @throws Fault `conflict` when pgvector or a privilege is missing or an existing table has another
 *   shape (every difference is named), `unavailable` when the database is down or read-only;
 *   nothing is changed then.
 */
export async function migrate(database: Database): Promise<{ applied: string[]; notes?: string[] }> {
  if ((await migrated(database)) && (await isWhole(database))) return { applied: [] };
  return database.write(async (queries) => {
    // Two migrations at once queue here; the second finds the first one's work done.
    await queries.rows(`SELECT pg_advisory_xact_lock(hashtext('hoofprint_migrations'))`);
    // The owner's application would wait behind a statement that waits for its lock.
    await queries.rows(`SET LOCAL lock_timeout = '30s'`);
    await enableVectors(queries);
    const catalog = await readCatalog(queries);
    refuseOtherShapes(catalog);
    await refuseWithoutSchema(queries, catalog);
    await queries.rows(`CREATE TABLE IF NOT EXISTS hoofprint_migrations
      (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`);
    const applied: string[] = [];
    const remade = new Set<string>();
    for (const { version, name, steps } of MIGRATIONS) {
      const [done] = await queries.rows('SELECT 1 FROM hoofprint_migrations WHERE version = $1', [version]);
      let statements = 0;
      for (const step of steps) {
        // Of a migration that was applied, only what somebody has removed since is made again:
        // tables, and what belongs to them.
        const due = done === undefined || 'table' in step || remade.has(findTable(step) ?? '');
        const count = due ? await carryOut(step, queries) : 0;
        if ('table' in step && count > 0) remade.add(step.table);
        statements += count;
      }
      if (done === undefined)
        await queries.rows('INSERT INTO hoofprint_migrations (version, name) VALUES ($1, $2)', [version, name]);
      if (done === undefined || statements > 0) applied.push(`${version} ${name}`);
    }
    const notes = takenNames(catalog);
    return { applied, ...(notes.length > 0 && { notes }) };
  });
}

/** Each step sees what the steps before it have made. @returns the number of its statements. */
async function carryOut(step: Step, queries: Queries): Promise<number> {
  const tables = findTables(step);
  const catalog = await readCatalog(queries, tables);
  const indexes = 'index' in step ? await readIndexes(queries, tables) : [];
  const statements = await planStep(step, queries, catalog, indexes);
  for (const planned of statements) {
    await refuseWithoutRights(queries, catalog, planned);
    await queries.rows(planned.sql);
  }
  return statements.length;
}

/** False when a table that a migration made has been removed since. */
async function isWhole(database: Database): Promise<boolean> {
  const made = [...Object.keys(MADE), ...ACCESS_TABLES];
  const catalog = await database.read((queries) => readCatalog(queries, made));
  return made.every((name) => catalog.table(name) !== undefined);
}

/** True when every migration of this version has been applied. */
export async function migrated(database: Database): Promise<boolean> {
  return database.read(async ({ rows }) => {
    const [table] = await rows<{ there: boolean }>(`SELECT to_regclass('hoofprint_migrations') IS NOT NULL AS there`);
    if (table?.there !== true) return false;
    const [newest] = await rows<{ version: number | null }>('SELECT max(version) AS version FROM hoofprint_migrations');
    return (newest?.version ?? 0) >= MIGRATIONS.at(-1)!.version;
  });
}
