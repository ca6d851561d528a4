// Data sets in a plane, worked by hand: two profiles, and detections at given angles.
import { assemble, type Raw } from '../../lib/reid/dataset/assemble.ts';
import type { Review } from '../../lib/reid/dataset/records.ts';
import type { ThresholdsInput } from '../../lib/reid/input.ts';
import { thresholdsReport } from '../support/reid-reports.ts';
import { brute, detection, profile, review, table } from './brute.ts';

/**
 * Unit vectors in a plane: a detection at so many degrees scores the cosine of the difference
 * against a profile at its own.
 */
const at = (degrees: number): number[] => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];

/** Two profiles at 0 and 90 degrees; every detection is a separate event. */
export function plane(
  searches: { degrees: number; review?: Partial<Review>; label?: string }[],
  more: Partial<Raw> = {},
): Raw {
  const id = (i: number): string => `d${String(i).padStart(4, '0')}`;
  return {
    detections: searches.map(({ label = 'doe' }, i) => detection(id(i), { label, at: i })),
    vectors: table(searches.map(({ degrees }, i) => [id(i), at(degrees)])),
    profiles: [profile('p1'), profile('p2')],
    profileVectors: table([
      ['p1', at(0)],
      ['p2', at(90)],
    ]),
    reviews: searches.flatMap(({ review: said }, i) => (said === undefined ? [] : [review(id(i), said)])),
    locations: [],
    ...more,
  };
}

export const thresholds = (raw: Raw, input: ThresholdsInput = {}) => thresholdsReport(assemble(raw), input, brute);

export const same = (deer: string, more: Partial<Review> = {}): Partial<Review> => ({ verdict: 'same', deer, ...more });
export const stranger = (identity: string, more: Partial<Review> = {}): Partial<Review> => ({ identity, ...more });
