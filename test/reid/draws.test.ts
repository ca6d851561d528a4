// Several draws of events: the chance of each event over all of them, which verdicts count, and
// what is said of events that no rate describes.
import fc from 'fast-check';
import { drawEvents } from '../../lib/reid/analysis/draw.ts';
import type { Draw } from '../../lib/reid/dataset/draws.ts';
import type { Review } from '../../lib/reid/dataset/records.ts';
import { measureDraws } from '../../lib/reid/evidence/chances.ts';
import { readImported } from '../../lib/reid/evidence/older.ts';
import { review } from './brute.ts';
import { drawOf, eventsOf, id, judge, range, report, study, sums } from './drawn.ts';
import { plane, stranger, thresholds } from './plane.ts';

describe('the chance of an event over several draws', () => {
  test('by hand: a draw of all, one of a half, and an unfinished one', () => {
    const draws = [
      drawOf([{ chance: 0.2, events: range(10), taken: [0, 1] }]),
      drawOf([{ chance: 0.5, events: [0, 1, 2, 3, 4, 5], taken: [2, 3] }]),
      drawOf([{ chance: 4 / 6, events: range(12), taken: [4, 6, 7, 10] }]),
    ];
    const decided = [0, 1, 2, 3, 4, 6, 10].map((i) => review(id(i)));
    const { pi, counts, drawn } = measureDraws(draws, eventsOf(12), decided);
    // Of the third draw two of four are decided before the gap: b = 1/3.
    const [first, half, late] = [0.2 + 0.8 * (1 / 3), 0.2 + 0.8 * 0.5 + 0.4 * (1 / 3), 1 / 3];
    expect([...pi]).toEqual([
      ...[...Array(6).fill(half), ...Array(4).fill(first), late, late].map((chance: number) => sums(chance)),
    ]);
    expect([...counts]).toEqual([1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0]);
    expect([...drawn]).toEqual([1, 1, 1, 1, 1, 0, 1, 1, 0, 0, 1, 0]);
  });

  test('what is gone or a source needs no verdict; a second look is none; a draw without chances stands for itself', () => {
    const gone = drawOf([{ chance: 0.4, events: range(10), taken: [0, 1, 2, 3] }]);
    const events = eventsOf(10);
    events.source[1] = 1;
    const taken = gone.taken.map((event) => (event.event === id(0) ? { ...event, gone: true } : event));
    const reviews = [review(id(2)), review(id(3), { purpose: 'repeat' })];
    const found = measureDraws([{ ...gone, taken }], events, reviews);
    expect([found.pi[5], found.counts[2], found.counts[3]]).toEqual([sums(0.3), 1, 0]);
    const older = drawOf([{ chance: null, events: [7, 8], taken: [7, 8] }], 'older');
    const both = measureDraws([older, { ...gone, taken }], events, [...reviews, review(id(7)), review(id(8))]);
    expect([both.pi[7], both.pi[5], both.standing]).toEqual([1, sums(0.3), 2]);
  });

  test('as a double loop over the formula says, whatever the draws', () => {
    const tenths = fc.integer({ min: 0, max: 10 }).map((n) => n / 10);
    const spec = fc.array(
      fc.record({
        from: fc.integer({ min: 0, max: 15 }),
        n: fc.integer({ min: 1, max: 20 }),
        share: tenths,
        done: tenths,
      }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(spec, (list) => {
        const [draws, reviews, a, b]: [Draw[], Review[], number[][], number[][]] = [[], [], [], []];
        const drawn = new Set<number>();
        for (const { from, n, share, done } of list) {
          const events = range(20).slice(from, from + n);
          const open = events.filter((event) => !drawn.has(event));
          const taken = open.slice(0, Math.round(share * open.length));
          const ends = Math.round(done * taken.length);
          for (const event of taken) drawn.add(event);
          for (const event of taken.slice(0, ends)) reviews.push(review(id(event)));
          const chance = open.length === 0 ? 0 : taken.length / open.length;
          draws.push(drawOf([{ chance, events, taken }]));
          a.push(range(20).map((event) => (events.includes(event) ? chance : 0)));
          b.push(range(20).map((event) => (events.includes(event) ? (open.length === 0 ? 0 : ends / open.length) : 0)));
        }
        const { pi } = measureDraws(draws, eventsOf(20), reviews);
        for (let event = 0; event < 20; event++) {
          let sum = 0;
          for (let k = 0; k < draws.length; k++) {
            let left = 1;
            for (let j = 0; j < k; j++) left *= 1 - a[j]![event]!;
            sum += b[k]![event]! * left;
          }
          expect(pi[event]).toBeCloseTo(sum, 12);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('reviews from before draws were stored', () => {
  test('one probability of all becomes a draw; several stand for themselves', async () => {
    const quarter = range(120).filter((i) => i % 4 === 0);
    const { adopted, draw } = drawEvents(await study(judge(quarter.map(id), { inclusion: 0.25 }), []), {
      ...{ threshold: 0.7, sample: 30, seed: 1 },
    });
    expect(adopted).toMatchObject({ design: 'imported', strata: [{ chance: 0.25 }] });
    expect(adopted!.strata[0]!.events).toHaveLength(120);
    expect(draw.strata[0]!.chance).toBeCloseTo(30 / 90, 12);
    const some = quarter.flatMap((i) => judge([id(i)], { inclusion: i % 8 === 0 ? 0.5 : 0.2 }));
    const older = drawEvents(await study(some, []), { threshold: 0.7, sample: 30 });
    expect(older.adopted).toMatchObject({ design: 'older', strata: [{ chance: null }] });
    expect(older.draw.strata[0]!.chance).toBeCloseTo(30 / 90, 12);
    const draws = [older.adopted!, { ...older.draw, id: 2 }];
    const reviews = [...some, ...judge(older.draw.taken.map(({ event }) => event))];
    const found = await report(reviews, draws);
    expect(found.notes.join()).toContain('30 events of draws of an earlier version');
    const weights = (await study(reviews, draws)).labels.nonMated.map(({ weight }) => weight);
    expect(new Set(weights.map((weight) => weight.toFixed(6)))).toEqual(new Set(['1.000000', '3.000000']));
  });

  test('the weights of several draws add up to more events than there are: separated by time, or refused', () => {
    const list = (from: number, n: number, inclusion: number, at: number) =>
      range(n).map((i) => ({ event: from + i, inclusion, at: at + i }));
    const first = list(0, 20, 0.2, 1_000);
    expect(readImported(first, 100)).toEqual({ kind: 'single' });
    expect(readImported(list(0, 20, 1, 1_000), 100)).toEqual({ kind: 'single' });
    const second = list(20, 20, 0.25, 2_000);
    expect(readImported([...first, ...second], 100)).toEqual({
      ...{ kind: 'several', newest: new Set(second.map(({ event }) => event)) },
    });
    // The second draw has a stratum more: still seen.
    const bands = [...list(20, 10, 0.5, 2_000), ...list(30, 10, 10 / 60, 2_005)];
    expect(readImported([...first, ...bands], 100)).toMatchObject({ kind: 'several' });
    // Only a half of the second was reviewed.
    expect(readImported([...first, ...second.slice(0, 10)], 100)).toEqual({ kind: 'unclear' });
    expect(
      readImported(
        [...first, ...second].map((one) => ({ ...one, at: null })),
        100,
      ),
    ).toEqual({ kind: 'unclear' });
    // The same time for all: nothing shows several draws.
    expect(
      readImported(
        [...first, ...second].map((one) => ({ ...one, at: 5 })),
        100,
      ),
    ).toEqual({ kind: 'single' });
  });

  test('what cannot be known gives no bound', async () => {
    const reviews = [
      ...judge(range(30).map(id), { inclusion: 0.25, at: 1_000 }),
      ...judge(range(60).slice(30, 40).map(id), { inclusion: 0.1, at: 2_000 }),
    ];
    const found = await report(reviews, []);
    expect(found.evidence!.weighting).toBe('unclear');
    expect(found.threshold_analysis[0]).toMatchObject({ fpir: null, fpir_upper: null, fnir: null });
    expect(found.recommendation.reason).toContain('they are of several draws');
  });
});

test('imported chances of two draws: those of the newest weigh 1 / p, those before it stand for themselves', async () => {
  // 20 of 100 at first, all of them wrong; then 20 of the other 80, none of them wrong.
  const reviewed = (degrees: number, chance: number, at: number) =>
    Array.from({ length: 20 }, (_, i) => ({ degrees, review: stranger(`${at} ${i}`, { inclusion: chance, at }) }));
  const list = [...reviewed(0, 0.2, 1_000), ...reviewed(45, 0.25, 2_000)];
  const others = Array.from({ length: 60 }, () => ({ degrees: 45 }));
  const { threshold_analysis: rows } = await thresholds(plane([...list, ...others]), { thresholds: [0.9] });
  expect(rows[0]!.fpir).toBeCloseTo(20 / (20 + 80), 12);
});
