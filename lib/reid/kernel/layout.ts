// Where everything is in the one memory that all threads share, and the shape of a task. Offsets
// and strides in bytes.

/**
 * Rows of one block of pairs: 192 x 192 pairs take about half a millisecond, the unit of work that
 * threads take from the queue.
 */
export const BLOCK = 192;
/** Rows normalized at a time. */
export const CHUNK = 64;
/** Unit length as int16; a score of 1 is its square. */
export const UNIT = 32767;
/** Kinds of pairs of rows, in the order of their histograms; kernel.as knows them by number. */
export const PAIR_KINDS = ['mated', 'nonMated', 'unlabeled', 'burst'] as const;

export type Task =
  | { kind: 'pairs'; bins: number }
  /**
   * `others` profiles of the same dimensions; the answer goes to `output`, n x others, outside the
   * kernel's memory.
   */
  | { kind: 'profiles'; others: number };

export interface Plan {
  task: Task;
  rows: number;
  dimensions: number;
  threads: number;
}

/** The counters at Layout.control: workers may go, chunks taken, chunks packed, blocks taken. */
export const CONTROL = { go: 0, packing: 1, packed: 2, taken: 3 } as const;

export interface Layout {
  /** Bytes per row as float32 and as int16: a multiple of 16 numbers, padded with zeros. */
  floatStride: number;
  stride: number;
  /** Int32 counters, see CONTROL. */
  control: number;
  matrix: number;
  /** Row of the caller's vectors for each row of the matrix. */
  order: number;
  groups: number;
  bursts: number;
  /** Profiles as float32, normalized; their number rounded up to 4. */
  profiles: number;
  columns: number;
  /** Each thread's room: tile output, normalized rows, histograms or scores. */
  own: number;
  ownBytes: number;
  /** Within that room. */
  tile: number;
  chunk: number;
  counts: number;
  scores: number;
  bytes: number;
}

const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;

export function makeLayout({ task, rows, dimensions, threads }: Plan): Layout {
  const stride = roundUp(dimensions, 16) * 2;
  const floatStride = stride * 2;
  const padded = roundUp(rows, 4) + 4;
  let at = 1024;
  const take = (bytes: number): number => {
    const here = at;
    at += roundUp(bytes, 64);
    return here;
  };
  const control = 64;
  const matrix = take(task.kind === 'pairs' ? padded * stride : 0);
  const order = take(padded * 4);
  const groups = take(padded * 4);
  const bursts = take(padded * 4);
  const columns = task.kind === 'profiles' ? roundUp(task.others, 4) : 0;
  const profiles = take(columns * floatStride);
  const own = at;
  at = 0;
  const tile = take(64);
  const chunk = take(CHUNK * floatStride);
  const counts = take(task.kind === 'pairs' ? PAIR_KINDS.length * task.bins * 4 : 0);
  const scores = take(CHUNK * columns * 4);
  const ownBytes = roundUp(at, 4096);
  const bytes = roundUp(own + ownBytes * Math.max(1, threads), 65_536);
  return {
    ...{ floatStride, stride, control, matrix, order, groups, bursts, profiles, columns },
    ...{ own, ownBytes, tile, chunk, counts, scores, bytes },
  };
}

/**
 * Number of pairs of blocks of the upper triangle, including the diagonal, in the order (0,0) (0,1)
 * (1,1) (0,2) ...
 */
export const countBlockPairs = (rows: number): number => {
  const blocks = Math.ceil(rows / BLOCK);
  return (blocks * (blocks + 1)) / 2;
};

export function findBlockPair(index: number): [number, number] {
  let second = Math.floor((Math.sqrt(8 * index + 1) - 1) / 2);
  // The root may be off by one in the last digit.
  while ((second * (second + 1)) / 2 > index) second--;
  while (((second + 1) * (second + 2)) / 2 <= index) second++;
  return [index - (second * (second + 1)) / 2, second];
}
