// How alike the activity of two classes or periods is: the coefficient of overlapping of two
// densities, with its bootstrap interval. Pure.
import { dice } from '../../reid/statistics/random.ts';
import { type CellSampler, type Cells, cellsFor, PairFitter, sampleCells } from './circle.ts';
import { type Density, fitDensity } from './density.ts';
import type { Interval, Overlap } from './types.ts';

const TURN = 2 * Math.PI;
/** Points on [0, 2 pi] of Dhat1, of which the last is the first again. */
const POINTS = 128;
/** Where either sample is smaller, Dhat1 is used. */
const SMALL = 50;
/** Dhat1 is for small samples, and draws its curves less smooth. */
const SMALL_ADJUST = 0.8;

/**
 * The sum of the minima of two densities, each normalized to a sum of 1 on 127 points of the circle
 * (Dhat1 of M. S. Ridout and M. Linkie, 2009, with v / 0.8).
 */
export function dhat1(a: readonly number[], b: readonly number[]): number {
  const grid = (angles: readonly number[]): number[] => {
    const { density } = fitDensity(angles, SMALL_ADJUST);
    const values = Array.from({ length: POINTS - 1 }, (_, i) => density.at((TURN * i) / (POINTS - 1)));
    const sum = values.reduce((total, value) => total + value, 0);
    return values.map((value) => value / sum);
  };
  const [f, g] = [grid(a), grid(b)];
  return f.reduce((sum, value, i) => sum + Math.min(value, g[i]!), 0);
}

/**
 * (mean over A of min(1, g / f) + mean over B of min(1, f / g)) / 2 at the times themselves (Dhat4
 * of M. S. Ridout and M. Linkie, 2009).
 */
export function dhat4(a: readonly number[], b: readonly number[]): number {
  const [{ density: f }, { density: g }] = [fitDensity(a), fitDensity(b)];
  const half = (angles: readonly number[], own: Density, other: Density): number =>
    angles.reduce((sum, x) => sum + Math.min(1, other.at(x) / own.at(x)), 0) / angles.length;
  return (half(a, f, g) + half(b, g, f)) / 2;
}

/** By the sums of minima of two densities in cells. */
const inCells1 = (f: Float64Array, g: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < f.length; i++) sum += Math.min(f[i]!, g[i]!);
  return sum;
};

/** By the ratios of two densities where the times of the two samples are. */
function inCells4(a: Cells, b: Cells, f: Float64Array, g: Float64Array): number {
  let [ofA, ofB] = [0, 0];
  for (let i = 0; i < f.length; i++) {
    if (a.counts[i]! > 0) ofA += a.counts[i]! * Math.min(1, g[i]! / f[i]!);
    if (b.counts[i]! > 0) ofB += b.counts[i]! * Math.min(1, f[i]! / g[i]!);
  }
  return (ofA / a.n + ofB / b.n) / 2;
}

/** The middle 95% of values: percentiles. */
function percentiles(values: readonly number[]): Interval {
  const sorted = values.toSorted((x, y) => x - y);
  const at = (p: number): number => sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)]!;
  return { low: at(0.025), high: at(0.975) };
}

/** Times of one class or period: radians. */
export interface Times {
  name: string;
  angles: readonly number[];
}

/**
 * The overlap of two samples of times of day: 0 = never at the same time, 1 = the same pattern.
 * Dhat1 where a sample has fewer than 50 times, else Dhat4. The interval is the middle 95% of the
 * overlaps of samples that are drawn from the two fitted densities and fitted again.
 * @param draws 1,000 or more
 */
export function makeOverlap(a: Times, b: Times, draws: number, seed: number): Overlap {
  const sizes: [number, number] = [a.angles.length, b.angles.length];
  const small = Math.min(...sizes) < SMALL;
  const adjust = small ? SMALL_ADJUST : 1;
  const fits = [a, b].map(({ angles }) => fitDensity(angles, adjust));
  const cells = cellsFor(Math.max(...fits.map(({ v }) => v)));
  const [drawA, drawB] = fits.map((fit) => sampleCells(fit, cells)) as [CellSampler, CellSampler];
  const fitter = new PairFitter(cells);
  const random = dice(seed, `overlap ${a.name} ${b.name}`);
  const values = Array.from({ length: draws }, () => {
    const [inA, inB] = [drawA(random, sizes[0]), drawB(random, sizes[1])];
    const [f, g] = fitter.fit(inA, inB, adjust);
    return small ? inCells1(f, g) : inCells4(inA, inB, f, g);
  });
  return {
    ...{ a: a.name, b: b.name, estimator: small ? 'Dhat1' : 'Dhat4' },
    value: small ? dhat1(a.angles, b.angles) : dhat4(a.angles, b.angles),
    ...{ interval: percentiles(values), draws, seed },
  };
}
