// The data of an analysis in memory: detections and profiles with unit vectors, reviews, and what was left out and why. Pure.
import { gateOf, passes } from './events.ts';

/** Pixels, or any one unit per image. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Detection {
  id: string;
  image: string;
  /** Location id; null where the image has none. */
  location: string | null;
  /** Capture, ms since 1970; null where unknown. */
  at: number | null;
  /** Final class: a reviewer's correction wins over the model; 'unknown' where neither said anything. */
  label: string;
  burst: string | null;
  /** Written by the matcher, or by whoever assigned it: not truth. */
  deer: string | null;
  reviewed: boolean;
  confidence: number | null;
  box: Box | null;
  valid: boolean;
  duplicate: boolean;
  /** null where not told. */
  version: string | null;
}

export interface Profile {
  id: string;
  name: string;
  /** buck, doe, fawn or unknown. */
  label: string;
  enrolledAt: number | null;
  /** Detection that it was made from, with its place and time. */
  source: string | null;
  sourceLocation: string | null;
  sourceAt: number | null;
  version: string | null;
}

export type Verdict = 'same' | 'different' | 'none' | 'unsure';

export interface Review {
  detection: string;
  deer: string | null;
  /** A name for an animal that is not enrolled. */
  identity: string | null;
  verdict: Verdict;
  /** 0-1; null where the sampling is not told. */
  inclusion: number | null;
  at: number | null;
}

export interface Location {
  id: string;
  name: string;
  lat: number | null;
  lon: number | null;
}

/** Vectors as they were read: `ids[i]` owns numbers i * dimensions to (i + 1) * dimensions of `values`. Null vectors are not in it. */
export interface VectorTable {
  ids: readonly string[];
  values: Float32Array;
  dimensions: number;
  /** Ids of vectors of another size, which are not in `values`. */
  wrongSize: readonly string[];
  /** Ids of vectors that the reader has already left out because a number is NaN or infinite, or all are zero. */
  nonFinite?: readonly string[];
  zero?: readonly string[];
}

export interface LeftOut {
  invalid: number;
  duplicate: number;
  /** Valid, non-duplicate detections that no search concerns: raccoons, birds, vehicles. */
  otherClass: number;
  /** Of the valid, non-duplicate ones (or of the profiles): */
  withoutVector: number;
  nonFinite: number;
  zero: number;
  wrongSize: number;
}

export interface VersionCount {
  version: string | null;
  detections: number;
  profiles: number;
}

export interface Dataset {
  dimensions: number;
  /** Usable ones (valid, not duplicate, sound vector) in order of id; row i owns vectors[i * dimensions ...], of length 1. */
  detections: Detection[];
  vectors: Float32Array;
  /** Valid, non-duplicate detections of classes that are searched, with or without a usable vector, and how many name a deer: what operation counts. */
  total: number;
  assigned: number;
  profiles: Profile[];
  profileVectors: Float32Array;
  reviews: Review[];
  locations: Map<string, Location>;
  versions: VersionCount[];
  leftOut: { detections: LeftOut; profiles: LeftOut };
  /** What an optional table or column that is absent leaves unknown, in words. */
  absent: string[];
}

export interface Raw {
  detections: readonly Detection[];
  vectors: VectorTable;
  profiles: readonly Profile[];
  profileVectors: VectorTable;
  reviews: readonly Review[];
  locations: readonly Location[];
  absent?: readonly string[];
}

const byId = <T extends { id: string }>(a: T, b: T): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/**
 * Joins rows and vectors, leaves out and counts what cannot be used, scales every vector to length 1 and puts everything in order of id, so that the
 * order of the rows can change nothing. `raw.vectors.values` is used up (compacted in place when it is in order of id already).
 */
export function assemble(raw: Raw): Dataset {
  const profiles = usable(raw.profiles, raw.profileVectors, raw.profileVectors.dimensions);
  const sound = raw.detections.filter(({ valid, duplicate }) => valid && !duplicate);
  const invalid = raw.detections.filter(({ valid }) => !valid).length;
  const duplicate = raw.detections.length - sound.length - invalid;
  const kept = sound.filter(searchedBy(profiles.rows));
  const otherClass = sound.length - kept.length;
  const dimensions = raw.profiles.length > 0 ? raw.profileVectors.dimensions : raw.vectors.dimensions;
  const detections = usable(kept, raw.vectors, dimensions);
  return {
    dimensions,
    detections: detections.rows,
    vectors: detections.vectors,
    total: kept.length,
    assigned: kept.filter(({ deer }) => deer !== null).length,
    profiles: profiles.rows,
    profileVectors: profiles.vectors,
    reviews: raw.reviews
      .slice()
      .sort((a, b) => (a.detection < b.detection ? -1 : a.detection > b.detection ? 1 : (a.at ?? 0) - (b.at ?? 0))),
    locations: new Map(raw.locations.map((location) => [location.id, location])),
    versions: versionsOf(detections.rows, profiles.rows),
    leftOut: {
      detections: { ...detections.leftOut, invalid, duplicate, otherClass },
      profiles: { ...profiles.leftOut, invalid: 0, duplicate: 0, otherClass: 0 },
    },
    absent: [...(raw.absent ?? [])],
  };
}

const DEER_GATES = new Set(['buck', 'doe', 'fawn', 'unknown']);

/** Whether a detection is one that operation searches: of a deer's class, or of one that some profile is open to. Any other could never be assigned. */
function searchedBy(profiles: readonly Profile[]): (detection: Detection) => boolean {
  const gates = [...new Set(profiles.map(({ label }) => gateOf(label)))];
  return ({ label }) => {
    const gate = gateOf(label);
    return DEER_GATES.has(gate) || gates.some((profile) => passes(gate, profile));
  };
}

function usable<T extends { id: string }>(
  all: readonly T[],
  table: VectorTable,
  dimensions: number,
): { rows: T[]; vectors: Float32Array; leftOut: Omit<LeftOut, 'invalid' | 'duplicate' | 'otherClass'> } {
  const rowOf = new Map(table.ids.map((id, row) => [id, row]));
  const [wrongIds, nonFiniteIds, zeroIds] = [new Set(table.wrongSize), new Set(table.nonFinite), new Set(table.zero)];
  const leftOut = { withoutVector: 0, nonFinite: 0, zero: 0, wrongSize: 0 };
  const sorted = all.slice().sort(byId);
  // Rows that only move towards the front can be compacted in place; a hundred thousand vectors need not be held twice.
  let ascending = true;
  let before = -1;
  for (const { id } of sorted) {
    const row = rowOf.get(id);
    if (row === undefined) continue;
    if (row < before) ascending = false;
    before = row;
  }
  const into = ascending ? table.values : new Float32Array(sorted.length * dimensions);
  const rows: T[] = [];
  for (const item of sorted) {
    const row = rowOf.get(item.id);
    if (row === undefined) {
      if (wrongIds.has(item.id)) leftOut.wrongSize++;
      else if (nonFiniteIds.has(item.id)) leftOut.nonFinite++;
      else if (zeroIds.has(item.id)) leftOut.zero++;
      else leftOut.withoutVector++;
      continue;
    }
    if (table.dimensions !== dimensions) {
      leftOut.wrongSize++;
      continue;
    }
    const vector = table.values.subarray(row * dimensions, (row + 1) * dimensions);
    let squares = 0;
    for (let d = 0; d < dimensions; d++) squares += vector[d]! * vector[d]!;
    if (!Number.isFinite(squares)) leftOut.nonFinite++;
    else if (squares === 0) leftOut.zero++;
    else {
      const scale = 1 / Math.sqrt(squares);
      const to = rows.length * dimensions;
      for (let d = 0; d < dimensions; d++) into[to + d] = vector[d]! * scale;
      rows.push(item);
    }
  }
  return { rows, vectors: into.subarray(0, rows.length * dimensions), leftOut };
}

function versionsOf(detections: readonly Detection[], profiles: readonly Profile[]): VersionCount[] {
  const counts = new Map<string | null, VersionCount>();
  const at = (version: string | null): VersionCount => {
    const count = counts.get(version) ?? { version, detections: 0, profiles: 0 };
    counts.set(version, count);
    return count;
  };
  for (const { version } of detections) at(version).detections++;
  for (const { version } of profiles) at(version).profiles++;
  return [...counts.values()].sort((a, b) => ((a.version ?? '') < (b.version ?? '') ? -1 : 1));
}

/** Why nothing can be computed at all, in words; undefined when it can. */
export function refusalOf(dataset: Dataset): string | undefined {
  const told = dataset.versions.filter(({ version }) => version !== null);
  if (told.length > 1) {
    const counts = told.map(({ version, detections, profiles }) => `${version} (${detections} detections, ${profiles} profiles)`);
    return `the vectors come from ${told.length} embedding versions and must not be compared: ${counts.join(', ')}`;
  }
  const { otherClass, wrongSize } = dataset.leftOut.detections;
  if (dataset.total === 0) return otherClass === 0 ? 'there are no detections' : `none of the ${otherClass} detections is of a deer`;
  if (dataset.detections.length === 0) {
    const why = wrongSize === 0 ? '' : `: ${wrongSize} of them are not of ${dataset.dimensions} numbers, as those of the deer profiles are`;
    return `none of the ${dataset.total} detections has a usable vector${why}`;
  }
  if (dataset.profiles.length === 0) {
    const left = Object.values(dataset.leftOut.profiles).reduce((a, b) => a + b, 0);
    return left === 0 ? 'there are no deer profiles' : `none of the ${left} deer profiles has a usable vector`;
  }
  return undefined;
}
