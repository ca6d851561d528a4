// What the evidence does not speak for, by hand: where strangers were reviewed, where reviewers
// were unsure, and how much of what is assigned are the profiles' own pictures.
import type { Location } from '../../lib/reid/dataset/records.ts';
import { profile, review } from './brute.ts';
import { plane, same, stranger, thresholds } from './plane.ts';

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const cameras = ['near', 'far', 'unseen'];
const locations = cameras.map((name, i): Location => ({ id: name, name, lat: 45 + i, lon: -90 }));

test('strangers by camera, class and month, next to all events', async () => {
  const raw = plane(
    range(12).map((i) => ({
      degrees: 10,
      label: i === 11 ? 'buck' : 'doe',
      ...(i < 5 && { review: stranger(`x${i}`) }),
    })),
    { locations },
  );
  const detections = raw.detections.map((one, i) => ({
    ...one,
    at: Date.UTC(2024, i < 6 ? 0 : 1, 1, i),
    location: cameras[i < 2 ? 0 : i < 8 ? 1 : 2]!,
  }));
  const profiles = [profile('p1', { sourceLocation: 'near' }), profile('p2')];
  const { coverage } = await thresholds({ ...raw, detections, profiles });
  expect(coverage.map(({ by, group, reviewed, events }) => [by, group, reviewed, events])).toEqual([
    ['camera', 'cameras without any review', 0, 4],
    ['camera', 'other cameras', 3, 6],
    ['camera', "the profile's camera", 2, 2],
    ['class', 'buck', 0, 1],
    ['class', 'doe', 5, 11],
    ['month', '2024-01', 5, 6],
    ['month', '2024-02', 0, 6],
  ]);
  expect(coverage[1]).toMatchObject({ reviewed_share: 3 / 5, events_share: 6 / 12 });
});

test('unsure reviewers by score; many of them near the threshold are a note with the worst case', async () => {
  const raw = plane([
    ...range(20).map((i) => ({ degrees: -45, review: i < 5 ? { verdict: 'unsure' as const } : stranger(`x${i}`) })),
    ...range(20).map((i) => ({ degrees: -80, review: i < 1 ? { verdict: 'unsure' as const } : stranger(`y${i}`) })),
  ]);
  // cos 45 is .707: five unsure of twenty there, and 15 of 34 strangers match.
  const found = await thresholds(raw);
  expect(found.notes).toContain(
    'reviewers were unsure of 25% of the reviewed events that score near 0.70; if all of those at or above it were wrong, FPIR there would be 51%',
  );
  const bands = found.evidence!.unsure_by_score;
  expect(bands.map(({ reviewed, unsure }) => [reviewed, unsure])).toEqual([
    [20, 1],
    [20, 5],
  ]);
  const few = await thresholds({
    ...raw,
    reviews: raw.reviews.filter((_, i) => i !== 0 && i !== 1 && i !== 2 && i !== 3),
  });
  expect(few.notes.join()).not.toContain('unsure of');
});

test('the assignment rate without the events that profiles were made from, where they are a tenth of it', async () => {
  const raw = plane([...range(3).map(() => ({ degrees: 0 })), ...range(7).map(() => ({ degrees: 200 }))]);
  const profiles = [profile('p1', { source: 'd0000' }), profile('p2')];
  const found = await thresholds({ ...raw, profiles }, { thresholds: [0.7] });
  expect(found.threshold_analysis[0]).toMatchObject({
    ...{ assigned_count: 3, assigned_sources: 1, assignment_rate: 0.3 },
    assignment_rate_without_sources: 2 / 9,
  });
  expect(found.notes.join()).toContain(
    'at 0.70, 1 of the 3 assigned detections is of events that profiles were made from; without these events 22% of detections are assigned',
  );
  const many = plane([...range(30).map(() => ({ degrees: 0 })), ...range(7).map(() => ({ degrees: 200 }))]);
  expect((await thresholds({ ...many, profiles })).notes.join()).not.toContain('profiles were made from; without');
});

test('a stranger named in no draw is warned of by its name only', async () => {
  const raw = plane([
    { degrees: 1, review: stranger('Rex') },
    { degrees: 2, review: stranger('rex ') },
    { degrees: 3, review: same('p1') },
  ]);
  const { recommendation } = await thresholds({ ...raw, reviews: [...raw.reviews, review('d0000', stranger('Rex'))] });
  expect(recommendation.warnings.join()).toContain('1 pair of identities differs only in case or blanks');
});
