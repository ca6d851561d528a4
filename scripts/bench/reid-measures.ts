// What the Re-ID benchmarks share: sizes, rounds and rounding.

export type Say = (line: string) => void;

export const DIMENSIONS = 512;
/** Bins of all pairs, width 0.001; reid-baseline.py counts in the same. */
export const PAIR_BINS = 2_000;
export const ROUNDS = 5;

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** To four significant digits. */
export const round = (value: number): number => Number(value.toPrecision(4));
