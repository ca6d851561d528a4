// GET /api/season: periods, silent cameras, attention, places, and databases that lack something.
import { handler } from '../../handlers/season.ts';
import { closeWiring } from '../../lib/clients.ts';
import { addDays } from '../../lib/deer/calendar.ts';
import { makeLocator } from '../../lib/deer/coordinates.ts';
import { choosePeriod, readPeriod } from '../../lib/overview/period.ts';
import { loadSeasonView } from '../../lib/overview/season.ts';
import type { World } from '../content/fixture.ts';
import { until } from '../support/wait.ts';
import { handledWorld, read } from './fixture.ts';

let earth: World;
beforeAll(async () => {
  earth = await handledWorld();
});
afterAll(async () => {
  await closeWiring();
  await earth?.close();
});
afterEach(() => earth.clear());

const JANUARY = 'start_date=2024-01-01&end_date=2024-01-31';
const find = (json: { attention: { kind: string; text: string; count: number }[] }, kind: string) =>
  json.attention.find((item) => item.kind === kind);

test('an empty database has nothing, says so, and is no error', async () => {
  const { status, json } = await read(handler);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    is_default_shifted: false,
    is_empty: true,
    numbers: { detections: 0, events: 0, individuals: null, trap_nights: null, events_per_100_trap_nights: null },
    attention: [{ kind: 'empty', count: 0 }],
  });
  expect([json.by_month, json.classes, json.cameras]).toEqual([[], [], []]);
});

test('without identities and coordinates there are nulls', async () => {
  await earth.add([{ at: '2024-01-05T08:00:00Z' }, { at: '2024-01-09T08:00:00Z', place: null }]);
  const { json } = await read(handler, JANUARY);
  expect(json.numbers).toEqual({
    ...{ detections: 2, events: 2, individuals: null, trap_nights: 1, events_per_100_trap_nights: 100 },
  });
  expect(json.cameras).toMatchObject([
    { name: 'North', latitude: null, longitude: null, coordinate_precision: null, trap_nights: 1 },
    { location_id: null, name: '(no location)', trap_nights: null, rate: null, last_image_at: null, is_silent: false },
  ]);
});

test('a camera that runs and takes no image for more than a week is silent; one that was taken down is not', async () => {
  await earth.add([
    { at: '2024-01-24T23:59:59Z', place: 'Quiet' },
    { at: '2024-01-25T00:00:01Z', place: 'Recent' },
    { at: '2024-01-02T00:00:00Z', place: 'Gone' },
    { at: '2024-02-20T00:00:00Z', place: 'Quiet' },
  ]);
  await earth.deploy('Quiet', '2024-01-01T00:00:00Z', null);
  await earth.deploy('Recent', '2024-01-01T00:00:00Z', null);
  await earth.deploy('Gone', '2024-01-01T00:00:00Z', '2024-01-03T00:00:00Z');
  await earth.deploy('Never', '2024-01-01T00:00:00Z', null);
  await earth.deploy('New', '2024-01-28T00:00:00Z', null);
  const { json } = await read(handler, JANUARY);
  const silent = json.cameras.filter((camera: { is_silent: boolean }) => camera.is_silent);
  expect(silent.map(({ name }: { name: string }) => name).sort()).toEqual(['Never', 'Quiet']);
  const still = json.cameras.filter((camera: { is_running: boolean }) => !camera.is_running);
  expect(still.map(({ name }: { name: string }) => name)).toEqual(['Gone']);
  expect(find(json, 'camera_silent')).toMatchObject({
    count: 2,
    text: '2 cameras took no image for more than 7 days: Never and Quiet.',
  });
  const quiet = json.cameras.find(({ name }: { name: string }) => name === 'Quiet');
  expect(quiet.last_image_at).toBe('2024-01-24T23:59:59.000Z');
});

test('detections outside their deployments and unsure reviews ask for attention', async () => {
  const [outside] = await earth.add([{ at: '2024-01-20T08:00:00Z' }, { at: '2024-01-05T08:00:00Z' }]);
  await earth.deploy('North', '2024-01-01T00:00:00Z', '2024-01-10T00:00:00Z');
  await earth.database.write(({ rows }) =>
    rows(`INSERT INTO reid_reviews (detection_id, verdict, reviewer, reviewed_at) VALUES ($1, 'unsure', 'A', now())`, [
      outside,
    ]),
  );
  const { json } = await read(handler, JANUARY);
  expect(find(json, 'outside_deployment')).toMatchObject({ count: 1, text: expect.stringContaining('camera: North') });
  expect(find(json, 'reviews_waiting')).toMatchObject({ count: 1 });
  expect(find(json, 'parked_jobs')).toBeUndefined();
});

test('places are as exact as COORDINATES says, and names are any text', async () => {
  const name = '<script>"\u0000'.replace('\u0000', '\u202e');
  await earth.add([{ at: '2024-01-05T08:00:00Z', place: name }]);
  await earth.database.write(({ rows }) =>
    rows(`UPDATE locations SET coordinates = '{"lat": 43.5234, "lon": -90.7177}'`),
  );
  const look = async (precision: 'exact' | 'rounded' | 'withheld') => {
    const ports = { database: earth.database, timeZone: 'UTC', locator: makeLocator(precision) };
    const view = await loadSeasonView(ports, { start: '2024-01-01', end: '2024-01-31' }, new Date());
    const [camera] = view.cameras;
    return [camera?.name, camera?.latitude, camera?.longitude, camera?.coordinate_precision];
  };
  expect(await look('exact')).toEqual([name, 43.5234, -90.7177, 'exact']);
  expect(await look('rounded')).toEqual([name, 43.52, -90.72, 'rounded']);
  expect(await look('withheld')).toEqual([name, null, null, 'withheld']);
});

test('an older view is shown at once while the next one is read; one of yesterday, or of other rows, is not', async () => {
  await earth.add([{ at: '2024-01-05T08:00:00Z' }]);
  await earth.deploy('North', '2024-01-05T00:00:00Z', null);
  const ports = { database: earth.database, timeZone: 'UTC', locator: makeLocator('exact') };
  const load = (time: string) =>
    loadSeasonView(ports, { start: '2024-01-05', end: '2024-01-06' }, new Date(`2024-01-05T${time}:00Z`));
  const first = await load('10:03');
  expect(first.as_of).toBe('2024-01-05T10:00:00.000Z');
  expect(await load('10:45')).toBe(first);
  const next = await until('the next one', async () => {
    const view = await load('10:45');
    return view === first ? undefined : view;
  });
  expect([next.as_of, next.numbers.trap_nights! > first.numbers.trap_nights!]).toEqual([
    '2024-01-05T10:40:00.000Z',
    true,
  ]);
  expect((await load('12:10')).as_of).toBe('2024-01-05T12:10:00.000Z');
  await earth.add([{ at: '2024-01-05T09:00:00Z' }]);
  const written = await load('12:20');
  expect([written.as_of, written.numbers.detections]).toEqual(['2024-01-05T12:20:00.000Z', 2]);
});

test('what was read is shown again until something is written', async () => {
  await earth.add([{ at: '2024-01-05T08:00:00Z' }]);
  const first = (await read(handler, JANUARY)).json;
  expect((await read(handler, JANUARY)).json).toEqual(first);
  await earth.add([{ at: '2024-01-06T08:00:00Z' }]);
  expect((await read(handler, JANUARY)).json.numbers.detections).toBe(2);
});

test.each([
  ['start_date=2024-01-01', 'end_date must be a date in YYYY-MM-DD format'],
  ['start_date=2024-02-30&end_date=2024-03-01', 'start_date must be a date in YYYY-MM-DD format'],
  ['start_date=2024-02-02&end_date=2024-02-01', 'start_date must be before end_date'],
  ['start_date=2022-01-01&end_date=2024-02-01', 'Date range cannot exceed 1 year'],
  ['start_date=2999-01-01&end_date=2999-02-01', 'start_date cannot be in the future'],
])('%s is refused', async (query, detail) => {
  const { status, json } = await read(handler, query);
  expect([status, json]).toEqual([400, { detail }]);
});

describe('the period without dates', () => {
  test.each([
    ['2026-11-30', undefined, '2025-12-01', '2026-11-30', false],
    ['2026-11-30', '2025-12-01', '2025-12-01', '2026-11-30', false],
    ['2026-11-30', '2025-11-30', '2024-12-01', '2025-11-30', true],
    ['2024-02-29', '2020-02-29', '2019-03-01', '2020-02-29', true],
  ])('today %s, last detection %s: %s to %s', (today, newest, start, end, isShifted) => {
    const period = choosePeriod(today, newest);
    expect(period).toEqual({ start, end, isShifted });
    // What is chosen may be asked for.
    expect(readPeriod({ start_date: start, end_date: end }, today)).toEqual({ start, end });
    expect(addDays(end, 1).slice(5)).toMatch(start.slice(5));
  });

  test('ends with the last detection that is not later than now', async () => {
    await earth.add([{ at: '2024-01-05T08:00:00Z' }, { at: '2054-01-01T00:00:00Z' }]);
    const { json } = await read(handler);
    expect([json.period, json.is_default_shifted]).toEqual([
      { start_date: '2023-01-06', end_date: '2024-01-05', time_zone: 'UTC' },
      true,
    ]);
    expect(json.numbers.detections).toBe(1);
  });
});
