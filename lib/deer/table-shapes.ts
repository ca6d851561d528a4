// What Hoofprint expects of each table: the columns it cannot work without, those it uses where
// they are, and those it adds.

/** What a column must be able to hold; an owner's table may use any type of the family. */
export type Family = 'uuid' | 'uuids' | 'text' | 'json' | 'instant' | 'number' | 'boolean' | 'vector';

interface Types {
  /** As the catalog names them (pg_type.typname). */
  names: readonly string[];
  /** As a person reads it in a refusal. */
  label: string;
}

export const TYPES: Record<Family, Types> = {
  uuid: { names: ['uuid'], label: 'uuid' },
  uuids: { names: ['_uuid'], label: 'uuid[]' },
  text: { names: ['text', 'varchar', 'bpchar', 'citext', 'enum'], label: 'text' },
  json: { names: ['json', 'jsonb'], label: 'json' },
  instant: { names: ['timestamptz'], label: 'timestamp with time zone' },
  number: { names: ['float8', 'float4', 'numeric', 'int4', 'int8', 'int2'], label: 'double precision' },
  boolean: { names: ['bool'], label: 'boolean' },
  vector: { names: ['vector'], label: 'vector' },
};

type Columns = Readonly<Record<string, Family>>;

export interface Shape {
  /** Read by every export and analysis: without one of them nothing works. */
  needed: Columns;
  /** Used where they are. */
  optional: Columns;
  /**
   * Nullable, added by `npm run migrate` with this type (`source_fields`: see source-fields.ts).
   */
  ours: Readonly<Record<string, { family: Family; type: string }>>;
}

/**
 * Tables that an owner has already. No added column has a name that the platform's migrations use.
 */
export const OWNED = {
  locations: {
    needed: { id: 'uuid', name: 'text', description: 'text', coordinates: 'json' },
    optional: { active: 'boolean', image_count: 'number' },
    ours: {},
  },
  images: {
    needed: {
      id: 'uuid',
      filename: 'text',
      path: 'text',
      timestamp: 'instant',
      created_at: 'instant',
      location_id: 'uuid',
    },
    optional: { exif_data: 'json', processing_status: 'text' },
    ours: {
      deployment_id: { family: 'uuid', type: 'uuid' },
      width: { family: 'number', type: 'integer' },
      height: { family: 'number', type: 'integer' },
      contains_human: { family: 'boolean', type: 'boolean' },
      source_fields: { family: 'json', type: 'jsonb' },
    },
  },
  deer: {
    needed: { id: 'uuid', name: 'text', sex: 'text', species: 'text' },
    optional: {
      ...{
        status: 'text',
        first_seen: 'instant',
        last_seen: 'instant',
        feature_vector: 'vector',
        embedding_version: 'text',
      },
      ...{
        confidence: 'number',
        sighting_count: 'number',
        notes: 'text',
        created_at: 'instant',
        updated_at: 'instant',
      },
    },
    ours: {
      enrolled_at: { family: 'instant', type: 'timestamptz' },
      source_detection_id: { family: 'uuid', type: 'uuid' },
    },
  },
  detections: {
    needed: {
      ...{ id: 'uuid', image_id: 'uuid', deer_id: 'uuid', bbox: 'json', confidence: 'number', classification: 'text' },
      ...{ corrected_classification: 'text', is_duplicate: 'boolean', is_reviewed: 'boolean', is_valid: 'boolean' },
      ...{ burst_group_id: 'uuid', created_at: 'instant' },
    },
    optional: { feature_vector: 'vector', embedding_version: 'text' },
    ours: {
      species: { family: 'text', type: 'text' },
      bbox_relative: { family: 'json', type: 'jsonb' },
      observation: { family: 'json', type: 'jsonb' },
    },
  },
} as const satisfies Record<string, Shape>;

/**
 * Tables that Hoofprint makes; an owner may have one of the same name and another shape, which is
 * then left alone and not used.
 */
export const MADE = {
  deployments: {
    needed: {
      id: 'uuid',
      location_id: 'uuid',
      starts_at: 'instant',
      ends_at: 'instant',
      camera_id: 'text',
      time_zone: 'text',
    },
    optional: {},
    ours: { source_fields: { family: 'json', type: 'jsonb' } },
  },
  reid_reviews: {
    needed: {
      ...{ detection_id: 'uuid', deer_id: 'uuid', identity: 'text', verdict: 'text', inclusion_probability: 'number' },
      ...{ reviewer: 'text', reviewed_at: 'instant' },
    },
    optional: {},
    ours: {
      draw_id: { family: 'number', type: 'bigint' },
      purpose: { family: 'text', type: 'text' },
      event_id: { family: 'text', type: 'text' },
      score: { family: 'number', type: 'double precision' },
      threshold: { family: 'number', type: 'double precision' },
      class: { family: 'text', type: 'text' },
    },
  },
  hoofprint_draws: {
    needed: { id: 'number', seed: 'number', design: 'text', population: 'json', drawn_at: 'instant' },
    optional: {},
    ours: {},
  },
  hoofprint_draw_events: {
    needed: {
      ...{ draw_id: 'number', event_id: 'text', stratum: 'text', chance_a: 'number', chance_b: 'number' },
      ...{ place: 'number', detections: 'uuids' },
    },
    optional: {},
    ours: {},
  },
  hoofprint_meta: { needed: { key: 'text', value: 'json' }, optional: {}, ours: {} },
  hoofprint_runs: {
    needed: {
      ...{ id: 'number', at: 'instant', who: 'text', method: 'text', threshold: 'number', despite: 'text' },
      ...{ plan_hash: 'text', deer: 'json', undone_at: 'instant' },
    },
    optional: {},
    ours: {},
  },
  hoofprint_assignments: {
    needed: {
      ...{ run_id: 'number', detection_id: 'uuid', deer_id: 'uuid', old_deer_id: 'uuid', score: 'number' },
      undone_at: 'instant',
    },
    optional: {},
    ours: {},
  },
  hoofprint_profiles: {
    needed: {
      ...{ id: 'number', at: 'instant', who: 'text', method: 'text', deer_id: 'uuid', old_vector: 'vector' },
      ...{ new_vector: 'vector', detections: 'json' },
    },
    optional: {},
    ours: {},
  },
  hoofprint_embeddings: { needed: { detection_id: 'uuid', version: 'text', vector: 'vector' }, optional: {}, ours: {} },
} as const satisfies Record<string, Shape>;

/** Made as well, and asked for by lib/access alone. */
export const ACCESS_TABLES = ['hoofprint_keys', 'hoofprint_audit', 'hoofprint_webhooks'];

/** Tables of the platform that are read where they exist, and never written. */
const READ = {
  reid_similarity_scores: {
    needed: { detection_id: 'uuid', deer_id: 'uuid', similarity_score: 'number' },
    optional: {
      calculated_at: 'instant',
      detection_classification: 'text',
      deer_sex: 'text',
      threshold_used: 'number',
    },
    ours: {},
  },
} as const satisfies Record<string, Shape>;

export const SHAPES: Readonly<Record<string, Shape>> = { ...OWNED, ...MADE, ...READ };

/** The family that a column is used as; undefined for a column of no use to Hoofprint. */
export function findFamily(table: string, column: string): Family | undefined {
  const shape = SHAPES[table];
  return shape?.needed[column] ?? shape?.optional[column] ?? shape?.ours[column]?.family;
}
