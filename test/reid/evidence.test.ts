// Events and evidence, worked by hand: what is searched as one, and which labels count for what.
import { metersBetween } from '../../lib/deer/coordinates.ts';
import { assemble, type Raw } from '../../lib/reid/dataset/assemble.ts';
import type { Dataset } from '../../lib/reid/dataset/dataset.ts';
import { passesGate, toGate } from '../../lib/reid/dataset/gates.ts';
import type { Detection } from '../../lib/reid/dataset/records.ts';
import { groupSearchEvents } from '../../lib/reid/dataset/search-events.ts';
import { labelPairs } from '../../lib/reid/study/all-pairs.ts';
import { labelEvents } from '../../lib/reid/study/evidence.ts';
import { findBurstPairs, findImagePairs, findInstantPairs } from '../../lib/reid/study/known-pairs.ts';
import { detection, profile, review, table } from './brute.ts';

/** Vectors differ by an angle of a hundredth from row to row unless given. */
function dataset(detections: Detection[], more: Partial<Raw> = {}, vectors: Record<string, number[]> = {}): Dataset {
  const vector = (id: string, i: number): number[] => vectors[id] ?? [Math.cos(i / 100), Math.sin(i / 100)];
  return assemble({
    detections,
    vectors: table(detections.map(({ id }, i) => [id, vector(id, i)])),
    profiles: [],
    profileVectors: table([]),
    reviews: [],
    locations: [],
    ...more,
  });
}

const shown = (data: Dataset) =>
  groupSearchEvents(data).list.map(
    ({ rows, gate, label }) => `${rows.map((row) => data.detections[row]!.id).join('+')} ${gate} ${label}`,
  );

test('the gate of operation', () => {
  expect(['buck', 'mature', 'mid', 'young', 'doe', 'fawn', 'unknown', ''].map(toGate)).toEqual([
    ...['buck', 'buck', 'buck', 'buck', 'doe', 'fawn', 'unknown', 'unknown'],
  ]);
  expect([
    passesGate('doe', 'doe'),
    passesGate('doe', 'buck'),
    passesGate('unknown', 'buck'),
    passesGate('fawn', 'unknown'),
  ]).toEqual([true, false, true, true]);
});

describe('events', () => {
  test('a burst is one event of its majority class; unknown ones do not vote, a tie is unknown; without a burst each is its own', () => {
    const data = dataset([
      detection('a1', { burst: 'a', label: 'doe' }),
      detection('a2', { burst: 'a', label: 'unknown' }),
      detection('a3', { burst: 'a', label: 'unknown' }),
      detection('b1', { burst: 'b', label: 'mature', at: 1 }),
      detection('b2', { burst: 'b', label: 'young', at: 1 }),
      detection('b3', { burst: 'b', label: 'doe', at: 1 }),
      detection('c1', { burst: 'c', label: 'doe', at: 2 }),
      detection('c2', { burst: 'c', label: 'fawn', at: 2 }),
      detection('d1', { label: 'fawn', at: 3 }),
      detection('d2', { label: 'unknown', at: 4 }),
    ]);
    expect(shown(data)).toEqual([
      'a1+a2+a3 doe doe',
      'b1+b2+b3 buck unknown',
      'c1+c2 unknown unknown',
      'd1 fawn fawn',
      'd2 unknown unknown',
    ]);
  });

  test('two animals in one image split a burst by class; two of one class leave it out, counted', () => {
    const data = dataset([
      detection('a1', { burst: 'a', image: 'i', label: 'doe' }),
      detection('a2', { burst: 'a', image: 'i', label: 'fawn' }),
      detection('a3', { burst: 'a', image: 'j', label: 'doe' }),
      detection('b1', { burst: 'b', image: 'k', label: 'mature', at: 1 }),
      detection('b2', { burst: 'b', image: 'k', label: 'young', at: 1 }),
      detection('b3', { burst: 'b', image: 'l', label: 'young', at: 1 }),
    ]);
    expect(shown(data)).toEqual(['a1+a3 doe doe', 'a2 fawn fawn']);
    const events = groupSearchEvents(data);
    expect(events.leftOut).toEqual({ bursts: 1, detections: 3 });
    expect([...events.of]).toEqual([0, 1, 0, -1, -1, -1]);
  });

  test('source events: by name, else by a score of at least 0.9999 among the deer own detections, else said to be unknown', () => {
    const detections = [
      detection('a1', { burst: 'a' }),
      detection('a2', { burst: 'a' }),
      detection('b', { deer: 'p2' }),
      detection('c', { deer: 'p3' }),
      detection('d'),
    ];
    const vectors = { a1: [1, 0], a2: [0.9, 0.1], b: [0, 2], c: [1, 1], d: [0, 1] };
    const profiles = [profile('p1', { source: 'a1' }), profile('p2'), profile('p3'), profile('p4', { source: 'd' })];
    const profileVectors = table([
      ['p1', [3, 0]],
      ['p2', [0, 1]],
      ['p3', [1, 0.8]],
      ['p4', [1, 0]],
    ]);
    const events = groupSearchEvents(dataset(detections, { profiles, profileVectors }, vectors));
    expect([...events.source]).toEqual([1, 1, 0, 1]);
    expect(events.sources).toEqual({ named: 2, byScore: 1, unknown: ['P3'] });
    // p4 does not look like the detection it names.
    expect(events.unlike).toEqual([{ profile: 'P4', cosine: expect.closeTo(0, 6) }]);
  });
});

describe('reviews', () => {
  const profiles = [profile('p1', { source: 's' }), profile('p2')];
  const profileVectors = table([
    ['p1', [1, 0]],
    ['p2', [0.6, 0.8]],
  ]);
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 's'];
  const detections = names.flatMap((name) =>
    [1, 2].map((i) => detection(`${name}${i}`, { burst: name, at: names.indexOf(name) })),
  );
  const labelled = (reviews: Raw['reviews']) => {
    const data = dataset(detections, {
      profiles: [profile('p1', { source: 's1' }), profiles[1]!],
      profileVectors,
      reviews,
    });
    return labelEvents(data, groupSearchEvents(data), ['reviews']);
  };

  test('each verdict counts for what it is worth', () => {
    const labels = labelled([
      review('a1', { verdict: 'same', deer: 'p1' }),
      review('b1', { identity: 'stranger' }),
      review('b2', { identity: ' stranger ', at: 500 }),
      review('c1', { identity: null }),
      review('d1', { verdict: 'different', deer: 'p2' }),
      review('e1', { verdict: 'unsure' }),
      review('s2', { verdict: 'same', deer: 'p1' }),
      review('f1', { verdict: 'same', deer: 'nobody' }),
      review('elsewhere', { identity: 'x' }),
    ]);
    expect(labels.mated).toEqual([{ event: 0, profile: 0, weight: 1 }]);
    expect(labels.nonMated).toEqual([
      { event: 1, identity: 'stranger', before: 500, weight: 1 },
      { event: 2, identity: null, before: 1_000, weight: 1 },
    ]);
    expect(labels.different).toEqual([{ event: 3, profile: 1, weight: 1 }]);
    expect(labels.counts).toEqual({
      ...{ reviews: 9, reviewedEvents: 7, same: 2, none: 2, noneWithIdentity: 1, different: 1, unsure: 1 },
      ...{ contradicting: 0, sourceEvents: 1, withoutProfile: 1, outside: 1 },
      ...{ uncounted: 0, repeats: 0, enrolledSince: 0 },
    });
  });

  test('what no single animal fits is dropped and counted', () => {
    const labels = labelled([
      ...[review('a1', { verdict: 'same', deer: 'p1' }), review('a2', { verdict: 'same', deer: 'p2' })],
      ...[review('b1', { verdict: 'same', deer: 'p1' }), review('b2', { identity: 'x' })],
      ...[review('c1', { identity: 'x' }), review('c2', { identity: 'y' })],
      ...[review('d1', { verdict: 'same', deer: 'p1' }), review('d2', { verdict: 'different', deer: 'p1' })],
      ...[review('e1', { identity: 'x', inclusion: 0.5 }), review('e2', { identity: 'x', inclusion: 0.2 })],
      ...[review('f1', { verdict: 'same', deer: 'p1' }), review('f2', { verdict: 'different', deer: 'p2' })],
      ...[review('g1', { verdict: 'unsure' }), review('g2', { identity: 'z' })],
    ]);
    expect(labels.counts.contradicting).toBe(5);
    expect(labels.mated.map(({ event }) => event)).toEqual([5]);
    expect(labels.nonMated.map(({ identity }) => identity)).toEqual(['z']);
    expect(labels.different).toHaveLength(1);
  });

  test('inclusion probabilities become weights; some without are recognized', () => {
    const given = [
      review('a1', { identity: 'x', inclusion: 0.25 }),
      review('b1', { verdict: 'same', deer: 'p1', inclusion: 0.5 }),
    ];
    expect(labelled(given)).toMatchObject({ weighting: 'given', nonMated: [{ weight: 4 }], mated: [{ weight: 2 }] });
    expect(labelled([...given, review('c1', { identity: 'x' })]).weighting).toBe('mixed');
    expect(labelled([review('c1', { identity: 'x' })]).weighting).toBe('none');
  });

  test('the matcher counts only when asked for, and events of two of its deer do not', () => {
    const some = detections.map((one) => ({
      ...one,
      deer: one.id === 'a1' ? 'p1' : one.burst === 'b' ? `p${one.id.slice(1)}` : null,
    }));
    const data = dataset(some, { profiles, profileVectors });
    const events = groupSearchEvents(data);
    expect(labelEvents(data, events, ['reviews']).matcher).toEqual([]);
    expect(labelEvents(data, events, ['matcher']).matcher).toEqual([{ event: 0, profile: 0, weight: 1 }]);
  });

  test('labels for all pairs: known animals by number, everything else unknown, bursts together', () => {
    const reviews = [
      review('a1', { verdict: 'same', deer: 'p1' }),
      review('b1', { identity: 'x' }),
      review('c1', { identity: 'x' }),
      review('d1'),
    ];
    const data = dataset(detections, {
      profiles: [profile('p1', { source: 's1' }), profiles[1]!],
      profileVectors,
      reviews,
    });
    const events = groupSearchEvents(data);
    const { groups, bursts } = labelPairs(data, events, labelEvents(data, events, ['reviews']));
    expect([...groups.slice(0, 8)]).toEqual([0, 0, 1, 1, 1, 1, -1, -1]);
    expect([...bursts.slice(0, 4)]).toEqual([0, 0, 1, 1]);
  });
});

describe('pairs of different animals without a review', () => {
  test('non-overlapping detections of one image', () => {
    const box = (x: number) => ({ x, y: 0, width: 10, height: 10 });
    const data = dataset([
      detection('a', { image: 'i', box: box(0) }),
      detection('b', { image: 'i', box: box(10) }),
      detection('c', { image: 'i', box: box(5) }),
      detection('d', { image: 'i' }),
      detection('e', { image: 'j', box: box(90) }),
    ]);
    const { scores, capped } = findImagePairs(data);
    expect([...scores]).toEqual([expect.closeTo(Math.cos(0.01), 6)]);
    expect(capped).toBe(false);
  });

  test('the same instant at cameras too far apart: 200 m + 15 m/s (|dt| + 60 s)', () => {
    const locations = [0, 1, 2].map((i) => ({
      id: `l${i}`,
      name: `l${i}`,
      lat: 45 + [0, 0.018, 0.0009][i]!,
      lon: -90,
    }));
    const meters = metersBetween(locations[0], locations[1])!;
    expect(meters).toBeCloseTo(2_001.5, 0);
    const limit = 1_000 * ((meters - 200) / 15 - 60);
    const pairs = (dt: number, to: string): number =>
      findInstantPairs(
        dataset([detection('a', { location: 'l0', at: 0 }), detection('b', { location: to, at: dt })], { locations }),
      ).scores.length;
    expect([
      pairs(0, 'l1'),
      pairs(limit - 1, 'l1'),
      pairs(limit + 1, 'l1'),
      pairs(0, 'l2'),
      pairs(0, 'l0'),
      pairs(0, 'nowhere'),
    ]).toEqual([...[1, 1, 0, 0, 0, 0]]);
    expect(metersBetween(locations[0], { lat: null, lon: 0 })).toBeUndefined();
  });

  test('pairs inside an event', () => {
    const data = dataset(['a', 'b', 'c', 'd'].map((id) => detection(id, { burst: id === 'd' ? null : 'x' })));
    expect(findBurstPairs(data, groupSearchEvents(data)).scores).toHaveLength(3);
  });
});

describe('assembling', () => {
  test('what cannot be used is left out by its reason, everything else becomes a unit vector in order of id', () => {
    const detections = [
      detection('z'),
      detection('invalid', { valid: false }),
      detection('twin', { duplicate: true }),
      detection('nan'),
      detection('zero'),
      detection('short'),
      detection('none', { deer: 'p' }),
      detection('a', { deer: 'p' }),
    ];
    const data = assemble({
      detections,
      vectors: table([
        ['z', [3, 4]],
        ['nan', [Number.NaN, 1]],
        ['zero', [0, 0]],
        ['short', [1]],
        ['a', [0, 2]],
        ['twin', [1, 1]],
      ]),
      profiles: [profile('p'), profile('q')],
      profileVectors: table([
        ['p', [0, 5]],
        ['q', [Number.POSITIVE_INFINITY, 0]],
      ]),
      reviews: [],
      locations: [],
    });
    expect(data.detections.map(({ id }) => id)).toEqual(['a', 'z']);
    expect([...data.vectors].map((v) => v.toFixed(4))).toEqual(['0.0000', '1.0000', '0.6000', '0.8000']);
    expect(data.leftOut.detections).toEqual({
      ...{
        invalid: 1,
        duplicate: 1,
        otherClass: 0,
        withoutVector: 1,
        nonFinite: 1,
        zero: 1,
        wrongSize: 1,
        otherVersion: 0,
      },
    });
    expect(data.leftOut.profiles).toMatchObject({ nonFinite: 1 });
    expect([data.total, data.assigned]).toEqual([6, 2]);
  });
});
