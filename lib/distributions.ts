// The beta distribution and Student's t, as far as bounds and intervals need them: log-gamma, the
// incomplete beta function and its inverse.

const { abs, exp, log, log1p, sqrt } = Math;

/**
 * Lanczos' approximation with g = 607/128 and 15 terms (coefficients of P. Godfrey, 2001); relative
 * error about 1e-15 for x > 0.
 */
const LANCZOS = [
  0.9999999999999971, 57.15623566586292, -59.59796035547549, 14.136097974741746, -0.4919138160976202,
  3.399464998481189e-5, 4.652362892704858e-5, -9.837447530487956e-5, 0.0001580887032249125, -0.00021026444172410488,
  0.00021743961811521265, -0.0001643181065367639, 8.441822398385275e-5, -2.6190838401581408e-5, 3.6899182659531625e-6,
];

/** ln Gamma(x), x > 0. */
function logGamma(x: number): number {
  let sum = LANCZOS[0]!;
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i]! / (x + i);
  const t = x + 607 / 128 + 0.5;
  return (x + 0.5) * log(t) - t + log((sqrt(2 * Math.PI) * sum) / x);
}

/**
 * The continued fraction of the incomplete beta function by Lentz' method (Abramowitz and Stegun
 * 26.5.8).
 */
function continuedFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number): number => (abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const step = d * c;
    result *= step;
    if (abs(step - 1) < 1e-16) break;
  }
  return result;
}

/**
 * The regularized incomplete beta function I_x(a, b), the probability that a Beta(a, b) variable is
 * at most x (Abramowitz and Stegun 26.5.1).
 * @param x is clipped to [0, 1]
 * @param a above 0
 * @param b above 0
 * @example
 * betaProbability(0.3, 2, 2) // => 0.216
 */
export const betaProbability = (x: number, a: number, b: number): number => probability(x, a, b, logInverseBeta(a, b));

/** ln of 1 / B(a, b). */
const logInverseBeta = (a: number, b: number): number => logGamma(a + b) - logGamma(a) - logGamma(b);

function probability(x: number, a: number, b: number, scale: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = exp(a * log(x) + b * log1p(-x) + scale);
  // The fraction converges fast below the mean; above it the symmetry I_x(a, b) = 1 - I_{1-x}(b, a)
  // is used.
  return x < (a + 1) / (a + b + 2)
    ? (front * continuedFraction(x, a, b)) / a
    : 1 - (front * continuedFraction(1 - x, b, a)) / b;
}

/**
 * BetaInv(p; a, b): the x with I_x(a, b) = p, by Newton steps kept inside a shrinking bracket;
 * absolute error below 1e-12. The upper end of a one-sided 95% Clopper-Pearson interval for k
 * errors in n searches is BetaInv(0.95; k + 1, n - k) (Clopper and Pearson 1934).
 * @param p probability, 0 to 1
 * @example
 * betaQuantile(0.95, 0 + 1, 59 - 0) // => 0.049508
 * betaQuantile(0.95, 2 + 1, 40 - 2) // => 0.149152
 */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  let [low, high] = [0, 1];
  let x = a / (a + b);
  const scale = logInverseBeta(a, b);
  for (let round = 0; round < 200 && high - low > 1e-16 * high; round++) {
    const off = probability(x, a, b, scale) - p;
    if (off === 0) return x;
    if (off > 0) high = x;
    else low = x;
    const density = exp((a - 1) * log(x) + (b - 1) * log1p(-x) + scale);
    const next = x - off / density;
    const inside = next > low && next < high;
    const step = inside ? next : (low + high) / 2;
    if (inside && abs(step - x) < 1e-15 * x) return step;
    x = step;
  }
  return x;
}

/**
 * The p-quantile of Student's t with `df` degrees of freedom: t = sqrt(df y / (1 - y)) with y =
 * BetaInv(2p - 1; 1/2, df/2) (Abramowitz and Stegun 26.7.1).
 * @param p above 0.5 and below 1
 * @param df above 0
 * @example
 * tQuantile(0.975, 10) // => 2.228139
 */
export function tQuantile(p: number, df: number): number {
  const y = betaQuantile(2 * p - 1, 0.5, df / 2);
  return sqrt((df * y) / (1 - y));
}
