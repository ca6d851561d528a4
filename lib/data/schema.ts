// The tables: what a camera-trap Re-ID database of this kind has, and what Hoofprint adds to it. Migrations only ever add.
import type { Database, Queries } from '../adapters/postgres.ts';
import { Fault } from '../errors.ts';

/** What a column must be able to hold; an owner's own table may use any type of the family. */
type Family = 'uuid' | 'text' | 'json' | 'instant' | 'number' | 'boolean' | 'vector';

const TYPES: Record<Family, readonly string[]> = {
  uuid: ['uuid'],
  text: ['text', 'character varying', 'character', 'USER-DEFINED enum'],
  json: ['json', 'jsonb'],
  instant: ['timestamp with time zone'],
  number: ['double precision', 'real', 'numeric', 'integer', 'bigint', 'smallint'],
  boolean: ['boolean'],
  vector: ['vector'],
};

/** Tables that an owner may already have, with the columns that everything else relies on. */
const REQUIRED: Record<string, Record<string, Family>> = {
  locations: { id: 'uuid', name: 'text', description: 'text', coordinates: 'json', active: 'boolean', image_count: 'number' },
  images: {
    id: 'uuid',
    filename: 'text',
    path: 'text',
    timestamp: 'instant',
    created_at: 'instant',
    location_id: 'uuid',
    exif_data: 'json',
    processing_status: 'text',
  },
  deer: {
    id: 'uuid',
    name: 'text',
    sex: 'text',
    status: 'text',
    species: 'text',
    first_seen: 'instant',
    last_seen: 'instant',
    feature_vector: 'vector',
    embedding_version: 'text',
    confidence: 'number',
    sighting_count: 'number',
    notes: 'text',
  },
  detections: {
    id: 'uuid',
    image_id: 'uuid',
    deer_id: 'uuid',
    bbox: 'json',
    confidence: 'number',
    classification: 'text',
    corrected_classification: 'text',
    is_duplicate: 'boolean',
    is_reviewed: 'boolean',
    is_valid: 'boolean',
    burst_group_id: 'uuid',
    created_at: 'instant',
    feature_vector: 'vector',
  },
};

/**
 * Ours, optional, beyond section 6 of the design:
 * - images.width, images.height: pixels, where the file could be read; images.deployment_id; images.contains_human: never shown as crop or frame.
 * - images.path of an observation without a file is `camtrap-dp:<package>/...`: it keeps place and time and names no file.
 * - detections.bbox null = the whole frame, or pixels unknown; detections.bbox_relative {x,y,width,height} of 0-1 as a package gave it.
 * - detections.species: scientific name; classification is buck/doe/fawn/unknown for deer and the scientific name itself for everything else.
 * - detections.observation: what else the package said of the animal (sex, lifeStage, behavior, individualID, tags, comments).
 * - detections.observation.individual: UUID of the animal that individualID names, the same in every package of one source.
 * - deployments.told, images.told: what else a package said of the deployment or media file, by the standard's names: an export passes it on.
 * - hoofprint_meta: facts about this database itself, such as the presence of the demo herd; `camtrap_dp_package:<id>` is what a source of its
 *   data says of people, licences and project (an imported package, the demo herd): an exported Camtrap DP package passes on that of the only one.
 *   `database_id` is a UUID of its own, made once: the id of its exported packages, whatever their period.
 */
const MIGRATIONS: readonly { version: number; name: string; statements: readonly string[] }[] = [
  {
    version: 1,
    name: 'camera-trap tables',
    statements: [
      `CREATE TABLE IF NOT EXISTS locations (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL UNIQUE, description text, coordinates jsonb,
        active boolean NOT NULL DEFAULT true, image_count integer NOT NULL DEFAULT 0)`,
      `CREATE TABLE IF NOT EXISTS images (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(), filename text NOT NULL, path text NOT NULL UNIQUE, "timestamp" timestamptz NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(), location_id uuid REFERENCES locations (id) ON DELETE SET NULL, exif_data jsonb,
        processing_status text NOT NULL DEFAULT 'pending')`,
      `CREATE TABLE IF NOT EXISTS deer (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text, sex text NOT NULL DEFAULT 'unknown', status text NOT NULL DEFAULT 'alive',
        species text, first_seen timestamptz, last_seen timestamptz, feature_vector vector, embedding_version text,
        confidence double precision, sighting_count integer NOT NULL DEFAULT 0, notes text)`,
      `CREATE TABLE IF NOT EXISTS detections (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(), image_id uuid NOT NULL REFERENCES images (id) ON DELETE CASCADE,
        deer_id uuid REFERENCES deer (id) ON DELETE SET NULL, bbox jsonb, confidence double precision, classification text,
        corrected_classification text, is_duplicate boolean NOT NULL DEFAULT false, is_reviewed boolean NOT NULL DEFAULT false,
        is_valid boolean NOT NULL DEFAULT true, burst_group_id uuid, created_at timestamptz NOT NULL DEFAULT now(), feature_vector vector)`,
    ],
  },
  {
    version: 2,
    name: 'optional tables and columns of Hoofprint',
    statements: [
      `CREATE TABLE IF NOT EXISTS deployments (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(), location_id uuid NOT NULL REFERENCES locations (id) ON DELETE CASCADE,
        starts_at timestamptz NOT NULL, ends_at timestamptz, camera_id text, time_zone text)`,
      `CREATE TABLE IF NOT EXISTS reid_reviews (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, detection_id uuid NOT NULL REFERENCES detections (id) ON DELETE CASCADE,
        deer_id uuid REFERENCES deer (id) ON DELETE CASCADE, identity text,
        verdict text NOT NULL CHECK (verdict IN ('same', 'different', 'none', 'unsure')),
        inclusion_probability double precision CHECK (inclusion_probability > 0 AND inclusion_probability <= 1),
        reviewer text, reviewed_at timestamptz NOT NULL DEFAULT now())`,
      'CREATE TABLE IF NOT EXISTS hoofprint_meta (key text PRIMARY KEY, value jsonb NOT NULL, written_at timestamptz NOT NULL DEFAULT now())',
      `ALTER TABLE images ADD COLUMN IF NOT EXISTS deployment_id uuid, ADD COLUMN IF NOT EXISTS width integer,
        ADD COLUMN IF NOT EXISTS height integer, ADD COLUMN IF NOT EXISTS contains_human boolean NOT NULL DEFAULT false`,
      `ALTER TABLE detections ADD COLUMN IF NOT EXISTS embedding_version text, ADD COLUMN IF NOT EXISTS species text,
        ADD COLUMN IF NOT EXISTS bbox_relative jsonb, ADD COLUMN IF NOT EXISTS observation jsonb`,
      'ALTER TABLE deer ADD COLUMN IF NOT EXISTS enrolled_at timestamptz, ADD COLUMN IF NOT EXISTS source_detection_id uuid',
    ],
  },
  {
    version: 3,
    name: 'indexes for exports',
    statements: [
      'CREATE INDEX IF NOT EXISTS hoofprint_images_timestamp ON images ("timestamp")',
      'CREATE INDEX IF NOT EXISTS hoofprint_images_location ON images (location_id, "timestamp")',
      'CREATE INDEX IF NOT EXISTS hoofprint_detections_image ON detections (image_id)',
      'CREATE INDEX IF NOT EXISTS hoofprint_detections_deer ON detections (deer_id) WHERE deer_id IS NOT NULL',
      'CREATE INDEX IF NOT EXISTS hoofprint_deployments_location ON deployments (location_id, starts_at)',
      'CREATE INDEX IF NOT EXISTS hoofprint_reviews_detection ON reid_reviews (detection_id)',
      'CREATE INDEX IF NOT EXISTS hoofprint_reviews_deer ON reid_reviews (deer_id) WHERE deer_id IS NOT NULL',
    ],
  },
  {
    version: 4,
    name: 'id of the database, what packages say',
    statements: [
      `INSERT INTO hoofprint_meta (key, value) VALUES ('database_id', to_jsonb(gen_random_uuid())) ON CONFLICT (key) DO NOTHING`,
      'ALTER TABLE deployments ADD COLUMN IF NOT EXISTS told jsonb',
      'ALTER TABLE images ADD COLUMN IF NOT EXISTS told jsonb',
    ],
  },
  {
    version: 5,
    name: 'vectors of detections in a table of ours',
    statements: [
      `CREATE TABLE IF NOT EXISTS hoofprint_embeddings (
        detection_id uuid NOT NULL REFERENCES detections (id) ON DELETE CASCADE, version text NOT NULL, vector vector NOT NULL,
        PRIMARY KEY (detection_id, version))`,
    ],
  },
];

/**
 * Brings a database to the newest version; each migration is one transaction, running it again applies nothing.
 * An owner's existing tables are kept as they are: only missing tables, optional columns and indexes are added.
 * @returns the migrations applied now, e.g. `1 camera-trap tables`.
 * @throws Fault `conflict` when pgvector is missing or an existing table has another shape (every difference is named); nothing is changed then.
 */
export async function migrate(database: Database): Promise<{ applied: string[] }> {
  const applied: string[] = [];
  for (const migration of MIGRATIONS) {
    await database.write(async ({ rows }) => {
      if (migration.version === 1) await enableVectors({ rows });
      await rows(`CREATE TABLE IF NOT EXISTS hoofprint_migrations
        (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`);
      // Two migrations at once queue here; the second finds the first one's work done.
      await rows('LOCK TABLE hoofprint_migrations IN EXCLUSIVE MODE');
      if (migration.version === 1) await refuseOtherShapes({ rows });
      const done = await rows('SELECT 1 FROM hoofprint_migrations WHERE version = $1', [migration.version]);
      if (done.length > 0) return;
      for (const statement of migration.statements) await rows(statement);
      await rows('INSERT INTO hoofprint_migrations (version, name) VALUES ($1, $2)', [migration.version, migration.name]);
      applied.push(`${migration.version} ${migration.name}`);
    });
  }
  return { applied };
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

async function enableVectors({ rows }: Pick<Queries, 'rows'>): Promise<void> {
  try {
    await rows('CREATE EXTENSION IF NOT EXISTS vector');
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('conflict', 'the database has no pgvector extension and it cannot be created: install pgvector on the server', {
      cause,
    });
  }
}

interface Column {
  table_name: string;
  column_name: string;
  type: string;
}

async function refuseOtherShapes({ rows }: Pick<Queries, 'rows'>): Promise<void> {
  const columns = await rows<Column>(
    `SELECT c.table_name::text, c.column_name::text,
       CASE WHEN c.data_type <> 'USER-DEFINED' THEN c.data_type::text WHEN t.typtype = 'e' THEN 'USER-DEFINED enum' ELSE t.typname::text END AS type
     FROM information_schema.columns c JOIN pg_type t ON t.typname = c.udt_name
       AND t.typnamespace = (SELECT oid FROM pg_namespace WHERE nspname = c.udt_schema)
     WHERE c.table_schema = current_schema() AND c.table_name = ANY($1)`,
    [Object.keys(REQUIRED)],
  );
  const keyed = await rows<{ table_name: string }>(
    `SELECT r.relname::text AS table_name FROM pg_index i JOIN pg_class r ON r.oid = i.indrelid
       JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = i.indkey[0]
     WHERE i.indisunique AND i.indnkeyatts = 1 AND i.indpred IS NULL AND a.attname = 'id'
       AND r.relnamespace = current_schema()::regnamespace AND r.relname = ANY($1)`,
    [Object.keys(REQUIRED)],
  );
  const problems: string[] = [];
  for (const [table, wanted] of Object.entries(REQUIRED)) {
    const found = new Map(columns.filter((column) => column.table_name === table).map((column) => [column.column_name, column.type]));
    if (found.size === 0) continue;
    for (const [name, family] of Object.entries(wanted)) {
      const type = found.get(name);
      if (type === undefined) problems.push(`${table}.${name} is missing`);
      else if (!TYPES[family].includes(type)) problems.push(`${table}.${name} is ${type}, expected ${TYPES[family][0]}`);
    }
    if (found.has('id') && !keyed.some((key) => key.table_name === table)) problems.push(`${table}.id is not a primary key`);
  }
  if (problems.length > 0) {
    throw new Fault('conflict', `the database has tables of these names in another shape: ${problems.join('; ')}; nothing was changed`);
  }
}
