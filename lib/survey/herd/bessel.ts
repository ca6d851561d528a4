// Modified Bessel functions of the first kind, as far as circular densities need them. Pure.

/** Beyond this order I_n(x) / I_0(x), about exp(-n^2 / 2x), is below 1e-16. */
const farOrder = (x: number): number => Math.ceil(Math.sqrt(75 * x)) + 20;

/**
 * Fills `ratios` with I_n(x) / I_0(x), n = 0, 1, ..., by downward recurrence of the ratio of
 * neighbors, I_n / I_(n-1) = 1 / (2n / x + I_(n+1) / I_n) (J. C. P. Miller; Abramowitz and Stegun
 * 9.6.26).
 * @param x 0 or more
 */
function fillRatios(x: number, ratios: Float64Array): void {
  ratios.fill(0);
  ratios[0] = 1;
  if (x === 0) return;
  const orders = ratios.length - 1;
  let ratio = 0;
  for (let n = orders + farOrder(x); n > orders; n--) ratio = x / (2 * n + x * ratio);
  for (let n = orders; n >= 1; n--) {
    ratio = x / (2 * n + x * ratio);
    ratios[n] = ratio;
  }
  for (let n = 1; n <= orders; n++) ratios[n]! *= ratios[n - 1]!;
}

/** I_n(x) / I_0(x) for n = 0..orders, x 0 or more. */
export function besselRatios(x: number, orders: number): Float64Array {
  const ratios = new Float64Array(orders + 1);
  fillRatios(x, ratios);
  return ratios;
}

/**
 * exp(-x) I_0(x), from exp(x) = I_0(x) + 2 sum I_n(x) (Abramowitz and Stegun 9.6.37).
 * @param x 0 or more
 */
export function scaledBessel0(x: number): number {
  // Horner's scheme on ratios of neighbors: sum I_n / I_0 = r_1 (1 + r_2 (1 + ...)).
  let [ratio, sum] = [0, 0];
  for (let n = farOrder(x); n >= 1; n--) {
    ratio = x / (2 * n + x * ratio);
    sum = ratio * (1 + sum);
  }
  return 1 / (1 + 2 * sum);
}

/** Larger concentrations look the same: all times are within minutes of each other. */
const MOST = 500;

/**
 * The concentration k with I_j(k) / I_0(k) = rho, by Newton steps kept inside a shrinking bracket;
 * at most 500.
 * @param rho 0 to 1
 * @param order j, 1 or more
 */
export function solveConcentration(rho: number, order: number): number {
  const ratios = new Float64Array(order + 2);
  let [low, high] = [0, MOST];
  fillRatios(high, ratios);
  if (ratios[order]! <= rho) return high;
  let k = Math.min(high / 2, Math.max(0.5, (order * order) / (2 * Math.max(1e-9, 1 - rho))));
  for (let round = 0; round < 100 && high - low > 1e-12 * high; round++) {
    fillRatios(k, ratios);
    const off = ratios[order]! - rho;
    if (off > 0) high = k;
    else low = k;
    const slope = (ratios[order - 1]! + ratios[order + 1]!) / 2 - ratios[order]! * ratios[1]!;
    const next = k - off / slope;
    const inside = next > low && next < high;
    const step = inside ? next : (low + high) / 2;
    if (inside && Math.abs(step - k) < 1e-12 * k) return step;
    k = step;
  }
  return k;
}
