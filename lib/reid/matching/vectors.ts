// Vectors of events and of profiles for the methods that average: normalise(mean of an event's unit
// vectors - center), and normalise(mean of the vectors of a profile's templates).
import type { Dataset } from '../dataset/dataset.ts';
import type { SearchEvents } from '../dataset/search-events.ts';
import { listSource, type Templates, takeTemplates } from './templates.ts';

/** Below this length a vector is rounding only: it has no direction and matches nothing. */
const LEAST_LENGTH = 1e-6;

/** Rows of unit vectors; those without a direction are named and hold an arbitrary one. */
export interface UnitRows {
  vectors: Float32Array;
  dimensions: number;
  without: ReadonlySet<number>;
}

/** The mean of the unit vectors of all usable detections, whatever their labels. */
export function averageAll({ vectors, dimensions, detections }: Dataset): Float64Array {
  const sum = new Float64Array(dimensions);
  for (let at = 0; at < detections.length * dimensions; at += dimensions)
    for (let d = 0; d < dimensions; d++) sum[d]! += vectors[at + d]!;
  for (let d = 0; d < dimensions; d++) sum[d]! /= Math.max(1, detections.length);
  return sum;
}

/**
 * Means of the events' unit vectors, in memory that threads can share.
 * @param means earlier ones that are no longer needed
 */
export function averageEvents(
  { vectors, dimensions }: Dataset,
  { list }: SearchEvents,
  means: Float32Array = new Float32Array(new SharedArrayBuffer(list.length * dimensions * 4)),
): Float32Array {
  const sum = new Float64Array(dimensions);
  list.forEach(({ rows }, event) => {
    sum.fill(0);
    for (const row of rows) {
      const at = row * dimensions;
      for (let d = 0; d < dimensions; d++) sum[d]! += vectors[at + d]!;
    }
    for (let d = 0; d < dimensions; d++) means[event * dimensions + d] = sum[d]! / rows.length;
  });
  return means;
}

/**
 * Takes the center off rows and scales them to length 1, in place: a copy of all of them for each
 * method would not fit into memory.
 */
export function pointRows(rows: Float32Array, dimensions: number, center: Float64Array | undefined): UnitRows {
  const without = new Set<number>();
  for (let row = 0; row * dimensions < rows.length; row++) {
    const at = row * dimensions;
    let squares = 0;
    for (let d = 0; d < dimensions; d++) {
      const value = rows[at + d]! - (center === undefined ? 0 : center[d]!);
      rows[at + d] = value;
      squares += value * value;
    }
    const length = Math.sqrt(squares);
    if (!(length > LEAST_LENGTH)) {
      without.add(row);
      rows.fill(0, at, at + dimensions);
      rows[at] = 1;
      continue;
    }
    for (let d = 0; d < dimensions; d++) rows[at + d]! /= length;
  }
  return { vectors: rows, dimensions, without };
}

/**
 * One vector for each profile: the mean of its templates' event vectors; of its source event where
 * the method has no templates; its own vector where neither is known.
 * @param events unit vectors of the events
 */
export function averageProfiles(
  { profiles, profileVectors }: Dataset,
  searched: SearchEvents,
  templates: Templates,
  most: number,
  events: UnitRows,
  center: Float64Array | undefined,
): UnitRows {
  const { vectors, dimensions } = events;
  const made = profileVectors.slice();
  const own = pointRows(made, dimensions, center);
  const without = new Set(own.without);
  const sum = new Float64Array(dimensions);
  profiles.forEach((_, profile) => {
    const from = most === 0 ? listSource(searched, profile) : takeTemplates(templates, searched, profile, most);
    const usable = from.filter((event) => !events.without.has(event));
    if (usable.length === 0) return;
    sum.fill(0);
    for (const event of usable) for (let d = 0; d < dimensions; d++) sum[d]! += vectors[event * dimensions + d]!;
    const at = profile * dimensions;
    made.set(sum, at);
    const { without: none } = pointRows(made.subarray(at, at + dimensions), dimensions, undefined);
    if (none.size > 0) without.add(profile);
    else without.delete(profile);
  });
  return { vectors: made, dimensions, without };
}
