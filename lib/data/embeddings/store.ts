// The rows of an imported set into the database; what is there already stays as it is.
import type { Database, Queries } from '../../adapters/postgres.ts';
import { readCatalog } from '../../deer/columns.ts';
import { Fault } from '../../errors.ts';
import { type ReviewRow, storeReviews } from '../reviews/store.ts';
import { Store, type Stored, vectorsInDetections } from '../store.ts';
import { openTarget, type Target } from '../target.ts';

export interface EmbeddingRows {
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

/**
 * Fields of the rows of each table; the vectors of detections are added where the table takes them.
 */
const FIELDS = {
  locations: ['id', 'name'],
  images: ['id', 'filename', 'path', 'timestamp', 'created_at', 'location_id', 'processing_status'],
  deer: [
    ...['id', 'name', 'sex', 'status', 'first_seen', 'last_seen', 'sighting_count', 'embedding_version'],
    ...['source_detection_id', 'feature_vector'],
  ],
  detections: ['id', 'image_id', 'classification', 'burst_group_id', 'created_at'],
} as const;

/**
 * @throws Fault `conflict` naming table and column when the database cannot take such a set;
 * nothing of it needs to be read for that.
 */
export async function openEmbeddingsTarget(database: Database): Promise<Target> {
  const catalog = await database.read((queries) => readCatalog(queries));
  const vectors = vectorsInDetections({ catalog }) ? ['embedding_version', 'feature_vector'] : [];
  const target = await openTarget(database, { ...FIELDS, detections: [...FIELDS.detections, ...vectors] }, [
    'reid_reviews',
    'hoofprint_embeddings',
  ]);
  if (!catalog.has('deer', 'feature_vector'))
    throw new Fault(
      'conflict',
      'deer.feature_vector is missing: profiles of identities cannot be stored; nothing was read',
    );
  return target;
}

/** @throws Fault `conflict` when a column takes vectors of another size. */
export function refuseOtherSize({ catalog }: Target, name: string, dimensions: number): void {
  for (const table of ['deer', 'detections']) {
    const takes = catalog.has(table, 'feature_vector')
      ? catalog.table(table)!.columns.get('feature_vector')!.dimensions
      : undefined;
    if (takes !== undefined && takes !== dimensions && (table === 'deer' || vectorsInDetections({ catalog })))
      throw new Fault(
        'conflict',
        `${table}.feature_vector holds ${takes} numbers, and the vectors of ${name} have ${dimensions}; nothing was loaded`,
      );
  }
}

/**
 * Stores the rows in the transaction of the caller. A camera that has a location under its name is
 * that location, and a file that has an image under its path is that image.
 */
export async function storeEmbeddings(
  queries: Queries,
  target: Target,
  rows: EmbeddingRows,
): Promise<{ stored: Record<keyof EmbeddingRows, Stored>; notes: string[] }> {
  const store = new Store(queries, target);
  const insert = async (table: keyof typeof FIELDS, all: readonly object[]): Promise<Stored> => {
    const { made, there } = await store.insert(table, all);
    return { made, there };
  };
  const locations = await insert('locations', rows.locations);
  const byName = await store.findIds(
    'locations',
    rows.locations.map(({ name }) => name),
  );
  const storedLocations = new Map(rows.locations.map(({ id, name }) => [id, byName.get(name) ?? id]));
  const images = await insert(
    'images',
    rows.images.map((image) => ({
      ...image,
      created_at: image.timestamp,
      location_id: image.location_id === null ? null : storedLocations.get(image.location_id),
      processing_status: 'completed',
    })),
  );
  const byPath = await store.findIds(
    'images',
    rows.images.map(({ path }) => path),
  );
  const storedImages = new Map(rows.images.map(({ id, path }) => [id, byPath.get(path) ?? id]));
  const deer = await insert(
    'deer',
    rows.deer.map(({ vector, ...profile }) => ({ ...profile, status: 'alive', feature_vector: vector })),
  );
  const detections = await insert(
    'detections',
    rows.detections.map(({ vector, ...detection }) => ({
      ...detection,
      image_id: storedImages.get(detection.image_id),
      feature_vector: vector,
    })),
  );
  if (rows.deer.length > 0 && !target.catalog.has('deer', 'embedding_version'))
    store.note('deer has no column embedding_version: which program made the vectors of profiles is not stored');
  if (!vectorsInDetections(target)) await storeVectors(queries, rows.detections);
  const reviews = await storeReviews(queries, rows.reviews);
  return { stored: { locations, images, deer, detections, reviews }, notes: store.notes() };
}

const VECTORS = 500;

/** Where an owner's detections have no column for them; a vector that is there already stays. */
async function storeVectors({ rows: ask }: Queries, rows: EmbeddingRows['detections']): Promise<void> {
  for (let at = 0; at < rows.length; at += VECTORS)
    await ask(
      `INSERT INTO hoofprint_embeddings (detection_id, version, vector)
       SELECT id, embedding_version, vector FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, embedding_version text, vector vector)
       ON CONFLICT DO NOTHING`,
      [JSON.stringify(rows.slice(at, at + VECTORS))],
    );
}
