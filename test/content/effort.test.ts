// Camera effort of a season, worked by hand: trap nights, gaps, time zones, and records outside
// deployments.
import { loadReport } from '../../lib/exports/season/index.ts';
import { CREATED } from './archive.ts';
import { type World, world } from './fixture.ts';
import { minute, seasonReader } from './january.ts';
import { report, wordsOf } from './report.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterAll(() => earth?.close());
afterEach(() => earth.clear());

const season = seasonReader(() => earth);

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

  test('end at the moment of the report for a camera that is still running', async () => {
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

test('a gap across the edge of the period is found with its full dates', async () => {
  await earth.add([
    { at: '2023-12-01T12:00:00Z', detection: false, path: 'older.jpg' },
    { at: '2023-12-31T19:59:00Z', detection: false, path: 'before.jpg' },
    { at: '2024-01-08T06:00:00Z' },
    ...[14, 20, 26].map((day) => ({ at: `2024-01-${day}T06:00:00Z`, detection: false, path: `${day}.jpg` })),
    { at: '2024-02-03T06:00:00Z', detection: false, path: 'after.jpg' },
    { at: '2024-03-03T06:00:00Z', detection: false, path: 'later.jpg' },
    // No camera was deployed in between: that is no gap.
    { at: '2023-12-20T00:00:00Z', detection: false, path: 'south-before.jpg', place: 'South' },
    { at: '2024-01-02T12:00:00Z', place: 'South' },
  ]);
  await earth.deploy('North', '2023-11-01T00:00:00Z', '2024-04-01T00:00:00Z');
  await earth.deploy('South', '2023-12-01T00:00:00Z', '2023-12-21T00:00:00Z');
  await earth.deploy('South', '2024-01-02T00:00:00Z', '2024-01-05T00:00:00Z');
  const { cameras } = await season();
  expect(cameras.map((camera) => camera.gaps.map((gap) => [gap.from, gap.to]))).toEqual([
    [
      ['2023-12-31 19:59:00', '2024-01-08 06:00:00'], // 7.4 days of which 6.25 are in January
      ['2024-01-26 06:00:00', '2024-02-03 06:00:00'], // 8 days, 5.75 in January
    ],
    [],
  ]);
});

test('time zones of deployments that differ from the time zone of the report are listed; one that agrees is not', async () => {
  await earth.add([{ at: minute(0) }]);
  const running = ['2024-01-01T00:00:00Z', '2024-01-20T00:00:00Z'] as const;
  await earth.deploy('North', ...running, 'a', 'America/Chicago');
  await earth.deploy('South', ...running, 'b', '-06:00');
  await earth.deploy('West', ...running, 'c', 'Etc/GMT');
  await earth.deploy('East', '2023-01-01T00:00:00Z', '2023-02-01T00:00:00Z', 'd', 'Asia/Tokyo');
  await earth.deploy('Far', ...running, 'e', 'no zone');
  expect((await season()).otherZones).toEqual(['-06:00', 'America/Chicago']);
  expect((await season({}, 'America/Chicago')).otherZones).toEqual(['Etc/GMT']);
  expect((await season({ locations: ['North'] }, 'America/Chicago')).otherZones).toEqual([]);
});

describe('records outside a deployment', () => {
  test('are counted, listed by camera and named in a sentence; both ends of a deployment are inside', async () => {
    await earth.add([
      { at: '2023-10-01T08:00:00Z' }, // the first instant
      { at: '2023-10-05T12:00:00Z' },
      { at: '2023-10-20T08:00:00Z' }, // the last instant
      { at: '2023-10-20T09:00:00Z' }, // after it
      { at: '2023-11-05T12:00:00Z', valid: false },
      { at: '2023-10-25T12:00:00Z', place: 'South' }, // no deployment at all: its effort is derived, so it is not outside
    ]);
    await earth.deploy('North', '2023-10-01T08:00:00Z', '2023-10-20T08:00:00Z');
    const request = { start_date: '2023-10-01', end_date: '2023-11-30' };
    const { season } = await loadReport(earth.database, { group_by: 'month', ...request }, 'UTC', CREATED);
    expect(season.total).toMatchObject({ detections: 5, nights: 20 });
    expect(season.cameras.map((camera) => [camera.name, camera.outside])).toEqual([
      ['North', 1],
      ['South', 0],
    ]);
    const words = wordsOf(await report(earth, request, { timeZone: 'UTC' }));
    expect(words).toContain(
      '1 counted detection (20.0%) is dated outside every deployment of its camera. The effort is unknown, so rates are too high.',
    );
    expect(words).toContain(
      'Detections dated outside every deployment of their camera: North 1. They are included in counts and rates, but their effort is unknown.',
    );
  });

  test('a place with deployments has its effort from them alone, wherever the borders of a request lie', async () => {
    // The camera came down on 5 December; a stray record follows on the 20th.
    await earth.add([{ at: '2023-11-10T12:00:00Z' }, { at: '2023-12-20T12:00:00Z' }, { at: '2024-01-20T12:00:00Z' }]);
    await earth.deploy('North', '2023-11-01T00:00:00Z', '2023-12-05T00:00:00Z');
    const of = async (start_date: string, end_date: string) =>
      (await loadReport(earth.database, { start_date, end_date, group_by: 'month' }, 'UTC', CREATED)).season;
    const both = await of('2023-11-01', '2024-01-31');
    expect(both.bins.map((row) => row.nights)).toEqual([30, 4, 0]);
    for (const [month, nights, per100] of [
      ['2023-12', 4, 25],
      ['2024-01', 0, null],
    ] as const) {
      const alone = await of(`${month}-01`, `${month}-31`);
      expect(alone.total).toMatchObject({ detections: 1, nights, per100 });
      expect(alone.cameras).toMatchObject([{ derived: false, outside: 1 }]);
    }
  });

  test('a camera that was moved gives each place its own effort, and the day of the move is shared', async () => {
    await earth.add([
      { at: '2023-10-05T12:00:00Z', place: 'Old' },
      { at: '2023-10-15T12:00:00Z', place: 'New' },
    ]);
    await earth.deploy('Old', '2023-10-01T00:00:00Z', '2023-10-10T06:00:00Z', 'seven');
    await earth.deploy('New', '2023-10-10T18:00:00Z', '2023-11-01T00:00:00Z', 'seven');
    const { season } = await loadReport(
      earth.database,
      { start_date: '2023-10-01', end_date: '2023-10-31', group_by: 'day' },
      'UTC',
      CREATED,
    );
    expect(season.cameras.map((camera) => [camera.name, camera.nights])).toEqual([
      ['New', 21.25],
      ['Old', 9.25],
    ]);
    expect(season.bins[9]?.nights).toBe(0.5);
    expect(season.total.nights).toBe(30.5);
  });

  test('effort over both changes of the clocks is whole days of local time', async () => {
    await earth.add([{ at: '2024-03-10T18:00:00Z' }, { at: '2024-11-03T18:00:00Z' }]);
    // Local midnight to local midnight: 47 hours in March, 49 in November.
    await earth.deploy('North', '2024-03-09T06:00:00Z', '2024-03-11T05:00:00Z');
    await earth.deploy('North', '2024-11-02T05:00:00Z', '2024-11-04T06:00:00Z');
    for (const [start_date, end_date] of [
      ['2024-03-01', '2024-03-31'],
      ['2024-11-01', '2024-11-30'],
    ] as const) {
      const { season } = await loadReport(
        earth.database,
        { start_date, end_date, group_by: 'day' },
        'America/Chicago',
        CREATED,
      );
      expect(season.total.nights).toBe(2);
      expect(season.total.per100).toBe(50);
    }
  });
});
