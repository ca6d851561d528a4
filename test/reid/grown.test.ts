// A gallery that has grown since the strangers were reviewed: which deer they met, what is refused,
// and what mends it.
import { assemble } from '../../lib/reid/dataset/assemble.ts';
import type { Review } from '../../lib/reid/dataset/records.ts';
import { generateHerd } from '../../localstack/herd/index.ts';
import { thresholdsReport } from '../support/reid-reports.ts';
import { profile, rawOf, review, table } from './brute.ts';
import { truthAt } from './herds.ts';
import { plane, same, stranger, thresholds } from './plane.ts';

describe('by hand', () => {
  // Event 0 is the source of p2, which was enrolled at 2,000; reviews are from 1,000.
  const grown = (
    reviews: { degrees: number; review?: Partial<Review> }[],
    name = 'P2',
    source: Partial<Review> = {},
  ) => {
    const raw = plane([{ degrees: 90, review: { identity: null, ...source } }, ...reviews]);
    return {
      ...raw,
      reviews:
        source.verdict === undefined ? raw.reviews.filter(({ detection }) => detection !== 'd0000') : raw.reviews,
      profiles: [profile('p1', { enrolledAt: 100 }), profile('p2', { name, enrolledAt: 2_000, source: 'd0000' })],
    };
  };
  const strangers = [
    { degrees: 60, review: stranger('x') },
    { degrees: 70, review: stranger('y') },
    { degrees: 80, review: stranger('z', { at: 3_000 }) },
  ];

  test('a later deer that no review names is not met: the bound is divided by the share that was', async () => {
    const found = await thresholds(grown(strangers), { thresholds: [0.9] });
    // Against p2 they score .866, .940, .985; x and y have not met it.
    expect(found.threshold_analysis[0]).toMatchObject({ fpir: 1 / 3, fpir_n: 3 });
    expect(found.evidence).toMatchObject({ gallery_met: expect.closeTo(4 / 6, 12), narrowed: 2 });
    const [row] = found.threshold_analysis;
    expect(row!.fpir_upper).toBe(Math.min(1, row!.fpir_upper_met! / (4 / 6)));
  });

  test.each([
    ['its source event is named otherwise', 'P2', { verdict: 'none', identity: 'somebody else' }],
    ['a roster names its source event', 'P2', { verdict: 'none', identity: 'somebody else', purpose: 'roster' }],
  ] as const)('a later deer is met where %s', async (_, name, source) => {
    const found = await thresholds(grown(strangers, name, source), { thresholds: [0.9] });
    expect(found.threshold_analysis[0]).toMatchObject({ fpir: 2 / 3, fpir_n: 3 });
    expect(found.evidence).toMatchObject({ gallery_met: 1, narrowed: 0 });
  });

  test.each([
    ['its source event has the name of a stranger', 'P2', { verdict: 'none', identity: 'x' }],
    ['it has the name of a stranger, whatever the case', ' X', {}],
  ] as const)('where %s, its events are searches for it, and the others meet it', async (_, name, source) => {
    const found = await thresholds(grown(strangers, name, source), { thresholds: [0.9] });
    expect(found.evidence).toMatchObject({ enrolledSince: 1, mated_searches: 1, gallery_met: 1 });
    expect(found.threshold_analysis[0]).toMatchObject({ fpir: 1, fpir_n: 2, fnir: 1 });
    expect((await thresholds(grown(strangers, name, source), { thresholds: [0.8] })).threshold_analysis[0]!.fnir).toBe(
      0,
    );
  });

  test('a deer of before the review with the name of a stranger is warned of, not merged', async () => {
    const found = await thresholds(grown([{ degrees: 60, review: stranger('p1') }, ...strangers]));
    expect(found.recommendation.warnings.join()).toContain('p1 (deer P1)');
    expect(found.evidence).toMatchObject({ mated_searches: 0, non_mated_animals: 4 });
  });

  test('an event with both verdicts contradicts and is dropped', async () => {
    const raw = grown(strangers, 'x');
    const reviews = [...raw.reviews, review('d0001', same('p2'))];
    const found = await thresholds({ ...raw, reviews });
    expect(found.evidence).toMatchObject({ contradicting: 1, enrolledSince: 0, mated_searches: 0 });
  });
});

describe('a herd in which strangers were enrolled after the reviews', () => {
  const herd = generateHerd({ seed: 3, detections: 5_000, reviewed: 0.35 });
  const { animals, animal } = herd.truth;
  const enrolledAt = Math.max(...herd.reviews.map(({ reviewedAt }) => reviewedAt)) + 1;
  const strangers = animals.flatMap(({ deer }, index) => (deer === null ? [index] : []));
  const dimensions = herd.vectors.length / herd.detections.length;

  /** The first strangers that pass become deer, each from a detection that was not reviewed. */
  function enroll(count: number) {
    const reviewed = new Set(herd.reviews.map(({ detection }) => detection));
    const rows = strangers.flatMap((who) => {
      const row = herd.detections.findIndex(
        ({ id, valid, duplicate }, i) => animal[i] === who && valid && !duplicate && !reviewed.has(id),
      );
      return row < 0 ? [] : [row];
    });
    const chosen = rows.slice(0, count);
    const raw = rawOf(herd);
    const added = chosen.map((row, i) =>
      profile(`new ${i}`, {
        ...{ name: `New ${i}`, label: animals[animal[row]!]!.class, enrolledAt },
        version: raw.profiles[0]!.version,
        source: herd.detections[row]!.id,
      }),
    );
    const vector = (row: number): Float32Array => herd.vectors.slice(row * dimensions, (row + 1) * dimensions);
    const { ids, values } = raw.profileVectors;
    const profileVectors = table([
      ...ids.map((id, i) => [id, values.slice(i * dimensions, (i + 1) * dimensions)] as const),
      ...chosen.map((row, i) => [`new ${i}`, vector(row)] as const),
    ]);
    const names = chosen.map((row) => [herd.detections[row]!.id, animals[animal[row]!]!.name] as const);
    return { raw: { ...raw, profiles: [...raw.profiles, ...added], profileVectors }, names, chosen };
  }
  /** What the sentence asks for. */
  const named = (names: readonly (readonly [string, string])[]): Review[] =>
    names.map(([id, name]) => review(id, { ...stranger(name), purpose: 'roster', at: enrolledAt + 1 }));

  test('many: nothing is recommended, with the sentence; after the reviews that it asks for, the bound holds', async () => {
    const { raw, names, chosen } = enroll(6);
    const before = await thresholdsReport(
      assemble({ ...raw, vectors: { ...raw.vectors, values: herd.vectors.slice() } }),
    );
    expect(before.evidence!.gallery_met).toBeLessThan(0.9);
    expect(before.recommendation.threshold).toBeNull();
    expect(before.recommendation.reason).toMatch(
      /compared with only \d+% of the profiles that they could be taken for .*; at least 90% are needed\. 6 deer were enrolled after the review, and no review says whether they are among the reviewed strangers: New 0, New 1/,
    );
    expect(before.recommendation.what_would_change[0]).toMatch(
      /^review the detections that they were made from: .*"purpose": "roster" .*npm run import -- --reviews reviews\.json$/,
    );
    const dataset = assemble({
      ...raw,
      vectors: { ...raw.vectors, values: herd.vectors.slice() },
      reviews: [...raw.reviews, ...named(names)],
    });
    const after = await thresholdsReport(dataset);
    expect(after.evidence!.gallery_met).toBe(1);
    expect(after.evidence!.enrolledSince).toBeGreaterThan(0);
    const { threshold, fpir_upper: upper } = after.recommendation;
    expect(threshold).not.toBeNull();
    // The new deer are known animals from now on.
    const now = {
      ...herd,
      truth: {
        ...herd.truth,
        animals: animals.map((one, who) => {
          const i = chosen.findIndex((row) => animal[row] === who);
          return i < 0 ? one : { ...one, deer: `new ${i}` };
        }),
      },
    };
    const { fpir } = await truthAt(now, dataset, threshold!);
    console.log(`true FPIR ${fpir.toFixed(4)}, bound ${upper!.toFixed(4)} at ${threshold}`);
    expect(fpir).toBeLessThan(upper!);
  });

  test('few: the bound is divided by the share that was met, and it is said', async () => {
    const { raw } = enroll(1);
    const found = await thresholdsReport(
      assemble({ ...raw, vectors: { ...raw.vectors, values: herd.vectors.slice() } }),
      {
        thresholds: [0.5],
      },
    );
    const g = found.evidence!.gallery_met;
    expect(g).toBeGreaterThan(0.9);
    expect(g).toBeLessThan(1);
    const [row] = found.threshold_analysis;
    expect(row!.fpir_upper).toBeCloseTo(row!.fpir_upper_met! / g, 12);
    expect(found.notes.join()).toContain(`so their bound is divided by ${g.toFixed(3)}: 1 deer was enrolled`);
  });
});
