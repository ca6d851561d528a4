// How sure a change is: the interval by hand, what has none, and what it is worth by simulation.
import { computeChange, type EventsAndNights } from '../../lib/exports/season/change.ts';
import { random } from '../../localstack/herd/random.ts';

const shares = (...rows: [events: number, nights: number][]): EventsAndNights[] =>
  rows.map(([events, nights], index) => ({ id: String.fromCharCode(65 + index), events, nights }));

test('three cameras by hand: delete-one jackknife of the log ratio, t with two degrees of freedom', () => {
  const change = computeChange(shares([12, 10], [6, 10], [9, 10]), shares([6, 10], [6, 10], [6, 10]));
  expect(change).toMatchObject({ cameras: 3 });
  expect(change?.ratio).toBeCloseTo(1.5, 12);
  expect(change?.interval?.[0]).toBeCloseTo(0.64962877, 8);
  expect(change?.interval?.[1]).toBeCloseTo(3.46351656, 8);
});

test('cameras that change alike leave no doubt; a camera of one period only counts; events without a location are no camera', () => {
  const alike = computeChange(shares([10, 10], [20, 10], [40, 20]), shares([5, 10], [10, 10], [20, 20]));
  expect(alike?.interval).toEqual([expect.closeTo(2, 9), expect.closeTo(2, 9)]);
  const unlocated: EventsAndNights = { id: null, events: 3, nights: 0 };
  expect(
    computeChange([...shares([4, 10], [5, 10], [6, 10], [7, 10]), unlocated], shares([4, 10], [5, 10], [6, 10])),
  ).toMatchObject({
    cameras: 4,
  });
});

test('without effort or without anything before there is no change; with too little below it there is one without an interval', () => {
  expect(computeChange(shares([3, 0]), shares([3, 10]))).toBeUndefined();
  expect(computeChange(shares([3, 10]), shares([3, 0]))).toBeUndefined();
  expect(computeChange(shares([3, 10]), shares([0, 10]))).toBeUndefined();
  expect(computeChange(shares([3, 10], [1, 10]), shares([3, 10], [2, 10]))).toMatchObject({
    noInterval: 'too few cameras for an interval',
  });
  expect(computeChange(shares([3, 10], [0, 10], [0, 10]), shares([3, 10], [2, 10], [1, 10]))).toMatchObject({
    noInterval: 'based on a single camera',
  });
  expect(computeChange(shares([0, 10], [0, 10], [0, 10]), shares([3, 10], [2, 10], [1, 10]))).toEqual({
    ratio: 0,
    cameras: 3,
    noInterval: 'nothing was seen',
  });
});

test.each([3, 5, 8, 12])(
  'of 2,000 simulated changes over %i cameras about 95%% of the intervals hold the truth',
  (cameras) => {
    const { next, normal } = random(cameras, 'change');
    const poisson = (mean: number): number => {
      let events = 0;
      for (let product = next(); product > Math.exp(-mean); product *= next()) events += 1;
      return events;
    };
    let held = 0;
    let intervals = 0;
    for (let round = 0; round < 2_000; round += 1) {
      const now: EventsAndNights[] = [];
      const then: EventsAndNights[] = [];
      for (let id = 0; id < cameras; id += 1) {
        // Locations differ, change differently (mean ratio 1.5), and have cameras for different
        // times.
        const base = 0.8 * Math.exp(0.7 * normal());
        const own = Math.exp(0.3 * normal() - 0.045);
        const [late, early] = [5 + 30 * next(), 5 + 30 * next()];
        now.push({ id: String(id), events: poisson(base * 1.5 * own * late), nights: late });
        then.push({ id: String(id), events: poisson(base * early), nights: early });
      }
      const interval = computeChange(now, then)?.interval;
      if (interval === undefined) continue;
      intervals += 1;
      if (interval[0] <= 1.5 && interval[1] >= 1.5) held += 1;
    }
    expect(intervals).toBeGreaterThan(1_950);
    expect(held / intervals).toBeGreaterThan(0.9);
    expect(held / intervals).toBeLessThan(0.98);
  },
);
