// What one thread does: packs rows, then takes blocks from the common queue until none is left. It
// runs in workers and, in slices, on the caller.
import {
  BLOCK,
  blockPair,
  blockPairs,
  CHUNK,
  CONTROL,
  type Job,
  KINDS,
  LIST_BYTES,
  makeLayout,
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
  nearest(
    q: number,
    stride: number,
    firstA: number,
    rowsA: number,
    firstB: number,
    rowsB: number,
    sub: number,
    diagonal: number,
    bursts: number,
    floors: number,
    lists: number,
    margin: number,
    out: number,
  ): void;
  normalise(x: number, rows: number, stride: number): number;
  quantise(x: number, q: number, bytes: number): void;
  scores(x: number, rows: number, p: number, columns: number, stride: number, out: number): void;
}

export interface Ground {
  job: Job;
  buffer: ArrayBufferLike;
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

/** Rows of A that stay in the first-level cache (32 KiB) beside two streaming rows of B. */
const subRows = (stride: number): number => Math.min(64, Math.max(4, Math.floor(20_480 / stride) & ~3));

/**
 * Yields after every unit of work. @returns the histograms of a `pairs` task, KINDS x bins; else
 * nothing. @throws BadRow
 */
export function* work(ground: Ground, engine: Engine, thread: number): Generator<void, Float64Array | undefined> {
  const { job, buffer } = ground;
  const at = makeLayout(job);
  const control = new Int32Array(buffer, at.control, 8);
  if (job.task.kind === 'profiles') {
    yield* scoreProfiles(ground, engine, thread, control);
    return undefined;
  }
  yield* pack(ground, engine, thread, control);
  const wanted = Math.ceil(job.rows / CHUNK);
  const packed = (): number => Atomics.load(control, CONTROL.packed);
  for (let seen = packed(); seen < wanted; seen = packed()) Atomics.wait(control, CONTROL.packed, seen);
  return job.task.kind === 'pairs'
    ? yield* countPairs(ground, engine, thread, control, job.task.bins)
    : yield* findNearest(ground, engine, thread, control, job.task.margin);
}

/** The next chunk of rows, normalised in this thread's room: [first row, number of rows]. */
function* chunks(
  { job, buffer, vectors }: Ground,
  engine: Engine,
  thread: number,
  control: Int32Array,
): Generator<[number, number]> {
  const at = makeLayout(job);
  const { rows, dimensions, task } = job;
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
    const bad = engine.normalise(chunk, count, at.floatStride);
    if (bad >= 0) throw new BadRow(order?.[first + bad] ?? first + bad);
    yield [first, count];
  }
}

function* pack(ground: Ground, engine: Engine, thread: number, control: Int32Array): Generator<void> {
  const at = makeLayout(ground.job);
  const chunk = at.own + thread * at.ownBytes + at.chunk;
  for (const [first, count] of chunks(ground, engine, thread, control)) {
    engine.quantise(chunk, at.matrix + first * at.stride, count * at.floatStride);
    Atomics.add(control, CONTROL.packed, 1);
    Atomics.notify(control, CONTROL.packed);
    yield;
  }
}

/** Takes blocks of pairs from the queue: [first row and rows of A, the same of B]. */
function* blocks(rows: number, control: Int32Array): Generator<[number, number, number, number]> {
  const total = blockPairs(rows);
  const next = (): number => Atomics.add(control, CONTROL.taken, 1);
  for (let index = next(); index < total; index = next()) {
    const [x, y] = blockPair(index);
    yield [x * BLOCK, Math.min(BLOCK, rows - x * BLOCK), y * BLOCK, Math.min(BLOCK, rows - y * BLOCK)];
    Atomics.add(control, CONTROL.done, 1);
  }
}

/** Least and greatest label of each block; `none` counts its rows without one. */
function ranges(labels: Int32Array): { low: number; high: number; none: number; rows: number }[] {
  return Array.from({ length: Math.ceil(labels.length / BLOCK) }, (_, block) => {
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
}

function* countPairs(
  { job, buffer }: Ground,
  engine: Engine,
  thread: number,
  control: Int32Array,
  bins: number,
): Generator<void, Float64Array> {
  const at = makeLayout(job);
  const own = at.own + thread * at.ownBytes;
  const counts = new Uint32Array(buffer, own + at.counts, KINDS.length * bins);
  const totals = new Float64Array(counts.length);
  const groups = ranges(new Int32Array(buffer, at.groups, job.rows));
  const bursts = ranges(new Int32Array(buffer, at.bursts, job.rows));
  const scale = bins / (2 * UNIT * UNIT);
  const sub = subRows(at.stride);
  /**
   * Rows are ordered by label, so that nearly all blocks hold pairs of one kind and need no look at
   * labels.
   */
  const pairKind = (x: number, y: number): number => {
    if (x === y) return -2;
    const [a, b] = [groups[x]!, groups[y]!];
    // Two rows of B go at a time; a block of A is always full, for it comes before another.
    if (b.rows % 2 > 0) return -1;
    if (bursts[x]!.low <= bursts[y]!.high && bursts[y]!.low <= bursts[x]!.high) return -1;
    if (a.none === a.rows || b.none === b.rows) return 2;
    if (a.none > 0 || b.none > 0) return -1;
    if (a.high < b.low || b.high < a.low) return 1;
    return a.low === a.high && b.low === b.high ? 0 : -1;
  };
  let counted = 0;
  const flush = (): void => {
    for (let i = 0; i < totals.length; i++) totals[i]! += counts[i]!;
    counts.fill(0);
    counted = 0;
  };
  for (const [firstA, rowsA, firstB, rowsB] of blocks(job.rows, control)) {
    // A bin of 32 bits must not run over.
    if (counted > 2 ** 31) flush();
    counted += rowsA * rowsB;
    const kind = pairKind(firstA / BLOCK, firstB / BLOCK);
    engine.pairs(
      at.matrix,
      at.stride,
      firstA,
      rowsA,
      firstB,
      rowsB,
      sub,
      kind,
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

function* findNearest(
  { job, buffer }: Ground,
  engine: Engine,
  thread: number,
  control: Int32Array,
  margin: number,
): Generator<void, undefined> {
  const at = makeLayout(job);
  const own = at.own + thread * at.ownBytes;
  // The lowest number means: nothing kept yet, anything is worth offering.
  new Int32Array(buffer, own + at.floors, job.rows).fill(-(2 ** 31));
  new Int32Array(buffer, own + at.lists, (job.rows * LIST_BYTES) / 4).fill(-(2 ** 31));
  const [sub, floors, lists] = [subRows(at.stride), own + at.floors, own + at.lists];
  for (const [firstA, rowsA, firstB, rowsB] of blocks(job.rows, control)) {
    const diagonal = firstA === firstB ? 1 : 0;
    engine.nearest(
      at.matrix,
      at.stride,
      firstA,
      rowsA,
      firstB,
      rowsB,
      sub,
      diagonal,
      at.bursts,
      floors,
      lists,
      margin,
      own + at.tile,
    );
    yield;
  }
  return undefined;
}

function* scoreProfiles(ground: Ground, engine: Engine, thread: number, control: Int32Array): Generator<void> {
  const { job, buffer, output } = ground;
  const at = makeLayout(job);
  const own = at.own + thread * at.ownBytes;
  const others = job.task.kind === 'profiles' ? job.task.others : 0;
  const room = new Float32Array(buffer, own + at.scores, CHUNK * at.columns);
  for (const [first, count] of chunks(ground, engine, thread, control)) {
    engine.scores(own + at.chunk, count + (count % 2), at.profiles, at.columns, at.floatStride, own + at.scores);
    for (let i = 0; i < count; i++)
      output!.set(room.subarray(i * at.columns, i * at.columns + others), (first + i) * others);
    Atomics.add(control, CONTROL.done, 1);
    yield;
  }
}
