// When deer move: kernel densities and their overlap, sun time, light, and the weeks of the rut.
import {
  comparePeriods,
  dhat1,
  dhat4,
  fitDensity,
  lightAt,
  makeHerd,
  makeMovement,
  makeOverlap,
  makeRut,
  sunAltitude,
  sunDay,
  sunTime,
} from '../../lib/survey/herd/index.ts';
import { type EventOptions, probit, survey, times } from './data.ts';

const TURN = 2 * Math.PI;
const wrap = (x: number): number => ((x % TURN) + TURN) % TURN;
const spread = (n: number, middle: number, width: number): number[] =>
  Array.from({ length: n }, (_, k) => wrap(middle + width * probit((k + 0.5) / n)));
const A = spread(60, Math.PI / 2, 0.6);
const B = spread(90, (3 * Math.PI) / 2, 0.9);

test('concentration, density and overlap are those of the oracle', () => {
  const [a, b] = [fitDensity(A), fitDensity(B)];
  expect(a.v).toBeCloseTo(13.48993961, 8);
  expect(b.v).toBeCloseTo(7.22436861, 8);
  expect(a.density.at(0)).toBeCloseTo(0.0378296042, 10);
  expect(a.density.at(Math.PI / 2)).toBeCloseTo(0.603601624, 9);
  expect(dhat1(A, B)).toBeCloseTo(0.0990310423, 10);
  expect(dhat4(A, B)).toBeCloseTo(0.0807993351, 10);
});

test('the series is the mean of von Mises kernels', () => {
  const { v, density } = fitDensity(A);
  const steps = 4_000;
  const bessel = Array.from({ length: steps }, (_, i) => Math.exp(v * Math.cos((TURN * i) / steps))).reduce(
    (sum, value) => sum + value / steps,
    0,
  );
  for (const x of [0, 1, 2.5, 4]) {
    const mean = A.reduce((sum, angle) => sum + Math.exp(v * Math.cos(x - angle)), 0) / A.length;
    expect(density.at(x)).toBeCloseTo(mean / (TURN * bessel), 12);
  }
});

test('equal times have a narrow curve, not an infinite one', () => {
  const { v, density } = fitDensity(Array<number>(40).fill(1));
  expect(v).toBeGreaterThan(500);
  expect(Number.isFinite(density.at(1))).toBe(true);
});

test('Dhat1 is used below 50 events; the interval is around the overlap, the same for one seed', () => {
  const few = spread(49, Math.PI / 2, 0.6);
  const shifted = spread(90, Math.PI / 2 + 0.7, 0.6);
  const [small, large] = [few, A].map((angles) =>
    makeOverlap({ name: 'buck', angles }, { name: 'doe', angles: shifted }, 1_000, 1),
  );
  expect([small!.estimator, large!.estimator]).toEqual(['Dhat1', 'Dhat4']);
  for (const { value, interval } of [small!, large!]) {
    expect(interval.low).toBeLessThan(value);
    expect(interval.high).toBeGreaterThan(value);
    expect(interval.high - interval.low).toBeGreaterThan(0.1);
    expect(interval.high - interval.low).toBeLessThan(0.35);
  }
  const again = makeOverlap({ name: 'buck', angles: A }, { name: 'doe', angles: shifted }, 1_000, 1);
  expect(again).toEqual(large);
  expect(makeOverlap({ name: 'buck', angles: A }, { name: 'doe', angles: shifted }, 1_000, 2)).not.toEqual(large);
});

const AUSTIN = [-97.74, 30.27] as const;
const minutesApart = (at: number, iso: string): number => Math.abs(at - Date.parse(iso)) / 60_000;

test.each([
  // Published times: U.S. Naval Observatory, to the minute.
  ['Austin', AUSTIN, '2024-06-20T18:00:00Z', '2024-06-20T11:30:00Z', '2024-06-21T01:36:00Z'],
  ['Greenwich', [0, 51.48], '2024-03-20T12:00:00Z', '2024-03-20T06:02:00Z', '2024-03-20T18:14:00Z'],
] as const)('sunrise and sunset at %s are right to a minute and a half', (_, point, at, rise, set) => {
  const day = sunDay(Date.parse(at), point)!;
  expect(minutesApart(day.rise, rise)).toBeLessThan(1.5);
  expect(minutesApart(day.set, set)).toBeLessThan(1.5);
  expect(sunAltitude(day.rise, point)).toBeCloseTo(-0.833, 2);
});

test('sun time: sunrise is a quarter of the circle, noon a half, and it never goes back', () => {
  const start = Date.parse('2023-11-15T06:00:00Z');
  const { rise, set } = sunDay(start + 12 * 3_600_000, AUSTIN)!;
  expect(sunTime(rise, AUSTIN)).toBeCloseTo(Math.PI / 2, 4);
  expect(sunTime(set, AUSTIN)).toBeCloseTo((3 * Math.PI) / 2, 4);
  expect(sunTime((rise + set) / 2, AUSTIN)).toBeCloseTo(Math.PI, 4);
  let turns = 0;
  for (let i = 1; i <= 96; i++) {
    const [before, now] = [sunTime(start + (i - 1) * 900_000, AUSTIN)!, sunTime(start + i * 900_000, AUSTIN)!];
    if (now < before) turns += 1;
    expect(wrap(now - before)).toBeLessThan(0.1);
  }
  expect(turns).toBe(1);
  expect(sunTime(Date.parse('2024-06-20T12:00:00Z'), [20, 69.6])).toBeUndefined();
  expect([0, -20, -60].map((m) => lightAt(rise + m * 60_000 + 1_000, AUSTIN))).toEqual(['day', 'twilight', 'night']);
});

const PLACES = Array.from({ length: 9 }, (_, i) => ({ name: `P${i}`, point: AUSTIN }));
const dusk = (name: EventOptions['class'], count: number): EventOptions[] =>
  Array.from({ length: count }, (_, i) => ({
    class: name,
    place: `P${i % 9}`,
    at: Date.parse(`2023-10-${String(3 + (i % 20)).padStart(2, '0')}T23:50:00Z`) + (i % 7) * 60_000,
    local: `2023-10-${String(3 + (i % 20)).padStart(2, '0')} 18:5${i % 7}:00`,
  }));

test('sun time where coordinates and zone are known, else clock time with the reason', () => {
  const events = [...dusk('buck', 60), ...dusk('doe', 80), ...dusk('fawn', 9)];
  const sun = makeMovement(survey(PLACES, events, { timeZone: 'America/Chicago' }));
  expect([sun.clock, sun.clockNote]).toEqual(['sun', null]);
  expect(sun.activity[0]!.peakHour).toBeGreaterThan(17.4);
  expect(sun.activity[0]!.peakHour).toBeLessThan(18.3);
  expect(sun.activity[0]!.level).toBeGreaterThan(0);
  expect(sun.activity[0]!.level).toBeLessThan(0.2);
  expect(sun.activity[2]!.refused).toBe('9 fawn events are too few for a curve: it needs at least 10.');
  expect(sun.overlaps.map(({ a, b }) => [a, b])).toEqual([['buck', 'doe']]);
  for (const { day, twilight, night } of sun.light!) expect(day + twilight + night).toBeCloseTo(1, 12);

  const nowhere = makeMovement(
    survey(
      PLACES.map(({ name }) => ({ name })),
      events,
    ),
  );
  expect([nowhere.clock, nowhere.light]).toEqual(['clock', null]);
  expect(nowhere.clockNote).toMatch(/^No camera has coordinates/);
  expect(nowhere.activity[0]!.peakHour).toBeCloseTo(18.9, 0);

  const utc = events.map(({ at, ...event }) => ({
    ...event,
    local: new Date(at!).toISOString().slice(0, 19).replace('T', ' '),
  }));
  expect(makeMovement(survey(PLACES, utc)).clockNote).toMatch(/^The time zone UTC does not fit the longitude/);
});

test('events without coordinates are left out of sun time, and counted in a note', () => {
  const places = [...PLACES, { name: 'lost' }];
  const events = [...dusk('buck', 30), ...times(3, { class: 'buck', place: 'lost' })];
  const { clock, clockNote } = makeMovement(survey(places, events, { timeZone: 'America/Chicago' }));
  expect([clock, clockNote]).toEqual([
    'sun',
    '3 deer events without coordinates, or on days without a sunrise, are left out.',
  ]);
});

/** Bucks at each place: one a week, five in the week of the rut. */
const rut = (places: number, week: (place: number) => number): EventOptions[] =>
  Array.from({ length: places }, (_, place) =>
    Array.from({ length: 10 }, (_, i) =>
      times(i === week(place) ? 5 : 1, {
        class: 'buck',
        place: `P${place}`,
        local: `${new Date(Date.parse('2023-10-03T12:00:00Z') + i * 7 * 86_400_000).toISOString().slice(0, 10)} 12:00:00`,
      }),
    ).flat(),
  ).flat();
const places = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `P${i}` }));

test('the peak is the highest mean of three weeks, in events per 100 trap nights', () => {
  const found = makeRut(
    survey(
      places(9),
      rut(9, () => 5),
      { weeks: 10 },
    ),
    1_000,
    1,
  );
  expect(found.weeks[5]).toMatchObject({ week: '2023-W45', events: 45, nights: 63 });
  expect(found.weeks[5]!.rate).toBeCloseTo((100 * 45) / 63, 10);
  expect(found.weeks[4]!.mean).toBeCloseTo((100 * (9 + 9 + 45)) / 189, 10);
  // Three weeks have the same mean: the earliest is named, and nothing else was ever the peak.
  expect([found.peak!.week, found.likely]).toEqual(['2023-W44', ['2023-W44']]);
});

test('a week of one day at the edge of a period is never the peak', () => {
  const data = survey(
    places(9),
    rut(9, () => 0),
    { weeks: 10 },
  );
  // The period begins on the Sunday of its first week, with five bucks at each place.
  const short = data.places.map((place) => ({
    ...place,
    weeks: place.weeks.with(0, { ...place.weeks[0]!, nights: 1 }),
  }));
  const found = makeRut({ ...data, places: short }, 1_000, 1);
  expect(found.weeks[0]!.mean).toBeGreaterThan(found.weeks[1]!.mean!);
  expect([found.peak!.week, found.likely]).toEqual(['2023-W41', ['2023-W41']]);
});

test('places that disagree give a larger set of weeks; fewer than eight give none', () => {
  const mixed = (count: number) =>
    makeRut(
      survey(
        places(count),
        rut(count, (place) => (place % 2 === 0 ? 2 : 7)),
        { weeks: 10 },
      ),
      1_000,
      1,
    );
  const eight = mixed(8);
  expect(eight.likely!.length).toBeGreaterThanOrEqual(2);
  expect(eight.likely).toContain(eight.peak!.week);
  expect(mixed(8)).toEqual(eight);
  expect(mixed(7)).toMatchObject({
    likely: null,
    note: expect.stringMatching(/at least 8 locations, and there are 7/),
  });
});

test('too few buck events, and too few weeks, name no week', () => {
  expect(makeRut(survey(places(9), times(9, { class: 'buck' })), 1_000, 1).refused).toMatch(
    /^9 buck events are too few/,
  );
  const short = survey(places(9), times(40, { class: 'buck' }), { weeks: 2 });
  expect(makeRut(short, 1_000, 1).refused).toMatch(/^2 weeks with camera effort are too few/);
});

test('one class in two periods is compared by the same overlap', () => {
  const [a, b] = [survey(PLACES, dusk('buck', 60)), survey(PLACES, dusk('buck', 70))];
  expect(comparePeriods('buck', [a, b], ['A', 'B'])!.value).toBeGreaterThan(0.8);
  expect(comparePeriods('doe', [a, b], ['A', 'B'])).toBeUndefined();
});

test('a period without sexes says so, and the rest is still there', () => {
  const { refused, composition, movement } = makeHerd(survey(PLACES, times(40, { class: 'unknown' })));
  expect(refused).toMatch(/^No event of this period has a sex/);
  expect(composition.groups[0]!.events.unknown).toBe(40);
  expect(movement.activity.every((activity) => activity.refused !== null)).toBe(true);
});
