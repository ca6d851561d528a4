// How many of the identities are ghosts: events of a known animal that were not linked to it, and
// so made an identity of one event. Pure.
import { betaProbability, betaQuantile } from '../../distributions.ts';

/** Counts of identities of one class in one window, in events. */
export interface Tally {
  /** n: identities. */
  n: number;
  /** c_E: their events. */
  events: number;
  /** f_1: identities with one event. */
  singles: number;
}

/**
 * The miss rate as a distribution: Beta(misses + 1/2, hits + 1/2), squared after a second look.
 * `rate` is what the estimate uses: e, or its square.
 */
export interface RateEvidence {
  rate: number;
  misses: number;
  hits: number;
  lookedTwice: boolean;
}

/**
 * The rate that f_1 allows: all ghosts are identities with one event, so e is at most f_1 / (f_1 +
 * c_E - n).
 * @param rate e, 0 to below 1
 */
export function capRate({ n, events, singles }: Tally, rate: number): number {
  return n === 0 ? rate : Math.min(rate, singles / (singles + events - n));
}

/**
 * G = min(f_1, e (c_E - n) / (1 - e)): of c_E - U events that are not the first of their animal a
 * share e was missed, and c_E - n were not (SURVEY.md section 3). Animals.
 * @param rate e, 0 to below 1
 */
export const countGhosts = ({ n, events, singles }: Tally, rate: number): number =>
  Math.min(singles, (rate * (events - n)) / (1 - rate));

/** Mid-quantiles of the Beta of e over which tails are averaged after a second look. */
const QUANTILES = 400;
const TAIL = 0.025;

/** P(X <= x) and P(X >= x). */
type Tails = (trials: number, x: number) => [lower: number, upper: number];

/**
 * Tails of BetaBinomial(trials; a, b), from ratios of neighbors (J. G. Skellam, Journal of the
 * Royal Statistical Society B 10 (1948) 257-261).
 */
const betaBinomialTails =
  (a: number, b: number): Tails =>
  (trials, x) => {
    const logs = new Float64Array(trials + 1);
    let highest = 0;
    for (let i = 0; i < trials; i++) {
      logs[i + 1] = logs[i]! + Math.log(((trials - i) * (a + i)) / ((i + 1) * (b + trials - i - 1)));
      if (logs[i + 1]! > highest) highest = logs[i + 1]!;
    }
    let [below, at, above] = [0, 0, 0];
    for (let i = 0; i <= trials; i++) {
      const weight = Math.exp(logs[i]! - highest);
      if (i < x) below += weight;
      else if (i === x) at = weight;
      else above += weight;
    }
    const all = below + at + above;
    return [(below + at) / all, (at + above) / all];
  };

/** Tails of a binomial at the squares of mid-quantiles of Beta(a, b), averaged. */
function squaredTails(a: number, b: number): Tails {
  const rates = Float64Array.from({ length: QUANTILES }, (_, i) => betaQuantile((i + 0.5) / QUANTILES, a, b) ** 2);
  return (trials, x) => {
    let [lower, upper] = [0, 0];
    for (const q of rates) {
      // P(X >= x) = I_q(x, trials - x + 1) (Abramowitz and Stegun 26.5.24).
      lower += x >= trials ? 1 : 1 - betaProbability(q, x + 1, trials - x);
      upper += x <= 0 ? 1 : betaProbability(q, x, trials - x + 1);
    }
    return [lower / QUANTILES, upper / QUANTILES];
  };
}

/**
 * The exact 95% interval of U, the animals seen: every whole U from n - f_1 to n for which both
 * tails of G = n - U are at least .025, where G given U is BetaBinomial(c_E - U; misses + 1/2, hits
 * + 1/2), or after a second look binomial at e^2 with e from that Beta.
 * @returns null where none is left: the rate contradicts the data
 */
export function boundSeen(
  { n, events, singles }: Tally,
  { misses, hits, lookedTwice }: Omit<RateEvidence, 'rate'>,
): { lower: number; upper: number } | null {
  const tails = (lookedTwice ? squaredTails : betaBinomialTails)(misses + 0.5, hits + 0.5);
  let [lower, upper] = [Number.POSITIVE_INFINITY, -1];
  for (let seen = Math.max(0, n - singles); seen <= n; seen++) {
    // Without an animal there is no event.
    if (seen === 0 && events > 0) continue;
    const [below, above] = tails(events - seen, n - seen);
    if (below < TAIL || above < TAIL) continue;
    lower = Math.min(lower, seen);
    upper = seen;
  }
  return upper < 0 ? null : { lower, upper };
}
