// The data of an analysis in memory: detections and profiles with unit vectors, reviews, and what
// was left out and why.
import type { Draw, Selection } from './draws.ts';
import type { Detection, Location, Profile, Review } from './records.ts';
import type { StoredScores } from './stored-scores.ts';
import type { VersionCount } from './versions.ts';

/** What a score is computed from: vectors, or the rows that the platform's matcher stored. */
export type Source = 'vectors' | 'scores';

/** Detections (or profiles) without a use in the analysis, by reason. */
export interface LeftOut {
  invalid: number;
  duplicate: number;
  /**
   * Valid, non-duplicate detections of classes that are never searched: raccoons, birds, vehicles.
   */
  otherClass: number;
  /** The remaining reasons count valid, non-duplicate detections, or profiles. */
  withoutVector: number;
  nonFinite: number;
  zero: number;
  wrongSize: number;
  /** Of another embedding version than the one reported on. */
  otherVersion: number;
}

export interface Dataset {
  source: Source;
  stored: StoredScores | null;
  /** Length of a vector; 0 for stored scores. */
  dimensions: number;
  /**
   * Usable detections in order of id: valid, not duplicate, with a usable vector unless scores are
   * stored. Row i owns vectors[i * dimensions ...], of length 1.
   */
  detections: Detection[];
  vectors: Float32Array;
  /**
   * Valid, non-duplicate detections of classes that are searched, with or without a usable vector,
   * how many of them are assigned to a deer, and how many of those by a run of ours.
   */
  total: number;
  assigned: number;
  applied: number;
  profiles: Profile[];
  profileVectors: Float32Array;
  /** Names of all deer by id, including those without a usable profile. */
  names: Map<string, string>;
  reviews: Review[];
  /** What the data were restricted to. */
  selection: Selection;
  /** Stored draws, oldest first. */
  draws: Draw[];
  locations: Map<string, Location>;
  /** The embedding version reported on, and the counts of each version. */
  version: string | null;
  versions: VersionCount[];
  leftOut: { detections: LeftOut; profiles: LeftOut };
  /** Sentences about optional tables and columns that the database does not have. */
  absent: string[];
}

/**
 * Scores within a millionth of 1 are 1: the cosine of equal vectors differs from it by rounding
 * only.
 */
export const snapToOne = (score: number): number => (score > 1 - 1e-6 ? 1 : score);

/**
 * Score of a detection row and a profile: the cosine of their vectors, or the stored score; NaN
 * where none is stored.
 */
export function scorePair(
  { stored, vectors, profileVectors, dimensions }: Dataset,
  row: number,
  profile: number,
): number {
  if (stored !== null) {
    for (let i = stored.offsets[row]!; i < stored.offsets[row + 1]!; i++)
      if (stored.profile[i] === profile) return stored.score[i]!;
    return Number.NaN;
  }
  let sum = 0;
  for (let d = 0; d < dimensions; d++)
    sum += vectors[row * dimensions + d]! * profileVectors[profile * dimensions + d]!;
  return snapToOne(sum);
}
