// The thresholds that are tried: how far apart they are, and that each is the number it prints.
import fc from 'fast-check';
import { threshold } from '../../lib/format.ts';
import { makeGrid } from '../../lib/reid/study/grid.ts';

const stepOf = (grid: readonly number[]): number => Number((grid[1]! - grid[0]!).toFixed(9));

test.each([
  [[-1, 1], 0.01],
  [[0, 2 / 3], 0.002],
  [[0.1, 0.5], 0.002],
  [[0.9, 0.99], 0.0002],
  [[0.9, 0.9199], 0.00005],
  [[0.5, 0.5], 0.000001],
])('scores in %j: %d apart', (scores, step) => {
  expect(stepOf(makeGrid(scores))).toBe(step);
});

test('the grid holds the scores, one step beyond the highest, and no more thresholds than 501', () => {
  expect(makeGrid([])).toEqual([]);
  expect(makeGrid([Number.NEGATIVE_INFINITY])).toEqual([]);
  expect(makeGrid([0.7, 1]).at(-1)).toBe(1);
  const score = fc.double({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(score, score, (a, b) => {
      const grid = makeGrid([a, b, Number.NEGATIVE_INFINITY]);
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      expect(grid[0]!).toBeLessThanOrEqual(low);
      expect(grid.at(-1)! > high || grid.at(-1) === 1).toBe(true);
      expect(grid.length).toBeLessThanOrEqual(502);
      if (high - low > 0.001) expect(grid.length).toBeGreaterThanOrEqual(200);
      // What is printed is the threshold, so that a person can set it.
      for (const at of grid) if (high - low > 0.001) expect(Number(threshold(at))).toBe(at);
    }),
  );
});

test('a threshold is printed with the decimals that it needs', () => {
  expect([0.7, 0.566, 0.95685, 1, -0.25, 0.1 + 0.2].map(threshold)).toEqual([
    ...['0.70', '0.566', '0.95685', '1.00', '-0.25', '0.30'],
  ]);
});
