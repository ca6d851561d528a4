// What the report says in sentences when effort is unequal, unknown or of another clock.
import type { PdfRequest } from '../../lib/exports/pdf/request.ts';
import { type Shot, type World, world } from './fixture.ts';
import { report, wordsOf } from './report.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterAll(() => earth?.close());
afterEach(() => earth.clear());

const said = async (request: Partial<PdfRequest>): Promise<string> =>
  wordsOf(await report(earth, request, { timeZone: 'UTC' }));
const summer = { start_date: '2024-06-01', end_date: '2024-07-31', group_by: 'month' } as const;

/** `n` independent events, three hours apart, from noon (UTC) of a day. */
const events = (n: number, day: string, more: Partial<Shot> = {}): Shot[] =>
  Array.from({ length: n }, (_, at) => ({
    at: new Date(Date.parse(`${day}T12:00:00Z`) + at * 10_800_000).toISOString(),
    ...more,
  }));

test('the busiest month is that of the highest rate, and that another has more events is named', async () => {
  // June: 20 events in 10 nights, July: 25 in 31.
  await earth.add([...events(20, '2024-06-22'), ...events(25, '2024-07-05')]);
  await earth.deploy('North', '2024-06-21T00:00:00Z', '2024-08-01T00:00:00Z');
  // 10 of a median of 20.5 nights is less than half of it: too little to win.
  expect(await said(summer)).toContain(
    'The busiest month relative to effort was Jul 2024: 80.6 events per 100 trap nights (25 events in 31.0 trap nights)',
  );
  await earth.deploy('North', '2024-06-19T00:00:00Z', '2024-06-21T00:00:00Z');
  expect(await said(summer)).toContain(
    'The busiest month relative to effort was Jun 2024: 166.7 events per 100 trap nights (20 events in 12.0 trap nights), compared with 104.7 over the whole ' +
      'period. The most events, 25, were in Jul 2024 (31.0 trap nights).',
  );
});

test('where events have no known effort months are compared by counts, and that is said', async () => {
  await earth.add([...events(3, '2024-06-05'), ...events(5, '2024-07-05')]);
  await earth.deploy('North', '2024-06-01T00:00:00Z', '2024-07-01T00:00:00Z');
  const page = await said(summer);
  expect(page).toContain(
    'The most events, 5 from 5 detections, were in Jul 2024. Effort is not known for every month with events, so this compares counts, not rates.',
  );
  expect(page).not.toContain('busiest month');
});

test('a camera that ran for one night is not the most active one', async () => {
  await earth.add([
    ...events(1, '2024-06-05', { place: 'Night' }),
    ...events(8, '2024-06-05'),
    ...events(4, '2024-06-05', { place: 'South' }),
  ]);
  await earth.deploy('Night', '2024-06-05T00:00:00Z', '2024-06-06T00:00:00Z');
  for (const place of ['North', 'South']) await earth.deploy(place, '2024-06-01T00:00:00Z', '2024-07-01T00:00:00Z');
  expect(await said(summer)).toContain(
    'The most active camera relative to effort was North: 26.7 events per 100 trap nights',
  );
});

test('detections without a location are named, and rates do not include them', async () => {
  await earth.add([...events(3, '2024-06-05'), ...events(2, '2024-06-06', { place: null })]);
  await earth.deploy('North', '2024-06-01T00:00:00Z', '2024-07-01T00:00:00Z');
  const page = await said(summer);
  expect(page).toContain('5 detections 5 independent events 0 known deer 30.0 trap nights 10.0 events');
  expect(page).toContain(
    '2 counted detections (40.0%) have no location. They are not included in rates, because camera effort is unknown.',
  );
  expect(page).toContain(
    '2 detections have no location. They are included in counts but not in rates, because camera effort is unknown.',
  );
});

test('hours are named by their zone, and deployments of another clock are warned of, whatever is left out', async () => {
  await earth.add(events(3, '2024-06-05'));
  await earth.deploy('North', '2024-06-01T00:00:00Z', '2024-07-01T00:00:00Z', null, 'America/Chicago');
  const bare = { include_charts: false, include_tables: false, include_insights: false };
  const warning =
    'Time zones differ: deployments are recorded in America/Chicago, but this report uses UTC for all days and hours (setting: TIME_ZONE).';
  expect(await said({ ...summer, ...bare })).toContain(warning);
  const page = await said(summer);
  expect(page).toContain('Most detections were between 12:00 and 13:00 (UTC): 1');
  expect(page).toContain('Detections by class and hour of day in UTC.');
  expect(page).not.toMatch(/(?<!UTC )local (time|clock)/);
  expect(wordsOf(await report(earth, summer, { timeZone: 'America/Chicago' }))).not.toContain('Time zones differ');
});
