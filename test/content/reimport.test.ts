// An export that comes back: into its own database it changes nothing; elsewhere it gives the same,
// and what nobody knows is no obstacle.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importPackage } from '../../lib/data/camtrap-dp/import.ts';
import type { ZipRequest } from '../../lib/exports/zip/request.ts';
import { observation, removeFolders, writePackage } from '../data/package.ts';
import { at, frame, made, manifestOf, members, PERIOD } from './archive.ts';
import type { World } from './fixture.ts';
import { openReimports, type Reimports, sql, sums, tablesOf, unchanged } from './reimports.ts';
import { STANDARD, withStandard } from './standard.ts';

let folder: string;
let worlds: World[];
let reimports: Reimports;
beforeAll(async () => {
  reimports = await openReimports(2);
  ({ folder, worlds } = reimports);
});
afterAll(() => reimports?.close());
beforeEach(() => reimports.clear());

test("one's own export, read back, changes no row: paths, sizes, people, derived and open deployments, animals, sources", async () => {
  const [home] = worlds as [World];
  writeFileSync(join(folder, 'cards/a.jpg'), frame);
  await home.add([
    { at: at(0), path: 'cards/a.jpg', deer: 'Ada', class: 'buck', bbox: { x: 10, y: 10, width: 100, height: 100 } },
    { at: at(50), path: 'cards/gone.jpg', deer: 'Ada', class: 'mature' },
    { at: at(60), class: 'person', path: 'walker.jpg' },
    { at: at(61), class: 'raccoon', place: 'Bare', deer: '=Rocky' },
    { at: at(70), place: 'Still', path: 'empty.jpg', detection: false },
  ]);
  await home.deploy('North', '2024-01-01T00:00:00Z', '2024-02-20T00:00:00Z', 'one');
  await home.deploy('Still', '2024-01-01T00:00:00Z', null);
  await sql(home, `UPDATE images SET width = 400, height = 200, contains_human = path = 'empty.jpg'`);
  await sql(home, 'UPDATE locations SET image_count = 77');
  const before = await sums(home);
  const zip = await made(home);
  const crops = manifestOf(await members(zip)).counts.crops;
  expect(crops).toBeGreaterThan(2);
  expect(await reimports.into(home, zip)).toMatchObject({ ...unchanged, deer: { made: 0, there: 2 } });
  // The same with the classes of people and of animals in separate packages.
  for (const classifications of [['buck'], ['raccoon']])
    await reimports.into(home, await made(home, { ...PERIOD, classifications }));
  // And under an id that the owner gave it, so that it is not known as one's own by its id.
  const where = await reimports.unpacked(zip);
  const descriptor = JSON.parse(readFileSync(join(where, 'datapackage.json'), 'utf8')) as object;
  writeFileSync(join(where, 'datapackage.json'), JSON.stringify({ ...descriptor, id: 'https://doi.org/10.1/herd' }));
  expect(await importPackage(where, { database: home.database, imageRoot: folder })).toMatchObject(unchanged);
  expect(await sums(home)).toEqual(before);
  expect((await made(home)).equals(zip)).toBe(true);
});

withStandard('the official example', () => {
  const request: ZipRequest = {
    start_date: '2020-05-30',
    end_date: '2021-05-29',
    group_by: 'month',
    include_crops: false,
    include_people: true,
  };
  test('imported, exported and read back into the same database changes nothing; into another one gives the same tables again', async () => {
    const [home, away] = worlds as [World, World];
    await importPackage(STANDARD, { database: home.database, imageRoot: folder });
    const before = await sums(home);
    const zip = await made(home, request);
    expect(await reimports.into(home, zip)).toMatchObject(unchanged);
    expect(await sums(home)).toEqual(before);
    expect((await made(home, request)).equals(zip)).toBe(true);

    await importPackage(await reimports.unpacked(zip), { database: away.database, imageRoot: folder });
    const [first, second] = [await tablesOf(zip), await tablesOf(await made(away, request))];
    for (const name of ['deployments', 'media', 'observations'] as const) expect(second[name]).toEqual(first[name]);
    expect(second.descriptor).toEqual({ ...first.descriptor, id: second.descriptor.id });
    expect(second.descriptor.id).not.toBe(first.descriptor.id);
  });

  test('what the database has no column for is passed on: of deployments, media and taxa', async () => {
    const [home] = worlds as [World];
    await importPackage(STANDARD, { database: home.database, imageRoot: folder });
    const found = await tablesOf(await made(home, request));
    const deployment = found.deployments.find((row) => row.locationName === 'B_HS_val 2_processiepark');
    expect(deployment).toMatchObject({
      ...{
        coordinateUncertainty: '187',
        setupBy: 'anonymized:3eb30aa',
        cameraModel: 'Reconyx-HF2X',
        cameraTilt: '-15',
        cameraHeight: '1.3',
      },
      ...{
        timestampIssues: 'false',
        baitUse: 'false',
        featureType: 'trailGame',
        deploymentTags: 'position:above stream',
      },
    });
    expect(
      found.media.every((row) => row.captureMethod === 'activityDetection' || row.captureMethod === 'timeLapse'),
    ).toBe(true);
    expect(found.descriptor.taxonomic).toContainEqual(
      expect.objectContaining({
        scientificName: 'Anas platyrhynchos',
        taxonRank: 'species',
        vernacularNames: { eng: 'mallard', nld: 'wilde eend' },
      }),
    );
  });
});

test('an event keeps its start and end, and the times of a clock put right in the database move with its image', async () => {
  const [home, away] = worlds as [World, World];
  const span = { eventID: 'e1', eventStart: '2024-05-10T05:59:50-05:00', eventEnd: '2024-05-10T06:01:00-05:00' };
  const later = { eventID: 'e2', eventStart: '2024-05-12T06:00:00-05:00', eventEnd: '2024-05-12T06:00:30-05:00' };
  const where = writePackage({
    observations: [
      observation('a', { mediaID: 'm1', ...span }),
      observation('b', { observationLevel: 'event', ...later }),
    ],
  });
  await importPackage(where, { database: home.database, imageRoot: folder });
  const spring = { ...PERIOD, start_date: '2024-05-01', end_date: '2024-05-31' };
  const times = async (on: World) =>
    (await tablesOf(await made(on, spring))).observations.map((row) => [row.eventStart, row.eventEnd]);
  const written = [span, later].map(({ eventStart, eventEnd }) => [eventStart, eventEnd]);
  expect(await times(home)).toEqual(written);
  await reimports.into(away, await made(home, spring));
  expect(await times(away)).toEqual(written);
  await sql(home, `UPDATE images SET timestamp = timestamp + interval '1 hour' WHERE path LIKE 'https:%'`);
  expect((await times(home))[0]).toEqual(['2024-05-10T06:59:50-05:00', '2024-05-10T07:01:00-05:00']);
  removeFolders();
});

test('an export that lacks what nobody knows is read back with the gaps named and the same counts', async () => {
  const [home, away] = worlds as [World, World];
  await home.add(
    ['buck', 'doe', 'fawn', 'mature', 'raccoon', 'Vulpes vulpes', 'unknown'].map((name, n) => ({
      at: at(n),
      class: name,
      place: n > 3 ? 'South' : 'North',
    })),
  );
  await home.deploy('North', '2024-01-01T00:00:00Z', '2024-02-20T00:00:00Z', 'one');
  const zip = await made(home);
  const summary = await reimports.into(away, zip);
  expect(summary.skipped).toEqual([]);
  expect(summary.notes).toEqual(
    expect.arrayContaining([
      'deployments.csv: 2 of 2 rows have no coordinates: their locations are known by locationID alone',
      'datapackage.json does not state these fields, and nothing is invented: contributors, project.title, project.samplingDesign, project.captureMethod, spatial',
      expect.stringMatching(/^1 deployment is the days from first to last image/),
    ]),
  );
  const counts =
    'SELECT l.name, l.coordinates, d.classification, count(*) AS n FROM detections d JOIN images i ON i.id = d.image_id JOIN locations l ON l.id = i.location_id GROUP BY 1, 2, 3 ORDER BY 1, 3';
  expect(await sql(away, counts)).toEqual(await sql(home, counts));
  const stays = 'SELECT id, location_id, starts_at, ends_at, camera_id FROM deployments';
  expect(await sql(away, stays)).toEqual(await sql(home, stays));
  const again = await tablesOf(await made(away));
  expect(again.observations).toEqual(
    (await tablesOf(zip)).observations.map((row) =>
      expect.objectContaining({ observationID: row.observationID, sex: row.sex }),
    ),
  );
  expect(again.deployments).toEqual((await tablesOf(zip)).deployments);
});

test('a camera that is still running runs longer with each later package, until its end is known', async () => {
  const [home, away] = worlds as [World, World];
  await home.add([{ at: at(0) }]);
  await home.deploy('North', '2024-01-01T00:00:00Z', null, 'one');
  const ends = async (on: World) =>
    (await sql<{ ends_at: Date }>(on, 'SELECT ends_at FROM deployments'))[0]!.ends_at?.toISOString();
  const [spring, summer] = ['2024-04-01T00:00:00.000Z', '2024-07-01T00:00:00.000Z'] as const;
  const zips = await Promise.all([spring, summer].map((day) => made(home, PERIOD, { createdAt: new Date(day) })));
  await sql(home, `UPDATE deployments SET ends_at = '2024-06-01T00:00:00Z'`);
  const closed = await made(home);
  const seen: (string | undefined)[] = [];
  for (const zip of [zips[0]!, zips[1]!, zips[0]!, closed, zips[1]!]) {
    await reimports.into(away, zip);
    seen.push(await ends(away));
  }
  expect(seen).toEqual([spring, summer, summer, '2024-06-01T00:00:00.000Z', '2024-06-01T00:00:00.000Z']);
  await reimports.into(home, zips[1]!);
  expect(await ends(home)).toBe('2024-06-01T00:00:00.000Z');
});

test("a package's word on people and licenses is not passed on for images that the owner had before", async () => {
  const [home, other] = worlds as [World, World];
  await other.add([{ at: at(0), place: 'Elsewhere' }]);
  await home.add([{ at: at(1) }]);
  await reimports.into(home, await made(other));
  expect(await sql(home, `SELECT key FROM hoofprint_meta WHERE key LIKE 'camtrap%'`)).toHaveLength(2);
  expect(String((await members(await made(home))).get('README.txt')?.body)).toContain('This archive grants no license');
});
