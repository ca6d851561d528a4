// What one thread does: packs rows, then takes blocks from the common queue until none is left. It
// runs in workers and, in slices, on the caller's thread.
import {
  BLOCK,
  CHUNK,
  CONTROL,
  countBlockPairs,
  findBlockPair,
  makeLayout,
  PAIR_KINDS,
  type Plan,
  UNIT,
} from './layout.ts';

/** The calls of kernel.as, documented there; plain.ts has the same. */
export interface Engine {
  pairs(
    q: number,
    stride: number,
    firstA: number,
    rowsA: number,
    firstB: number,
    rowsB: number,
    sub: number,
    kind: number,
    groups: number,
    bursts: number,
    bins: number,
    scale: number,
    counts: number,
    out: number,
  ): void;
  normalize(x: number, rows: number, stride: number): number;
  quantize(x: number, q: number, bytes: number): void;
  scores(x: number, rows: number, p: number, columns: number, stride: number, out: number): void;
}

/** What the threads of a task work on. */
export interface WorkData {
  plan: Plan;
  buffer: ArrayBufferLike;
  /** plan.rows x plan.dimensions */
  vectors: Float32Array;
  /** n x m scores of a `profiles` task. */
  output?: Float32Array | undefined;
}

/** A row that is zero or not finite. */
export class BadRow extends Error {
  readonly row: number;
  constructor(row: number) {
    super(`row ${row} is zero or not finite`);
    this.row = row;
  }
}

/** Rows of A that stay in the first-level cache (32 KiB) together with two streaming rows of B. */
const countSubRows = (stride: number): number => Math.min(64, Math.max(4, Math.floor(20_480 / stride) & ~3));

/**
 * Yields after every unit of work.
 * @returns the histograms of a `pairs` task, PAIR_KINDS x bins; else nothing
 * @throws BadRow
 */
export function* doWork(data: WorkData, engine: Engine, thread: number): Generator<void, Float64Array | undefined> {
  const { plan, buffer } = data;
  const control = new Int32Array(buffer, makeLayout(plan).control, 8);
  if (plan.task.kind === 'profiles') {
    yield* scoreProfiles(data, engine, thread, control, plan.task.others);
    return undefined;
  }
  yield* packRows(data, engine, thread, control);
  const wanted = Math.ceil(plan.rows / CHUNK);
  const packed = (): number => Atomics.load(control, CONTROL.packed);
  for (let seen = packed(); seen < wanted; seen = packed()) Atomics.wait(control, CONTROL.packed, seen);
  return yield* countPairs(data, engine, thread, control, plan.task.bins);
}

/** The next chunk of rows, normalized in this thread's room: [first row, number of rows]. */
function* takeChunks(
  { plan, buffer, vectors }: WorkData,
  engine: Engine,
  thread: number,
  control: Int32Array,
): Generator<[number, number]> {
  const at = makeLayout(plan);
  const { rows, dimensions, task } = plan;
  const chunk = at.own + thread * at.ownBytes + at.chunk;
  const length = at.floatStride / 4;
  const room = new Float32Array(buffer, chunk, CHUNK * length);
  const order = task.kind === 'pairs' ? new Int32Array(buffer, at.order, rows) : undefined;
  const next = (): number => Atomics.add(control, CONTROL.packing, 1) * CHUNK;
  for (let first = next(); first < rows; first = next()) {
    const count = Math.min(CHUNK, rows - first);
    for (let i = 0; i < count; i++) {
      const row = order?.[first + i] ?? first + i;
      room.set(vectors.subarray(row * dimensions, (row + 1) * dimensions), i * length);
    }
    const bad = engine.normalize(chunk, count, at.floatStride);
    if (bad >= 0) throw new BadRow(order?.[first + bad] ?? first + bad);
    yield [first, count];
  }
}

function* packRows(data: WorkData, engine: Engine, thread: number, control: Int32Array): Generator<void> {
  const at = makeLayout(data.plan);
  const chunk = at.own + thread * at.ownBytes + at.chunk;
  for (const [first, count] of takeChunks(data, engine, thread, control)) {
    engine.quantize(chunk, at.matrix + first * at.stride, count * at.floatStride);
    Atomics.add(control, CONTROL.packed, 1);
    Atomics.notify(control, CONTROL.packed);
    yield;
  }
}

/** Takes blocks of pairs from the queue: [first row and rows of A, the same of B]. */
function* takeBlocks(rows: number, control: Int32Array): Generator<[number, number, number, number]> {
  const total = countBlockPairs(rows);
  const next = (): number => Atomics.add(control, CONTROL.taken, 1);
  for (let index = next(); index < total; index = next()) {
    const [x, y] = findBlockPair(index);
    yield [x * BLOCK, Math.min(BLOCK, rows - x * BLOCK), y * BLOCK, Math.min(BLOCK, rows - y * BLOCK)];
  }
}

/** Labels of the rows of one block. */
interface Range {
  low: number;
  high: number;
  /** Rows without a label. */
  none: number;
  rows: number;
}

const findRanges = (labels: Int32Array): Range[] =>
  Array.from({ length: Math.ceil(labels.length / BLOCK) }, (_, block) => {
    const range = { low: Number.POSITIVE_INFINITY, high: -1, none: 0, rows: 0 };
    for (const label of labels.subarray(block * BLOCK, (block + 1) * BLOCK)) {
      range.rows++;
      if (label < 0) range.none++;
      else {
        if (label < range.low) range.low = label;
        if (label > range.high) range.high = label;
      }
    }
    return range;
  });

/**
 * The kind of all pairs of two blocks as kernel.as numbers it; -1: of several kinds, -2: one block
 * with itself. Rows are ordered by label, so that nearly all blocks hold pairs of one kind and need
 * no look at labels.
 */
function findPairKind(groups: readonly Range[], bursts: readonly Range[], x: number, y: number): number {
  if (x === y) return -2;
  const [a, b] = [groups[x]!, groups[y]!];
  // Two rows of B go at a time; a block of A is always full, because another follows it.
  if (b.rows % 2 > 0) return -1;
  if (bursts[x]!.low <= bursts[y]!.high && bursts[y]!.low <= bursts[x]!.high) return -1;
  if (a.none === a.rows || b.none === b.rows) return 2;
  if (a.none > 0 || b.none > 0) return -1;
  if (a.high < b.low || b.high < a.low) return 1;
  return a.low === a.high && b.low === b.high ? 0 : -1;
}

function* countPairs(
  { plan, buffer }: WorkData,
  engine: Engine,
  thread: number,
  control: Int32Array,
  bins: number,
): Generator<void, Float64Array> {
  const at = makeLayout(plan);
  const own = at.own + thread * at.ownBytes;
  const counts = new Uint32Array(buffer, own + at.counts, PAIR_KINDS.length * bins);
  const totals = new Float64Array(counts.length);
  const groups = findRanges(new Int32Array(buffer, at.groups, plan.rows));
  const bursts = findRanges(new Int32Array(buffer, at.bursts, plan.rows));
  const scale = bins / (2 * UNIT * UNIT);
  const sub = countSubRows(at.stride);
  let counted = 0;
  const flush = (): void => {
    for (let i = 0; i < totals.length; i++) totals[i]! += counts[i]!;
    counts.fill(0);
    counted = 0;
  };
  for (const [firstA, rowsA, firstB, rowsB] of takeBlocks(plan.rows, control)) {
    // A bin of 32 bits must not overflow.
    if (counted > 2 ** 31) flush();
    counted += rowsA * rowsB;
    engine.pairs(
      at.matrix,
      at.stride,
      firstA,
      rowsA,
      firstB,
      rowsB,
      sub,
      findPairKind(groups, bursts, firstA / BLOCK, firstB / BLOCK),
      at.groups,
      at.bursts,
      bins,
      scale,
      own + at.counts,
      own + at.tile,
    );
    yield;
  }
  flush();
  return totals;
}

function* scoreProfiles(
  data: WorkData,
  engine: Engine,
  thread: number,
  control: Int32Array,
  others: number,
): Generator<void> {
  const { plan, buffer, output } = data;
  const at = makeLayout(plan);
  const own = at.own + thread * at.ownBytes;
  const room = new Float32Array(buffer, own + at.scores, CHUNK * at.columns);
  for (const [first, count] of takeChunks(data, engine, thread, control)) {
    engine.scores(own + at.chunk, count + (count % 2), at.profiles, at.columns, at.floatStride, own + at.scores);
    for (let i = 0; i < count; i++)
      output!.set(room.subarray(i * at.columns, i * at.columns + others), (first + i) * others);
    yield;
  }
}
