// What must not change an analysis, and what may only go one way.
import fc from 'fast-check';
import { dice } from '../../lib/reid/statistics/random.ts';
import { table } from './brute.ts';
import { plane, same, stranger, thresholds } from './plane.ts';

describe('what changes nothing, and what only goes one way', () => {
  const search = fc.record({
    degrees: fc.integer({ min: -180, max: 180 }),
    label: fc.constantFrom('doe', 'unknown', 'buck'),
    review: fc.constantFrom(
      undefined,
      same('p1'),
      same('p2'),
      stranger('x'),
      stranger('y'),
      stranger('z'),
      { identity: null },
      { verdict: 'unsure' as const },
    ),
  });
  const searches = fc.array(search, { minLength: 1, maxLength: 25 });

  test('the order of rows and the length of vectors', async () => {
    await fc.assert(
      fc.asyncProperty(searches, fc.integer({ min: 1, max: 2 ** 31 }), async (list, seed) => {
        const raw = () => plane(list);
        const roll = dice(seed, 'order');
        const shuffled = <T>(items: readonly T[]): T[] => roll.draw(items, items.length);
        const mixed = raw();
        const entries = shuffled(
          mixed.vectors.ids.map(
            (id, i) => [id, mixed.vectors.values.slice(i * 2, i * 2 + 2).map((v) => v * 8)] as const,
          ),
        );
        const input = { thresholds: [0.9, 0.5, 0], trial: { threshold: 0.5, sample: 4, seed } };
        const other = await thresholds(
          {
            ...mixed,
            detections: shuffled(mixed.detections),
            vectors: table(entries),
            profiles: shuffled(mixed.profiles),
            reviews: shuffled(mixed.reviews),
          },
          input,
        );
        expect(other).toEqual(await thresholds(raw(), input));
      }),
      { numRuns: 12 },
    );
  });

  test('a higher threshold assigns less, errs less on strangers and misses more; the grid does not depend on what is asked', async () => {
    await fc.assert(
      fc.asyncProperty(searches, async (list) => {
        const found = await thresholds(plane(list));
        found.grid.slice(1).reduce((low, high) => {
          expect(high.assigned_count).toBeLessThanOrEqual(low.assigned_count);
          if (high.fpir !== null) expect(high.fpir).toBeLessThanOrEqual(low.fpir!);
          if (high.fmr !== null) expect(high.fmr).toBeLessThanOrEqual(low.fmr!);
          if (high.fnir !== null) expect(high.fnir).toBeGreaterThanOrEqual(low.fnir! - 1e-12);
          return high;
        }, found.grid[0]!);
        const other = await thresholds(plane(list), { thresholds: [0.123, 0.987] });
        expect([other.grid, other.recommendation]).toEqual([found.grid, found.recommendation]);
      }),
      { numRuns: 12 },
    );
  });
});
