// The files of survey/: records, cameras, captures, sites and places of a small world, by the rules
// of the formats.
import { parse } from 'csv-parse/sync';
import { makeLocator } from '../../lib/deer/coordinates.ts';
import { chooseUtmZone, makeUtm } from '../../lib/deer/utm.ts';
import { made, manifestOf, members, table } from './archive.ts';
import { type World, world } from './fixture.ts';
import { archiveOf, on, POINTS, readmeOf, roster, SURVEY, survey, TWO, textOf } from './survey-world.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterAll(() => earth?.close());
afterEach(() => earth.clear());

const CSV = ['record_table', 'camera_table', 'camera_operation', 'detection_history', 'effort', 'sites'].map(
  (name) => `survey/${name}.csv`,
);
const SECR = ['secr_captures', 'secr_captures_2_events', 'secr_traps'].map((name) => `survey/${name}.txt`);
const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' '));
const lines = (text: string): string[][] => parse(text) as string[][];

test('the archive has the files, and the manifest their checksums; without include_survey there is none', async () => {
  const ids = await survey(earth);
  await roster(earth, ids, TWO);
  const found = await archiveOf(earth);
  const named = [...found.keys()].filter((name) => name.startsWith('survey'));
  expect(named).toEqual([...CSV, ...SECR, 'survey/sites.geojson', 'survey.xlsx']);
  const listed = manifestOf(found).files.map(({ path }) => path);
  expect(listed).toEqual(expect.arrayContaining(named));
  const without = await archiveOf(earth, { include_survey: false });
  expect([...without.keys()].some((name) => name.startsWith('survey'))).toBe(false);
  expect(textOf(without, 'README.txt')).not.toContain('survey');
  const chosen = await members(await made(earth, { detection_ids: ids.slice(0, 2), include_crops: false }));
  expect([...chosen.keys()].some((name) => name.startsWith('survey'))).toBe(false);
  expect(readmeOf(chosen)).toContain('a choice of detections does not say where deer were not seen');
});

test('two runs give equal bytes', async () => {
  await roster(earth, await survey(earth), TWO);
  expect((await made(earth, SURVEY)).equals(await made(earth, SURVEY))).toBe(true);
});

test('records: an independent event is a row for each animal that people named in it, and one for the others', async () => {
  await roster(earth, await survey(earth), TWO);
  const found = await archiveOf(earth);
  const records = table(found, 'survey/record_table.csv');
  const short = records.map((row) =>
    [row.Station, row.Species, row.Individual, row.DateTimeOriginal, row['delta.time.secs'], row.n_individuals].join(
      '|',
    ),
  );
  expect(short).toEqual([
    'East|fawn|NA|2024-01-04 12:00:00|0|1',
    'East|raccoon|NA|2024-01-07 12:00:00|0|1',
    'North ridge|buck|#2 / fork|2024-01-01 12:00:00|0|1',
    'North ridge|buck|Old one|2024-01-01 12:00:00|0|1',
    `North ridge|buck|Old one|2024-01-03 23:59:59|${2 * 86_400 + 11 * 3_600 + 49 * 60 + 59}|1`,
    'South|buck|Old one|2024-01-03 12:00:00|0|1',
    'South|doe|NA|2024-01-06 12:00:00|0|1',
    'South|unknown|Late|2024-01-08 12:00:00|0|1',
    'West|doe|NA|2024-01-02 12:00:00|0|1',
  ]);
  const [, , fork, , third] = records;
  expect(fork).toMatchObject({
    Date: '2024-01-01',
    Time: '12:00:00',
    Directory: 'ridge',
    FileName: 'a.jpg',
    Individual_source: 'roster',
  });
  // Rounded one from the other, as camtrapR does; the path of the owner's machine stays there.
  expect(third).toMatchObject({
    'delta.time.mins': '3590',
    'delta.time.hours': '59.8',
    'delta.time.days': '2.5',
    Directory: 'NA',
  });
  expect(readmeOf(found)).toContain('In no table, because it has no location: 1 counted detection.');
  expect(readmeOf(found)).toContain(
    'no camera was recorded as working on that day at that station: 1 independent event.',
  );
});

test('records are as many events as the summary has, but for those without a working camera', async () => {
  // Hours apart, on both sides of the limit, at two cameras.
  const shots = Array.from({ length: 60 }, (_, index) => ({
    place: index % 3 === 0 ? 'South' : 'North ridge',
    at: new Date(Date.parse(on(2, '01:00:00')) + index * index * 97_000).toISOString(),
    class: index % 2 === 0 ? 'doe' : 'buck',
  }));
  await earth.deploy('South', on(1, '00:00:00'), on(10, '23:00:00'));
  await earth.deploy('North ridge', on(1, '00:00:00'), on(10, '23:00:00'));
  await earth.add(shots);
  for (const independence_minutes of [0, 5, 30, 61]) {
    const found = await archiveOf(earth, { independence_minutes });
    const events = table(found, 'summary_by_day.csv').reduce((sum, row) => sum + Number(row.independent_events), 0);
    expect(table(found, 'survey/record_table.csv')).toHaveLength(events);
  }
});

test('cameras: days of set-up and retrieval are half a day, days between two deployments 0, outside NA', async () => {
  await survey(earth);
  const found = await archiveOf(earth);
  expect(lines(textOf(found, 'survey/camera_table.csv'))).toEqual([
    ['Station', 'Camera', 'utm_x', 'utm_y', 'Setup_date', 'Retrieval_date', 'Problem1_from', 'Problem1_to'],
    ['East', '1', expect.any(String), expect.any(String), '2024-01-04', '2024-01-08', 'NA', 'NA'],
    ['North ridge', 'N1', expect.any(String), expect.any(String), '2023-12-20', '2024-01-06', 'NA', 'NA'],
    ['South', 'S1', expect.any(String), expect.any(String), '2024-01-02', '2024-01-09', '2024-01-05', '2024-01-06'],
    // Still running when the archive was made.
    ['South', '1', expect.any(String), expect.any(String), '2024-01-05', '2025-02-02', 'NA', 'NA'],
    ['West', '1', 'NA', 'NA', '2024-01-01', '2024-01-03', 'NA', 'NA'],
  ]);
  const [header, ...operation] = lines(textOf(found, 'survey/camera_operation.csv'));
  expect(header).toEqual(['Station', ...Array.from({ length: 10 }, (_, day) => on(day + 1).slice(0, 10))]);
  expect(operation.map((row) => row.join(' '))).toEqual([
    'East NA NA NA 0.5 1 1 1 0.5 NA NA',
    'North ridge 1 1 1 1 1 0.5 NA NA NA NA',
    'South NA 0.5 1 1 0.5 1 2 2 1.5 1',
    'West 0.5 1 0.5 NA NA NA NA NA NA NA',
  ]);
});

test('a camera that is set up and taken down on one day is given the next day, and marks of camtrapR are no part of a name', async () => {
  await earth.deploy('A__CAM_1', on(2, '08:00:00'), on(2, '17:00:00'), 'x__SESS_2');
  await earth.add([{ place: 'A__CAM_1', at: on(2) }]);
  const found = await archiveOf(earth);
  expect(table(found, 'survey/camera_table.csv')).toEqual([
    { Station: 'A_CAM_1', Camera: 'x_SESS_2', Setup_date: '2024-01-02', Retrieval_date: '2024-01-03' },
  ]);
  expect(table(found, 'survey/record_table.csv')[0]).toMatchObject({ Station: 'A_CAM_1' });
});

test('times since the last record are rounded as R rounds: of two tenths as near to the even one', async () => {
  await earth.deploy('South', on(1, '00:00:00'), on(9, '00:00:00'));
  // 35.25 and 45.75 minutes; 27.75 hours are 27.8, and 27.8 / 24 days.
  const seconds = [0, 2_115, 2_745, 99_900];
  const start = Date.parse(on(2));
  const at = seconds.map((_, i) => new Date(start + 1_000 * seconds.slice(0, i + 1).reduce((a, b) => a + b, 0)));
  await earth.add(at.map((time) => ({ place: 'South', at: time.toISOString() })));
  const found = table(await archiveOf(earth), 'survey/record_table.csv').map((row) =>
    ['secs', 'mins', 'hours', 'days'].map((unit) => Number(row[`delta.time.${unit}`])),
  );
  // R 4.2.2: round(2115 / 60, 1), round(35.2 / 60, 1), round(0.6 / 24, 1), ...
  expect(found).toEqual([
    [0, 0, 0, 0],
    [2_115, 35.2, 0.6, 0],
    [2_745, 45.8, 0.8, 0],
    [99_900, 1_665, 27.8, 1.2],
  ]);
});

test('captures: one word each, one line for an animal, day and detector; trap nights of each day are the usage', async () => {
  await roster(earth, await survey(earth), TWO);
  const found = await archiveOf(earth);
  const captures = rowsOf(textOf(found, 'survey/secr_captures.txt'));
  expect(captures).toEqual([
    ['1', '2_fork', '1', 'North_ridge', 'M'],
    ['1', 'Late', '8', 'South', 'NA'],
    ['1', 'Old_one', '1', 'North_ridge', 'M'],
    ['1', 'Old_one', '3', 'North_ridge', 'M'],
    ['1', 'Old_one', '3', 'South', 'M'],
  ]);
  // Ids with two or more events.
  expect(rowsOf(textOf(found, 'survey/secr_captures_2_events.txt'))).toEqual(captures.slice(2));
  const traps = rowsOf(textOf(found, 'survey/secr_traps.txt'));
  expect(traps.map(([name]) => name)).toEqual(['East', 'North_ridge', 'South']);
  expect(traps[1]!.slice(3)).toEqual(['1', '1', '1', '1', '1', '0.5', '0', '0', '0', '0']);
  // From 08:00 to 17:30 two days later; then two cameras.
  expect(traps[2]!.slice(3)).toEqual(['0', '0.6667', '1', '0.7292', '0.6667', '1', '1.6667', '2', '1.4167', '1']);
  // As meters of one zone: nothing jumps at its edge.
  const [east, , south] = traps.map(([, x, y]) => [Number(x), Number(y)]);
  expect(Math.hypot(east![0]! - south![0]!, east![1]! - south![1]!)).toBeCloseTo(1_226, -1);
  expect(textOf(found, 'survey/secr_traps.txt')).toMatch(
    /^# .*\n# Individual is the animal that people named .*\n# X and Y are meters in UTM zone 14N \(WGS 84, EPSG:32614\)\.\n/,
  );
  expect(readmeOf(found)).toContain(
    'Written as a single word: North ridge = North_ridge; #2 / fork = 2_fork; Old one = Old_one.',
  );
});

test('sites: no effort is NA, with bait and habitat; the points are RFC 7946', async () => {
  await survey(earth);
  const found = await archiveOf(earth, { occasion_days: 5 });
  expect(lines(textOf(found, 'survey/detection_history.csv'))).toEqual([
    ['location', 'occasion_1', 'occasion_2'],
    ['East', '1', '0'],
    // Of a day without effort, in an occasion that has some.
    ['North ridge', '1', '1'],
    ['South', '1', '1'],
    ['West', '1', 'NA'],
  ]);
  expect(lines(textOf(found, 'survey/effort.csv')).slice(2)).toEqual([
    ['North ridge', '5', '0.5'],
    ['South', '3.0625', '7.0833'],
    ['West', '2', 'NA'],
  ]);
  expect(table(found, 'survey/sites.csv')[2]).toMatchObject({ location: 'South', habitat: 'oak', bait: 'yes' });
  const points = JSON.parse(textOf(found, 'survey/sites.geojson'));
  expect(Object.keys(points)).toEqual(['type', 'features']);
  expect(points.features.map(({ geometry }: { geometry: unknown }) => geometry)).toEqual([
    { type: 'Point', coordinates: POINTS.East },
    { type: 'Point', coordinates: POINTS['North ridge'] },
    { type: 'Point', coordinates: POINTS.South },
    null,
  ]);
  expect(points.features[2]).toMatchObject({
    type: 'Feature',
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    properties: {
      station: 'South',
      first_day: '2024-01-02',
      trap_nights: 10.1458,
      events: 3,
      events_per_100_trap_nights: 29.5689,
    },
  });
});

test('rounded coordinates leak no exact ones, not in meters either; withheld ones are replaced by a sentence', async () => {
  await roster(earth, await survey(earth), TWO);
  const rounded = await archiveOf(earth, {}, { locator: makeLocator('rounded') });
  const exact = await archiveOf(earth);
  const utm = table(rounded, 'survey/camera_table.csv');
  expect(utm.map((row) => row.utm_x)).not.toEqual(table(exact, 'survey/camera_table.csv').map((row) => row.utm_x));
  // Zone 15 begins at -96: two of the rounded places are in it.
  const corner = makeUtm(chooseUtmZone([[-96, 30.11]])!)([-96, 30.11]);
  expect([Number(utm[0]!.utm_x), Number(utm[0]!.utm_y)]).toEqual(corner);
  for (const [name, { body }] of rounded) {
    if (name === 'survey.xlsx')
      for (const part of (await members(body)).values()) expect(String(part.body)).not.toMatch(/\.0312345|\.1234567/);
    expect(String(body)).not.toMatch(/\.0312345|\.1234567|\.9958/);
  }
  const withheld = await archiveOf(earth, {}, { locator: makeLocator('withheld') });
  expect([...withheld.keys()]).not.toEqual(expect.arrayContaining(['survey/sites.geojson']));
  expect([...withheld.keys()].filter((name) => name.includes('secr'))).toEqual([]);
  expect(table(withheld, 'survey/camera_table.csv')[0]).not.toHaveProperty('utm_x');
  for (const file of [
    'sites.geojson',
    'utm_x and utm_y of camera_table.csv',
    'secr_captures.txt, secr_captures_2_events.txt and secr_traps.txt',
  ])
    expect(readmeOf(withheld)).toContain(`Not made: ${file}: coordinates are withheld.`);
});

test('cameras in three zones have no meters, and no identities make no captures: each with its sentence', async () => {
  await survey(earth);
  expect(readmeOf(await archiveOf(earth))).toContain('no review of a roster names an animal here');
  await earth.database.write((queries) =>
    queries.rows(`UPDATE locations SET coordinates = '{"lat": 30, "lon": -80}' WHERE name = 'West'`),
  );
  const found = await archiveOf(earth);
  expect(readmeOf(found)).toContain('Not made: utm_x and utm_y of camera_table.csv: the cameras are in 3 UTM zones');
  await earth.database.write((queries) =>
    queries.rows(`UPDATE locations SET coordinates = '{"lat": 30, "lon": 20}' WHERE name = 'East'`),
  );
  await earth.database.write((queries) => queries.rows(`UPDATE locations SET coordinates = NULL WHERE name = 'West'`));
  expect(readmeOf(await archiveOf(earth))).toContain(
    'the cameras are in 2 UTM zones that are not next to each other, and coordinates of one zone are wrong so far away',
  );
  expect(found.has('survey/sites.geojson')).toBe(true);
});

test('a period of more than 60 days gives secr its 14 best-covered days', async () => {
  const ids = await survey(earth);
  await roster(earth, ids, TWO);
  const found = await archiveOf(earth, { start_date: '2023-11-01', end_date: '2024-01-31', group_by: 'month' });
  expect(textOf(found, 'survey/secr_captures.txt')).toContain('# secr captures and traps, 2023-12-27 to 2024-01-09.');
  expect(readmeOf(found)).toContain('of a period over 60 days, these are the 14 days with the most cameras at work');
  expect(rowsOf(textOf(found, 'survey/secr_captures.txt'))).toHaveLength(5);
});
