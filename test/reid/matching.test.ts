// The comparison of methods: each against its slow twin, the choice, what changes nothing, data
// sets that are hardly any.
import { assemble, type Raw } from '../../lib/reid/dataset/assemble.ts';
import type { Dataset } from '../../lib/reid/dataset/dataset.ts';
import { profileScores } from '../../lib/reid/kernel/index.ts';
import { chooseMethod, type Judged } from '../../lib/reid/matching/choice.ts';
import { analyzeMatching, type Matching } from '../../lib/reid/matching/matching.ts';
import { METHODS } from '../../lib/reid/matching/methods.ts';
import { reportMatching } from '../../lib/reid/matching/report.ts';
import { dice } from '../../lib/reid/statistics/random.ts';
import { generateHerd, type Herd } from '../../localstack/herd/index.ts';
import { brute, datasetOf, detection, profile, rawOf, table } from './brute.ts';
import { matchReviewed } from './matching-herds.ts';
import { methodTwin, templatesTwin } from './matching-twin.ts';
import { plane, same, stranger } from './plane.ts';

const AT = { currentThreshold: 0.7, timeZone: 'UTC' };
const analyze = (dataset: Dataset): Promise<Matching> => analyzeMatching(dataset, profileScores, AT);

describe('a small herd', () => {
  let herd: Herd;
  let found: Matching;
  beforeAll(async () => {
    herd = generateHerd({ seed: 5, detections: 1_500, reviewed: 0.6 });
    found = await analyze(datasetOf(herd));
  });

  test('templates are the source and at most four confirmed events: one a day and camera, half of them at most, the earliest', () => {
    const { templates, events, base } = found.comparison!;
    const verdicts = new Map(base.labels.mated.map(({ event, profile: p }) => [event, base.dataset.profiles[p]!.id]));
    const twin = templatesTwin(base.dataset, events, verdicts);
    expect(templates.events).toEqual(twin);
    expect(Math.max(...twin.map(({ length }) => length))).toBe(5);
    const own = new Set(twin.flat());
    expect([...events.source].flatMap((is, event) => (is === 1 ? [event] : []))).toEqual(
      [...own].sort((a, b) => a - b),
    );
    // Labels of the matcher make no template: without verdicts there is none.
    expect(found.findings!.judged.template_events).toBe(own.size - 20);
  });

  test.each(METHODS)('$name scores as its slow twin does', async (method) => {
    const { base, judged, templates, events } = found.comparison!;
    const { study } = judged.find((one) => one.method === method)!;
    const twin = methodTwin(base.dataset, events, method, templates.events);
    let furthest = 0;
    study.searches.all.forEach(({ first, firstScore }, event) => {
      expect([event, first]).toEqual([event, twin[event]!.profile]);
      if (first >= 0) furthest = Math.max(furthest, Math.abs(firstScore - twin[event]!.score));
    });
    expect(furthest).toBeLessThan(2e-6);
  });

  test('all are judged by the same searches, without sources and templates; whole events are assigned, and counted with and without them', () => {
    const { comparison, findings } = found;
    const { source, list } = comparison!.events;
    for (const { study } of comparison!.judged) {
      const judging = study.searches.mated.map(({ event }) => event);
      expect(judging).toEqual(comparison!.judged[0]!.study.searches.mated.map(({ event }) => event));
      expect(judging.filter((event) => source[event] === 1)).toEqual([]);
      expect(study.counted).toEqual(list.flatMap((_, event) => (source[event] === 1 ? [] : [event])));
    }
    for (const { method, threshold, assigned, rates } of findings!.methods) {
      const { study } = comparison!.judged.find((one) => one.method.name === method)!;
      const at = list.flatMap((event, i) => (study.searches.all[i]!.firstScore >= threshold! ? [{ ...event, i }] : []));
      const rows = at.reduce((sum, event) => sum + event.rows.length, 0);
      const others = at.filter(({ i }) => source[i] === 0);
      expect(assigned).toEqual({
        detections: rows,
        events: at.length,
        other_detections: others.reduce((sum, event) => sum + event.rows.length, 0),
        other_events: others.length,
      });
      expect(rates!.assigned_count).toBe(rows);
      expect(rates!.assignment_rate).toBeCloseTo(rows / study.dataset.detections.length, 12);
    }
  });

  test('the order of rows, the length of vectors and invalid rows change nothing', async () => {
    const raw = rawOf(herd);
    const roll = dice(7, 'order');
    const shuffled = <T>(items: readonly T[]): T[] => roll.draw(items, items.length);
    const size = raw.vectors.dimensions;
    const entries = raw.vectors.ids.map((id, i) => {
      const scale = 2 ** (Math.floor(roll.next() * 9) - 4);
      return [id, raw.vectors.values.slice(i * size, (i + 1) * size).map((v) => v * scale)] as const;
    });
    const broken = ['f0000000-0000-4000-8000-000000000001', 'f0000000-0000-4000-8000-000000000002'];
    const mixed: Raw = {
      ...raw,
      detections: shuffled([
        ...raw.detections,
        detection(broken[0]!, { valid: false, version: raw.detections[0]!.version }),
        detection(broken[1]!, { duplicate: true, version: raw.detections[0]!.version }),
      ]),
      vectors: table(shuffled([...entries, ...broken.map((id) => [id, entries[0]![1]] as const)])),
      profiles: shuffled(raw.profiles),
      reviews: shuffled(raw.reviews),
    };
    const other = await analyze(assemble(mixed));
    expect(other.findings).toEqual(found.findings);
    expect(other.overview.recommendation).toEqual(found.overview.recommendation);
  });

  test('reviews that were drawn twice as often count half: weights are those of the study', async () => {
    // Halving every chance changes no rate, because all weights double.
    const halved = herd.reviews.map(({ detection: of, inclusion, reviewedAt: at, ...rest }) => ({
      ...{ ...rest, detection: of, inclusion: inclusion / 2, at },
    }));
    const other = await matchReviewed(herd, halved);
    expect(other.findings!.choice).toEqual(found.findings!.choice);
    const threshold = ({ findings }: Matching) => findings!.methods.map((row) => [row.threshold, row.assigned]);
    expect(threshold(other)).toEqual(threshold(found));
  });
});

describe('the choice', () => {
  const search = (identity: string, topScore: number, weight = 1) => ({ identity, topScore, weight });
  const judge = (index: number, strangers: object[], mated: object[]): Judged =>
    ({
      method: METHODS[index]!,
      study: {
        dataset: { profiles: Array.from({ length: 20 }, (_, i) => ({ id: `deer ${String(i).padStart(2, '0')}` })) },
        labels: { weighting: 'none' },
        searches: { nonMated: strangers, mated },
        grid: [0.1, 0.2, 0.3, 0.4, 0.5],
      },
    }) as unknown as Judged;
  const strangers = Array.from({ length: 60 }, (_, i) => search(`s${i}`, 0.15));
  const mated = (misses: number) =>
    Array.from({ length: 80 }, (_, i) => ({
      ...{ event: i, profile: i % 20, weight: 1, first: true },
      mateScore: i < misses * 20 ? 0.1 : 0.9,
    }));

  test('the fewest misses of the half at its own threshold win; one search more or less is a tie, which the earlier wins', () => {
    const methods = [mated(2), mated(1), mated(1)].map((list, i) => judge(i, strangers, list));
    const found = chooseMethod(methods, 0.05, 1);
    expect(found).toMatchObject({
      method: 'burst',
      by: 'halves',
      choosing_strangers: 30,
      choosing_deer: 10,
      choosing_mated: 40,
    });
    expect(found.half.map(({ threshold, fnir }) => [threshold, fnir])).toEqual([
      [0.2, 0.5],
      [0.2, 0.25],
      [0.2, 0.25],
    ]);
    // A miss less, in one of the half's searches, is not enough; two are.
    const better = (n: number) => {
      let left = n;
      return mated(1).map((item) => {
        const chosen = halfDeer(found.seed).has(`deer ${String(item.profile).padStart(2, '0')}`);
        return item.mateScore < 0.5 && chosen && left-- > 0 ? { ...item, mateScore: 0.9 } : item;
      });
    };
    const against = (n: number) =>
      chooseMethod([judge(0, strangers, mated(1)), judge(1, strangers, better(n))], 0.05, 1).method;
    expect([against(1), against(2)]).toEqual(['now', 'burst']);
  });

  test('a half keeps the limit where its rate is the limit; of an odd number the greater part chooses', () => {
    const wrong = Array.from({ length: 61 }, (_, i) => search(`s${i}`, 0.25));
    const found = chooseMethod([judge(0, wrong, mated(1)), judge(1, wrong, mated(1))], 1, 1);
    expect([found.half[0]!.threshold, found.half[0]!.fpir]).toEqual([0.1, 1]);
    expect([found.strangers, found.choosing_strangers]).toEqual([61, 31]);
  });

  /** Sorted by id, shuffled with (seed, "half"), the first half rounded up. */
  const halfDeer = (seed: number): Set<string> => {
    const ids = Array.from({ length: 20 }, (_, i) => `deer ${String(i).padStart(2, '0')}`);
    return new Set(dice(seed, 'half').draw(ids, 20).slice(0, 10));
  };

  test('with too few strangers, deer or searches the method is the one fixed beforehand, with the reason', () => {
    const few = (n: number, list = mated(1)) =>
      chooseMethod(
        [0, 1, 2].map((i) => judge(i, strangers.slice(0, n), list)),
        0.05,
        1,
      );
    expect(few(59)).toMatchObject({ method: 'centered', by: 'fixed', reason: expect.stringContaining('59 of 60') });
    expect(few(60)).toMatchObject({ by: 'halves' });
    // A verdict that no draw took counts for nothing, and so makes no stranger more.
    const undrawn = strangers.map((one, i) => (i === 0 ? { ...one, weight: 0 } : one));
    const judged = [0, 1].map((i) => judge(i, undrawn, mated(1)));
    expect(chooseMethod(judged, 0.05, 1)).toMatchObject({ by: 'fixed', strangers: 59 });
    expect(few(60, mated(1).slice(0, 20))).toMatchObject({ by: 'fixed', reason: expect.stringContaining('10 of 30') });
    expect(chooseMethod([judge(0, strangers, mated(1))], 0.05, 1)).toMatchObject({ method: 'now', by: 'only' });
  });
});

describe('data sets that are hardly any', () => {
  const words = async (raw: Raw): Promise<[string, Matching]> => {
    const matching = await analyzeMatching(assemble(raw), brute, AT);
    return [reportMatching(matching, 0.05).sentences.join(' '), matching];
  };

  test('nothing, one detection, one profile, equal vectors: an answer, no crash', async () => {
    expect((await words({ ...plane([]), detections: [] }))[0]).toBe('Nothing is safe now: there are no detections.');
    for (const list of [
      [{ degrees: 10 }],
      [{ degrees: 0 }, { degrees: 0 }, { degrees: 0, review: same('p1') }],
      [{ degrees: 45 }, { degrees: 225 }],
    ]) {
      const [text, { findings }] = await words(plane(list));
      expect(text).toContain('Nothing is safe now: ');
      expect(findings!.choice.by).toBe('fixed');
    }
    const alone = plane([{ degrees: 3, review: stranger('x') }, { degrees: 80 }]);
    const [text] = await words({ ...alone, profiles: [profile('p1')], profileVectors: table([['p1', [1, 0]]]) });
    expect(text).toContain('with a single profile');
  });

  test('with few confirmed events templates are not offered, and nothing is taken from what judges', async () => {
    const list = Array.from({ length: 30 }, (_, i) => ({ degrees: i, review: same('p1') }));
    const [, { findings }] = await words(plane(list));
    expect(findings!.methods.map(({ mark }) => mark === 'not offered')).toEqual([false, false, false, true, true]);
    expect(findings!.methods[3]!.withheld).toMatch(/^without the pictures of templates \d+ searches/);
    expect(findings!.judged).toMatchObject({ mated_searches: 30, template_events: 0, unjudged: [] });
    // The deer gives one template, as all are of one day: 30 of 31 are left, which are enough.
    const [, { findings: more }] = await words(plane([...list, { degrees: 31, review: same('p1') }]));
    expect(more!.judged).toMatchObject({ mated_searches: 30, template_events: 1 });
  });
});
