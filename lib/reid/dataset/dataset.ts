// The data of an analysis in memory: detections and profiles with unit vectors, reviews, and what
// was left out and why. Pure.
import { gateOf, isDeerGate, passes } from './events.ts';
import { type StoredRaw, type StoredScores, storedData } from './stored.ts';
import { chosenVersion, ofVersion, type VersionCount } from './versions.ts';

export type { VersionCount } from './versions.ts';

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
  /**
   * Final class: a reviewer's correction wins over the model; 'unknown' where neither said
   * anything.
   */
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

/**
 * Vectors as they were read: `ids[i]` owns numbers i * dimensions to (i + 1) * dimensions of
 * `values`. Null vectors are not in it.
 */
export interface VectorTable {
  ids: readonly string[];
  values: Float32Array;
  dimensions: number;
  /** Ids of vectors of another size, which are not in `values`. */
  wrongSize: readonly string[];
  /**
   * Ids of vectors that the reader has already left out because a number is NaN or infinite, or all
   * are zero.
   */
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
  /** Of another embedding version than the one that is reported on. */
  otherVersion: number;
}

export interface Dataset {
  /** What a score is made from: vectors, or rows that the platform's matcher stored. */
  source: Source;
  stored: StoredScores | null;
  /** Length of a vector; 0 where scores are stored ones. */
  dimensions: number;
  /**
   * Usable ones (valid, not duplicate, with a sound vector unless scores are stored ones) in order
   * of id; row i owns vectors[i * dimensions ...], of length 1.
   */
  detections: Detection[];
  vectors: Float32Array;
  /**
   * Valid, non-duplicate detections of classes that are searched, with or without a usable vector,
   * and how many name a deer: what operation counts.
   */
  total: number;
  assigned: number;
  profiles: Profile[];
  profileVectors: Float32Array;
  /** Names of all deer by id, those without a usable profile included. */
  names: Map<string, string>;
  reviews: Review[];
  locations: Map<string, Location>;
  /** The embedding version reported on, and what there is of each. */
  version: string | null;
  versions: VersionCount[];
  leftOut: { detections: LeftOut; profiles: LeftOut };
  /** What an optional table or column that is absent leaves unknown, in words. */
  absent: string[];
}

export type Source = 'vectors' | 'scores';

export interface Raw {
  detections: readonly Detection[];
  /** Stored scores; then no vector is needed. */
  stored?: StoredRaw | undefined;
  /** Counted by the reader where it has read the vectors of one version only. */
  versions?: VersionCount[] | undefined;
  vectors: VectorTable;
  profiles: readonly Profile[];
  profileVectors: VectorTable;
  reviews: readonly Review[];
  locations: readonly Location[];
  absent?: readonly string[];
}

const byId = <T extends { id: string }>(a: T, b: T): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/**
 * Joins rows and vectors, leaves out and counts what cannot be used, scales every vector to length
 * 1 and puts everything in order of id, so that the order of the rows can change nothing.
 * `raw.vectors.values` is used up (compacted in place when it is in order of id already).
 */
export function assemble(raw: Raw): Dataset {
  const sound = raw.detections.filter(({ valid, duplicate }) => valid && !duplicate);
  const invalid = raw.detections.filter(({ valid }) => !valid).length;
  const duplicate = raw.detections.length - sound.length - invalid;
  const searched = sound.filter(searchedBy(raw.profiles));
  const found = raw.stored === undefined ? fromVectors(raw, searched) : fromStored(raw.stored, searched, raw.profiles);
  const { profiles, detections, ...rest } = found;
  return {
    ...rest,
    profiles: profiles.rows,
    profileVectors: profiles.vectors,
    detections: detections.rows,
    vectors: detections.vectors,
    names: new Map(raw.profiles.map(({ id, name }) => [id, name])),
    total: searched.length,
    assigned: searched.filter(({ deer }) => deer !== null).length,
    reviews: raw.reviews
      .slice()
      .sort((a, b) => (a.detection < b.detection ? -1 : a.detection > b.detection ? 1 : (a.at ?? 0) - (b.at ?? 0))),
    locations: new Map(raw.locations.map((location) => [location.id, location])),
    leftOut: {
      detections: { ...detections.leftOut, invalid, duplicate, otherClass: sound.length - searched.length },
      profiles: { ...profiles.leftOut, invalid: 0, duplicate: 0, otherClass: 0 },
    },
    absent: [...(raw.absent ?? [])],
  };
}

interface Usable<T> {
  rows: T[];
  vectors: Float32Array;
  leftOut: Omit<LeftOut, 'invalid' | 'duplicate' | 'otherClass'>;
}

type Found = Pick<Dataset, 'source' | 'stored' | 'dimensions' | 'version' | 'versions'> & {
  profiles: Usable<Profile>;
  detections: Usable<Detection>;
};

/** Vectors of the version that most detections have; those of others are left out and counted. */
function fromVectors(raw: Raw, searched: readonly Detection[]): Found {
  const [hasVector, hasProfileVector] = [new Set(raw.vectors.ids), new Set(raw.profileVectors.ids)];
  const versions = raw.versions ?? versionsOf(searched, raw.profiles, hasVector, hasProfileVector);
  const version = chosenVersion(versions);
  const [ofDetections, ofProfiles] = [
    ofVersion(versions, version, 'detections'),
    ofVersion(versions, version, 'profiles'),
  ];
  const profiles = usable(raw.profiles, raw.profileVectors, raw.profileVectors.dimensions, ofProfiles);
  const dimensions = raw.profiles.length > 0 ? raw.profileVectors.dimensions : raw.vectors.dimensions;
  const detections = usable(searched, raw.vectors, dimensions, ofDetections);
  return { source: 'vectors', stored: null, dimensions, version, versions, profiles, detections };
}

function fromStored(raw: StoredRaw, searched: readonly Detection[], all: readonly Profile[]): Found {
  const detections = searched.slice().sort(byId);
  const { stored, profiles, version, versions, withoutVector, otherVersion } = storedData(
    raw,
    detections,
    all.slice().sort(byId),
  );
  const none = { withoutVector: 0, nonFinite: 0, zero: 0, wrongSize: 0, otherVersion: 0 };
  const vectors = new Float32Array(0);
  return {
    source: 'scores',
    stored,
    dimensions: 0,
    version,
    versions,
    profiles: { rows: profiles, vectors, leftOut: { ...none, withoutVector, otherVersion } },
    detections: { rows: detections, vectors, leftOut: none },
  };
}

/**
 * Whether a detection is one that operation searches: of a deer's class, or of one that some
 * profile is of. Any other could never be assigned.
 */
function searchedBy(profiles: readonly Profile[]): (detection: Detection) => boolean {
  const gates = [...new Set(profiles.map(({ label }) => gateOf(label)))];
  return ({ label }) => isDeerGate(gateOf(label)) || gates.some((profile) => passes(gateOf(label), profile));
}

function usable<T extends { id: string; version: string | null }>(
  all: readonly T[],
  table: VectorTable,
  dimensions: number,
  belongs: (version: string | null) => boolean,
): Usable<T> {
  const rowOf = new Map(table.ids.map((id, row) => [id, row]));
  const [wrongIds, nonFiniteIds, zeroIds] = [new Set(table.wrongSize), new Set(table.nonFinite), new Set(table.zero)];
  const leftOut = { withoutVector: 0, nonFinite: 0, zero: 0, wrongSize: 0, otherVersion: 0 };
  const sorted = all.slice().sort(byId);
  // Rows that only move towards the front can be compacted in place; a hundred thousand vectors
  // need not be held twice.
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
      else if (item.version === null || belongs(item.version)) leftOut.withoutVector++;
      else leftOut.otherVersion++;
      continue;
    }
    if (!belongs(item.version)) {
      leftOut.otherVersion++;
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

function versionsOf(
  detections: readonly Detection[],
  profiles: readonly Profile[],
  hasVector: ReadonlySet<string>,
  hasProfileVector: ReadonlySet<string>,
): VersionCount[] {
  const counts = new Map<string | null, VersionCount>();
  const at = (version: string | null): VersionCount => {
    const count = counts.get(version) ?? { version, detections: 0, profiles: 0 };
    counts.set(version, count);
    return count;
  };
  for (const { id, version } of detections) if (hasVector.has(id)) at(version).detections++;
  for (const { id, version } of profiles) if (hasProfileVector.has(id)) at(version).profiles++;
  return [...counts.values()].sort((a, b) => ((a.version ?? '') < (b.version ?? '') ? -1 : 1));
}
