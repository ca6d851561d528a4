// The door of the similarity kernel: all pairs as histograms, nearest rows, detections against
// profiles.
//
// Vectors are rows of `dimensions` float32 in one flat array, normalised here; a zero or non-finite
// row is refused by number (vectors.ts leaves them out). All pairs are scored in Q15 (int16 parts
// of unit vectors, exact integer sums): a score differs from the real cosine by 1e-5 rms and 7e-5
// at most in measured embeddings of 512 dimensions; never by more than sqrt(dimensions)/32767. The
// answer does not depend on threads, order or engine.
import { Fault } from '../../errors.ts';
import { KEPT, KINDS, LIST_BYTES, makeLayout, UNIT } from './layout.ts';
import { orderRows } from './order.ts';
import { type Done, run, type ThreadOptions, yieldToEventLoop } from './threads.ts';

export { type Decoded, decodeVectors } from '../dataset/decode-vectors.ts';
export type { ThreadOptions } from './threads.ts';

export interface Labels {
  /** Animal of each row, any number >= 0; negative = unknown. */
  groups: Int32Array;
  /** Burst of each row, any number >= 0; negative = none. Pairs of one burst are counted apart. */
  bursts?: Int32Array;
}

/**
 * Counts of pairs by score: bin i holds scores from -1 + 2 i / bins (included) to the next edge;
 * the last includes 1.
 */
export interface PairHistograms {
  bins: number;
  /** Both rows of one animal, not of one burst. */
  mated: Float64Array;
  /** Rows of two known animals. */
  nonMated: Float64Array;
  /** At least one row's animal is unknown. */
  unlabelled: Float64Array;
  /** Rows of one burst, whatever their animals: near-duplicates, in none of the others. */
  burst: Float64Array;
}

/** Width 0.001: every threshold of the 0.01 grid is an edge. */
const BINS = 2_000;

/** @throws Fault `invalid` when the lengths do not fit together. */
function rowsOf(vectors: Float32Array, dimensions: number, ...labels: (Int32Array | undefined)[]): number {
  if (!Number.isInteger(dimensions) || dimensions < 1)
    throw new Fault('invalid', 'dimensions must be a whole number from 1');
  const rows = vectors.length / dimensions;
  if (!Number.isInteger(rows)) throw new Fault('invalid', `${vectors.length} numbers are not rows of ${dimensions}`);
  for (const one of labels)
    if (one !== undefined && one.length !== rows) throw new Fault('invalid', `${one.length} labels for ${rows} rows`);
  return rows;
}

/**
 * Scores of all pairs of rows as histograms, in time rows^2 and memory rows x dimensions x 2 bytes
 * (and a copy of `vectors` unless its buffer is shared).
 * @param labels with `bins` (default 2000, width 0.001).
 */
export async function allPairs(
  vectors: Float32Array,
  dimensions: number,
  labels: Labels & { bins?: number },
  options: ThreadOptions = {},
): Promise<PairHistograms> {
  const { groups, bursts, bins = BINS } = labels;
  const rows = rowsOf(vectors, dimensions, groups, bursts);
  if (!Number.isInteger(bins) || bins < 1 || bins > 1e6)
    throw new Fault('invalid', 'bins must be a whole number from 1 to 1000000');
  const total = new Float64Array(KINDS.length * bins);
  if (rows > 0) {
    const done = await run(
      { kind: 'pairs', bins },
      { vectors },
      dimensions,
      (_engine, buffer, job) => {
        const at = makeLayout(job);
        const ordered = orderRows(groups, bursts ?? new Int32Array(rows).fill(-1));
        new Int32Array(buffer, at.order, rows).set(ordered.order);
        new Int32Array(buffer, at.groups, rows).set(ordered.groups);
        new Int32Array(buffer, at.bursts, rows).set(ordered.bursts);
      },
      options,
    );
    for (const one of done.totals) for (let i = 0; i < total.length; i++) total[i]! += one[i]!;
  }
  const [mated, nonMated, unlabelled, burst] = KINDS.map((_, kind) => total.slice(kind * bins, (kind + 1) * bins));
  return { bins, mated: mated!, nonMated: nonMated!, unlabelled: unlabelled!, burst: burst! };
}

export interface Nearest {
  /**
   * The other row with the highest cosine, not of the same burst; the lower row of equals; -1 where
   * there is none.
   */
  rows: Int32Array;
  /** Its cosine in [-1, 1], computed in float64; NaN where there is none. */
  scores: Float32Array;
}

/**
 * Leave-one-out nearest row of each row, exact: Q15 finds candidates within twice its greatest
 * possible error, float64 decides among them. Among more than 8 such candidates that are copies of
 * the row itself (cosine over 1 - 1e-6) one of the 8 best by Q15 is given.
 */
export async function nearest(
  vectors: Float32Array,
  dimensions: number,
  { bursts }: { bursts?: Int32Array } = {},
  options: ThreadOptions = {},
): Promise<Nearest> {
  const rows = rowsOf(vectors, dimensions, bursts);
  if (rows === 0) return { rows: new Int32Array(0), scores: new Float32Array(0) };
  const margin = Math.ceil(2 * (UNIT * Math.sqrt(dimensions) + dimensions / 4 + 2 ** -22 * UNIT * UNIT));
  const labels = bursts ?? new Int32Array(rows).fill(-1);
  const prepare: Parameters<typeof run>[3] = (_engine, buffer, job) =>
    new Int32Array(buffer, makeLayout(job).bursts, rows).set(labels);
  const done = await run({ kind: 'nearest', margin }, { vectors }, dimensions, prepare, options);
  return decide(done, vectors, labels, margin);
}

/** Merges the threads' lists and lets exact cosines decide. */
async function decide(
  { job, buffer }: Done,
  vectors: Float32Array,
  bursts: Int32Array,
  margin: number,
): Promise<Nearest> {
  const { rows, dimensions: d } = job;
  const at = makeLayout(job);
  const lists = Array.from(
    { length: Math.max(1, job.threads) },
    (_, thread) => new Int32Array(buffer, at.own + thread * at.ownBytes + at.lists, (rows * LIST_BYTES) / 4),
  );
  const pauseIfDue = yieldToEventLoop();
  const dot = (a: number, b: number): number => {
    let sum = 0;
    for (let k = 0; k < d; k++) sum += vectors[a * d + k]! * vectors[b * d + k]!;
    return sum;
  };
  const lengths = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    lengths[row] = Math.sqrt(dot(row, row));
    if (row % 256 === 0) await pauseIfDue();
  }
  const found: Nearest = { rows: new Int32Array(rows).fill(-1), scores: new Float32Array(rows).fill(Number.NaN) };
  for (let row = 0; row < rows; row++) {
    let kept: [number, number][] = [];
    for (const list of lists) {
      for (let entry = row * KEPT * 2; entry < (row + 1) * KEPT * 2 && list[entry + 1]! >= 0; entry += 2)
        kept.push([list[entry]!, list[entry + 1]!]);
    }
    if (lists.length > 1) kept = kept.sort(([s, a], [t, b]) => t - s || a - b).slice(0, KEPT);
    const near = kept.filter(([score]) => score >= kept[0]![0] - margin);
    let best = Number.NEGATIVE_INFINITY;
    const weigh = (other: number): void => {
      const score = dot(row, other) / (lengths[row]! * lengths[other]!);
      if (score > best || (score === best && other < found.rows[row]!)) {
        best = score;
        found.rows[row] = other;
        found.scores[row] = Math.min(1, Math.max(-1, score));
      }
    };
    for (const [, other] of near) weigh(other);
    if (near.length === KEPT && best < 1 - 1e-6) {
      // There may be more than were kept: look at all of them.
      for (let other = 0; other < rows; other++)
        if (other !== row && (bursts[row]! < 0 || bursts[other] !== bursts[row])) weigh(other);
      await pauseIfDue();
    }
    if (row % 256 === 0) await pauseIfDue();
  }
  return found;
}

/**
 * Cosine of each row of `vectors` (n x dimensions) with each of `profileVectors` (m x dimensions)
 * in float32: n x m, row after row, in [-1, 1]; within 1e-6 of the real cosine at 512 dimensions.
 * The array lies in shared memory, in that of `room` (an earlier answer) where it fits.
 */
export async function profileScores(
  vectors: Float32Array,
  profileVectors: Float32Array,
  dimensions: number,
  options: ThreadOptions & { room?: Float32Array | undefined } = {},
): Promise<Float32Array> {
  const rows = rowsOf(vectors, dimensions);
  const others = rowsOf(profileVectors, dimensions);
  if (rows * others === 0) return new Float32Array(0);
  const bytes = rows * others * 4;
  const buffer = (): ArrayBufferLike =>
    typeof SharedArrayBuffer === 'function' ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  const { room } = options;
  const output = room !== undefined && room.buffer.byteLength >= bytes ? room.buffer : buffer();
  const answer = new Float32Array(output, 0, rows * others);
  const prepare: Parameters<typeof run>[3] = (engine, buffer, job) => {
    const at = makeLayout(job);
    const length = at.floatStride / 4;
    const packed = new Float32Array(buffer, at.profiles, at.columns * length);
    for (let i = 0; i < others; i++)
      packed.set(profileVectors.subarray(i * dimensions, (i + 1) * dimensions), i * length);
    const bad = engine.normalise(at.profiles, others, at.floatStride);
    if (bad >= 0) throw new Fault('invalid', `profile vector ${bad} is zero or not finite`);
  };
  await run({ kind: 'profiles', others }, { vectors, output: answer }, dimensions, prepare, options);
  return answer;
}
