// The map of a report: where marks are, how large, and what is said where there is none.

import { roundDown } from '../../lib/charts/ground.ts';
import { drawMap, isCrowded, layOutGround, type MapMark, makeScaleBar } from '../../lib/charts/index.ts';
import { makeLocator, metersBetween } from '../../lib/deer/coordinates.ts';
import { type World, world } from './fixture.ts';
import { report, wordsOf } from './report.ts';

/** Park and Miller's generator: the same numbers for a seed. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const OPTIONS = { width: 500, least: 120, most: 280, margin: 30 };
const LOOK = {
  width: 500,
  height: 330,
  font: 'X',
  measure: (text: string) => 0.6 * text.length,
  ink: '#111',
  rule: '#ddd',
};
const COLORS = { fill: '#b7c8da', line: '#14365d' };

describe('the ground', () => {
  test.each([
    [43.1, -90.6],
    [-33.9, 18.4],
    [0, 0],
    [68, 20],
  ])('at %d, %d a distance is as long across as down, and as the scale says', (latitude, longitude) => {
    const places = [
      { latitude, longitude },
      { latitude: latitude + 0.03, longitude },
      { latitude, longitude: longitude + 0.05 },
    ];
    const ground = layOutGround(places, OPTIONS);
    const [origin, north, east] = places.map(ground.spot) as [MapMark, MapMark, MapMark];
    expect(north.y).toBeLessThan(origin.y);
    expect(east.x).toBeGreaterThan(origin.x);
    const meters = (index: number): number =>
      metersBetween(
        { lat: places[0]!.latitude, lon: places[0]!.longitude },
        { lat: places[index]!.latitude, lon: places[index]!.longitude },
      )!;
    expect(((origin.y - north.y) * ground.meters) / meters(1)).toBeCloseTo(1, 2);
    expect(((east.x - origin.x) * ground.meters) / meters(2)).toBeCloseTo(1, 2);
    for (const { x, y } of [origin, north, east]) {
      expect(x).toBeGreaterThanOrEqual(OPTIONS.margin - 1e-6);
      expect(x).toBeLessThanOrEqual(500 - OPTIONS.margin + 1e-6);
      expect(y).toBeGreaterThanOrEqual(OPTIONS.margin - 1e-6);
      expect(y).toBeLessThanOrEqual(ground.height - OPTIONS.margin + 1e-6);
    }
  });

  test('places on both sides of the 180th meridian are neighbors', () => {
    const places = [179.99, -179.99, -179.98].map((longitude) => ({ latitude: -17, longitude }));
    const ground = layOutGround(places, OPTIONS);
    const xs = places.map((place) => ground.spot(place).x);
    expect(xs).toEqual([...xs].sort((a, b) => a - b));
    expect(500 * ground.meters).toBeLessThan(10_000);
  });

  test('one place, or several at one, are in the middle of some 100 m', () => {
    const here = { latitude: 43, longitude: -90 };
    const ground = layOutGround([here, here], OPTIONS);
    expect(ground.spot(here)).toEqual({ x: 250, y: ground.height / 2 });
    expect(ground.meters * 60).toBeLessThan(200);
  });

  test.each([
    [7, 5],
    [4.99, 2],
    [1, 1],
    [0.3, 0.2],
    [199, 100],
    [1_000, 1_000],
  ])('%d is rounded down to %d', (from, to) => expect(roundDown(from)).toBeCloseTo(to, 9));

  test('the bar is as long as it says, and not longer than asked', () => {
    expect(makeScaleBar({ meters: 12 }, 125)).toEqual({ length: 1_000 / 12, label: '1 km' });
    expect(makeScaleBar({ meters: 0.9 }, 125)).toEqual({ length: 100 / 0.9, label: '100 m' });
    expect(makeScaleBar({ meters: 5_000 }, 125)).toEqual({ length: 100, label: '500 km' });
  });
});

/** Circles as [x, y, radius, fill], the shapes of sizes at their end left out. */
const circlesOf = (svg: string) =>
  [...svg.matchAll(/<path d="M([\d.-]+) ([\d.-]+)m-([\d.]+) 0c[^"M]*" fill="([^"]+)"/g)].map(
    ([, x, y, r, fill]) => [Number(x), Number(y), Number(r), fill] as const,
  );
const textsOf = (svg: string) =>
  [...svg.matchAll(/<tspan x="([\d.-]+)" y="([\d.-]+)">([^<]*)<\/tspan>/g)].map(([, x, y, text]) => ({
    ...{ x: Number(x), y: Number(y) - 2.5, text: text ?? '' },
  }));

test('the area of a circle is its amount; without images it is empty, without events a dot', () => {
  const ground = { ...layOutGround([{ latitude: 0, longitude: 0 }], OPTIONS), height: 200 };
  const mark = (x: number, amount: number | null, hollow = false): MapMark => ({
    x,
    y: 100,
    label: '1',
    amount,
    hollow,
  });
  const svg = drawMap(ground, [mark(50, 40), mark(150, 10), mark(250, 0), mark(350, null, true)], LOOK, COLORS);
  const at = (x: number) => circlesOf(svg).find((circle) => circle[0] === x)!;
  expect((at(50)[2] / at(150)[2]) ** 2).toBeCloseTo(4, 1);
  expect(at(250)[2]).toBeLessThan(2);
  expect([at(50)[3], at(350)[3]]).toEqual([COLORS.fill, '#ffffff']);
});

test.each([9, 40])('of %d cameras no number covers another one or a circle, nor leaves the map', (cameras) => {
  for (const seed of [11, 222, 3_333, 44_444]) {
    const random = makeRandom(seed);
    const places = Array.from({ length: cameras }, () => ({
      latitude: 43 + 0.05 * random(),
      longitude: -90 + 0.1 * random(),
    }));
    const ground = layOutGround(places, OPTIONS);
    const marks = places.map((place, index) => ({
      ...{ ...ground.spot(place), label: `${index + 1}`, amount: 100 * random(), hollow: index % 9 === 8 },
    }));
    const svg = drawMap(ground, marks, LOOK, COLORS);
    const numbers = textsOf(svg).slice(0, cameras);
    expect(numbers.map(({ text }) => text)).toEqual(marks.map(({ label }) => label));
    const wide = (text: string): number => 7 * LOOK.measure(text);
    const circles = circlesOf(svg);
    let covered = 0;
    for (const [n, a] of numbers.entries()) {
      expect(a.x - wide(a.text) / 2).toBeGreaterThan(0);
      expect(a.x + wide(a.text) / 2).toBeLessThan(500);
      expect(a.y + 3.5).toBeLessThanOrEqual(ground.height);
      for (const b of numbers.slice(n + 1))
        if (Math.abs(a.x - b.x) < (wide(a.text) + wide(b.text)) / 2 && Math.abs(a.y - b.y) < 6.5) covered += 1;
      for (const [x, y, r] of circles) {
        const isOwn = Math.hypot(x - marks[n]!.x, y - marks[n]!.y) < 0.02;
        if (!isOwn && Math.hypot(x - a.x, y - a.y) < r) covered += 1;
      }
    }
    expect(covered).toBe(0);
  }
});

test('circles on each other, and numbers that only long lines lead to, are a crowd', () => {
  const ground = { ...layOutGround([{ latitude: 0, longitude: 0 }], OPTIONS), height: 200 };
  const row = (marks: number, apart: number): MapMark[] =>
    Array.from({ length: marks }, (_, n) => ({
      ...{ x: 100 + apart * n, y: 100, label: `${n + 1}`, amount: 10, hollow: false },
    }));
  expect(isCrowded(ground, row(9, 30), LOOK)).toBe(false);
  expect(isCrowded(ground, row(2, 6), LOOK)).toBe(true);
  expect(isCrowded(ground, row(40, 3.6), LOOK)).toBe(true);
});

describe('in a report', () => {
  let earth: World;
  beforeAll(async () => {
    earth = await world();
  });
  afterEach(() => earth.clear());
  afterAll(() => earth.close());

  const SPAN = {
    start_date: '2024-01-01',
    end_date: '2024-03-31',
    include_tables: false,
    include_charts: false,
  } as const;
  const shoot = (places: readonly string[]) =>
    earth.add(places.map((place, n) => ({ at: new Date(Date.UTC(2024, 0, 2 + n, 12)).toISOString(), place })));
  const put = (name: string, lat: number | null, lon: number | null) =>
    earth.database.write(({ rows }) =>
      rows('UPDATE locations SET coordinates = $2 WHERE name = $1', [name, lat === null ? null : { lat, lon }]),
    );
  const words = async (request: object = {}, work: object = {}) =>
    wordsOf(await report(earth, { ...SPAN, ...request }, work));

  test('cameras are listed by number with their rates; those without coordinates are named', async () => {
    await shoot(['North', 'North', 'South', 'West', 'East', 'Ditch']);
    await earth.deploy('Idle', '2024-01-01T00:00:00Z', '2024-03-01T00:00:00Z');
    for (const [name, lat] of [
      ['North', 43.1],
      ['South', 43],
      ['West', 95],
      ['Idle', 43.05],
    ] as const)
      await put(name, lat, -90);
    const page = await words();
    expect(page).toMatch(/1 Idle no images 2 North [\d.]+ 3 South [\d.]+ /);
    expect(page).toContain('3 cameras without coordinates are not on the map: Ditch, East, and West.');
    expect(page).toMatch(/ 10 km| 5 km| 2 km/);
    expect(page).not.toContain('share a circle');
    expect(await words({ include_map: false })).not.toContain('Map');
  });

  test('cameras at one place share a circle', async () => {
    await shoot(['A', 'B', 'C', 'D']);
    for (const name of ['A', 'B', 'C']) await put(name, 43.1, -90);
    await put('D', 43.2, -90);
    const page = await words();
    expect(page).toContain('share a circle');
    expect(page).toContain(' 1-3 ');
    expect(await words({}, { locator: makeLocator('rounded') })).toContain('Coordinates are rounded to 0.01 degree');
  });

  test('one far camera does not heap up the others: those near each other share a circle', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `C${n + 10}`);
    await shoot([...names, 'Far']);
    for (const [n, name] of names.entries()) await put(name, 43 + 0.01 * (n % 4), -90 + 0.01 * Math.floor(n / 4));
    await put('Far', 46, -90);
    const page = await words();
    expect(page).toContain('or too near each other to be shown apart, share a circle');
    expect(page).toContain(' 1-12 ');
  });

  test('where nothing has coordinates, or they are withheld, a sentence says so', async () => {
    await shoot(['North']);
    expect(await words()).toContain('No camera of this report has coordinates, so there is no map.');
    await put('North', 43, -90);
    expect(await words({}, { locator: makeLocator('withheld') })).toContain(
      'Coordinates are withheld. There is no map.',
    );
  });
});
