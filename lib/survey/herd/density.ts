// The density of times of day: a von Mises kernel estimate on the circle. Pure.
import { besselRatios, scaledBessel0, solveConcentration } from './bessel.ts';

const TURN = 2 * Math.PI;

/** Sums of cos(kx) and sin(kx), k = 0..orders. */
export interface Sums {
  cos: Float64Array;
  sin: Float64Array;
}

/** @param angles radians */
function circularSums(angles: readonly number[], orders: number): Sums {
  const [cos, sin] = [new Float64Array(orders + 1), new Float64Array(orders + 1)];
  for (const angle of angles) {
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    let [x, y] = [1, 0];
    for (let k = 0; k <= orders; k++) {
      cos[k]! += x;
      sin[k]! += y;
      [x, y] = [x * c - y * s, x * s + y * c];
    }
  }
  return { cos, sin };
}

/**
 * The concentration of the kernel by the plug-in rule of C. C. Taylor (Automatic bandwidth
 * selection for circular density estimation, Computational Statistics and Data Analysis 52, 2008):
 * v = (3 n k^2 I_2(2k) / (4 sqrt(pi) I_0(k)^2))^(2/5), where k is the largest root over j = 1..3 of
 * I_j(k) / I_0(k) = |mean of exp(ijx)| (M. S. Ridout and M. Linkie, Journal of Agricultural,
 * Biological and Environmental Statistics 14, 2009).
 * @param cos sums of cos(jx), to order 3 at least
 * @param sin sums of sin(jx)
 * @param n number of times
 */
export function kernelConcentration({ cos, sin }: Sums, n: number): number {
  let k = 0;
  for (let j = 1; j <= 3; j++)
    k = Math.max(k, solveConcentration(Math.min(1, Math.sqrt(cos[j]! ** 2 + sin[j]! ** 2) / n), j));
  // Both Bessel functions are scaled by exp(-2k), which cancels.
  const ratio = (besselRatios(2 * k, 2)[2]! * scaledBessel0(2 * k)) / scaledBessel0(k) ** 2;
  return ((3 * n * k * k * ratio) / (4 * Math.sqrt(Math.PI))) ** 0.4;
}

/** A density on the circle as a Fourier series. */
export class Density {
  /** Coefficients of cos(kx) and sin(kx). */
  private readonly cos: Float64Array;
  private readonly sin: Float64Array;

  /** @param v concentration of the kernel. @param n number of times */
  constructor({ cos, sin }: Sums, v: number, n: number) {
    const orders = Math.min(cos.length - 1, ordersFor(v));
    const kernel = besselRatios(v, orders);
    this.cos = kernel.map((weight, k) => ((k === 0 ? 1 : 2) * weight * cos[k]!) / (TURN * n));
    this.sin = kernel.map((weight, k) => (2 * weight * sin[k]!) / (TURN * n));
  }

  /** @param x radians @returns per radian */
  at(x: number): number {
    const [c, s] = [Math.cos(x), Math.sin(x)];
    let [a, b] = [1, 0];
    let sum = 0;
    for (let k = 0; k < this.cos.length; k++) {
      sum += a * this.cos[k]! + b * this.sin[k]!;
      [a, b] = [a * c - b * s, a * s + b * c];
    }
    return Math.max(0, sum);
  }

  /** At 2 pi i / points, i = 0..points - 1. */
  grid(points: number): number[] {
    return Array.from({ length: points }, (_, i) => this.at((TURN * i) / points));
  }
}

/** Terms of the series of a kernel that are not below 1e-16. */
const ordersFor = (v: number): number => Math.ceil(Math.sqrt(80 * v)) + 10;

export interface FittedDensity {
  /** Concentration of the kernel. */
  v: number;
  density: Density;
}

/**
 * f(x) = mean exp(v cos(x - x_i)) / (2 pi I_0(v)), as its Fourier series.
 * @param angles radians, at least one
 * @param adjust divides v: below 1 the curve is less smooth
 */
export function fitDensity(angles: readonly number[], adjust = 1): FittedDensity {
  const v = kernelConcentration(circularSums(angles, 3), angles.length) / adjust;
  return { v, density: new Density(circularSums(angles, ordersFor(v)), v, angles.length) };
}
