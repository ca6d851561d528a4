// The bound and its distributions against values computed with scipy.
import fc from 'fast-check';
import { betaProbability, betaQuantile, tQuantile } from '../../lib/distributions.ts';
import {
  type Bound,
  type ClusteredScores,
  computeBound,
  computeBounds,
  searchesNeeded,
} from '../../lib/reid/statistics/bound.ts';

const many = <T>(value: T, times: number): T[] => new Array<T>(times).fill(value);

/** Clusters by size and number of errors; an error scores 1, anything else 0. */
function searches(sizes: number[], errors: number[], weights?: number[][]): ClusteredScores {
  const cluster = sizes.flatMap((size, c) => many(c, size));
  return {
    scores: sizes.flatMap((size, c) => Array.from({ length: size }, (_, i) => Number(i < errors[c]!))),
    cluster,
    weight: weights?.flat() ?? many(1, cluster.length),
  };
}

interface Case {
  name: string;
  sizes: number[];
  errors: number[];
  borrowed?: number;
  /**
   * m, n, k, p, then deff, n_eff, upper without and with the floor; deff null where none is
   * defined.
   */
  counts: [number, number, number, number];
  plain: [number | null, number, number];
  floored: [number | null, number, number];
}

const CASES: Case[] = [
  {
    name: '[10]*6 / [1,0,2,1,0,1]',
    sizes: many(10, 6),
    errors: [1, 0, 2, 1, 0, 1],
    counts: [6, 60, 5, 0.083333],
    plain: [1, 41.264972, 0.191049],
    floored: [1.9, 21.718406, 0.251161],
  },
  {
    name: '[10]*6 / [6,0,0,0,0,0]',
    sizes: many(10, 6),
    errors: [6, 0, 0, 0, 0, 0],
    counts: [6, 60, 6, 0.1],
    plain: [6.666667, 6.189746, 0.504778],
    floored: [6.666667, 6.189746, 0.504778],
  },
  {
    name: '[1,2,4,8,16,32] / [0,1,0,2,1,3]',
    sizes: [1, 2, 4, 8, 16, 32],
    errors: [0, 1, 0, 2, 1, 3],
    counts: [6, 63, 7, 0.111111],
    plain: [1, 43.261411, 0.222334],
    floored: [3.066667, 14.106982, 0.346044],
  },
  {
    name: '[1]*40 / [1,1,0*38]',
    sizes: many(1, 40),
    errors: [1, 1, ...many(0, 38)],
    counts: [40, 40, 2, 0.05],
    plain: [1.025641, 39, 0.150997],
    floored: [1.025641, 39, 0.150997],
  },
  {
    name: '[5]*7 / none, nothing to borrow',
    sizes: many(5, 7),
    errors: many(0, 7),
    counts: [7, 35, 0, 0],
    plain: [null, 7, 0.348164],
    floored: [null, 7, 0.348164],
  },
  {
    name: '[5]*7 / none, deff 2.5 borrowed',
    sizes: many(5, 7),
    errors: many(0, 7),
    borrowed: 2.5,
    counts: [7, 35, 0, 0],
    plain: [2.5, 10.601081, 0.246169],
    floored: [2.5, 10.601081, 0.246169],
  },
  {
    name: '[5]*60 / [1,0*59]',
    sizes: many(5, 60),
    errors: [1, ...many(0, 59)],
    counts: [60, 300, 1, 0.003333],
    plain: [1.003344, 291.487409, 0.016014],
    floored: [1.4, 208.901631, 0.020137],
  },
  {
    name: '[3]*5 / [3]*5',
    sizes: many(3, 5),
    errors: many(3, 5),
    counts: [5, 15, 15, 1],
    plain: [null, 5, 1],
    floored: [null, 5, 1],
  },
  {
    name: '[5]*80 / [2*4, 1*3, 0*73]',
    sizes: many(5, 80),
    errors: [2, 2, 2, 2, 1, 1, 1, ...many(0, 73)],
    counts: [80, 400, 11, 0.0275],
    plain: [1.65542, 237.096267, 0.052156],
    floored: [1.65542, 237.096267, 0.052156],
  },
];

function expectBound(bound: Bound, [deff, nEff, upper]: Case['plain']): void {
  if (deff === null) expect(bound.deff).toBeNull();
  else expect(bound.deff).toBeCloseTo(deff, 5.999);
  expect(bound.nEff).toBeCloseTo(nEff, 6);
  expect(bound.upper).toBeCloseTo(upper, 6);
}

test.each(CASES)('Korn-Graubard of $name', ({ sizes, errors, borrowed, counts: [m, n, k, p], plain, floored }) => {
  const of = searches(sizes, errors);
  const bare = computeBound(of, 0.5, { floor: 0, borrowed });
  expect(bare).toMatchObject({ m, n, errors: k, p: expect.closeTo(p, 6) });
  expectBound(bare, plain);
  expectBound(computeBound(of, 0.5, { borrowed }), floored);
});

test('zero errors over m animals: only m counts', () => {
  for (const [m, upper] of [
    [7, 0.348164],
    [20, 0.139108],
    [30, 0.095034],
    [58, 0.050339],
    [59, 0.049508],
  ] as const) {
    expect(computeBound(searches(many(4, m), many(0, m)), 0.5).upper).toBeCloseTo(upper, 6);
  }
  expect(searchesNeeded(0.05)).toBe(59);
});

test('weights enter as 1 / inclusion probability', () => {
  const weights = [
    [4, 4],
    [4, 1, 1],
    [1, 1],
    [4, 4, 1],
  ];
  const of: ClusteredScores = {
    scores: [0, 1, 0, 1, 0, 0, 0, 0, 0, 1],
    cluster: [0, 0, 1, 1, 1, 2, 2, 3, 3, 3],
    weight: weights.flat(),
  };
  const bound = computeBound(of, 0.5, { floor: 0 });
  expect(bound).toMatchObject({
    n: 10,
    p: expect.closeTo(0.24, 12),
    deff: 1,
    nEff: expect.closeTo(6.067369, 6),
    upper: expect.closeTo(0.6479, 6),
  });
});

test('a score at the threshold is an error; weights enter the variance of clusters', () => {
  const of: ClusteredScores = {
    scores: [0.6, 0.6, 0.6, ...many(0.5, 1), ...many(0.1, 26)],
    cluster: [0, 0, 0, ...Array.from({ length: 27 }, (_, i) => 1 + (i % 9))],
    weight: [5, 5, 5, ...many(2, 9), ...many(1, 18)],
  };
  const twin = (threshold: number) => {
    const rows = Array.from(of.scores, (score, i) => ({
      y: Number(score >= threshold),
      w: of.weight[i]!,
      c: of.cluster[i]!,
    }));
    const sum = (list: typeof rows, value: (row: (typeof rows)[number]) => number): number =>
      list.reduce((total, row) => total + value(row), 0);
    const weights = sum(rows, ({ w }) => w);
    const p = sum(rows, ({ w, y }) => w * y) / weights;
    const clusters = [...Map.groupBy(rows, ({ c }) => c).values()];
    const between = clusters.reduce((total, list) => total + sum(list, ({ w, y }) => w * (y - p)) ** 2, 0);
    const v = ((clusters.length / (clusters.length - 1)) * between) / weights ** 2;
    return { errors: sum(rows, ({ y }) => y), p, deff: v / ((p * (1 - p)) / rows.length) };
  };
  for (const threshold of [0.5, 0.500001, 0.6]) {
    const right = twin(threshold);
    expect(right.deff).toBeGreaterThan(2);
    const { errors, p, deff } = computeBound(of, threshold);
    expect([errors, p, deff]).toEqual([right.errors, expect.closeTo(right.p, 12), expect.closeTo(right.deff, 9)]);
  }
});

test('a bound at zero errors borrows from the nearest grid threshold, the lower on a tie, and not from requested ones', () => {
  // One animal errs three times below 0.30; another once below 0.34: the design effect differs
  // between the two stretches.
  const of: ClusteredScores = {
    scores: [0.3, 0.3, 0.3, ...many(0.1, 27), 0.34, ...many(0.1, 9)],
    cluster: [...many(0, 3), ...Array.from({ length: 27 }, (_, i) => 1 + (i % 9)), 10, ...many(11, 9)],
    weight: many(1, 40),
  };
  const grid = Array.from({ length: 50 }, (_, i) => (i + 10) / 100);
  const [above] = computeBounds(of, [0.5], grid);
  const [near] = computeBounds(of, [0.34], grid);
  expect(above!.errors).toBe(0);
  expect(above!.deff).toBeCloseTo(near!.deff!, 12);
  expect(computeBounds(of, [0.2, 0.335, 0.5, 0.9], grid)[2]).toEqual(above);
  const [tie] = computeBounds(
    of,
    [0.5],
    [0.3, 0.7].map((at) => at),
  );
  expect(tie!.deff).toBeCloseTo(computeBound(of, 0.3).deff!, 12);
});

test('no search, one animal, all in error: nothing can be said', () => {
  expect(computeBound({ scores: [], cluster: [], weight: [] }, 0.5)).toMatchObject({ n: 0, m: 0, p: null, upper: 1 });
  expect(computeBound(searches([9], [0]), 0.5).upper).toBe(1);
});

test('permuting searches and renaming animals changes nothing; a higher threshold never raises p', () => {
  const search = fc.record({
    score: fc.integer({ min: 0, max: 20 }),
    cluster: fc.nat(6),
    weight: fc.constantFrom(1, 2, 5),
  });
  fc.assert(
    fc.property(fc.array(search, { minLength: 2, maxLength: 40 }), fc.integer({ min: 1, max: 19 }), (list, t) => {
      const asked = (all: typeof list): ClusteredScores => ({
        scores: all.map(({ score }) => score / 20),
        cluster: all.map(({ cluster }) => 6 - cluster),
        weight: all.map(({ weight }) => weight),
      });
      const [one, other] = [computeBound(asked(list), t / 20), computeBound(asked([...list].reverse()), t / 20)];
      expect(other.upper).toBeCloseTo(one.upper, 9);
      expect(one.upper).toBeGreaterThanOrEqual(one.p!);
      expect(computeBound(asked(list), (t + 1) / 20).p!).toBeLessThanOrEqual(one.p! + 1e-12);
    }),
  );
});

describe('distributions', () => {
  test('known quantiles of the beta distribution to 1e-10', () => {
    // Closed forms: Beta(1, n) and Beta(n, 1); Beta(2, 2) is 3x^2 - 2x^3; Beta(1/2, 1/2) is the
    // arcsine law.
    for (const n of [1, 3.5, 59, 1_000]) {
      expect(betaQuantile(0.95, 1, n)).toBeCloseTo(1 - 0.05 ** (1 / n), 11);
      expect(betaQuantile(0.95, n, 1)).toBeCloseTo(0.95 ** (1 / n), 11);
    }
    expect(betaProbability(0.3, 2, 2)).toBeCloseTo(3 * 0.09 - 2 * 0.027, 13);
    for (const p of [0.001, 0.05, 0.5, 0.95])
      expect(betaQuantile(p, 0.5, 0.5)).toBeCloseTo(Math.sin((Math.PI * p) / 2) ** 2, 11);
  });

  test('the inverse undoes the distribution', () => {
    const shape = fc.double({ min: 1, max: 3_000, noNaN: true });
    fc.assert(
      fc.property(shape, shape, fc.double({ min: 0.001, max: 0.999, noNaN: true }), (a, b, p) => {
        expect(Math.abs(betaProbability(betaQuantile(p, a, b), a, b) - p)).toBeLessThan(1e-10);
      }),
    );
  });

  test('known quantiles of t', () => {
    // df 1: tan(pi (p - 1/2)); df 2: (2p - 1) sqrt(2 / (4 p (1 - p))); df 4: a closed form by
    // cosines.
    expect(tQuantile(0.95, 1)).toBeCloseTo(Math.tan(Math.PI * 0.45), 9);
    expect(tQuantile(0.95, 2)).toBeCloseTo(0.9 * Math.sqrt(2 / (4 * 0.95 * 0.05)), 10);
    const a = 4 * 0.95 * 0.05;
    expect(tQuantile(0.95, 4)).toBeCloseTo(2 * Math.sqrt(Math.cos(Math.acos(Math.sqrt(a)) / 3) / Math.sqrt(a) - 1), 10);
    expect(tQuantile(0.95, 1e6)).toBeCloseTo(1.6448551, 6);
  });
});
