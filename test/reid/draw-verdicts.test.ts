import { drawEvents } from '../../lib/reid/analysis/draw.ts';
import type { Draw } from '../../lib/reid/dataset/draws.ts';
import type { Review } from '../../lib/reid/dataset/records.ts';
import { dice } from '../../lib/reid/statistics/random.ts';
import { review } from './brute.ts';
import { drawAll, herd, id, judge, range, report, study, sums } from './drawn.ts';
import { stranger } from './plane.ts';

describe('verdicts of draws', () => {
  test('every event drawn and reviewed, in three draws: the plain rates', async () => {
    const { reviews, draws } = await drawAll([30, 40, 50]);
    const [drawn, plain] = [await report(reviews, draws), await report(judge(range(120).map(id)), [])];
    expect(drawn.evidence).toMatchObject({ weighting: 'draws', uncounted: 0, undescribed: { share: 0 } });
    const rates = ({ threshold_analysis: rows }: typeof drawn) =>
      rows.map(({ fpir, fpir_upper, fnir, mis, fmr }) => [fpir, fpir_upper, fnir, mis, fmr].map((x) => sums(x!)));
    expect(
      drawn.threshold_analysis.map(({ fpir, fpir_upper, fnir, mis, fmr }) => [fpir, fpir_upper, fnir, mis, fmr]),
    ).toEqual(rates(plain));
    expect(drawn.threshold_analysis.some(({ fpir }) => fpir! > 0)).toBe(true);
    expect(drawn.evidence!.unknown_share).toBeCloseTo(80 / 120, 12);
  });

  test('on average the estimates are true after three draws: of a part, unfinished, and with late events', async () => {
    const early = { ...herd, detections: herd.detections.filter((_, i) => i % 4 !== 3) };
    const some = { ...herd, detections: herd.detections.filter((_, i) => i % 2 === 1) };
    let [sum, runs, weights] = [0, 0, 0];
    for (let seed = 1; seed <= 60; seed++) {
      const [reviews, draws]: [Review[], Draw[]] = [[], []];
      for (const [k, raw] of [early, some, herd].entries()) {
        const { draw } = drawEvents(await study(reviews, draws, raw), {
          threshold: 0.7,
          sample: 24,
          seed: 10 * seed + k,
        });
        draws.push({ ...draw, id: k + 1 });
        const ends = seed % 2 === 0 ? 24 : 8 + (seed % 13);
        reviews.push(...judge(draw.taken.slice(0, ends).map(({ event }) => event)));
      }
      const found = await study(reviews, draws);
      sum += found.rates([0.7])[0]!.fpir!;
      weights += [...found.labels.mated, ...found.labels.nonMated].reduce((total, { weight }) => total + weight, 0);
      runs++;
    }
    const all = await study(judge(range(120).map(id)), []);
    const ratio = sum / runs / all.rates([0.7])[0]!.fpir!;
    expect(ratio).toBeGreaterThan(0.93);
    expect(ratio).toBeLessThan(1.07);
    // The weights stand for all events.
    expect(weights / runs / 120).toBeGreaterThan(0.97);
    expect(weights / runs / 120).toBeLessThan(1.03);
  });

  test('a roster changes no rate and never makes "mixed"; neither do second looks that contradict', async () => {
    const { reviews, draws } = await drawAll([40, 20]);
    const before = await report(reviews, draws);
    const drawn = new Set(draws.flatMap(({ taken }) => taken.map(({ event }) => event)));
    const others = range(120)
      .map(id)
      .filter((event) => !drawn.has(event));
    const roster = judge(others, { purpose: 'roster' });
    // On drawn events the roster says something else.
    const wrong = [...drawn].slice(0, 10).map((event) => review(event, { ...stranger('somebody'), purpose: 'roster' }));
    const repeats = [...drawn].map((event) => review(event, { ...stranger('again'), purpose: 'repeat' }));
    const after = await report([...reviews, ...roster, ...wrong, ...repeats], draws);
    expect(after.threshold_analysis).toEqual(before.threshold_analysis);
    expect(after.grid).toEqual(before.grid);
    expect(after.evidence).toMatchObject({ weighting: 'draws', uncounted: others.length, repeats: drawn.size });
    expect(after.recommendation).toEqual(before.recommendation);
    expect(after.notes.join()).toContain(`${others.length} reviewed events are in no rate`);
    // Without draws, neither: with imported chances, or with none.
    for (const inclusion of [0.5, null]) {
      const sample = judge([...drawn], { inclusion });
      const [alone, with_] = [await report(sample, []), await report([...sample, ...roster, ...wrong], [])];
      expect(with_.threshold_analysis).toEqual(alone.threshold_analysis);
      expect(with_.evidence!.weighting).toBe(inclusion === null ? 'none' : 'given');
    }
  });

  test('a drawn event that was reviewed before is decided at once, whatever for', async () => {
    const roster = judge(range(60).map(id), { purpose: 'roster' });
    const { draw } = drawEvents(await study(roster, []), { threshold: 0.7, sample: 40 });
    // What was merely reviewed is not excluded from a draw.
    const known = draw.taken.filter(({ event }) => Number(event.slice(1)) < 60);
    expect(known.length).toBeGreaterThan(10);
    const later = judge(draw.taken.filter((taken) => !known.includes(taken)).map(({ event }) => event));
    const stored = [{ ...draw, id: 1 }];
    const found = await report([...roster, ...later], stored);
    expect(found.evidence!.mated_searches + found.evidence!.non_mated_searches).toBe(40);
    const fresh = await report(judge(draw.taken.map(({ event }) => event)), stored);
    expect(found.threshold_analysis).toEqual(fresh.threshold_analysis);
  });

  test('a list counts to its first gap; the next draw takes none of it', async () => {
    const { draw } = drawEvents(await study([], []), { threshold: 0.7, sample: 50 });
    const stored = [{ ...draw, id: 1 }];
    const names = draw.taken.map(({ event }) => event);
    const reviews = judge([...names.slice(0, 20), ...names.slice(21)]);
    const found = await report(reviews, stored);
    expect(found.evidence).toMatchObject({ uncounted: 29 });
    expect(found.evidence!.mated_searches + found.evidence!.non_mated_searches).toBe(20);
    const next = drawEvents(await study(reviews, stored), { threshold: 0.7, sample: 100, seed: 2 });
    expect(next.draw.taken).toHaveLength(70);
    expect(next.draw.taken.some(({ event }) => names.includes(event))).toBe(false);
    // The same seed is the same draw, whatever was reviewed since.
    expect(drawEvents(await study(reviews, stored), { threshold: 0.6, sample: 50 }).draw).toBe(stored[0]);
    // The order of the list is random: neither that of time nor of ids.
    expect(names).not.toEqual([...names].sort());
  });

  test('events that no draw describes are the first note above a fifth', async () => {
    const doe = { ...herd, detections: herd.detections.filter((_, i) => i < 60) };
    const { draw } = drawEvents(await study([], [], doe), { threshold: 0.7, sample: 30 });
    const reviews = judge(draw.taken.map(({ event }) => event));
    const found = await report(reviews, [{ ...draw, id: 1 }]);
    expect(found.evidence!.undescribed).toEqual({
      ...{ share: 0.5, classes: [{ name: 'doe', share: 0.5 }], cameras: [{ name: 'not recorded', share: 0.5 }] },
    });
    expect(found.notes[0]).toMatch(/^no rate describes 50% of the events.*npm run import -- --reviews reviews.json$/);
  });

  test('the order of reviews and the length of vectors change nothing, invalid detections neither', async () => {
    const { reviews, draws } = await drawAll([40, 30], 5);
    const found = await report(reviews, draws);
    const roll = dice(3, 'order');
    const values = herd.vectors.values.map((v) => v * 4);
    const bad = { ...herd.detections[0]!, id: 'zz', valid: false };
    const other = await report(
      roll.draw(reviews, reviews.length),
      draws.map((draw) => ({ ...draw, taken: roll.draw(draw.taken, draw.taken.length) })),
      { ...herd, detections: roll.draw([...herd.detections, bad], 121), vectors: { ...herd.vectors, values } },
    );
    expect(other.threshold_analysis).toEqual(found.threshold_analysis);
    expect(other.evidence).toEqual(found.evidence);
  });
});
