// The numbers of a season, worked by hand.

import { loadSeason, makeScope, type Season } from '../../lib/exports/season/index.ts';
import type { Selection } from '../../lib/exports/shared/request.ts';
import { type World, world } from './fixture.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterAll(() => earth?.close());
afterEach(() => earth.clear());

const NOW = new Date('2025-06-01T12:00:00Z');
const season = (selection: Partial<Selection> = {}, zone = 'UTC', now = NOW, ids?: string[]): Promise<Season> =>
  loadSeason(
    earth.database,
    makeScope({ start_date: '2024-01-01', end_date: '2024-01-31', group_by: 'month', ...selection }, zone, now, ids),
  );
const minute = (n: number) => new Date(Date.parse('2024-01-10T08:00:00Z') + n * 60_000).toISOString();

describe('independent events', () => {
  test('closer than the limit to the previous detection joins, exactly the limit does not, and chains grow', async () => {
    // 0, 29 (joins), 58 (joins the previous one), 88 (30 after 58: new), 117.98 (joins)
    await earth.add([0, 29, 58, 88, 117.98].map((n) => ({ at: minute(n) })));
    expect((await season()).total).toMatchObject({ detections: 5, events: 2 });
    expect((await season({ independence_minutes: 31 })).total.events).toBe(1);
    expect((await season({ independence_minutes: 29 })).total.events).toBe(5);
    expect((await season({ independence_minutes: 0 })).total.events).toBe(5);
    expect((await season({ independence_minutes: 1440 })).total.events).toBe(1);
  });

  test('are told apart by class and by camera, and only valid, first detections count', async () => {
    await earth.add([
      { at: minute(0), class: 'doe' },
      { at: minute(1), class: 'buck' },
      { at: minute(2), class: 'doe', corrected: 'buck' },
      { at: minute(3), class: 'doe', place: 'South' },
      { at: minute(20), class: 'doe', valid: false },
      { at: minute(21), class: 'doe', duplicate: true },
      { at: minute(22), class: 'doe', duplicate: true, valid: false },
      { at: minute(40), class: 'doe' },
    ]);
    const found = await season();
    expect(found.classes).toEqual(['doe', 'buck']);
    expect(found.classTotals.map((row) => [row.detections, row.events])).toEqual([
      [3, 3],
      [2, 1],
    ]);
    expect(found.leftOut).toEqual({ invalid: 2, duplicate: 1, nonAnimal: 0 });
  });

  test('two detections of one instant with a limit of zero are two events', async () => {
    await earth.add([{ at: minute(0) }, { at: minute(0) }]);
    expect((await season({ independence_minutes: 0 })).total.events).toBe(2);
    expect((await season({ independence_minutes: 1 })).total.events).toBe(1);
  });
});

describe('bins', () => {
  test('follow the zone, count the last day whole and show empty ones as zero', async () => {
    await earth.add([
      { at: '2024-01-01T05:59:59Z' }, // still 2023 in Chicago
      { at: '2024-01-01T06:00:00Z' },
      { at: '2024-02-01T05:59:59.999Z' }, // 31 January, 23:59:59
      { at: '2024-02-01T06:00:00Z' },
    ]);
    const days = await season({ group_by: 'day' }, 'America/Chicago');
    expect(days.bins).toHaveLength(31);
    expect(days.bins.map((row) => row.detections).filter(Boolean)).toEqual([1, 1]);
    expect(days.bins[0]?.detections).toBe(1);
    expect(days.bins[30]?.detections).toBe(1);
    expect(days.bins[5]?.byClass[0]).toMatchObject({ detections: 0, events: 0, individuals: 0 });
  });

  test('weeks are ISO weeks cut to the period', async () => {
    await earth.add([{ at: '2023-12-31T12:00:00Z' }, { at: '2024-01-01T12:00:00Z' }, { at: '2021-01-03T12:00:00Z' }]);
    const weeks = await season({ start_date: '2023-12-29', end_date: '2024-01-10', group_by: 'week' });
    expect(weeks.bins.map((row) => [row.bin.key, row.bin.from, row.bin.to, row.bin.partial, row.detections])).toEqual([
      ['2023-W52', '2023-12-29', '2023-12-31', true, 1],
      ['2024-W01', '2024-01-01', '2024-01-07', false, 1],
      ['2024-W02', '2024-01-08', '2024-01-10', true, 0],
    ]);
    expect(
      (await season({ start_date: '2021-01-01', end_date: '2021-01-03', group_by: 'week' })).bins[0]?.bin.key,
    ).toBe('2020-W53');
  });

  test('a day of 25 hours keeps its hours and its day', async () => {
    // 3 November 2024, Chicago: 01:30 happens twice.
    await earth.add([{ at: '2024-11-03T06:30:00Z' }, { at: '2024-11-03T07:30:00Z' }, { at: '2024-11-04T05:59:00Z' }]);
    const day = await season({ start_date: '2024-11-03', end_date: '2024-11-03', group_by: 'day' }, 'America/Chicago');
    expect(day.bins[0]?.detections).toBe(3);
    expect(day.hours[0]?.[1]).toBe(2);
    expect(day.hours[0]?.[23]).toBe(1);
    expect(day.total.events).toBe(3);
  });
});

describe('trap nights', () => {
  test('are deployments clipped to period and bin, in days of local time', async () => {
    await earth.add([
      { at: minute(0), place: 'North' },
      { at: minute(1), place: 'South' },
    ]);
    await earth.deploy('North', '2023-12-01T00:00:00Z', '2024-01-11T12:00:00Z'); // 10.5 in January
    await earth.deploy('South', '2024-01-20T00:00:00Z', null); // 12 in January
    await earth.deploy('South', '2024-06-01T00:00:00Z', '2024-07-01T00:00:00Z');
    const found = await season({ group_by: 'week' });
    expect(found.total.nights).toBeCloseTo(22.5, 9);
    expect(found.total.per100).toBeCloseTo((100 * 2) / 22.5, 9);
    expect(found.bins.map((row) => row.nights)).toEqual([7, 3.5, 2, 7, 3]);
    expect(found.cameras.map((camera) => [camera.name, camera.nights, camera.derived])).toEqual([
      ['North', 10.5, false],
      ['South', 12, false],
    ]);
    expect(found.derivedEffort).toBe(false);
  });

  test('a day on which the clocks change counts one', async () => {
    await earth.add([{ at: '2024-03-10T12:00:00Z' }]);
    await earth.deploy('North', '2024-03-09T06:00:00Z', '2024-03-12T05:00:00Z'); // 9, 10 and 11 March in Chicago: 71 hours
    const spring = await season(
      { start_date: '2024-03-01', end_date: '2024-03-31', group_by: 'day' },
      'America/Chicago',
    );
    expect(spring.total.nights).toBe(3);
    expect(spring.bins[9]?.nights).toBe(1);
  });

  test('one camera is never counted twice, two cameras at one place are', async () => {
    await earth.add([{ at: minute(0) }]);
    await earth.deploy('North', '2024-01-01T00:00:00Z', '2024-01-11T00:00:00Z', 'A');
    await earth.deploy('North', '2024-01-06T00:00:00Z', '2024-01-16T00:00:00Z', 'A');
    await earth.deploy('North', '2024-01-01T00:00:00Z', '2024-01-03T00:00:00Z', 'B');
    expect((await season()).total.nights).toBe(17);
    expect((await season()).overlaps).toEqual([]);
  });

  test('overlapping deployments without a camera id are different cameras: their effort is added, and said', async () => {
    await earth.add([{ at: '2024-01-02T12:00:00Z', place: 'North' }]);
    await earth.deploy('North', '2024-01-01T00:00:00Z', '2024-01-11T00:00:00Z');
    await earth.deploy('North', '2024-01-06T00:00:00Z', '2024-01-16T00:00:00Z', ' ');
    await earth.deploy('South', '2024-01-01T00:00:00Z', '2024-01-03T00:00:00Z');
    await earth.deploy('South', '2024-01-03T00:00:00Z', '2024-01-05T00:00:00Z');
    const found = await season();
    expect(found.total.nights).toBe(24);
    expect(found.overlaps).toEqual(['North']);
    expect(found.cameras.find(({ name }) => name === 'North')!.nights).toBe(20);
  });

  test('end at the moment of the report for a camera that still stands', async () => {
    await earth.add([{ at: minute(0) }]);
    await earth.deploy('North', '2024-01-01T00:00:00Z', null);
    expect((await season({}, 'UTC', new Date('2024-01-21T00:00:00Z'))).total.nights).toBe(20);
  });

  test('come from first and last image, and say so, where no deployment covers the period', async () => {
    await earth.add([
      { at: '2024-01-03T23:00:00Z', detection: false, path: 'empty.jpg' },
      { at: '2024-01-06T01:00:00Z' },
      { at: '2024-01-06T02:00:00Z', place: 'South' },
    ]);
    await earth.deploy('South', '2024-01-01T00:00:00Z', '2024-01-11T00:00:00Z');
    const found = await season();
    expect(found.cameras.map((camera) => [camera.name, camera.nights, camera.derived, camera.images])).toEqual([
      ['North', 4, true, 2],
      ['South', 10, false, 1],
    ]);
    expect(found.derivedEffort).toBe(true);
  });

  test('a database without the deployments table is read as it is', async () => {
    await earth.add([{ at: '2024-01-03T23:00:00Z' }, { at: '2024-01-04T23:00:00Z' }]);
    await earth.database.write((queries) => queries.rows('ALTER TABLE deployments RENAME TO elsewhere'));
    try {
      expect((await season()).total.nights).toBe(2);
    } finally {
      await earth.database.write((queries) => queries.rows('ALTER TABLE elsewhere RENAME TO deployments'));
    }
  });

  test('gaps longer than seven days are found inside the effort only', async () => {
    await earth.add([
      { at: '2024-01-02T00:00:00Z', detection: false, path: 'a.jpg' },
      { at: '2024-01-09T00:00:00Z', detection: false, path: 'b.jpg' }, // exactly seven days: no gap
      { at: '2024-01-16T00:01:00Z' },
    ]);
    await earth.deploy('North', '2024-01-01T00:00:00Z', '2024-01-31T00:00:00Z');
    const [camera] = (await season()).cameras;
    expect(camera?.gaps.map((gap) => [gap.from, gap.to])).toEqual([
      ['2024-01-09 00:00:00', '2024-01-16 00:01:00'],
      ['2024-01-16 00:01:00', '2024-01-31 00:00:00'],
    ]);
  });
});

test('a gap over the border of the period is found and told with its true ends', async () => {
  await earth.add([
    { at: '2023-12-01T12:00:00Z', detection: false, path: 'older.jpg' },
    { at: '2023-12-31T19:59:00Z', detection: false, path: 'before.jpg' },
    { at: '2024-01-08T06:00:00Z' },
    ...[14, 20, 26].map((day) => ({ at: `2024-01-${day}T06:00:00Z`, detection: false, path: `${day}.jpg` })),
    { at: '2024-02-03T06:00:00Z', detection: false, path: 'after.jpg' },
    { at: '2024-03-03T06:00:00Z', detection: false, path: 'later.jpg' },
    // Where the camera was down in between there is no gap of a standing one.
    { at: '2023-12-20T00:00:00Z', detection: false, path: 'south-before.jpg', place: 'South' },
    { at: '2024-01-02T12:00:00Z', place: 'South' },
  ]);
  await earth.deploy('North', '2023-11-01T00:00:00Z', '2024-04-01T00:00:00Z');
  await earth.deploy('South', '2023-12-01T00:00:00Z', '2023-12-21T00:00:00Z');
  await earth.deploy('South', '2024-01-02T00:00:00Z', '2024-01-05T00:00:00Z');
  const { cameras } = await season();
  expect(cameras.map((camera) => camera.gaps.map((gap) => [gap.from, gap.to]))).toEqual([
    [
      ['2023-12-31 19:59:00', '2024-01-08 06:00:00'], // 7.4 days of which 6.25 lie in January
      ['2024-01-26 06:00:00', '2024-02-03 06:00:00'], // 8 days, 5.75 in January
    ],
    [],
  ]);
});

test('events without a place are counted and have no part in any rate', async () => {
  await earth.add([
    { at: minute(0) },
    { at: minute(100), place: null },
    { at: minute(200), place: null, class: 'buck' },
  ]);
  await earth.deploy('North', '2024-01-01T00:00:00Z', '2024-01-11T00:00:00Z');
  const found = await season();
  expect(found.total).toMatchObject({ events: 3, placed: 1, nights: 10, per100: 10 });
  expect(found.bins[0]).toMatchObject({ events: 3, per100: 10 });
  expect(found.classTotals.map((row) => [row.events, row.per100])).toEqual([
    [2, 10],
    [1, 0],
  ]);
});

test('time zones of deployments whose clock is another one are known; one that agrees is not told', async () => {
  await earth.add([{ at: minute(0) }]);
  const stood = ['2024-01-01T00:00:00Z', '2024-01-20T00:00:00Z'] as const;
  await earth.deploy('North', ...stood, 'a', 'America/Chicago');
  await earth.deploy('South', ...stood, 'b', '-06:00');
  await earth.deploy('West', ...stood, 'c', 'Etc/GMT');
  await earth.deploy('East', '2023-01-01T00:00:00Z', '2023-02-01T00:00:00Z', 'd', 'Asia/Tokyo');
  await earth.deploy('Far', ...stood, 'e', 'no zone');
  expect((await season()).otherZones).toEqual(['-06:00', 'America/Chicago']);
  expect((await season({}, 'America/Chicago')).otherZones).toEqual(['Etc/GMT']);
  expect((await season({ locations: ['North'] }, 'America/Chicago')).otherZones).toEqual([]);
});

describe('filters and known deer', () => {
  test('individuals are counted once per group and listed with places and days', async () => {
    await earth.add([
      { at: '2024-01-01T10:00:00Z', deer: 'Ada', class: 'doe' },
      { at: '2024-01-01T11:00:00Z', deer: 'Ada', class: 'unknown', place: 'South' },
      { at: '2024-01-09T10:00:00Z', deer: 'Bo', class: 'doe' },
      { at: '2024-01-09T10:01:00Z', class: 'doe' },
    ]);
    const found = await season({ group_by: 'week' });
    expect(found.total).toMatchObject({ detections: 4, individuals: 2, assigned: 3 });
    expect(found.bins.slice(0, 2).map((row) => row.individuals)).toEqual([1, 1]);
    expect(found.deer[0]).toMatchObject({ name: 'Ada', detections: 2, places: 2, days: 1, first: '2024-01-01 10:00' });
    expect(found.classes).toEqual(['doe', 'unknown']);
    const south = await season({ locations: ['South'] });
    expect(south.total).toMatchObject({ detections: 1, nights: 1 });
    expect((await season({ classifications: ['unknown'] })).total.detections).toBe(1);
  });

  test('events of a deer are its own, whoever opened the event of its class', async () => {
    await earth.add([
      { at: minute(0) },
      { at: minute(10), deer: 'Ada' },
      { at: minute(15), deer: 'Ada', class: 'unknown' },
      { at: minute(45), deer: 'Ada' },
      { at: minute(46), deer: 'Ada', place: 'South' },
    ]);
    const found = await season();
    expect(found.total.events).toBe(4);
    expect(found.deer[0]).toMatchObject({ detections: 4, events: 3, places: 2 });
  });

  test('unknown names are refused with the known ones, an empty period in one sentence', async () => {
    await earth.add([
      { at: minute(0), class: 'doe' },
      { at: minute(0), class: null, corrected: 'buck', place: 'South' },
    ]);
    await expect(season({ classifications: ['doe', 'dragon'] })).rejects.toMatchObject({
      kind: 'invalid',
      message: 'Unknown classification "dragon"; known: buck, doe',
    });
    await expect(season({ locations: ['Nowhere'] })).rejects.toThrow('Unknown location "Nowhere"; known: North, South');
    await expect(season({ start_date: '2023-01-01', end_date: '2023-01-02' })).rejects.toMatchObject({
      kind: 'invalid',
      message: 'No detections found between 2023-01-01 and 2023-01-02',
    });
  });

  test('ids narrow everything to themselves', async () => {
    const ids = await earth.add([{ at: minute(0) }, { at: minute(100) }]);
    expect((await season({}, 'UTC', NOW, [ids[1]!])).total.detections).toBe(1);
  });
});
