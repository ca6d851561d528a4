// How a person gives the reviews that are asked for: what to type, in a sentence.
import { threshold as formatThreshold } from '../../format.ts';
import type { Draw } from '../dataset/draws.ts';

/** What loads the file that a review page saves, or that is written by hand. */
export const LOAD_REVIEWS = 'npm run import -- --reviews reviews.json';

/** A sample of this size finds most of the animals that are seen often. */
const [LEAST_SAMPLE, MOST_SAMPLE] = [50, 500];

/** A seed that no draw has had: the same seed shows the same draw again. */
export const nextSeed = (draws: readonly Draw[]): number =>
  draws.reduce((seed, draw) => Math.max(seed, draw.seed), 0) + 1;

export interface Asking {
  /** The threshold of the trial. */
  threshold: number;
  /** A seed without a draw. */
  seed: number;
}

/** Ends a sentence that asks for reviews of random events. */
export function askForEvents({ threshold, seed }: Asking, events: number): string {
  const sample = Math.min(MOST_SAMPLE, Math.max(LEAST_SAMPLE, 10 * Math.ceil(events / 10)));
  return `draw events with npm run reid -- thresholds --trial threshold=${formatThreshold(threshold)},sample=${sample},seed=${seed}, mark them on its page, then load the file: ${LOAD_REVIEWS}`;
}
