// Several draws of events: the chance of each event over all of them, which verdicts count, and
// what is said of events that no rate describes.
import fc from 'fast-check';
import { drawEvents } from '../../lib/reid/analysis/draw.ts';
import { assemble } from '../../lib/reid/dataset/assemble.ts';
import type { Draw } from '../../lib/reid/dataset/draws.ts';
import type { Review } from '../../lib/reid/dataset/records.ts';
import { groupSearchEvents } from '../../lib/reid/dataset/search-events.ts';
import { measureDraws } from '../../lib/reid/evidence/chances.ts';
import { readImported } from '../../lib/reid/evidence/older.ts';
import { dice } from '../../lib/reid/statistics/random.ts';
import { makeStudy, type Studied } from '../../lib/reid/study/study.ts';
import { thresholdsReport } from '../support/reid-reports.ts';
import { brute, review } from './brute.ts';
import { plane, same, stranger } from './plane.ts';

const id = (i: number): string => `d${String(i).padStart(4, '0')}`;
const population: Draw['population'] = {
  ...{ classes: null, locations: null, since: null, until: null, sample: null, threshold: null, events: 0 },
};

/** A draw by hand: strata of event numbers with a, and the taken ones in order. */
const drawOf = (
  strata: { chance: number | null; events: number[]; taken: number[] }[],
  design: Draw['design'] = 'plain',
): Draw => ({
  ...{ id: 1, seed: 1, design, population },
  strata: strata.map(({ chance, events }, s) => ({ stratum: `s${s}`, chance, events: events.map(id) })),
  taken: strata.flatMap(({ taken }, s) =>
    taken.map((event, place) => ({
      ...{ event: id(event), stratum: `s${s}`, place, gone: false },
      detections: [id(event)],
    })),
  ),
});

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const eventsOf = (n: number) => groupSearchEvents(assemble(plane(range(n).map((i) => ({ degrees: i })))));
const sums = (n: number) => expect.closeTo(n, 12);

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
    const spec = fc.array(
      fc.record({
        from: fc.integer({ min: 0, max: 15 }),
        n: fc.integer({ min: 1, max: 20 }),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
        done: fc.double({ min: 0, max: 1, noNaN: true }),
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

/** 120 events: a third of two deer, the rest of 40 strangers, one in eight of which errs. */
const herd = plane(
  range(120).map((i) => ({ degrees: i % 3 === 0 ? (i % 2) * 90 + (i % 40) : i % 8 === 1 ? -20 : -70 })),
);
const said = (i: number): Partial<Review> => (i % 3 === 0 ? same(`p${(i % 2) + 1}`) : stranger(`x${i % 40}`));
const judge = (events: readonly string[], more: Partial<Review> = {}): Review[] =>
  events.map((event) => review(event, { ...said(Number(event.slice(1))), ...more }));

const study = async (reviews: readonly Review[], draws: readonly Draw[], raw = herd): Promise<Studied> => {
  const vectors = { ...raw.vectors, values: raw.vectors.values.slice() };
  const found = await makeStudy(assemble({ ...raw, vectors, reviews, draws }), brute, {});
  if (found.kind === 'refused') throw new Error(found.reason);
  return found;
};
const report = (reviews: readonly Review[], draws: readonly Draw[], raw = herd) =>
  thresholdsReport(
    assemble({ ...raw, vectors: { ...raw.vectors, values: raw.vectors.values.slice() }, reviews, draws }),
    { thresholds: [0.9, 0.7, 0.5] },
    brute,
  );

/** Draws of these sizes one after another, all decided. */
async function drawAll(sizes: readonly number[], seed = 1) {
  const [reviews, draws]: [Review[], Draw[]] = [[], []];
  for (const [k, sample] of sizes.entries()) {
    const { draw } = drawEvents(await study(reviews, draws), { threshold: 0.7, sample, seed: seed + k });
    draws.push({ ...draw, id: k + 1 });
    reviews.push(...judge(draw.taken.map(({ event }) => event)));
  }
  return { reviews, draws };
}

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

  test('the weights of several draws add up to more events than there are: told by time, or refused', () => {
    const list = (from: number, n: number, inclusion: number, at: number) =>
      range(n).map((i) => ({ event: from + i, inclusion, at: at + i }));
    const first = list(0, 20, 0.2, 1_000);
    expect(readImported(first, 100)).toEqual({ kind: 'single' });
    expect(readImported(list(0, 20, 1, 1_000), 100)).toEqual({ kind: 'single' });
    const second = list(20, 20, 0.25, 2_000);
    expect(readImported([...first, ...second], 100)).toEqual({
      ...{ kind: 'several', newest: new Set(second.map(({ event }) => event)) },
    });
    // The second draw has a stratum more: still told.
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

  test('what cannot be told gives no bound', async () => {
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
