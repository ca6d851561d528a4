// Groups that scores seem to form: a two-component Gaussian mixture and the valley of the density.
// They are models that nothing verifies, so that no recommendation is based on them.

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
 * Maximum-likelihood fit by EM, started from the sorted halves with weights 0.5 (A. P. Dempster,
 * N. M. Laird, D. B. Rubin, J. R. Stat. Soc. B 39, 1977). null below four finite scores or without
 * spread.
 * @example
 * fitMixture([0.1, 0.12, 0.15, 0.18, 0.2, 0.22, 0.55, 0.6, 0.62, 0.65, 0.7])
 *   .components.map(({ mean }) => mean) // => [0.1617, 0.624]
 * fitMixture([0.1, 0.12, 0.15, 0.18, 0.2, 0.22, 0.55, 0.6, 0.62, 0.65, 0.7]).crossing // => 0.3758
 */
export function fitMixture(scores: ArrayLike<number>): Mixture | null {
  const x = Float64Array.from(Array.from(scores).filter(Number.isFinite)).sort();
  const n = x.length;
  if (n < 4 || x[n - 1]! - x[0]! < 1e-9) return null;
  const half = n >> 1;
  let [a, b] = [describe(x.subarray(0, half)), describe(x.subarray(half))];
  // Equal scores have equal shares: a million stored ones of four decimals are ten thousand values.
  const { values, counts } = countDistinct(x);
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
    a = refit(values, share, total, n);
    for (let i = 0; i < values.length; i++) share[i] = counts[i]! - share[i]!;
    b = refit(values, share, n - total, n);
    if (abs(likelihood - last) < 1e-12 * n) break;
    last = likelihood;
  }
  const components: [Component, Component] = a.mean <= b.mean ? [a, b] : [b, a];
  return { components, crossing: findCrossing(...components), rounds };
}

function describe(x: Float64Array): Component {
  const mean = x.reduce((s, v) => s + v, 0) / x.length;
  const variance = x.reduce((s, v) => s + (v - mean) ** 2, 0) / x.length;
  return { weight: 0.5, mean, sd: max(LEAST_SD, sqrt(variance)) };
}

/** Of an ascending list. */
function countDistinct(x: Float64Array): { values: Float64Array; counts: Float64Array } {
  const [values, counts] = [new Float64Array(x.length), new Float64Array(x.length)];
  let last = -1;
  for (const value of x) {
    if (last < 0 || value !== values[last]) values[++last] = value;
    counts[last]! += 1;
  }
  return { values: values.subarray(0, last + 1), counts: counts.subarray(0, last + 1) };
}

function refit(x: Float64Array, share: Float64Array, total: number, n: number): Component {
  let mean = 0;
  for (let i = 0; i < x.length; i++) mean += share[i]! * x[i]!;
  mean /= total;
  let variance = 0;
  for (let i = 0; i < x.length; i++) variance += share[i]! * (x[i]! - mean) ** 2;
  return { weight: total / n, mean, sd: max(LEAST_SD, sqrt(variance / total)) };
}

const logDensity = ({ weight, mean, sd }: Component, x: number): number =>
  log(weight) - log(sd) - LOG_ROOT_2PI - (x - mean) ** 2 / (2 * sd * sd);

/** Where the two log densities are equal between the means, by bisection. */
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
 * Gaussian kernel density on 512 points of binned scores, with the bandwidth 0.9 min(sd, IQR/1.34)
 * n^-1/5 (B. W. Silverman, Density estimation for statistics and data analysis, 1986, equation
 * 3.31). null below four finite scores or without spread.
 * @example
 * estimateDensity([0.1, 0.2, 0.3, 0.4]).bandwidth // => 0.0881
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
 * The deepest point between two modes of the density (the antimode; Silverman 1986, section 6.2).
 * null when no valley is at least a tenth below the lower of its two modes, or when that mode is
 * less than a twentieth of the highest: smaller dents are noise of the kernel estimate.
 * @example
 * findValley({ x: [0, 1, 2, 3, 4], y: [1, 3, 1, 2, 1], bandwidth: 1 }) // => 2
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
