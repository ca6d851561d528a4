// Capture histories: which animals, which occasions, and which ids are not listed.
import { made, members, table } from './archive.ts';
import { type World, world } from './fixture.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterAll(() => earth?.close());
afterEach(() => earth.clear());

const january = { start_date: '2024-01-01', end_date: '2024-01-21', group_by: 'week', include_crops: false } as const;
async function histories(request: object = january) {
  const found = await members(await made(earth, request, { timeZone: 'UTC' }));
  return { rows: table(found, 'capture_history.csv'), readme: String(found.get('README.txt')?.body) };
}

test('one row per animal, one column per bin, 1 where it was seen', async () => {
  await earth.add([
    { at: '2024-01-02T12:00:00Z', deer: 'Ada' },
    { at: '2024-01-02T18:00:00Z', deer: 'Ada' },
    { at: '2024-01-16T12:00:00Z', deer: 'Ada' },
    { at: '2024-01-07T23:59:59Z', deer: 'Bo' },
    { at: '2024-01-08T00:30:00Z', deer: 'Bo' },
    { at: '2024-01-09T12:00:00Z' },
    { at: '2024-01-03T12:00:00Z', deer: 'Cy', valid: false },
  ]);
  const { rows } = await histories();
  expect(rows.map(({ deer_id, ...row }) => row)).toEqual([
    { deer_name: 'Ada', sex: 'doe', '2024-W01': '1', '2024-W02': '0', '2024-W03': '1' },
    { deer_name: 'Bo', sex: 'doe', '2024-W01': '1', '2024-W02': '1', '2024-W03': '0' },
  ]);
});

test('an id that is seen in only one event is not listed; one known from elsewhere is, and one limit holds for both', async () => {
  await earth.add([
    // One visit of 58 minutes, never 30 minutes without a picture.
    ...[0, 29, 58].map((n) => ({
      at: new Date(Date.parse('2024-01-02T12:00:00Z') + n * 60_000).toISOString(),
      deer: 'Visit',
    })),
    { at: '2024-01-03T12:00:00Z', deer: 'Once' },
    { at: '2024-01-04T12:00:00Z', deer: 'Half an hour' },
    { at: '2024-01-04T12:30:00Z', deer: 'Half an hour' },
    { at: '2024-01-05T12:00:00Z', deer: 'Two cameras' },
    { at: '2024-01-05T12:05:00Z', deer: 'Two cameras', place: 'South' },
    { at: '2024-01-06T12:00:00Z', deer: 'Last year' },
    { at: '2023-06-06T12:00:00Z', deer: 'Last year' },
    { at: '2024-01-06T13:00:00Z', deer: 'Never valid before' },
    { at: '2023-06-06T12:00:00Z', deer: 'Never valid before', valid: false },
  ]);
  const { rows, readme } = await histories();
  expect(rows.map((row) => row.deer_name)).toEqual(['Half an hour', 'Last year', 'Two cameras']);
  expect(readme).toContain('Left out for that reason: 3 deer.');
  // No setting makes a burst of one visit into recaptures; a wider one joins more.
  expect((await histories({ ...january, independence_minutes: 0 })).rows).toHaveLength(3);
  expect((await histories({ ...january, independence_minutes: 30.5 })).rows.map((row) => row.deer_name)).toEqual([
    'Last year',
    'Two cameras',
  ]);
});

test('occasions without any effort and partial ones are named in README.txt', async () => {
  await earth.add([{ at: '2024-01-02T12:00:00Z', deer: 'Ada' }]);
  await earth.deploy('North', '2024-01-01T00:00:00Z', '2024-01-08T00:00:00Z');
  const { rows, readme } = await histories({ ...january, end_date: '2024-01-20' });
  expect(rows).toEqual([]);
  expect(readme).toContain(
    'No camera was running in these occasions, so their 0 means nothing; leave them out: 2024-W02, 2024-W03.',
  );
  expect(readme).toContain('The first or last occasion is only partly in the period');
});
