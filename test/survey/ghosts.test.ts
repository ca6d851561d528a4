// Ghosts and the exact interval of the animals seen (SURVEY.md section 3), and Jacobson's index.

import { betaQuantile } from '../../lib/distributions.ts';
import { boundSeen, capRate, countGhosts } from '../../lib/survey/counts/ghosts.ts';
import { carryByJacobson } from '../../lib/survey/counts/jacobson.ts';
import { betaBinomial, binomial } from './twins.ts';

const seen = (n: number, events: number, e: number, singles = n): number => n - countGhosts({ n, events, singles }, e);

test('animals seen: (n - e c) / (1 - e)', () => {
  expect(seen(40.7003, 84, 0.1)).toBeCloseTo(35.889, 3);
  expect(seen(40, 200, 0.1)).toBeCloseTo(22.2, 1);
  // 2% adds 8% at five events an animal: 40 animals of 200 events are taken for 43.2.
  expect(seen(43.2, 200, 0.02)).toBeCloseTo(40, 9);
  expect(43.2 / seen(43.2, 200, 0.02)).toBeCloseTo(1.08, 9);
});

test('where f_1 limits the ghosts, the rate is what f_1 allows', () => {
  const of = { n: 40, events: 200, singles: 10 };
  const e = capRate(of, 0.1);
  expect(e).toBe(10 / 170);
  expect(countGhosts(of, 0.1)).toBe(10);
  expect(countGhosts(of, e)).toBeCloseTo(10, 12);
  expect(capRate(of, 0.01)).toBe(0.01);
});

test.each([
  [40, 200, 10, 100, 40, 3, 33],
  [40, 200, 20, 200, 40, 8, 32],
  [41, 84, 20, 200, 41, 30, 40],
  [40, 200, 10, 100, 15, 25, 33],
  [40, 200, 20, 200, 15, 25, 32],
])('%d identities from %d events, %d of %d missed, f_1 %d: %d to %d', (n, events, misses, k, singles, lower, upper) => {
  expect(boundSeen({ n, events, singles }, { misses, hits: k - misses, lookedTwice: false })).toEqual({ lower, upper });
});

test('each end of the interval by integration over the rate', () => {
  const [n, events, a, b] = [40, 200, 10.5, 90.5];
  const holds = (U: number): boolean => {
    const chances = Array.from({ length: events - U + 1 }, (_, x) => betaBinomial(events - U, x, a, b));
    const tail = (from: number, to: number): number => chances.slice(from, to).reduce((sum, chance) => sum + chance, 0);
    return tail(0, n - U + 1) >= 0.025 && tail(n - U, events) >= 0.025;
  };
  expect([32, 33, 34].map(holds)).toEqual([true, true, false]);
});

test('after a second look the tails are binomial at the square of the rate', () => {
  const [n, events, singles, misses, hits] = [36, 180, 12, 9, 91];
  const found = boundSeen({ n, events, singles }, { misses, hits, lookedTwice: true })!;
  const tails = (U: number): [number, number] => {
    let [low, high] = [0, 0];
    for (let i = 0; i < 400; i++) {
      const q = betaQuantile((i + 0.5) / 400, misses + 0.5, hits + 0.5) ** 2;
      for (let x = 0; x <= n - U; x++) low += binomial(events - U, x, q) / 400;
      for (let x = n - U; x <= Math.min(events - U, 60); x++) high += binomial(events - U, x, q) / 400;
    }
    return [low, high];
  };
  const kept = Array.from({ length: singles + 1 }, (_, i) => n - singles + i).filter((U) =>
    tails(U).every((tail) => tail >= 0.025),
  );
  expect(found).toEqual({ lower: kept[0], upper: kept.at(-1) });
  expect(found.upper - found.lower).toBeLessThan(
    boundSeen({ n, events, singles }, { misses, hits, lookedTwice: false })!.upper - 24 + 12,
  );
  expect(found.lower).toBeGreaterThan(boundSeen({ n, events, singles }, { misses, hits, lookedTwice: false })!.lower);
});

test('a rate that contradicts the data has no interval', () => {
  expect(boundSeen({ n: 20, events: 400, singles: 0 }, { misses: 30, hits: 70, lookedTwice: false })).toBeNull();
});

test('Jacobson: 213 bucks, buck:doe 1:1.4, doe:fawn 1:.67', () => {
  const bucks = { estimate: 213, lower: 200, upper: 230 };
  const found = carryByJacobson(bucks, { bucks: 1_000, does: 1_400, fawns: 938 });
  expect(found.total.estimate).toBeCloseTo(710.99, 2);
  expect(found.does.estimate).toBeCloseTo(298.2, 9);
  expect(found.fawns.estimate / found.does.estimate).toBeCloseTo(0.67, 9);
  expect(found.does.lower).toBeCloseTo(280, 9);
});
