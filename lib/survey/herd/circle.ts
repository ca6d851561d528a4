// Times of day in cells of the circle: samples from a density and the density of a sample, fast
// enough for a thousand draws of a bootstrap. Pure.
import type { Dice } from '../../reid/statistics/random.ts';
import { besselRatios } from './bessel.ts';
import { type FittedDensity, kernelConcentration } from './density.ts';

/** Cells of the circle: a power of two, several to the width of the narrowest kernel. */
export function cellsFor(v: number): number {
  let cells = 256;
  while (cells < 16 * Math.sqrt(v)) cells *= 2;
  return cells;
}

/** Terms of a series that are not below 1e-6: draws need no more. */
const drawnOrders = (v: number): number => Math.ceil(Math.sqrt(28 * v)) + 4;

/** Draws how many of `n` times lie in each cell. */
export type CellSampler = (dice: Dice, n: number) => Cells;

/** A sampler of a fitted density, by the alias method of A. J. Walker (1977). */
export function sampleCells({ density }: FittedDensity, cells: number): CellSampler {
  const weights = density.grid(cells);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const share = Float64Array.from(weights, (weight) => (weight / sum) * cells);
  const alias = new Uint32Array(cells);
  const below = [...share.keys()].filter((i) => share[i]! < 1);
  const above = [...share.keys()].filter((i) => share[i]! >= 1);
  for (let small = below.pop(); small !== undefined && above.length > 0; small = below.pop()) {
    const large = above.at(-1)!;
    alias[small] = large;
    share[large]! -= 1 - share[small]!;
    if (share[large]! < 1) below.push(above.pop()!);
  }
  for (const i of [...below, ...above]) share[i] = 1;
  return (dice, n) => {
    const counts = new Uint32Array(cells);
    for (let i = 0; i < n; i++) {
      const place = dice.next() * cells;
      const cell = Math.floor(place);
      counts[place - cell < share[cell]! ? cell : alias[cell]!]! += 1;
    }
    return { counts, n };
  };
}

/** A sample in cells: how many times lie in each. */
export interface Cells {
  counts: Uint32Array;
  /** Their sum. */
  n: number;
}

/**
 * Fits the densities of two samples at once: they are the real and the imaginary part of one
 * Fourier transform (J. W. Cooley and J. W. Tukey, 1965, radix 2).
 */
export class PairFitter {
  private readonly cells: number;
  private readonly cos: Float64Array;
  private readonly sin: Float64Array;
  private readonly reversed: Uint32Array;

  /** @param cells a power of two */
  constructor(cells: number) {
    this.cells = cells;
    this.cos = Float64Array.from({ length: cells }, (_, i) => Math.cos((2 * Math.PI * i) / cells));
    this.sin = Float64Array.from({ length: cells }, (_, i) => Math.sin((2 * Math.PI * i) / cells));
    this.reversed = new Uint32Array(cells);
    for (let i = 1; i < cells; i++) this.reversed[i] = (this.reversed[i >> 1]! >> 1) | (i & 1 ? cells >> 1 : 0);
  }

  /** In place: z_k = sum z_i exp(-2 pi j i k / cells). */
  private transform(re: Float64Array, im: Float64Array): void {
    const { cells, cos, sin, reversed } = this;
    for (let i = 0; i < cells; i++) {
      const j = reversed[i]!;
      if (j > i) {
        [re[i], re[j]] = [re[j]!, re[i]!];
        [im[i], im[j]] = [im[j]!, im[i]!];
      }
    }
    for (let half = 1, stride = cells >> 1; half < cells; half *= 2, stride >>= 1) {
      for (let start = 0; start < cells; start += 2 * half) {
        for (let k = 0, at = 0; k < half; k++, at += stride) {
          const [i, j] = [start + k, start + k + half];
          const x = re[j]! * cos[at]! + im[j]! * sin[at]!;
          const y = im[j]! * cos[at]! - re[j]! * sin[at]!;
          re[j] = re[i]! - x;
          im[j] = im[i]! - y;
          re[i]! += x;
          im[i]! += y;
        }
      }
    }
  }

  /** Fourier coefficients of the density of one sample from its sums. */
  private smooth(re: Float64Array, im: Float64Array, n: number, adjust: number): number {
    const v = kernelConcentration({ cos: re, sin: im }, n) / adjust;
    const orders = Math.min(this.cells / 2 - 1, drawnOrders(v));
    const kernel = besselRatios(v, orders);
    for (let k = 0; k <= orders; k++) {
      re[k]! *= kernel[k]! / n;
      im[k]! *= kernel[k]! / n;
    }
    return orders;
  }

  /**
   * The kernel densities of two samples in every cell, each normalized to a sum of 1.
   * @param adjust divides the concentration of the kernels
   */
  fit(a: Cells, b: Cells, adjust: number): [Float64Array, Float64Array] {
    const { cells } = this;
    const [re, im] = [Float64Array.from(a.counts), Float64Array.from(b.counts)];
    this.transform(re, im);
    const parts = cells / 2;
    const [aRe, aIm] = [new Float64Array(parts), new Float64Array(parts)];
    const [bRe, bIm] = [new Float64Array(parts), new Float64Array(parts)];
    for (let k = 0; k < parts; k++) {
      const l = (cells - k) & (cells - 1);
      aRe[k] = (re[k]! + re[l]!) / 2;
      aIm[k] = (im[k]! - im[l]!) / 2;
      bRe[k] = (im[k]! + im[l]!) / 2;
      bIm[k] = (re[l]! - re[k]!) / 2;
    }
    const ordersA = this.smooth(aRe, aIm, a.n, adjust);
    const ordersB = this.smooth(bRe, bIm, b.n, adjust);
    re.fill(0);
    im.fill(0);
    // The way back is the same transform of the conjugates: in cells, the angle runs backward.
    for (let k = 0; k <= Math.max(ordersA, ordersB); k++) {
      const l = (cells - k) & (cells - 1);
      const [ar, ai] = k <= ordersA ? [aRe[k]!, aIm[k]!] : [0, 0];
      const [br, bi] = k <= ordersB ? [bRe[k]!, bIm[k]!] : [0, 0];
      re[l] = ar - bi;
      im[l] = ai + br;
      re[k] = ar + bi;
      im[k] = br - ai;
    }
    this.transform(re, im);
    for (let i = 0; i < cells; i++) {
      re[i] = Math.max(1e-9, re[i]!) / cells;
      im[i] = Math.max(1e-9, im[i]!) / cells;
    }
    return [re, im];
  }
}
