// The slow twin of the kernel and data sets of a test's own: from a herd with its hidden truth, or
// by hand.
import { assemble, type Raw } from '../../lib/reid/dataset/assemble.ts';
import type { Dataset } from '../../lib/reid/dataset/dataset.ts';
import type { Detection, Profile, Review } from '../../lib/reid/dataset/records.ts';
import type { VectorTable } from '../../lib/reid/dataset/vector-table.ts';
import type { Similarity } from '../../lib/reid/study/scoring.ts';
import { EMBEDDING_VERSION, type Herd } from '../../localstack/herd/herd.ts';

/** Normalised cosines by a double loop, in float64. */
export function bruteScores(rows: Float32Array, columns: Float32Array, dimensions: number): Float32Array {
  const [n, m] = [rows.length / dimensions, columns.length / dimensions];
  const norm = (of: Float32Array, row: number): number => {
    let squares = 0;
    for (let d = 0; d < dimensions; d++) squares += of[row * dimensions + d]! ** 2;
    return Math.sqrt(squares);
  };
  const lengths = Array.from({ length: m }, (_, j) => norm(columns, j));
  const scores = new Float32Array(n * m);
  for (let i = 0; i < n; i++) {
    const own = norm(rows, i);
    for (let j = 0; j < m; j++) {
      let sum = 0;
      for (let d = 0; d < dimensions; d++) sum += rows[i * dimensions + d]! * columns[j * dimensions + d]!;
      scores[i * m + j] = sum / (own * lengths[j]!);
    }
  }
  return scores;
}

export const brute: Similarity = async (rows, columns, dimensions) => bruteScores(rows, columns, dimensions);

export function table(
  entries: readonly (readonly [id: string, vector: readonly number[] | Float32Array])[],
): VectorTable {
  const dimensions = entries[0]?.[1].length ?? 0;
  const fitting = entries.filter(([, vector]) => vector.length === dimensions);
  const values = new Float32Array(fitting.length * dimensions);
  fitting.forEach(([, vector], i) => {
    values.set(vector, i * dimensions);
  });
  const wrongSize = entries.filter(([, vector]) => vector.length !== dimensions).map(([id]) => id);
  return { ids: fitting.map(([id]) => id), values, dimensions, wrongSize };
}

export const detection = (id: string, more: Partial<Detection> = {}): Detection => ({
  id,
  image: `image of ${id}`,
  location: null,
  at: 0,
  label: 'doe',
  burst: null,
  deer: null,
  reviewed: false,
  confidence: 0.9,
  box: null,
  valid: true,
  duplicate: false,
  version: 'v1',
  ...more,
});

export const profile = (id: string, more: Partial<Profile> = {}): Profile => ({
  id,
  name: id.toUpperCase(),
  label: 'doe',
  enrolledAt: null,
  source: null,
  sourceLocation: null,
  sourceAt: null,
  version: 'v1',
  ...more,
});

export const review = (detection: string, more: Partial<Review> = {}): Review => ({
  detection,
  deer: null,
  identity: null,
  verdict: 'none',
  inclusion: null,
  at: 1_000,
  ...more,
});

/** The rows of a herd as the loader reads them. @param reviews instead of the herd's */
export function rawOf(herd: Herd, reviews?: readonly Review[]): Raw {
  const image = new Map(herd.images.map((one) => [one.id, one]));
  const dimensions = herd.vectors.length / herd.detections.length;
  const vector = (row: number): Float32Array => herd.vectors.subarray(row * dimensions, (row + 1) * dimensions);
  return {
    detections: herd.detections.map((one): Detection => {
      const { at, location } = image.get(one.image)!;
      const { id, image: imageId, deer, burst, confidence, bbox, valid, duplicate, reviewed } = one;
      const label = one.corrected ?? one.classification;
      return {
        id,
        image: imageId,
        location,
        at,
        label,
        burst,
        deer,
        reviewed,
        confidence,
        box: bbox,
        valid,
        duplicate,
        version: EMBEDDING_VERSION,
      };
    }),
    vectors: { ids: herd.detections.map(({ id }) => id), values: herd.vectors.slice(), dimensions, wrongSize: [] },
    profiles: herd.deer.map(({ id, name, sex, enrolledAt, source }): Profile => {
      const { id: sourceId, image: of } = herd.detections[source]!;
      const { at, location } = image.get(of)!;
      return {
        id,
        name,
        label: sex,
        enrolledAt,
        source: sourceId,
        sourceLocation: location,
        sourceAt: at,
        version: EMBEDDING_VERSION,
      };
    }),
    profileVectors: table(herd.deer.map(({ id, source }) => [id, vector(source)] as const)),
    reviews:
      reviews ??
      herd.reviews.map(({ detection: of, deer, identity, verdict, inclusion, reviewedAt }) => ({
        detection: of,
        deer,
        identity,
        verdict,
        inclusion,
        at: reviewedAt,
      })),
    locations: herd.locations.map(({ id, name, coordinates: { lat, lon } }) => ({ id, name, lat, lon })),
  };
}

export const datasetOf = (herd: Herd, reviews?: readonly Review[]): Dataset => assemble(rawOf(herd, reviews));
