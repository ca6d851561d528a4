// Where everything lies in the one memory that all threads share, and the shape of a job. Offsets
// and strides in bytes.

/**
 * Rows of one block of pairs: 192 x 192 pairs are about half a millisecond, the unit of work that
 * threads take from the queue.
 */
export const BLOCK = 192;
/** Rows normalised at a time. */
export const CHUNK = 64;
/** Candidates kept per row by the search for nearest rows, and the bytes of one such list. */
export const KEPT = 8;
export const LIST_BYTES = KEPT * 8;
/** Unit length as int16; a score of 1 is its square. */
export const UNIT = 32767;
export const KINDS = ['mated', 'nonMated', 'unlabelled', 'burst'] as const;

export type Task =
  | { kind: 'pairs'; bins: number }
  | { kind: 'nearest'; margin: number }
  /**
   * `others` is m x dimensions; the answer goes to `output`, n x m, outside the kernel's memory.
   */
  | { kind: 'profiles'; others: number };

export interface Job {
  task: Task;
  rows: number;
  dimensions: number;
  threads: number;
}

/** The counters at Layout.control. */
export const CONTROL = { go: 0, packing: 1, packed: 2, taken: 3, done: 4 } as const;

export interface Layout {
  /** Bytes per row as float32 and as int16: a multiple of 16 numbers, the rest is zero. */
  floatStride: number;
  stride: number;
  /** Int32 counters, see CONTROL. */
  control: number;
  matrix: number;
  /** Place in the matrix -> row of the caller's vectors. */
  order: number;
  groups: number;
  bursts: number;
  /** Profiles as float32, normalised; their number rounded up to 4. */
  profiles: number;
  columns: number;
  /** Each thread's own room: tile output, normalised rows, histograms or lists. */
  own: number;
  ownBytes: number;
  tile: number;
  chunk: number;
  counts: number;
  floors: number;
  lists: number;
  scores: number;
  bytes: number;
}

const up = (value: number, step: number): number => Math.ceil(value / step) * step;

export function makeLayout({ task, rows, dimensions, threads }: Job): Layout {
  const stride = up(dimensions, 16) * 2;
  const floatStride = stride * 2;
  const padded = up(rows, 4) + 4;
  let at = 1024;
  const take = (bytes: number): number => {
    const here = at;
    at += up(bytes, 64);
    return here;
  };
  const control = 64;
  const matrix = take(task.kind === 'profiles' ? 0 : padded * stride);
  const order = take(padded * 4);
  const groups = take(padded * 4);
  const bursts = take(padded * 4);
  const columns = task.kind === 'profiles' ? up(task.others, 4) : 0;
  const profiles = take(columns * floatStride);
  const own = at;
  at = 0;
  const tile = take(64);
  const chunk = take(CHUNK * floatStride);
  const counts = take(task.kind === 'pairs' ? KINDS.length * task.bins * 4 : 0);
  const floors = take(task.kind === 'nearest' ? padded * 4 : 0);
  const lists = take(task.kind === 'nearest' ? padded * LIST_BYTES : 0);
  const scores = take(CHUNK * columns * 4);
  const ownBytes = up(at, 4096);
  const bytes = up(own + ownBytes * Math.max(1, threads), 65_536);
  return {
    floatStride,
    stride,
    control,
    matrix,
    order,
    groups,
    bursts,
    profiles,
    columns,
    own,
    ownBytes,
    tile,
    chunk,
    counts,
    floors,
    lists,
    scores,
    bytes,
  };
}

/**
 * Pairs of blocks of the upper triangle, the diagonal included, in the order (0,0) (0,1) (1,1)
 * (0,2) ...
 */
export const blockPairs = (rows: number): number => {
  const blocks = Math.ceil(rows / BLOCK);
  return (blocks * (blocks + 1)) / 2;
};

export function blockPair(index: number): [number, number] {
  let second = Math.floor((Math.sqrt(8 * index + 1) - 1) / 2);
  // The root may be off by one in the last digit.
  while ((second * (second + 1)) / 2 > index) second--;
  while (((second + 1) * (second + 2)) / 2 <= index) second++;
  return [index - (second * (second + 1)) / 2, second];
}
