// Fawns and bucks for each 100 does: Wilson's limits, the jackknife over places, refusals, bait.
import { tQuantile } from '../../lib/distributions.ts';
import { jackknifeRatio, makeComposition, wilsonRatio } from '../../lib/survey/herd/index.ts';
import { type EventOptions, survey, times } from './data.ts';

const rounded = (ratio: number, { low, high }: { low: number; high: number }): number[] =>
  [ratio, low, high].map((value) => Number((100 * value).toFixed(2)));

test.each([
  [
    [1334, 1422, 340],
    [93.81, 87.06, 101.09],
    [23.91, 21.24, 26.91],
  ],
  [
    [849, 1050, 273],
    [80.86, 73.87, 88.51],
    [26.0, 22.76, 29.7],
  ],
  [
    [1485, 1375, 532],
    [108.0, 100.36, 116.22],
    [38.69, 35.01, 42.76],
  ],
  [
    [2156, 2375, 700],
    [90.78, 85.64, 96.23],
    [29.47, 27.09, 32.07],
  ],
] as const)(
  'fawns, does and bucks %j have the published ratios and limits',
  ([fawns, does, bucks], ofFawns, ofBucks) => {
    expect(rounded(fawns / does, wilsonRatio(fawns, does))).toEqual(ofFawns);
    expect(rounded(bucks / does, wilsonRatio(bucks, does))).toEqual(ofBucks);
  },
);

test('the interval over places is that of the jackknife on the log scale', () => {
  const places = [
    { a: 10, b: 20 },
    { a: 5, b: 30 },
    { a: 8, b: 8 },
    { a: 0, b: 12 },
  ];
  const [a, b] = [23, 70];
  const logs = places.map((place) => Math.log((a - place.a) / (b - place.b)));
  const mean = logs.reduce((sum, log) => sum + log, 0) / 4;
  const se = Math.sqrt((3 / 4) * logs.reduce((sum, log) => sum + (log - mean) ** 2, 0));
  const interval = jackknifeRatio(places, { a: 0, b: 0 }) as { low: number; high: number };
  expect(interval.low).toBeCloseTo((a / b) * Math.exp(-tQuantile(0.975, 3) * se), 10);
  expect(interval.high).toBeCloseTo((a / b) * Math.exp(tQuantile(0.975, 3) * se), 10);
});

test('below 4 places, and where one place has all of a class, a sentence stands for the interval', () => {
  const three = [1, 2, 3].map((a) => ({ a, b: 10 }));
  expect(jackknifeRatio(three, { a: 0, b: 0 })).toMatch(
    /fewer than 4 locations the spread between locations cannot be meas/,
  );
  const one = [0, 0, 0, 3].map((a) => ({ a, b: 10 }));
  expect(jackknifeRatio(one, { a: 0, b: 0 })).toMatch(/all of a class was seen at one location/);
});

const NORTH = ['A', 'B', 'C', 'D'].map((name) => ({ name }));
const at = (place: string, does: number, fawns: number, more: Partial<EventOptions> = {}): EventOptions[] => [
  ...times(does, { class: 'doe', place, ...more }),
  ...times(fawns, { class: 'fawn', place, ...more }),
];
const many = NORTH.flatMap(({ name }, i) => at(name, 20, 10 + i));

test('29 doe events are refused, 30 are not; a place with fewer than ten is named', () => {
  const make = (does: number) => makeComposition(survey(NORTH, [...at('A', does - 9, 5), ...at('B', 9, 5)]));
  expect(make(29).groups[0]).toMatchObject({
    refused: '29 doe events are too few for a ratio: it needs at least 30.',
    fawns: null,
    bucks: null,
  });
  const { groups, notes } = make(30);
  expect(groups[0]!.fawns!.events).toMatchObject({ count: 10, does: 30 });
  expect(groups[0]!.fewDoes).toEqual([
    { name: 'B', does: 9 },
    { name: 'C', does: 0 },
    { name: 'D', does: 0 },
  ]);
  expect(notes).toContain(
    'Locations with fewer than 10 doe events, too few to say much about them: B (9), C (0), and D (0).',
  );
});

test('a place with effort and no event counts as a place', () => {
  const five = [...NORTH, { name: 'E' }];
  const [four, more] = [NORTH, five].map((places) => makeComposition(survey(places, many)).groups[0]!.fawns!.events);
  expect([four!.per100, more!.per100]).toEqual([57.5, 57.5]);
  expect(more!.interval!.high).not.toBeCloseTo(four!.interval!.high, 3);
});

test('an event counts the largest number of its class in one image; from a tenth on that is the headline', () => {
  const twins = (share: number) =>
    makeComposition(
      survey(
        NORTH,
        many.map((event, i) => ({ ...event, most: i % 100 < 100 * share ? 2 : 1 })),
      ),
    ).groups[0]!;
  expect(twins(0.05).headline).toBe('events');
  const { headline, fawns, animals } = twins(0.2);
  expect(headline).toBe('animals');
  expect(animals.doe).toBeGreaterThan(80);
  expect(fawns!.animals.count).toBe(animals.fawn);
  expect(fawns!.events).toMatchObject({ count: 46, does: 80 });
});

test('bait is never pooled: one group each, a place with both in both', () => {
  const places = [
    { name: 'A', bait: 'yes' as const },
    { name: 'B', bait: 'no' as const },
    { name: 'C', bait: 'mixed' as const },
  ];
  const events = [
    ...at('A', 40, 4, { bait: 'yes' }),
    ...at('B', 50, 30, { bait: 'no' }),
    ...at('C', 3, 1, { bait: 'yes' }),
    ...at('C', 5, 2, { bait: 'no' }),
  ];
  const { groups, notes } = makeComposition(survey(places, events));
  expect(groups.map(({ bait, events: found, places: number }) => [bait, found.doe, found.fawn, number])).toEqual([
    ['yes', 43, 5, 2],
    ['no', 55, 32, 2],
  ]);
  expect(notes[0]).toBe('Bait draws bucks more than does: locations with and without bait are counted apart.');
  const baited = survey([places[0]!], at('A', 40, 4, { bait: 'yes' }));
  expect(makeComposition(baited).groups.map(({ bait }) => bait)).toEqual([null]);
  expect(makeComposition(baited).notes[0]).toMatch(/^All cameras were baited\./);
  expect(makeComposition(survey(NORTH, many)).notes[0]).toMatch(/^Whether the cameras were baited is not recorded\./);
});

test('unknown is counted and in no ratio; without a sex, and with a class filter, there is no ratio', () => {
  const { groups, notes } = makeComposition(survey(NORTH, [...many, ...times(14, { class: 'unknown' })]));
  expect(groups[0]!.fawns!.events).toMatchObject({ count: 46, does: 80 });
  expect(notes).toContain('14 of 140 deer events (10%) have no known sex and are left out of the ratios.');
  expect(makeComposition(survey(NORTH, times(40, { class: 'unknown' }))).groups[0]!.refused).toMatch(
    /^No event has a sex/,
  );
  expect(makeComposition(survey(NORTH, many, { classifications: ['doe'] })).groups[0]!.refused).toMatch(/class filter/);
});
