// Capture-recapture with ghosts taken out. Misses are counted by event, histories by occasion: e_o
// is the chance that all events of an animal on one occasion are missed. Pure, and free of
// allocation where a bootstrap calls it.
import { capRate, countGhosts, type Tally } from './ghosts.ts';
import { chaoUnseen } from './models.ts';

/** Histories of one class, with the events behind them. */
export interface Histories extends Tally {
  /** Occasions. */
  t: number;
  /** f[m]: identities seen on m occasions, length t + 1. */
  f: Int32Array;
  /**
   * repeats[r]: (identity, occasion) pairs with r events, over identities of two or more events.
   */
  repeats: Int32Array;
}

/** What a correction at one miss rate makes of histories; written in place. */
export interface Unmixed {
  /** The rate, lowered to what f_1 allows. */
  rate: number;
  ghosts: number;
  /** e_o: an occasion is missed. */
  occasionRate: number;
  /** rho: occasions of a ghost's animal, relative to one event an occasion. */
  rho: number;
  /** U = n - G. */
  seen: number;
  x1: number;
  x2: number;
  /** Corrected Chao. */
  chao: number;
}

export const makeUnmixed = (): Unmixed => ({
  ...{ rate: 0, ghosts: 0, occasionRate: 0, rho: 1, seen: 0, x1: 0, x2: 0, chao: 0 },
});

/**
 * Corrected Chao: x_1 = sum_m g_m (-e_o/theta)^(m-1), x_2 = sum_(m>=2) (m-1) g_m
 * (-e_o/theta)^(m-2) / theta with g_1 = f_1 - G, g_m = f_m, theta = 1 - e_o; below 0 they count as
 * 0; then Chao's bound on (n - G, x_1, x_2) (SURVEY.md section 4).
 * @param rate e of an event, 0 to below 1
 */
export function correctChao(of: Histories, rate: number, into: Unmixed): Unmixed {
  const { f, t, repeats } = of;
  const e = capRate(of, rate);
  const ghosts = countGhosts(of, e);
  let [pairs, missed, more, power] = [0, 0, 0, 1];
  for (let r = 1; r < repeats.length; r++) {
    power *= e;
    const count = repeats[r]!;
    pairs += count;
    missed += count * power;
    more += count * (r - 1);
  }
  const occasionRate = pairs === 0 ? e : missed / pairs;
  const theta = 1 - occasionRate;
  const step = -occasionRate / theta;
  let [x1, x2, factor] = [f[1]! - ghosts, 0, 1];
  for (let m = 2; m <= t; m++) {
    x2 += ((m - 1) * f[m]! * factor) / theta;
    factor *= step;
    x1 += f[m]! * factor;
  }
  into.rate = e;
  into.ghosts = ghosts;
  into.occasionRate = occasionRate;
  into.rho = pairs === 0 ? 1 : 1 + more / pairs / (1 - e);
  into.seen = of.n - ghosts;
  into.x1 = Math.max(0, x1);
  into.x2 = Math.max(0, x2);
  into.chao = into.seen + chaoUnseen(into.x1, into.x2, t);
  return into;
}

/**
 * The frequencies that histories would have without ghosts, for accumulation and as the population
 * of a bootstrap: x_1, x_2, then g_3, g_4, ... scaled so that all sum to U. Index k = occasions;
 * length t + 1.
 */
export function spreadSeen({ f, t }: Histories, { seen, x1, x2 }: Unmixed): Float64Array {
  const x = new Float64Array(t + 1);
  let others = 0;
  for (let m = 3; m <= t; m++) others += f[m]!;
  const left = seen - x1 - x2;
  // What was cut at 0 is missing from the sum; without others, or where they would be fewer than
  // none, x_1 and x_2 carry all.
  const scale = others > 0 && left >= 0 ? 1 : x1 + x2 > 0 ? seen / (x1 + x2) : 0;
  x[1] = x1 * scale;
  x[2] = x2 * scale;
  if (others > 0 && left > 0) for (let m = 3; m <= t; m++) x[m] = (f[m]! * left) / others;
  return x;
}

/** Room for fits of histories with t occasions. */
export interface M0Room {
  /** thinned[m * (t + 1) + k]: Bin(m - 1; k - 1, theta). */
  thinned: Float64Array;
  chances: Float64Array;
}

export const makeM0Room = (t: number): M0Room => ({
  thinned: new Float64Array((t + 1) * (t + 1)),
  chances: new Float64Array(t + 1),
});

/** Bin(m - 1; k - 1, theta) for the m that occur, by Pascal's rule along k. */
function fillThinned({ thinned }: M0Room, t: number, highest: number, missed: number): void {
  const width = t + 1;
  const theta = 1 - missed;
  for (let m = 1; m <= highest; m++) thinned[m * width + 1] = m === 1 ? 1 : 0;
  for (let k = 2; k <= t; k++) {
    for (let m = highest; m >= 1; m--) {
      const before = m === 1 ? 0 : thinned[(m - 1) * width + k - 1]!;
      thinned[m * width + k] = theta * before + missed * thinned[m * width + k - 1]!;
    }
  }
}

/** P(seen as an identity), S = 1 - q^t + e (rho t p - 1 + q^t). */
const shareSeen = (p: number, t: number, e: number, rho: number): number => {
  const seen = -Math.expm1(t * Math.log1p(-p));
  return seen + e * (rho * t * p - seen);
};

/** sum f_m ln(mu_m / S) at p. */
function logLikelihood(of: Histories, un: Unmixed, room: M0Room, highest: number, p: number): number {
  const { t, f, n } = of;
  const { thinned, chances } = room;
  const width = t + 1;
  const odds = p / (1 - p);
  let chance = (1 - p) ** t;
  for (let k = 1; k <= t; k++) {
    chance *= ((t - k + 1) / k) * odds;
    chances[k] = chance;
  }
  const seen = -Math.expm1(t * Math.log1p(-p));
  let sum = 0;
  for (let m = 1; m <= highest; m++) {
    if (f[m] === 0) continue;
    let mu = m === 1 ? un.rate * (un.rho * t * p - seen) : 0;
    for (let k = m; k <= t; k++) mu += chances[k]! * thinned[m * width + k]!;
    sum += f[m]! * Math.log(mu);
  }
  return sum - n * Math.log(shareSeen(p, t, un.rate, un.rho));
}

const GOLDEN = (3 - Math.sqrt(5)) / 2;
/** Logits of p between which the maximum is looked for; at the lower end N is not finite. */
const LOWEST = -14;
const HIGHEST = 9;

/**
 * Corrected M0: maximizes sum f_m ln(mu_m / S) over p, N = n / S, with mu_m = sum_k Bin(k; t, p)
 * [Bin(m-1; k-1, theta) + 1{m=1} e (k rho - 1)] (SURVEY.md section 4). By R. P. Brent's method
 * without derivatives (1973), on the logit of p.
 * @param un of correctChao: e, e_o and rho
 * @param precision of the logit
 * @returns p and N; Infinity where the identities seen again are no more than chance
 */
export function fitM0(of: Histories, un: Unmixed, room: M0Room, precision = 1e-9): { p: number; estimate: number } {
  const { t, f, n } = of;
  let highest = 0;
  for (let m = 1; m <= t; m++) if (f[m]! > 0) highest = m;
  if (n === 0) return { p: 0, estimate: Number.POSITIVE_INFINITY };
  fillThinned(room, t, highest, un.occasionRate);
  const cost = (u: number): number => -logLikelihood(of, un, room, highest, 1 / (1 + Math.exp(-u)));
  const u = minimize(cost, LOWEST, HIGHEST, precision);
  const p = 1 / (1 + Math.exp(-u));
  const estimate = u < LOWEST + 0.01 ? Number.POSITIVE_INFINITY : n / shareSeen(p, t, un.rate, un.rho);
  return { p, estimate };
}

/** Brent's fmin: parabolic steps, golden section where they do not help. */
function minimize(cost: (x: number) => number, from: number, to: number, precision: number): number {
  let [a, b] = [from, to];
  let x = a + GOLDEN * (b - a);
  let [w, v] = [x, x];
  let fx = cost(x);
  let [fw, fv] = [fx, fx];
  let [d, before] = [0, 0];
  for (let i = 0; i < 200; i++) {
    const middle = (a + b) / 2;
    const least = 1e-10 * Math.abs(x) + precision / 3;
    if (Math.abs(x - middle) <= 2 * least - (b - a) / 2) break;
    let [p, q, r] = [0, 0, 0];
    if (Math.abs(before) > least) {
      r = (x - w) * (fx - fv);
      q = (x - v) * (fx - fw);
      p = (x - v) * q - (x - w) * r;
      q = 2 * (q - r);
      if (q > 0) p = -p;
      q = Math.abs(q);
      r = before;
      before = d;
    }
    if (Math.abs(p) < Math.abs(0.5 * q * r) && p > q * (a - x) && p < q * (b - x)) {
      d = p / q;
      const u = x + d;
      if (u - a < 2 * least || b - u < 2 * least) d = x < middle ? least : -least;
    } else {
      before = x < middle ? b - x : a - x;
      d = GOLDEN * before;
    }
    const u = Math.abs(d) >= least ? x + d : x + (d > 0 ? least : -least);
    const fu = cost(u);
    if (fu <= fx) {
      if (u < x) b = x;
      else a = x;
      [v, fv, w, fw, x, fx] = [w, fw, x, fx, u, fu];
    } else {
      if (u < x) a = u;
      else b = u;
      if (fu <= fw || w === x) [v, fv, w, fw] = [w, fw, u, fu];
      else if (fu <= fv || v === x || v === w) [v, fv] = [u, fu];
    }
  }
  return x;
}
