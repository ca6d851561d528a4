// Intervals of the corrected counts: a parametric bootstrap with the number of animals fixed.
// Seeded; nothing is allocated in its loop.
import { dice } from '../../reid/statistics/random.ts';
import { correctChao, fitM0, type Histories, makeM0Room, makeUnmixed, spreadSeen, type Unmixed } from './corrected.ts';
import type { RateEvidence } from './ghosts.ts';
import { chaoVariance, logNormalFactor } from './models.ts';
import type { Interval } from './types.ts';

const Z = 1.96;
/** Events of an animal on one occasion, at most. */
const MOST_EVENTS = 50;
/** Animals for each identity, at most. */
const MOST_PER_SEEN = 50;
/** The least variance that Chao's own formula may say. */
const LEAST_VARIANCE = 0.25;

type Uniform = () => number;

/** Gamma(shape, 1) by G. Marsaglia, W. W. Tsang, ACM TOMS 26 (2000) 363-372. */
function drawGamma(next: Uniform, shape: number): number {
  if (shape < 1) return drawGamma(next, shape + 1) * (1 - next()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    // G. E. P. Box, M. E. Muller (1958).
    const x = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A draw of the miss rate: Beta(misses + 1/2, hits + 1/2), squared after a second look. */
function drawRate(next: Uniform, { misses, hits, lookedTwice }: RateEvidence): number {
  const missed = drawGamma(next, misses + 0.5);
  const rate = missed / (missed + drawGamma(next, hits + 0.5));
  return lookedTwice ? rate * rate : rate;
}

interface Population {
  /** N animals. */
  animals: number;
  /** Chance of an animal to be seen on at most k occasions. */
  byOccasions: Float64Array;
  /** Chance of an occasion to have at most r linked events; index 0 is 0. */
  byRepeats: Float64Array;
  /** The rate at which events were missed before they were linked: r has none of those. */
  missed: number;
}

function accumulate(weights: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(weights.length);
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i]!;
    sums[i] = sum;
  }
  for (let i = 0; i < sums.length; i++) sums[i]! /= sum;
  return sums;
}

/** N animals of which f0 were not seen, and the others as often as the histories say. */
function makePopulation(of: Histories, un: Readonly<Unmixed>, estimate: number): Population {
  const unseen = estimate - un.seen;
  const weights = spreadSeen(of, un);
  weights[0] = Math.max(0, unseen);
  const repeats = of.repeats.some((count) => count > 0) ? Array.from(of.repeats) : [0, 1];
  return {
    animals: Math.max(1, Math.round(un.seen + Math.max(0, unseen))),
    byOccasions: accumulate(weights),
    byRepeats: accumulate(repeats),
    missed: un.rate,
  };
}

function drawIndex(next: Uniform, sums: Float64Array): number {
  const at = next();
  let i = 0;
  while (i < sums.length - 1 && at >= sums[i]!) i++;
  return i;
}

/**
 * Events of an animal on an occasion: r linked ones were drawn, and each after the first stands for
 * 1 / (1 - e), as in rho.
 */
function drawRepeats(next: Uniform, { byRepeats, missed }: Population): number {
  const linked = drawIndex(next, byRepeats);
  let count = linked;
  for (let i = 1; i < linked; i++) while (count < MOST_EVENTS && next() < missed) count++;
  return count;
}

/**
 * One herd of the population, looked at by a reviewer who misses each event after an animal's first
 * with chance `rate`; each miss makes an identity of one event.
 * @param cells room for the events of one animal by occasion
 */
function simulate(next: Uniform, of: Population, rate: number, into: Histories, cells: Int32Array): void {
  const { f, repeats } = into;
  f.fill(0);
  repeats.fill(0);
  let [n, events, singles] = [0, 0, 0];
  for (let animal = 0; animal < of.animals; animal++) {
    const occasions = drawIndex(next, of.byOccasions);
    let [linked, used] = [0, 0];
    for (let occasion = 0; occasion < occasions; occasion++) {
      let here = 0;
      const count = drawRepeats(next, of);
      for (let i = 0; i < count; i++) {
        if (linked + here > 0 && next() < rate) {
          n++;
          events++;
          singles++;
          f[1]!++;
        } else here++;
      }
      if (here > 0) cells[used++] = here;
      linked += here;
    }
    if (used === 0) continue;
    n++;
    events += linked;
    f[used]!++;
    if (linked === 1) singles++;
    else for (let i = 0; i < used; i++) repeats[cells[i]!]!++;
  }
  into.n = n;
  into.events = events;
  into.singles = singles;
}

/**
 * Calls `see` with each simulated herd, corrected with another draw of the rate than it was made
 * with: what is known of e is in the width twice, as in life.
 */
function repeatHerd(
  next: Uniform,
  of: Histories,
  population: Population,
  evidence: RateEvidence,
  draws: number,
  see: (herd: Histories, un: Unmixed, draw: number) => void,
): void {
  const { t } = of;
  const herd: Histories = { ...of, f: new Int32Array(t + 1), repeats: new Int32Array(MOST_EVENTS + 1) };
  const cells = new Int32Array(t + 1);
  const un = makeUnmixed();
  for (let draw = 0; draw < draws; draw++) {
    simulate(next, population, drawRate(next, evidence), herd, cells);
    see(herd, correctChao(herd, drawRate(next, evidence), un), draw);
  }
}

export interface BootstrapOptions {
  seed: number;
  draws: number;
}

/**
 * Corrected Chao with its interval: lower = est exp(-1.96 s), s the standard deviation of its
 * logarithm over the draws, not below n - f_1; upper = max(est exp(1.96 s), U + f0 C), f0 = max(est
 * - U, .5), C of the log-normal interval with Chao's own variance, at least .25 (SURVEY.md section
 * 4).
 * @param un of correctChao on `of`
 */
export function boundChao(
  of: Histories,
  un: Readonly<Unmixed>,
  evidence: RateEvidence,
  { seed, draws }: BootstrapOptions,
): Interval {
  const { next } = dice(seed, 'chao');
  const estimate = un.chao;
  const population = makePopulation(of, un, estimate);
  let [count, mean, squares] = [0, 0, 0];
  repeatHerd(next, of, population, evidence, draws, (_, { chao }) => {
    const value = Math.log(Math.max(chao, 0.5));
    count++;
    const off = value - mean;
    mean += off / count;
    squares += off * (value - mean);
  });
  const s = count > 1 ? Math.sqrt(squares / (count - 1)) : 0;
  const f0 = Math.max(estimate - un.seen, 0.5);
  const factor = logNormalFactor(f0, Math.max(LEAST_VARIANCE, chaoVariance(un.x1, un.x2, of.t)));
  return {
    estimate,
    lower: Math.max(estimate * Math.exp(-Z * s), of.n - of.singles),
    upper: Math.max(estimate * Math.exp(Z * s), un.seen + f0 * factor),
  };
}

/**
 * Corrected M0 with the basic interval on the log scale: est^2 / q(.975) to est^2 / q(.025) of the
 * draws (A. C. Davison, D. V. Hinkley, Bootstrap Methods, 1997, section 5.2).
 * @returns null where the fit has no estimate that is finite in practice; an upper limit may be Infinity
 */
export function boundM0(
  of: Histories,
  un: Readonly<Unmixed>,
  evidence: RateEvidence,
  { seed, draws }: BootstrapOptions,
): Interval | null {
  const room = makeM0Room(of.t);
  const { estimate } = fitM0(of, un, room);
  // So many that hardly one of fifty was seen: the histories say nothing of their number.
  if (!(estimate <= MOST_PER_SEEN * of.n)) return null;
  const { next } = dice(seed, 'm0');
  const population = makePopulation(of, un, estimate);
  const found = new Float64Array(draws);
  repeatHerd(next, of, population, evidence, draws, (herd, corrected, draw) => {
    found[draw] = fitM0(herd, corrected, room, 1e-3).estimate;
  });
  found.sort();
  const at = (share: number): number => found[Math.min(draws - 1, Math.max(0, Math.round(share * (draws + 1)) - 1))]!;
  return {
    estimate,
    lower: Math.max(of.n - of.singles, (estimate * estimate) / at(0.975)),
    upper: (estimate * estimate) / at(0.025),
  };
}
