// Vectors as they were read, and the usable ones of them scaled to length 1. Pure.
import type { LeftOut } from './dataset.ts';

/**
 * `ids[i]` owns numbers i * dimensions to (i + 1) * dimensions of `values`. Rows without a vector
 * are not in it.
 */
export interface VectorTable {
  ids: readonly string[];
  values: Float32Array;
  dimensions: number;
  /** Ids of vectors of another size, which are not in `values`. */
  wrongSize: readonly string[];
  /**
   * Ids that the reader has already left out because a number is NaN or infinite, or all are zero.
   */
  nonFinite?: readonly string[];
  zero?: readonly string[];
}

export interface Usable<T> {
  rows: T[];
  /** rows.length x dimensions, each row of length 1. */
  vectors: Float32Array;
  leftOut: Omit<LeftOut, 'invalid' | 'duplicate' | 'otherClass'>;
}

export const NOTHING_LEFT_OUT: Usable<never>['leftOut'] = {
  withoutVector: 0,
  nonFinite: 0,
  zero: 0,
  wrongSize: 0,
  otherVersion: 0,
};

export const byId = <T extends { id: string }>(a: T, b: T): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** In order of id; `values` in place, so that a hundred thousand vectors are not held twice. */
export function sortTable(table: VectorTable): VectorTable {
  const { ids, values, dimensions } = table;
  const from = Uint32Array.from(ids.keys()).sort((a, b) => (ids[a]! < ids[b]! ? -1 : 1));
  const held = new Float32Array(dimensions);
  const placed = new Uint8Array(ids.length);
  for (let start = 0; start < from.length; start++) {
    if (placed[start] === 1) continue;
    // Around one cycle of the permutation.
    held.set(values.subarray(start * dimensions, (start + 1) * dimensions));
    let to = start;
    for (; from[to] !== start; to = from[to]!) {
      values.copyWithin(to * dimensions, from[to]! * dimensions, (from[to]! + 1) * dimensions);
      placed[to] = 1;
    }
    values.set(held, to * dimensions);
    placed[to] = 1;
  }
  return { ...table, ids: Array.from(from, (row) => ids[row]!) };
}

/**
 * Joins rows with their vectors in order of id; the others are counted by reason. `table.values` is
 * used up: it is compacted in place when its rows are in order of id already.
 * @param belongs whether a row of this embedding version is reported on
 */
export function takeUsable<T extends { id: string; version: string | null }>(
  all: readonly T[],
  table: VectorTable,
  dimensions: number,
  belongs: (version: string | null) => boolean,
): Usable<T> {
  const positions = new Map(table.ids.map((id, row) => [id, row]));
  const missing = countMissing(table, belongs);
  const leftOut = { ...NOTHING_LEFT_OUT };
  const sorted = all.slice().sort(byId);
  const into = ascends(sorted, positions) ? table.values : new Float32Array(sorted.length * dimensions);
  const rows: T[] = [];
  for (const item of sorted) {
    const row = positions.get(item.id);
    const why =
      row === undefined
        ? missing(item)
        : !belongs(item.version)
          ? 'otherVersion'
          : table.dimensions !== dimensions
            ? 'wrongSize'
            : writeUnit(table.values, row * dimensions, into, rows.length * dimensions, dimensions);
    if (why === undefined) rows.push(item);
    else leftOut[why]++;
  }
  return { rows, vectors: into.subarray(0, rows.length * dimensions), leftOut };
}

/**
 * Rows that only move towards the front can be compacted in place: a hundred thousand vectors need
 * not be held twice.
 */
function ascends(sorted: readonly { id: string }[], positions: ReadonlyMap<string, number>): boolean {
  let before = -1;
  for (const { id } of sorted) {
    const row = positions.get(id);
    if (row === undefined) continue;
    if (row < before) return false;
    before = row;
  }
  return true;
}

/** Why a row has no vector in the table. */
function countMissing(table: VectorTable, belongs: (version: string | null) => boolean) {
  const [wrongSize, nonFinite, zero] = [new Set(table.wrongSize), new Set(table.nonFinite), new Set(table.zero)];
  return ({ id, version }: { id: string; version: string | null }): keyof Usable<never>['leftOut'] => {
    if (wrongSize.has(id)) return 'wrongSize';
    if (nonFinite.has(id)) return 'nonFinite';
    if (zero.has(id)) return 'zero';
    return version === null || belongs(version) ? 'withoutVector' : 'otherVersion';
  };
}

/** Copies a vector scaled to length 1. @returns why that is not possible, else undefined. */
function writeUnit(
  from: Float32Array,
  at: number,
  into: Float32Array,
  to: number,
  dimensions: number,
): 'nonFinite' | 'zero' | undefined {
  let squares = 0;
  for (let d = 0; d < dimensions; d++) squares += from[at + d]! * from[at + d]!;
  if (!Number.isFinite(squares)) return 'nonFinite';
  if (squares === 0) return 'zero';
  const scale = 1 / Math.sqrt(squares);
  for (let d = 0; d < dimensions; d++) into[to + d] = from[at + d]! * scale;
  return undefined;
}
