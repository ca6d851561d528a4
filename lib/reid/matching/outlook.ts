// What more reviews would buy: the bound shrinks with the number of searches, if the new ones err
// as often as those until now.
import { betaQuantile } from '../../distributions.ts';
import type { Grounds } from '../analysis/grounds.ts';
import type { ThresholdRow } from '../study/rates.ts';

export interface Outlook {
  /** How many more events would be reviewed, drawn at random. */
  reviews: number;
  /** The safe threshold to expect then; null: still none. */
  threshold: number | null;
  assignment_rate: number | null;
  fnir: number | null;
  /** If there is still none: about how many more events would be needed; null: no number helps. */
  needed: number | null;
}

const REVIEWS = 50;
const MOST_REVIEWS = 5_000;
const LEVEL = 0.95;

/** The lowest threshold whose bound, and that of all above it, keeps the limit then. */
function expectSafe({ grid, maxFpir, minAnimals, gallery }: Grounds, factor: number): ThresholdRow | undefined {
  let lowest: ThresholdRow | undefined;
  for (const row of grid.toReversed()) {
    const { fpir: p, fpir_n_eff: now, fpir_m: animals } = row;
    if (p === null || now === null || animals * factor < minAnimals) break;
    const n = now * factor;
    const upper = p >= 1 ? 1 : betaQuantile(LEVEL, p * n + 1, n - p * n) / gallery.share;
    if (!(upper < maxFpir)) break;
    lowest = row;
  }
  return lowest;
}

/** @param reviewed events that were reviewed until now */
export function foresee(grounds: Grounds, reviewed: number): Outlook {
  const nothing = { reviews: REVIEWS, threshold: null, assignment_rate: null, fnir: null, needed: null };
  if (reviewed === 0) return nothing;
  const safe = expectSafe(grounds, (reviewed + REVIEWS) / reviewed);
  if (safe !== undefined) {
    const { threshold, assignment_rate, fnir } = safe;
    return { ...nothing, threshold, assignment_rate, fnir };
  }
  for (let more = 2 * REVIEWS; more <= MOST_REVIEWS; more += REVIEWS)
    if (expectSafe(grounds, (reviewed + more) / reviewed) !== undefined) return { ...nothing, needed: more };
  return nothing;
}
