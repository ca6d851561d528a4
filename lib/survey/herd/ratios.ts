// Ratios of two counts with their intervals: Wilson's for counting error, and the jackknife over
// places, which knows how much places differ. Pure.
import { tQuantile } from '../../distributions.ts';
import type { Interval, Ratio } from './types.ts';

const Z = 1.96;

/**
 * Wilson's 95% interval of a ratio a / b, from p = a / (a + b) (E. B. Wilson, Probable inference,
 * the law of succession, and statistical inference, JASA 22, 1927): counting error only, as if
 * every animal came alone.
 * @param a count, 0 or more
 * @param b count, above 0
 * @returns limits of a / b; `high` is infinite where the limit of p is 1
 * @example
 * wilsonRatio(1334, 1422) // => { low: 0.8706, high: 1.0109 }
 */
export function wilsonRatio(a: number, b: number): Interval {
  const n = a + b;
  const p = a / n;
  const middle = p + (Z * Z) / (2 * n);
  const margin = Z * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n));
  const scale = 1 + (Z * Z) / n;
  const [low, high] = [Math.max(0, (middle - margin) / scale), (middle + margin) / scale];
  return { low: low / (1 - low), high: high / (1 - high) };
}

/** Fewer places say nothing about how much places differ. */
export const FEWEST_PLACES = 4;

/** Counts of one place. */
export interface PlaceCounts {
  a: number;
  b: number;
}

/**
 * The 95% interval of ln(a / b) by the delete-one jackknife over places: ln r -+ t(.975, L - 1) se,
 * se^2 = (L - 1) / L sum (ln r_(-l) - mean)^2 (B. Efron and R. J. Tibshirani, An introduction to
 * the bootstrap, 1993, ch. 11).
 * @param places counts of each place with effort; a place without events has zeros
 * @param elsewhere counts that belong to no place
 * @returns limits of a / b, or the reason why there are none
 */
export function jackknifeRatio(places: readonly PlaceCounts[], elsewhere: PlaceCounts): Interval | string {
  const count = places.length;
  if (count < FEWEST_PLACES)
    return `With fewer than ${FEWEST_PLACES} locations the spread between locations cannot be measured.`;
  const [a, b] = [
    places.reduce((sum, place) => sum + place.a, elsewhere.a),
    places.reduce((sum, place) => sum + place.b, elsewhere.b),
  ];
  const logs = places.map((place) => Math.log((a - place.a) / (b - place.b)));
  if (a === 0 || b === 0 || !logs.every(Number.isFinite))
    return 'The spread between locations cannot be measured, because all of a class was seen at one location.';
  const mean = logs.reduce((sum, log) => sum + log, 0) / count;
  const squares = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0);
  const margin = tQuantile(0.975, count - 1) * Math.sqrt(((count - 1) / count) * squares);
  const log = Math.log(a / b);
  return { low: Math.exp(log - margin), high: Math.exp(log + margin) };
}

const times100 = ({ low, high }: Interval): Interval => ({ low: 100 * low, high: 100 * high });

/**
 * How many of a class there are for each 100 does, with both intervals.
 * @param places counts of the class (a) and of does (b) at each place with effort
 * @param elsewhere the same without a place
 */
export function makeRatio(places: readonly PlaceCounts[], elsewhere: PlaceCounts): Ratio {
  const [count, does] = [
    places.reduce((sum, place) => sum + place.a, elsewhere.a),
    places.reduce((sum, place) => sum + place.b, elsewhere.b),
  ];
  const spread = count === 0 ? 'None of this class was seen.' : jackknifeRatio(places, elsewhere);
  return {
    count,
    does,
    per100: (100 * count) / does,
    wilson: times100(wilsonRatio(count, does)),
    interval: typeof spread === 'string' ? null : times100(spread),
    noInterval: typeof spread === 'string' ? spread : null,
  };
}
