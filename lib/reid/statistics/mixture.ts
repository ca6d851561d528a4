// Natural groups in the scores: a two-component Gaussian mixture and the valley of the density.
// Model-based and unverified: never a reason to recommend.

// Taken once: inside a test's VM each look-up of a global costs more than the arithmetic.
const { abs, ceil, exp, floor, log, max, min, round, sqrt } = Math;
const LOG_ROOT_2PI = 0.5 * log(2 * Math.PI);

export interface Component {
  weight: number;
  mean: number;
  sd: number;
}

export interface Mixture {
  /** The lower mean first. */
  components: [Component, Component];
  /**
   * Where both weighted densities are equal between the means; null when they do not cross there.
   */
  crossing: number | null;
  rounds: number;
}

/** A standard deviation below this would let one component sit on a single score. */
const LEAST_SD = 1e-4;
const MOST_ROUNDS = 5_000;

/**
 * Maximum-likelihood fit by EM from the sorted halves with weights 0.5 (Dempster, Laird and Rubin
 * 1977). null below four finite scores or without spread.
 */
export function fitMixture(scores: ArrayLike<number>): Mixture | null {
  const x = Float64Array.from(Array.from(scores).filter(Number.isFinite)).sort();
  const n = x.length;
  if (n < 4 || x[n - 1]! - x[0]! < 1e-9) return null;
  const half = n >> 1;
  let [a, b] = [described(x.subarray(0, half)), described(x.subarray(half))];
  // Equal scores have equal shares: a million stored ones of four decimals are ten thousand values.
  const { values, counts } = distinct(x);
  const share = new Float64Array(values.length);
  let last = Number.NEGATIVE_INFINITY;
  let rounds = 0;
  for (; rounds < MOST_ROUNDS; rounds++) {
    let likelihood = 0;
    let total = 0;
    for (let i = 0; i < values.length; i++) {
      const [la, lb] = [logDensity(a, values[i]!), logDensity(b, values[i]!)];
      const top = max(la, lb);
      const [ea, eb] = [exp(la - top), exp(lb - top)];
      likelihood += counts[i]! * (top + log(ea + eb));
      share[i] = (counts[i]! * ea) / (ea + eb);
      total += share[i]!;
    }
    if (total < 1e-9 || n - total < 1e-9) break;
    a = refitted(values, share, total, n);
    for (let i = 0; i < values.length; i++) share[i] = counts[i]! - share[i]!;
    b = refitted(values, share, n - total, n);
    if (abs(likelihood - last) < 1e-12 * n) break;
    last = likelihood;
  }
  const components: [Component, Component] = a.mean <= b.mean ? [a, b] : [b, a];
  return { components, crossing: findCrossing(...components), rounds };
}

function described(x: Float64Array): Component {
  const mean = x.reduce((s, v) => s + v, 0) / x.length;
  const variance = x.reduce((s, v) => s + (v - mean) ** 2, 0) / x.length;
  return { weight: 0.5, mean, sd: max(LEAST_SD, sqrt(variance)) };
}

/** Of an ascending list. */
function distinct(x: Float64Array): { values: Float64Array; counts: Float64Array } {
  const [values, counts] = [new Float64Array(x.length), new Float64Array(x.length)];
  let last = -1;
  for (const value of x) {
    if (last < 0 || value !== values[last]) values[++last] = value;
    counts[last]! += 1;
  }
  return { values: values.subarray(0, last + 1), counts: counts.subarray(0, last + 1) };
}

function refitted(x: Float64Array, share: Float64Array, total: number, n: number): Component {
  let mean = 0;
  for (let i = 0; i < x.length; i++) mean += share[i]! * x[i]!;
  mean /= total;
  let variance = 0;
  for (let i = 0; i < x.length; i++) variance += share[i]! * (x[i]! - mean) ** 2;
  return { weight: total / n, mean, sd: max(LEAST_SD, sqrt(variance / total)) };
}

const logDensity = ({ weight, mean, sd }: Component, x: number): number =>
  log(weight) - log(sd) - LOG_ROOT_2PI - (x - mean) ** 2 / (2 * sd * sd);

/** Root of the quadratic that equates the two log densities, between the means. */
function findCrossing(low: Component, high: Component): number | null {
  const off = (x: number): number => logDensity(low, x) - logDensity(high, x);
  let [left, right] = [low.mean, high.mean];
  if (!(off(left) > 0 && off(right) < 0)) return null;
  for (let i = 0; i < 100; i++) {
    const middle = (left + right) / 2;
    if (off(middle) > 0) left = middle;
    else right = middle;
  }
  return (left + right) / 2;
}

export interface Density {
  x: number[];
  y: number[];
  bandwidth: number;
}

const POINTS = 512;

/**
 * Gaussian kernel density on 512 points, scores binned first (bandwidth 0.9 min(sd, IQR/1.34)
 * n^-1/5, Silverman 1986). null below four finite scores or without spread.
 */
export function estimateDensity(scores: ArrayLike<number>): Density | null {
  const x = Float64Array.from(Array.from(scores).filter(Number.isFinite)).sort();
  const n = x.length;
  if (n < 4 || x[n - 1]! - x[0]! < 1e-9) return null;
  const mean = x.reduce((s, v) => s + v, 0) / n;
  const sd = sqrt(x.reduce((s, v) => s + (v - mean) ** 2, 0) / (n - 1));
  const iqr = x[floor(0.75 * (n - 1))]! - x[floor(0.25 * (n - 1))]!;
  const bandwidth = 0.9 * (iqr > 0 ? min(sd, iqr / 1.34) : sd) * n ** -0.2;
  const from = x[0]! - 3 * bandwidth;
  const step = (x[n - 1]! + 3 * bandwidth - from) / (POINTS - 1);
  const bins = new Float64Array(POINTS);
  for (const value of x) bins[round((value - from) / step)]! += 1;
  const reach = min(POINTS, ceil((4 * bandwidth) / step));
  const y = new Float64Array(POINTS);
  for (let i = 0; i < POINTS; i++) {
    if (bins[i] === 0) continue;
    for (let j = max(0, i - reach); j <= min(POINTS - 1, i + reach); j++) {
      const z = ((j - i) * step) / bandwidth;
      y[j]! += (bins[i]! * exp(-0.5 * z * z)) / (n * bandwidth * sqrt(2 * Math.PI));
    }
  }
  return { x: Array.from({ length: POINTS }, (_, i) => from + i * step), y: [...y], bandwidth };
}

/**
 * The deepest point between the two modes that a valley separates best; null when no valley is at
 * least 10 % below the lower of its two modes or that mode is under 5 % of the highest (smaller
 * dents are noise of the kernel estimate).
 */
export function findValley(density: Density | null): number | null {
  if (density === null) return null;
  const { x, y } = density;
  const rises = new Float64Array(y.length);
  const falls = new Float64Array(y.length);
  for (let i = 1; i < y.length; i++) rises[i] = max(rises[i - 1]!, y[i - 1]!);
  for (let i = y.length - 2; i >= 0; i--) falls[i] = max(falls[i + 1]!, y[i + 1]!);
  const peak = max(...y);
  let best = { depth: 0, at: -1 };
  for (let i = 1; i < y.length - 1; i++) {
    const rim = min(rises[i]!, falls[i]!);
    const depth = rim - y[i]!;
    if (depth > 0.1 * rim && rim > 0.05 * peak && depth > best.depth) best = { depth, at: i };
  }
  return best.at < 0 ? null : x[best.at]!;
}
