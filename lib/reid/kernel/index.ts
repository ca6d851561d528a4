// The door of the similarity kernel: all pairs of vectors as histograms, detections against
// profiles.
//
// Vectors are rows of `dimensions` float32 in one flat array. The kernel normalizes them and
// refuses a row that is zero or not finite by its number (the data set leaves such rows out). All
// pairs are scored in Q15 (int16 parts of unit vectors, exact integer sums): a score differs from
// the real cosine by 1e-5 rms and 7e-5 at most in measured embeddings of 512 dimensions, and never
// by more than sqrt(dimensions)/32767. The answer does not depend on threads, order or engine.
import { Fault } from '../../errors.ts';
import { makeLayout, PAIR_KINDS } from './layout.ts';
import { orderRows } from './order.ts';
import { type Prepare, runTask, type ThreadOptions } from './threads.ts';

export type { ThreadOptions } from './threads.ts';

export interface PairLabels {
  /** Animal of each row, any number >= 0; negative = unknown. */
  groups: Int32Array;
  /** Burst of each row, any number >= 0; negative = none. Pairs of one burst are counted apart. */
  bursts: Int32Array;
}

/**
 * Counts of pairs by score: bin i holds scores from -1 + 2 i / bins (included) to the next edge;
 * the last includes 1.
 */
export interface PairHistograms {
  /** Both rows of one animal, not of one burst. */
  mated: Float64Array;
  /** Rows of two known animals. */
  nonMated: Float64Array;
  /** At least one row's animal is unknown. */
  unlabeled: Float64Array;
  /** Rows of one burst, whatever their animals: near-duplicates, in none of the others. */
  burst: Float64Array;
}

/** @throws Fault `invalid` when the lengths do not fit together */
function countRows(vectors: Float32Array, dimensions: number, ...labels: Int32Array[]): number {
  if (!Number.isInteger(dimensions) || dimensions < 1)
    throw new Fault('invalid', 'dimensions must be a whole number from 1');
  const rows = vectors.length / dimensions;
  if (!Number.isInteger(rows)) throw new Fault('invalid', `${vectors.length} numbers are not rows of ${dimensions}`);
  for (const { length } of labels) if (length !== rows) throw new Fault('invalid', `${length} labels for ${rows} rows`);
  return rows;
}

/**
 * Scores of all pairs of rows as histograms, in time rows^2 and memory rows x dimensions x 2 bytes
 * (and a copy of `vectors` unless its buffer is shared).
 * @throws Fault `invalid` for lengths that do not fit and for a row that is zero or not finite,
 *   `too-large` when there is no memory for it
 */
export async function allPairs(
  vectors: Float32Array,
  dimensions: number,
  { groups, bursts, bins }: PairLabels & { bins: number },
  options: ThreadOptions = {},
): Promise<PairHistograms> {
  const rows = countRows(vectors, dimensions, groups, bursts);
  if (!Number.isInteger(bins) || bins < 1 || bins > 1e6)
    throw new Fault('invalid', 'bins must be a whole number from 1 to 1000000');
  const total = new Float64Array(PAIR_KINDS.length * bins);
  const writeLabels: Prepare = (_engine, buffer, plan) => {
    const at = makeLayout(plan);
    const ordered = orderRows(groups, bursts);
    new Int32Array(buffer, at.order, rows).set(ordered.order);
    new Int32Array(buffer, at.groups, rows).set(ordered.groups);
    new Int32Array(buffer, at.bursts, rows).set(ordered.bursts);
  };
  if (rows > 0) {
    for (const counts of await runTask({ kind: 'pairs', bins }, { vectors }, dimensions, writeLabels, options))
      for (let i = 0; i < total.length; i++) total[i]! += counts[i]!;
  }
  const [mated, nonMated, unlabeled, burst] = PAIR_KINDS.map((_, kind) => total.slice(kind * bins, (kind + 1) * bins));
  return { mated: mated!, nonMated: nonMated!, unlabeled: unlabeled!, burst: burst! };
}

/**
 * Cosine of each row of `vectors` (n x dimensions) with each of `profileVectors` (m x dimensions)
 * in float32: n x m, row after row, in [-1, 1]; within 1e-6 of the real cosine at 512 dimensions.
 * The answer is in shared memory, in that of `room` (an earlier answer) where it fits.
 * @throws as allPairs does; a profile is named as such
 */
export async function profileScores(
  vectors: Float32Array,
  profileVectors: Float32Array,
  dimensions: number,
  options: ThreadOptions & { room?: Float32Array | undefined } = {},
): Promise<Float32Array> {
  const rows = countRows(vectors, dimensions);
  const others = countRows(profileVectors, dimensions);
  if (rows * others === 0) return new Float32Array(0);
  const bytes = rows * others * 4;
  const { room } = options;
  const memory = room !== undefined && room.buffer.byteLength >= bytes ? room.buffer : new SharedArrayBuffer(bytes);
  const output = new Float32Array(memory, 0, rows * others);
  const writeProfiles: Prepare = (engine, buffer, plan) => {
    const at = makeLayout(plan);
    const length = at.floatStride / 4;
    const packed = new Float32Array(buffer, at.profiles, at.columns * length);
    for (let i = 0; i < others; i++)
      packed.set(profileVectors.subarray(i * dimensions, (i + 1) * dimensions), i * length);
    const bad = engine.normalize(at.profiles, others, at.floatStride);
    if (bad >= 0) throw new Fault('invalid', `profile vector ${bad} is zero or not finite`);
  };
  await runTask({ kind: 'profiles', others }, { vectors, output }, dimensions, writeProfiles, options);
  return output;
}
