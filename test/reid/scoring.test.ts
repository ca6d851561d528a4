// Detections against profiles a few at a time: 100,000 x 1,000 scores are never all in memory, and
// the answer is that of doing it at once.
import { groupSearchEvents } from '../../lib/reid/dataset/search-events.ts';
import { profileScores } from '../../lib/reid/kernel/index.ts';
import { scoreByKernel } from '../../lib/reid/study/scoring.ts';
import { generateHerd } from '../../localstack/herd/index.ts';
import { brute, datasetOf } from './brute.ts';

test('however few scores are made at a time, events and detections get the same ones, and no more than that are asked for', async () => {
  const dataset = datasetOf(generateHerd({ detections: 1_000 }));
  const events = groupSearchEvents(dataset);
  const whole = await scoreByKernel(brute, dataset, events);
  for (const most of [1, 333, 5_000]) {
    let largest = 0;
    const counted: typeof profileScores = async (...given) => {
      const scores = await profileScores(...given);
      largest = Math.max(largest, scores.length);
      return scores;
    };
    const parts = await scoreByKernel(counted, dataset, events, most);
    expect(largest).toBeLessThanOrEqual(Math.max(most, dataset.profiles.length));
    const off = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
      Array.from(a).reduce((worst, value, i) => Math.max(worst, value === b[i] ? 0 : Math.abs(value - b[i]!)), 0);
    for (const event of events.list.keys()) {
      expect(parts.search(event).scores).toHaveLength(dataset.profiles.length);
      expect(off(parts.search(event).scores, whole.search(event).scores)).toBeLessThan(1e-6);
    }
    expect(off(parts.tops, whole.tops)).toBeLessThan(1e-6);
  }
});

test('a burst that is left out has no event, and its detections have their scores, as those after it', async () => {
  const dataset = datasetOf(generateHerd({ detections: 1_000 }));
  const events = groupSearchEvents(dataset);
  const whole = await scoreByKernel(brute, dataset, events);
  const alone = events.list.findIndex(({ rows }) => rows.length === 1);
  const of = events.of.map((event) => (event === alone ? -1 : event));
  const { tops, search } = await scoreByKernel(brute, dataset, { ...events, of });
  expect(tops).toEqual(whole.tops);
  expect(Math.max(...Array.from(search(alone).scores))).toBe(-2);
  const others = [...events.list.keys()].filter((event) => event !== alone);
  for (const event of others) expect(search(event).scores).toEqual(whole.search(event).scores);
});

test('an answer may be written over an earlier one, where it fits', async () => {
  const { vectors, profileVectors: profiles, dimensions } = datasetOf(generateHerd({ detections: 800 }));
  const first = await profileScores(vectors, profiles, dimensions);
  const some = vectors.subarray(100 * dimensions, 200 * dimensions);
  const expected = first.slice(100 * 20, 200 * 20);
  const second = await profileScores(some, profiles, dimensions, { room: first });
  expect(second.buffer).toBe(first.buffer);
  expect(Array.from(second)).toEqual(Array.from(expected));
  const third = await profileScores(vectors, profiles, dimensions, { room: new Float32Array(3) });
  expect(third).toHaveLength((vectors.length / dimensions) * 20);
});

test('scores within a millionth of 1 are 1, so that equal vectors match at a threshold of 1; others stay as they are', async () => {
  const dataset = datasetOf(generateHerd({ detections: 1_000 }));
  const events = groupSearchEvents(dataset);
  for (const [given, right] of [
    [1 - 4e-7, 1],
    [1 + 3e-7, 1],
    [1 - 4e-6, Math.fround(1 - 4e-6)],
  ] as const) {
    const { tops, search } = await scoreByKernel(
      async (rows, columns, d) => new Float32Array((rows.length / d) * (columns.length / d)).fill(given),
      dataset,
      events,
    );
    expect(Math.max(...tops)).toBe(right);
    expect(Math.max(...Array.from(search(0).scores))).toBe(right);
  }
});
