// The ZIP archive as its reader gets it: every member, every count, every reason.
import { createHash } from 'node:crypto';
import { makeScope, readFilledSeason } from '../../lib/exports/season/index.ts';
import { at, CREATED, made, manifestOf, members, PERIOD, reasons, table, ZONE } from './archive.ts';
import { type World, world } from './fixture.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterAll(() => earth?.close());
afterEach(() => earth.clear());

test('every member is named in the manifest with its sha256, and the counts are those of the season', async () => {
  await earth.add([
    { at: at(0), class: 'doe', deer: 'Ada', bbox: { x: 10, y: 10, width: 100, height: 50 } },
    { at: at(0.2), class: 'doe', corrected: 'buck' },
    { at: at(0.4), class: 'doe' },
    { at: at(900), class: 'fawn', place: 'South' },
    { at: at(901), class: 'fawn', place: 'South', valid: false },
    { at: at(902), class: 'fawn', place: 'South', duplicate: true },
    { at: at(9000), class: 'fawn' },
  ]);
  await earth.deploy('North', '2024-01-01T00:00:00-06:00', '2024-02-01T00:00:00-06:00');
  const found = await members(await made(earth, { ...PERIOD, title: 'A season' }));
  const manifest = manifestOf(found);
  expect([...found.keys()].sort()).toEqual([...manifest.files.map((file) => file.path), 'manifest.json'].sort());
  for (const { path, bytes, sha256 } of manifest.files) {
    expect([path, found.get(path)?.body.length]).toEqual([path, bytes]);
    expect(createHash('sha256').update(found.get(path)!.body).digest('hex')).toBe(sha256);
  }
  for (const [path, member] of found) {
    expect([path, member.stored]).toEqual([path, path.endsWith('.jpg')]);
    expect(member.date.toISOString()).toBe('2025-02-03T04:05:06.000Z');
  }
  expect(manifest.counts).toEqual({
    requested: 6,
    exported: 4,
    skipped: 2,
    metadata_rows: 4,
    crops: 4,
    left_out_invalid: 1,
    left_out_duplicate: 1,
    left_out_no_animal: 0,
  });

  const rows = table(found, 'metadata.csv');
  expect(rows[0]).toMatchObject({
    captured_at: '2024-01-10T06:00:00-06:00',
    location: 'North',
    classification: 'doe',
    bbox_width: '100',
    deer_name: 'Ada',
  });
  expect(rows[1]).toMatchObject({
    classification: 'buck',
    model_classification: 'doe',
    bbox_x: '',
    is_reviewed: 'false',
  });
  expect(Object.keys(rows[0]!).join()).toBe(
    'detection_id,image_id,filename,captured_at,location,classification,model_classification,confidence,bbox_x,bbox_y,bbox_width,bbox_height,deer_id,deer_name,burst_group_id,is_reviewed,created_at',
  );

  const summary = table(found, 'summary_by_month.csv');
  const quarter = { start_date: '2024-01-01', end_date: '2024-03-31', group_by: 'month' } as const;
  const season = await earth.database.read((queries) => readFilledSeason(queries, makeScope(quarter, ZONE, CREATED)));
  expect(summary).toHaveLength(9);
  expect(summary.reduce((sum, row) => sum + Number(row.detections), 0)).toBe(season.total.detections);
  expect(summary.reduce((sum, row) => sum + Number(row.independent_events), 0)).toBe(season.total.events);
  expect(summary.find((row) => row.period === '2024-01' && row.class === 'doe')).toEqual({
    period: '2024-01',
    class: 'doe',
    detections: '2',
    independent_events: '1',
    individuals: '1',
    trap_nights: '31',
    events_per_100_trap_nights: '3.2258',
  });
  expect(summary.find((row) => row.period === '2024-03' && row.class === 'doe')).toMatchObject({
    detections: '0',
    events_per_100_trap_nights: '',
  });
  expect(String(found.get('README.txt')?.body)).toContain('A season\n========\n');
  expect(String(found.get('README.txt')?.body)).toContain(
    'Left out of all counts: 1 detection marked as not valid, 1 marked as duplicate.',
  );
});

test('equal jobs give equal bytes', async () => {
  await earth.add([0, 1, 2, 3, 4, 5].map((n) => ({ at: at(n), bbox: { x: n, y: n, width: 90, height: 60 } })));
  const first = await made(earth, PERIOD, { jobId: 'one' });
  expect((await made(earth, PERIOD, { jobId: 'two' })).equals(first)).toBe(true);
  expect((await made(earth, PERIOD, { createdAt: new Date('2025-02-03T05:05:06Z') })).equals(first)).toBe(false);
});

test('detection ids: only those, once, within their span; the others are listed with their reasons', async () => {
  const ids = await earth.add([{ at: at(0) }, { at: at(800) }, { at: at(1600) }, { at: at(2), valid: false }]);
  const unknown = '00000000-0000-4000-8000-000000000000';
  const asked = [ids[0]!.toUpperCase(), ids[0]!, ids[1]!, ids[3]!, unknown];
  const found = await members(await made(earth, { detection_ids: asked }));
  const manifest = manifestOf(found);
  expect(manifest.counts).toMatchObject({ requested: 4, exported: 2, skipped: 2 });
  expect(reasons(manifest)).toEqual({
    [ids[0]!]: undefined,
    [ids[1]!]: undefined,
    [ids[3]!]: 'marked as not valid',
    [unknown]: 'no such detection',
  });
  expect(table(found, 'summary_by_month.csv').map((row) => [row.period, row.detections])).toEqual([
    ['2024-01', '1'],
    ['2024-02', '1'],
  ]);

  const within = manifestOf(
    await members(await made(earth, { ...PERIOD, end_date: '2024-01-31', detection_ids: asked })),
  );
  expect(reasons(within)[ids[1]!]).toBe('captured on 2024-02-12, after the period');
  expect(within.counts).toMatchObject({ requested: 4, exported: 1 });
  await expect(made(earth, { detection_ids: [unknown] })).rejects.toThrow(
    'None of the 1 detection_ids can be exported: no such detection',
  );
  await expect(made(earth, { ...PERIOD, detection_ids: [unknown] })).rejects.toThrow(
    'No detections found between 2024-01-01 and 2024-03-31',
  );
});

test('ids that are left out are listed alike in manifest and README.txt, whatever their time', async () => {
  const ids = await earth.add([
    { at: at(-500), valid: false },
    { at: at(0) },
    { at: at(1), duplicate: true },
    { at: at(2), duplicate: true, valid: false },
    { at: at(3), class: 'empty' },
  ]);
  const found = await members(await made(earth, { detection_ids: ids, include_crops: false }));
  expect(manifestOf(found).counts).toMatchObject({
    requested: 5,
    left_out_invalid: 2,
    left_out_duplicate: 1,
    left_out_no_animal: 1,
  });
  const readme = String(found.get('README.txt')?.body);
  expect(readme).toContain(
    'Left out of all counts: 2 detections marked as not valid, 1 marked as duplicate, 1 not of an animal',
  );
  expect(readme).toContain('2 x marked as not valid');
  expect(readme).toContain('1 x marked as duplicate');
});

test('ids over more than a year are binned by month, and README.txt says why; a year is left as asked for', async () => {
  const ids = await earth.add([
    { at: '1970-01-01T12:00:00Z', deer: 'Ada' },
    { at: '2025-01-05T12:00:00Z', deer: 'Ada' },
    { at: '2025-01-20T12:00:00Z' },
  ]);
  await earth.deploy('North', '2025-01-01T06:00:00Z', '2025-01-10T00:00:00Z');
  const found = await members(await made(earth, { detection_ids: ids, group_by: 'day', include_crops: false }));
  const readme = String(found.get('README.txt')?.body);
  expect(readme).toContain('1970-01-01 to 2025-01-20, both days included, by month');
  expect(readme).toContain('by day was requested');
  // 660 months without a camera are one line's worth, not 660 names.
  expect(readme).toContain('leave them out: 1970-01 to 2024-12.');
  expect(table(found, 'summary_by_month.csv')).toHaveLength(661);
  expect(Object.keys(table(found, 'capture_history.csv')[0]!)).toHaveLength(664);
  expect(manifestOf(found)).toMatchObject({ period: { group_by: 'month' }, request: { group_by: 'day' } });

  const year = await earth.add([{ at: '2024-01-21T12:00:00Z' }]);
  const fine = await members(
    await made(earth, { detection_ids: [ids[2]!, year[0]!], group_by: 'day', include_crops: false }),
  );
  expect(table(fine, 'summary_by_day.csv')).toHaveLength(366);
  expect(String(fine.get('README.txt')?.body)).not.toContain('was requested, but');
});

test('what a location recorded outside its deployments belongs to the nearest of them, and no effort is invented for it', async () => {
  await earth.add([{ at: '2024-02-10T12:00:00Z' }, { at: '2024-02-14T12:00:00Z' }]);
  await earth.deploy('North', '2023-10-01T00:00:00Z', '2023-11-01T00:00:00Z', 'first');
  await earth.deploy('North', '2023-11-01T00:00:00Z', '2023-12-05T00:00:00Z', 'second');
  await earth.deploy('North', '2024-09-01T00:00:00Z', '2024-10-01T00:00:00Z', 'third');
  const found = await members(await made(earth, { ...PERIOD, include_crops: false }));
  expect(table(found, 'camtrap-dp/deployments.csv').map((row) => [row.cameraID, row.deploymentComments])).toEqual([
    ['second', ''],
  ]);
  expect(table(found, 'camtrap-dp/media.csv')).toHaveLength(2);
  expect(table(found, 'summary_by_month.csv').map((row) => [row.detections, row.trap_nights])).toEqual([
    ['0', '0'],
    ['2', '0'],
    ['0', '0'],
  ]);
});

test('README.txt names detections without a location and deployments in another time zone', async () => {
  await earth.add([{ at: at(0) }, { at: at(5), place: null }]);
  await earth.deploy('North', '2024-01-01T06:00:00Z', '2024-02-01T06:00:00Z', null, 'Europe/Berlin');
  const found = await members(await made(earth, { ...PERIOD, end_date: '2024-01-31', include_crops: false }));
  const readme = String(found.get('README.txt')?.body);
  expect(readme).toContain(
    '1 counted detection has no location. It is not included in rates (events_per_100_trap_nights), because camera effort is unknown.',
  );
  expect(readme).toContain('(deployments are recorded in Europe/Berlin; days and hours here are in America/Chicago)');
  expect(table(found, 'summary_by_month.csv')[0]).toMatchObject({
    independent_events: '2',
    events_per_100_trap_nights: '3.2258',
  });
});

test('crops and metadata can be left out', async () => {
  await earth.add([{ at: at(0) }]);
  const images = { read: () => Promise.reject(new Error('not asked for')) };
  const found = await members(
    await made(
      earth,
      {
        ...PERIOD,
        include_crops: false,
        include_metadata_csv: false,
        include_survey: false,
        include_camtrap_dp: false,
      },
      { images },
    ),
  );
  expect([...found.keys()]).toEqual(['summary_by_month.csv', 'capture_history.csv', 'README.txt', 'manifest.json']);
  expect(manifestOf(found).counts).toMatchObject({ exported: 1, crops: 0, metadata_rows: 0 });
});

test('cells that a spreadsheet would run are text, numbers stay numbers', async () => {
  await earth.add([
    {
      at: at(0),
      class: '=1+1',
      place: '@cmd',
      deer: '+49',
      path: '-a,"b"\n.jpg',
      bbox: { x: -5, y: 0, width: 50, height: 50 },
    },
    { at: at(1), class: '\tx', place: 'O\'Brien, "North"', path: '\rz.jpg' },
  ]);
  const rows = table(
    await members(await made(earth, { ...PERIOD, title: '=HYPERLINK("x")\nLicense' })),
    'metadata.csv',
  );
  expect(rows[0]).toMatchObject({
    classification: "'=1+1",
    location: "'@cmd",
    deer_name: "'+49",
    filename: '\'-a,"b"\n.jpg',
    bbox_x: '-5',
  });
  expect(rows[1]).toMatchObject({ classification: "'\tx", location: 'O\'Brien, "North"', filename: "'\nz.jpg" });
});

test('an empty period is one sentence', async () => {
  await expect(made(earth, PERIOD)).rejects.toMatchObject({
    kind: 'invalid',
    message: 'No detections found between 2024-01-01 and 2024-03-31',
  });
});

test('progress counts rows and crops that are really done', async () => {
  await earth.add([0, 1, 2].map((n) => ({ at: at(n) })));
  const seen: [number, number][] = [];
  await made(earth, PERIOD, { progress: (done, total) => seen.push([done, total]) });
  // Three rows of metadata.csv, three crops, three observations of camtrap-dp/, the end.
  expect(seen.at(-1)).toEqual([10, 10]);
  expect([...new Set(seen.map(([done]) => done))]).toEqual([0, 3, 4, 5, 6, 9, 10]);
  expect(seen).toEqual(seen.toSorted(([a], [b]) => a - b));
});
