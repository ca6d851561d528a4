// What an analysis reads of the database, row by row. Times are milliseconds since 1970 UTC.

import type { Box } from '../../box.ts';

export interface Detection {
  id: string;
  image: string;
  /** Location id; null where the image has none. */
  location: string | null;
  /** Capture time; null where unknown. */
  at: number | null;
  /** Final class: a reviewer's correction, else the model's class, else 'unknown'. */
  label: string;
  burst: string | null;
  /** Deer that the detection is assigned to, by the matcher or by a person: not the truth. */
  deer: string | null;
  /** Deer that an earlier run of ours wrote there, which is then not `deer`. */
  applied?: string | null;
  reviewed: boolean;
  confidence: number | null;
  /** Pixels of the image. */
  box: Box | null;
  valid: boolean;
  duplicate: boolean;
  /** Embedding version of its vector; null where not recorded. */
  version: string | null;
}

export interface Profile {
  id: string;
  name: string;
  /** buck, doe, fawn or unknown. */
  label: string;
  enrolledAt: number | null;
  /** Detection that it was made from, with the location and time of that detection. */
  source: string | null;
  sourceLocation: string | null;
  sourceAt: number | null;
  /** Detections that a vector which Hoofprint wrote was made from. */
  madeFrom?: readonly string[];
  version: string | null;
}

/**
 * What a verdict was given for: to measure rates; to name the animals of a season; a second look at
 * an animal with one event, against all others, which takes the place of the roster's verdict; or a
 * repeat: the event was shown again as new, its animal hidden, and its verdict says only whether
 * the same is found twice.
 */
const PURPOSES = ['evidence', 'roster', 'second_look', 'repeat'] as const;
export type Purpose = (typeof PURPOSES)[number];

export type Verdict = 'same' | 'different' | 'none' | 'unsure';

export interface Review {
  detection: string;
  deer: string | null;
  /** A name for an animal that is not enrolled. */
  identity: string | null;
  verdict: Verdict;
  /** Chance of the event to be in the sample, 0 to 1; null where not recorded. */
  inclusion: number | null;
  at: number | null;
  /** Absent: not recorded, taken as evidence. */
  purpose?: Purpose | null;
}

export interface Location {
  id: string;
  name: string;
  /** Degrees; null where unknown. */
  lat: number | null;
  lon: number | null;
}
