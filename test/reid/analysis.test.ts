// The whole analysis: hand-worked rates, and what must be refused.
import { assemble, type Raw } from '../../lib/reid/dataset/assemble.ts';
import { dice } from '../../lib/reid/statistics/random.ts';
import { plotReport, scoresReport } from '../support/reid-reports.ts';
import { brute, profile, table } from './brute.ts';
import { plane, same, stranger, thresholds } from './plane.ts';

describe('by hand', () => {
  // Cosines: 20 deg .940, 30 .866, 40 .766, 50 .643, 60 .5; against the other profile the sine.
  const searches = [
    { degrees: 20, review: same('p1', { inclusion: 0.5 }) },
    { degrees: 60, review: same('p1', { inclusion: 0.5 }) },
    { degrees: 50, review: same('p1', { inclusion: 0.25 }) },
    { degrees: -50, review: same('p1', { inclusion: 0.25 }) },
    { degrees: -30, review: stranger('x', { inclusion: 0.5 }) },
    { degrees: -60, review: stranger('x', { inclusion: 0.5 }) },
    { degrees: 130, review: stranger('y', { inclusion: 0.25 }) },
    { degrees: 20, label: 'buck', review: stranger('z', { inclusion: 0.5 }) },
    { degrees: -20 },
  ];

  test('every rate of a row', async () => {
    const found = await thresholds(plane(searches), { thresholds: [0.75, 0.4] });
    const [high, low] = found.threshold_analysis;
    // Profiles are does: the buck has no candidate. At 0.75: events 1, 2 (by p2, .866), 3 (by p2,
    // .766), 5, 7 (.766) and 9.
    expect(high).toMatchObject({
      assigned_count: 6,
      assignment_rate: expect.closeTo(6 / 9, 12),
      event_assignment_rate: expect.closeTo(6 / 9, 12),
    });
    // Weights 2, 2, 4, 4: the mate is first at or above 0.75 in the first only.
    expect(high!.fnir).toBeCloseTo(10 / 12, 12);
    expect(high!.mis).toBeCloseTo(6 / 12, 12);
    expect(high!.fnmr).toBeCloseTo(10 / 12, 12);
    // Strangers weigh 2, 2, 4, 2; two are accepted.
    expect(high!.fpir).toBeCloseTo(6 / 10, 12);
    expect(high).toMatchObject({ fpir_n: 4, fpir_m: 3, fpir_errors: 2 });
    // 28 pairs by weight, of which 12 match; 8 of 9 events meet 2 profiles, 1 meets none.
    expect(high!.fmr).toBeCloseTo(12 / 28, 12);
    expect(high!.fpir_from_fmr).toBeCloseTo(1 - (16 / 28) ** (16 / 9), 12);
    expect(low!.fpir).toBeCloseTo(8 / 10, 12);
    expect(low!.fnir).toBeCloseTo(6 / 12, 12);
    expect(low!.mis).toBeCloseTo(6 / 12, 12);
    expect(found.evidence).toMatchObject({
      unknown_share: expect.closeTo(10 / 22, 12),
      unknown_share_from: 'reviews',
      mated_by: 'reviews',
    });
    const p0 = 10 / 22;
    expect(high!.fdp).toBeCloseTo((p0 * 0.6 + (1 - p0) * 0.5) / (6 / 9), 12);
    expect(found.recommendation.threshold).toBeNull();
    expect(found.recommendation.reason).toContain('only 3 strangers');
  });

  test('the share of unknown animals is given, from weighted reviews, or unknown', async () => {
    const unweighted = searches.map(({ review: said, ...rest }) => ({
      ...rest,
      ...(said && { review: { ...said, inclusion: null } }),
    }));
    const [none, given] = [
      await thresholds(plane(unweighted)),
      await thresholds(plane(unweighted), { unknown_share: 0.3 }),
    ];
    expect(none.evidence).toMatchObject({ unknown_share: null });
    expect(none.threshold_analysis[0]).toMatchObject({ fdp: null, fdp_upper: null });
    expect(given.evidence).toMatchObject({ unknown_share: 0.3, unknown_share_from: 'given' });
    expect(given.threshold_analysis[0]!.fdp).not.toBeNull();
    expect(none.recommendation.warnings.join()).toContain('assumes that reviews are a random sample');
  });

  test('some reviews weighted and some not: refused', async () => {
    const found = await thresholds(plane([...searches, { degrees: 5, review: stranger('v') }]));
    expect(found.recommendation).toMatchObject({
      threshold: null,
      reason: expect.stringContaining('some reviews have an inclusion probability'),
    });
    expect(found.threshold_analysis[0]).toMatchObject({ fpir: null, fpir_upper: null, fnir: null, fmr: null });
  });

  test('a stranger meets only profiles enrolled before its review', async () => {
    const raw = plane(
      [
        { degrees: 0, review: stranger('x', { at: 1_000 }) },
        { degrees: 10, review: stranger('y', { at: 50 }) },
      ],
      {
        profiles: [profile('p1', { enrolledAt: 2_000 }), profile('p2', { enrolledAt: 100 })],
      },
    );
    const found = await thresholds(raw, { thresholds: [0.9, -0.5] });
    expect(found.threshold_analysis).toMatchObject([
      { fpir: 0, fpir_n: 1 },
      { fpir: 1, fpir_n: 1 },
    ]);
    expect(found.evidence).toMatchObject({ unmet: 1, narrowed: 1 });
    expect(found.notes.join()).toContain('older than every profile');
  });

  test('labels by the matcher fill FNIR only when asked for, with a warning, and never the bound', async () => {
    const raw = plane([20, 30, 60, 80].map((degrees) => ({ degrees })));
    const detections = raw.detections.map((one, i) => ({ ...one, deer: i < 2 ? 'p1' : null }));
    const without = await thresholds({ ...raw, detections });
    expect(without.threshold_analysis[0]).toMatchObject({ fnir: null });
    expect(without.recommendation.warnings).toEqual([]);
    const found = await thresholds({ ...raw, detections }, { evidence: ['matcher'] });
    expect(found.threshold_analysis[0]).toMatchObject({ fnir: 0, fpir_upper: null });
    expect(found.evidence).toMatchObject({ mated_by: 'matcher', matcher_searches: 2, mated_searches: 0 });
    expect(found.recommendation).toMatchObject({
      threshold: null,
      warnings: [expect.stringContaining('labels that the matcher itself wrote')],
    });
    expect(found.recommendation.reason).toContain('no event of a named stranger was reviewed');
  });
});

describe('clear answers instead of crashes', () => {
  const some = plane([20, 60].map((degrees) => ({ degrees })));
  const none = table([]);
  test.each<[string, Raw, RegExp]>([
    ['zero detections', { ...some, detections: [], vectors: none }, /there are no detections/],
    ['zero profiles', { ...some, profiles: [], profileVectors: none }, /there are no deer profiles/],
    ['one profile', { ...some, profiles: [profile('p1')] }, /single profile/],
    [
      'profiles of another version',
      { ...some, profiles: [profile('p1', { version: 'v2' }), profile('p2', { version: 'v2' })] },
      /no deer profile has a vector of embedding version v1, which the detections have \(v1: 2 detections, 0 profiles; v2: 0 detections, 2 profiles\)/,
    ],
    [
      'zero vectors',
      {
        ...some,
        vectors: table([
          ['d0000', [0, 0]],
          ['d0001', [Number.NaN, 0]],
        ]),
      },
      /none of the 2 detections has a usable vector/,
    ],
    [
      'vectors of another size than the profiles',
      {
        ...some,
        vectors: table([
          ['d0000', [1, 0, 0]],
          ['d0001', [0, 1, 0]],
        ]),
      },
      /none of the 2 detections has a usable vector: 2 of them have vectors of another length than the deer profiles \(2 numbers\)$/,
    ],
    [
      'no candidate',
      { ...some, detections: some.detections.map((one) => ({ ...one, label: 'buck' })) },
      /no search event passes the gate/,
    ],
    ['no reviews', some, /no event of a named stranger was reviewed/],
  ])('%s', async (_, raw, reason) => {
    const data = () => assemble({ ...raw, vectors: { ...raw.vectors, values: raw.vectors.values.slice() } });
    const found = await plotReport(data(), { trial: { threshold: 0.5, sample: 5 } }, brute);
    expect(found.recommendation).toMatchObject({
      threshold: null,
      reason: expect.stringMatching(reason),
      setting: null,
    });
    expect(found.recommendation.reason).toMatch(/^no threshold can be recommended: /);
    const scores = await scoresReport(data(), {}, brute);
    expect(scores.recommendation.reason).toBe(found.recommendation.reason);
    for (const json of [found, scores]) expect(JSON.stringify(json)).not.toMatch(/NaN|Infinity/);
  });

  test('scores all below every threshold are said in words', async () => {
    const found = await thresholds(plane([{ degrees: 180 }, { degrees: 200 }]));
    expect(found.threshold_analysis.map(({ assigned_count }) => assigned_count)).toEqual([0, 0, 0, 0]);
    expect(found.notes).toContain('all scores are below the current threshold of 0.7: nothing would be assigned');
    expect(found.recommendation.threshold).toBeNull();
  });

  test('scores that do not separate get a reason, not a number', async () => {
    const roll = dice(5, 'noise');
    const degrees = (): number => 360 * roll.next();
    const raw = plane([
      ...Array.from({ length: 300 }, (_, i) => ({ degrees: degrees(), review: same(`p${1 + (i % 2)}`) })),
      ...Array.from({ length: 300 }, (_, i) => ({ degrees: degrees(), review: stranger(`x${i % 100}`) })),
    ]);
    const { recommendation, separation } = await thresholds(raw);
    expect(separation!.auc!).toBeCloseTo(0.5, 0);
    expect(recommendation.threshold).toBeNull();
    expect(recommendation.reason).toMatch(/no threshold can be recommended: /);
    expect(recommendation.reason).toMatch(/hardly differ|never stays below/);
  });

  test('a safe threshold that misses nearly every known animal is not recommended', async () => {
    const raw = plane([
      ...Array.from({ length: 100 }, (_, i) => ({ degrees: -80 - (i % 10), review: same('p1') })),
      ...Array.from({ length: 100 }, (_, i) => ({ degrees: -70 - (i % 20), review: stranger(`x${i}`) })),
    ]);
    const { recommendation } = await thresholds(raw);
    expect(recommendation).toMatchObject({
      threshold: null,
      setting: null,
      reason: expect.stringContaining('of the searches for known deer miss the deer'),
    });
    expect(recommendation.qualifying_threshold).not.toBeNull();
  });

  test('too few animals for the bound: how many more', async () => {
    const raw = plane([
      ...Array.from({ length: 40 }, () => ({ degrees: 5, review: same('p1') })),
      ...Array.from({ length: 40 }, (_, i) => ({ degrees: -80, review: stranger(`x${i}`) })),
    ]);
    const few = await thresholds(raw);
    expect(few.recommendation.reason).toContain('never stays below 5% (lowest: 7.2%');
    expect(few.recommendation.what_would_change[0]).toContain('review about 19 more strangers');
    const [wider, stricter] = [
      await thresholds(raw, { max_fpir: 0.1 }),
      await thresholds(raw, { max_fpir: 0.1, min_animals: 41 }),
    ];
    expect(wider.recommendation.threshold).toBe(0.174);
    expect(wider.recommendation.setting).toBe('REID_THRESHOLD=0.174');
    expect(stricter.recommendation).toMatchObject({
      threshold: null,
      what_would_change: [expect.stringContaining('review events of 1 more stranger and')],
    });
  });
});
