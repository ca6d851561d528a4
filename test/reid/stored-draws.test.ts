// A draw from the command to the evidence: stored once, reviewed, loaded, decided; and what is
// refused.
import { importReviews } from '../../lib/data/reviews/import.ts';
import { reidThresholds } from '../../lib/reid/index.ts';
import { type ReidWorld, reidWorld } from './reid-ports.ts';

let world: ReidWorld;
beforeAll(async () => {
  world = await reidWorld({ detections: 900 });
  await world.rows('DELETE FROM reid_reviews');
}, 120_000);
afterAll(() => world?.close());

const trial = (seed: number, more: object = {}) =>
  reidThresholds(
    world.ports,
    { output: 'trial.html', trial: { threshold: 0.5, sample: 30, seed, store: true, ...more } },
    world.pictures,
  );
const analyze = () => reidThresholds(world.ports, { output: 'now.html' }, world.pictures);
type Trial = NonNullable<Awaited<ReturnType<typeof trial>>['trial']>;

/** The file that the review page saves, of some rows. */
const file = (rows: Trial['rows'], draw: number | null, more: object = {}): string =>
  JSON.stringify({
    ...{ format: 'hoofprint-reviews', version: 1, reviewer: 'R. Viewer' },
    reviews: rows.map(({ event, detections, score, inclusion_probability: chance }, i) => ({
      ...{ event, detections, verdict: 'none', identity: `stranger ${i % 7}`, inclusion_probability: chance },
      ...{ reviewed_at: '2024-09-02T10:00:00Z', purpose: 'evidence', draw_id: draw, score, threshold: 0.5, ...more },
    })),
  });
const load = (text: string) => importReviews(world.ports.database, text);
const draws = () =>
  world.rows<{ id: number; design: string; taken: number; events: number; a: number; b: number }>(
    `SELECT w.id, w.design, count(e.place)::int AS taken, count(*)::int AS events, max(e.chance_a) AS a, max(e.chance_b) AS b
     FROM hoofprint_draws w JOIN hoofprint_draw_events e ON e.draw_id = w.id GROUP BY w.id ORDER BY w.id`,
  );

test('a draw is stored with every event that it could take; asked for again it shows what is left to review', async () => {
  const looked = await trial(1, { store: false });
  expect([looked.trial!.draw, (await draws()).length]).toEqual([null, 0]);
  expect(looked.notes.join()).toContain('the trial is not stored as a draw');

  const first = await trial(1);
  const { draw, rows, population } = first.trial!;
  expect(rows.map(({ event }) => event)).toEqual(looked.trial!.rows.map(({ event }) => event));
  expect(await draws()).toEqual([
    { id: draw, design: 'plain', taken: 30, events: population, a: expect.closeTo(30 / population, 12), b: 0 },
  ]);
  // Twenty of thirty, in the order of the list.
  const loaded = await load(file(rows.slice(0, 20), draw));
  expect(loaded.events).toBe(20);
  expect((await draws())[0]!.b).toBeCloseTo(20 / population, 12);
  expect((await load(file(rows.slice(0, 20), draw))).stored.made).toBe(0);
  const again = await trial(1);
  expect(again.trial).toMatchObject({ draw, decided_before: 20 });
  expect(again.trial!.rows.map(({ event }) => event)).toEqual(rows.slice(20).map(({ event }) => event));
  expect(again.evidence).toMatchObject({ weighting: 'draws', non_mated_searches: 20, undescribed: { share: 0 } });
  const [stored] = await world.rows(
    'SELECT DISTINCT draw_id, purpose, event_id IS NOT NULL AS event, threshold FROM reid_reviews',
  );
  expect(stored).toEqual({ draw_id: draw, purpose: 'evidence', event: true, threshold: 0.5 });
});

test('another seed is another draw: of events that were never drawn, reviewed ones among them', async () => {
  const before = (await draws())[0]!;
  const drawn = new Set(
    (await world.rows<{ id: string }>('SELECT event_id AS id FROM hoofprint_draw_events WHERE place IS NOT NULL')).map(
      ({ id }) => id,
    ),
  );
  const { trial: second, evidence } = await trial(2, { design: 'banded' });
  expect(second).toMatchObject({ design: 'banded', drawn_before: 30, population: before.events - 30 });
  expect(second!.rows.some(({ event }) => drawn.has(event))).toBe(false);
  // Until a part of it is decided, everything is as before.
  expect(evidence!.non_mated_searches).toBe(20);
  await load(file(second!.rows, second!.draw));
  const after = await analyze();
  expect(after.evidence).toMatchObject({ weighting: 'draws', non_mated_searches: 50, uncounted: 0 });
});

test('a roster in a file is loaded and in no rate; a draw that is not there is refused', async () => {
  const before = await analyze();
  const third = await trial(3, { store: false });
  await load(file(third.trial!.rows, null, { purpose: 'roster', inclusion_probability: null }));
  const after = await analyze();
  expect(after.threshold_analysis).toEqual(before.threshold_analysis);
  expect(after.evidence).toMatchObject({ weighting: 'draws', uncounted: third.trial!.rows.length });
  // Drawn now, they are decided at once.
  expect((await trial(3)).trial!.rows).toEqual([]);
  await expect(load(file(third.trial!.rows, 999))).rejects.toThrow(/names a draw that is not in the database: 999/);
  await expect(load(file(third.trial!.rows, null, { purpose: 'guess' }))).rejects.toThrow(/purpose/);
});

test('two draws at once: the second is asked for again', async () => {
  const found = await Promise.allSettled([trial(8), trial(9)]);
  const refused = found.filter(({ status }) => status === 'rejected');
  for (const one of refused) expect(String((one as PromiseRejectedResult).reason)).toContain('another draw was made');
  expect(found.length - refused.length).toBeGreaterThan(0);
  const seeds = await world.rows<{ n: number }>('SELECT count(*)::int AS n FROM hoofprint_draws WHERE seed IN (8, 9)');
  expect(seeds[0]!.n).toBe(found.length - refused.length);
});

test('reviews with a chance of before become the first draw', async () => {
  await world.rows('DELETE FROM hoofprint_draws');
  await world.rows('DELETE FROM reid_reviews');
  const all = await trial(1, { store: false });
  await load(file(all.trial!.rows, null, { purpose: null, inclusion_probability: 30 / all.trial!.population }));
  const before = await analyze();
  expect(before.evidence!.weighting).toBe('given');
  const { trial: next } = await trial(5);
  expect((await draws()).map(({ design, taken }) => [design, taken])).toEqual([
    ['imported', 30],
    ['plain', 30],
  ]);
  expect(next!.drawn_before).toBe(30);
  // The rates of before stay until the new draw is decided.
  const after = await analyze();
  expect(after.evidence!.weighting).toBe('draws');
  after.threshold_analysis.forEach(({ fpir, fpir_upper }, i) => {
    expect(fpir).toBeCloseTo(before.threshold_analysis[i]!.fpir!, 9);
    expect(fpir_upper).toBeCloseTo(before.threshold_analysis[i]!.fpir_upper!, 9);
  });
});
