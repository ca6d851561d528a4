// Which pictures a plan names: verdicts before scores, whole visits, nobody's word overwritten, and
// what it says of its errors.

import { hashPlan, makePlan, type PlanBody } from '../../lib/reid/apply/plan.ts';
import { describePlan } from '../../lib/reid/apply/words.ts';
import { assemble, type Raw } from '../../lib/reid/dataset/assemble.ts';
import type { Review } from '../../lib/reid/dataset/records.ts';
import { compareMethods } from '../../lib/reid/matching/compare.ts';
import { brute, detection, profile, review, table } from './brute.ts';
import { plane, same, stranger } from './plane.ts';

async function planFor(raw: Raw, threshold = 0.9): Promise<PlanBody> {
  const { judged } = await compareMethods(assemble(raw), brute, { timeZone: 'UTC', only: ['now'] });
  return makePlan(judged[0]!.study, 'now', threshold);
}
const named = ({ rows }: PlanBody): (string | null)[][] => rows.map(({ detection: of, deer, by }) => [of, deer, by]);
const at = (degrees: number, said?: Partial<Review>) => ({ degrees, ...(said === undefined ? {} : { review: said }) });

test('by score: at the threshold or above, the best deer; below it and of two equally good ones nobody', async () => {
  const raw = plane([at(0), at(25.84), at(26), at(45)]);
  // cos 25.84 = 0.90001, cos 26 = 0.8988; at 45 degrees both deer are as good.
  expect(named(await planFor(raw))).toEqual([
    ['d0000', 'p1', 'score'],
    ['d0001', 'p1', 'score'],
  ]);
  const low = await planFor(raw, 0.5);
  expect(named(low).map(([of]) => of)).toEqual(['d0000', 'd0001', 'd0002']);
  expect(low.counts.left.tied).toBe(1);
  expect(named(await planFor(plane([at(0)]), 1))).toEqual([['d0000', 'p1', 'score']]);
});

test('a verdict wins: same at any score, none never, different never that deer, contradicting verdicts nobody, unsure by score', async () => {
  const raw = plane([
    at(80, same('p1')),
    at(0, stranger('x')),
    at(1, { verdict: 'different', deer: 'p1' }),
    at(2, { verdict: 'unsure' }),
    at(3, same('p1')),
  ]);
  raw.reviews = [...raw.reviews, review('d0004', { verdict: 'none' })];
  const plan = await planFor(raw);
  expect(named(plan)).toEqual([
    ['d0000', 'p1', 'verdict'],
    ['d0003', 'p1', 'score'],
  ]);
  expect(plan.counts.left).toEqual({ tied: 0, other_name: 0, said_none: 1, contradicting: 1 });
  // Not the first deer: the second, where it reaches the threshold.
  const between = await planFor(plane([at(40, { verdict: 'different', deer: 'p1' })]), 0.6);
  expect(named(between)).toEqual([['d0000', 'p2', 'score']]);
  const exactly = await planFor(plane([at(40, { verdict: 'different', deer: 'p1' })]), between.rows[0]!.score!);
  expect(named(exactly)).toEqual(named(between));
});

test('a visit is named as one, also its pictures below the threshold; one with another name is left alone', async () => {
  const burst = (names: (string | null)[], applied: (string | null)[] = []): Raw => {
    const raw = plane([at(0), at(60), at(50)]);
    return {
      ...raw,
      detections: raw.detections.map((one, i) => ({
        ...one,
        burst: 'b',
        deer: names[i] ?? null,
        applied: applied[i] ?? null,
      })),
    };
  };
  expect(named(await planFor(burst([])))).toHaveLength(3);
  expect(named(await planFor(burst(['p1']))).map(([of]) => of)).toEqual(['d0001', 'd0002']);
  const other = await planFor(burst([null, 'p2']));
  expect([named(other), other.counts.left.other_name]).toEqual([[], 1]);
  // What an earlier run wrote may be replaced, and what it wrote already is not written again.
  const again = await planFor(burst([], ['p1', 'p2']));
  expect(again.rows.map(({ detection: of, old }) => [of, old])).toEqual([
    ['d0001', 'p2'],
    ['d0002', null],
  ]);
  expect(again.counts).toMatchObject({ detections: 2, changed: 1, assigned_now: 2, assigned_then: 3 });
});

test('a name of an earlier run is taken off where a person said no to it', async () => {
  const raw = plane([at(0, stranger('x')), at(1, { verdict: 'different', deer: 'p1' }), at(2)]);
  const applied = raw.detections.map((one) => ({ ...one, applied: 'p1' }));
  const plan = await planFor({ ...raw, detections: applied });
  expect(plan.rows.map(({ detection: of, deer, old }) => [of, deer, old])).toEqual([
    ['d0000', null, 'p1'],
    ['d0001', null, 'p1'],
  ]);
  expect(plan.counts).toMatchObject({ taken_off: 2, assigned_now: 3, assigned_then: 1 });
  const made = {
    ...plan,
    format: 'hoofprint-plan',
    version: 1,
    made_at: '',
    despite: null,
    fingerprint: '',
    hash: '',
  } as const;
  expect(describePlan(made).join(' ')).toContain('2 pictures lose a name of an earlier run that a person said no to.');
});

test('so it is where the visit gets no other name: below the threshold, of two equal deer, on a picture of the platform', async () => {
  const takenOff = async (raw: Raw, more: Partial<Raw['detections'][number]>[]): Promise<unknown[]> => {
    const detections = raw.detections.map((one, i) => ({ ...one, applied: 'p1', ...more[i] }));
    const plan = await planFor({ ...raw, detections }, 0.7);
    return plan.rows.map(({ detection: of, deer, old, by }) => [of, deer, old, by]);
  };
  const not = { verdict: 'different', deer: 'p1' } as const;
  const off = (of: string): unknown[] => [of, null, 'p1', 'verdict'];
  expect(await takenOff(plane([at(-60, not), at(45, not), at(-60)]), [])).toEqual([off('d0000'), off('d0001')]);
  const visit = [{ burst: 'b' }, { burst: 'b', applied: null, deer: 'p3' }];
  expect(await takenOff(plane([at(0, same('p2')), at(0)]), visit)).toEqual([off('d0000')]);
  expect(await takenOff(plane([at(0, same('p1')), at(0)]), visit)).toEqual([]);
});

test('the expected wrong names are p0 x bound x events + (1 - p0) x MIS x events, in pictures', async () => {
  const raw = plane([
    ...Array.from({ length: 40 }, (_, i) => at(i / 10, { ...stranger(`s${i}`), inclusion: 0.5 })),
    ...Array.from({ length: 10 }, (_, i) => at(i, { ...same('p1'), inclusion: 0.5 })),
    ...Array.from({ length: 30 }, (_, i) => at(i / 10)),
  ]);
  const { risk } = await planFor(raw);
  // All strangers match, so the bound is 1; no deer is mistaken; 40 of 50 visits are by strangers;
  // 30 visits of one picture each are left to the scores.
  expect(risk).toMatchObject({ fpir_upper: 1, mis: 0, unknown_share: 0.8, searches: 30 });
  expect(risk.wrong_detections).toBeCloseTo(24, 9);
});

test('the hash of a plan holds every picture, name, old name and score, its reason and its database', async () => {
  const plan = { ...(await planFor(plane([at(0), at(1)]))), despite: 'a reason', fingerprint: 'f' };
  const hashes = [
    plan,
    { ...plan, despite: null },
    { ...plan, fingerprint: 'g' },
    { ...plan, threshold: 0.91 },
    { ...plan, rows: plan.rows.slice(1) },
    ...(['detection', 'deer', 'old'] as const).map((field) => ({
      ...plan,
      rows: plan.rows.map((row, i) => (i === 0 ? { ...row, [field]: 'x' } : row)),
    })),
  ].map(hashPlan);
  expect(new Set(hashes).size).toBe(hashes.length);
});

test('a deer that people name but that has no profile gets its pictures too', async () => {
  const raw = plane([at(0, same('p3'))]);
  const plan = await planFor({
    ...raw,
    detections: [detection('d0000')],
    profiles: [...raw.profiles, profile('p3')],
    profileVectors: table([
      ['p1', [1, 0]],
      ['p2', [0, 1]],
    ]),
  });
  expect(named(plan)).toEqual([['d0000', 'p3', 'verdict']]);
  expect(plan.deer).toMatchObject([{ name: 'P3', detections: 1, events: 1, now: 0 }]);
});
