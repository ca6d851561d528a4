// An export that comes back: into its own database it changes nothing; elsewhere every animal stays itself, and what nobody knows is no obstacle.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importPackage, type Summary } from '../../lib/data/camtrap-dp/import.ts';
import type { ZipRequest } from '../../lib/exports/request.ts';
import { observation, removeFolders, writePackage } from '../data/package.ts';
import { at, frame, made, manifestOf, members, PERIOD } from './archive.ts';
import { type World, world } from './fixture.ts';
import { packageIn, STANDARD, withStandard } from './standard.ts';

const TABLES = ['locations', 'deployments', 'images', 'detections', 'deer', 'hoofprint_meta'];
let folder: string;
let worlds: World[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reimport-'));
  mkdirSync(join(folder, 'cards'));
  worlds = [];
  for (let n = 0; n < 4; n++) worlds.push(await world());
});
afterAll(async () => {
  for (const one of worlds) await one.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  for (const one of worlds) {
    await one.clear();
    await sql(one, `DELETE FROM hoofprint_meta WHERE key LIKE 'camtrap%'`);
  }
});

const sql = <T extends object>(on: World, text: string, params: readonly unknown[] = []): Promise<T[]> =>
  on.database.write((queries) => queries.rows<T>(text, params));
/** Every row of every table, as one sum each. */
const sums = async (on: World): Promise<Record<string, string>> => {
  const found: Record<string, string> = {};
  for (const table of TABLES) {
    const [row] = await sql<{ sum: string }>(
      on,
      `SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS sum FROM ${table} t`,
    );
    found[table] = row!.sum;
  }
  return found;
};
let saved = 0;
async function into(on: World, zip: Buffer): Promise<Summary> {
  const file = join(folder, `${++saved}.zip`);
  writeFileSync(file, zip);
  return importPackage(file, { database: on.database, imageRoot: folder });
}
/** The folder of the package in an archive. */
async function unpacked(zip: Buffer): Promise<string> {
  const where = mkdtempSync(join(folder, 'camtrap-dp-'));
  for (const [name, { body }] of await members(zip))
    if (name.startsWith('camtrap-dp/')) writeFileSync(join(where, name.slice('camtrap-dp/'.length)), body);
  return where;
}
const tablesOf = async (zip: Buffer) => packageIn(await members(zip));
const sightings = (on: World) =>
  sql<{ name: string; n: number; count: number }>(
    on,
    `SELECT e.name, count(d.id) AS n, e.sighting_count AS count, e.first_seen, e.last_seen FROM deer e LEFT JOIN detections d ON d.deer_id = e.id
     GROUP BY e.id ORDER BY e.name, e.id`,
  );
const nothing = { made: 0 };
const unchanged = { locations: nothing, deployments: nothing, images: nothing, deer: nothing, detections: nothing, skipped: [] };

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
  expect(await into(home, zip)).toMatchObject({ ...unchanged, deer: { made: 0, there: 2 } });
  // The same with the classes of people and of animals in packages of their own.
  for (const classifications of [['buck'], ['raccoon']]) await into(home, await made(home, { ...PERIOD, classifications }));
  expect(await sums(home)).toEqual(before);
  expect((await made(home)).equals(zip)).toBe(true);
});

withStandard('the official example', () => {
  const request: ZipRequest = { start_date: '2020-05-30', end_date: '2021-05-29', group_by: 'month', include_crops: false };
  test('imported, exported and read back into the same database changes nothing; into another one gives the same tables again', async () => {
    const [home, away] = worlds as [World, World];
    await importPackage(STANDARD, { database: home.database, imageRoot: folder });
    const before = await sums(home);
    const zip = await made(home, request);
    expect(await into(home, zip)).toMatchObject(unchanged);
    expect(await sums(home)).toEqual(before);
    expect((await made(home, request)).equals(zip)).toBe(true);

    await importPackage(await unpacked(zip), { database: away.database, imageRoot: folder });
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
      ...{ timestampIssues: 'false', baitUse: 'false', featureType: 'trailGame', deploymentTags: 'position:above stream' },
    });
    expect(found.media.every((row) => row.captureMethod === 'activityDetection' || row.captureMethod === 'timeLapse')).toBe(true);
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
    observations: [observation('a', { mediaID: 'm1', ...span }), observation('b', { observationLevel: 'event', ...later })],
  });
  await importPackage(where, { database: home.database, imageRoot: folder });
  const spring = { ...PERIOD, start_date: '2024-05-01', end_date: '2024-05-31' };
  const times = async (on: World) => (await tablesOf(await made(on, spring))).observations.map((row) => [row.eventStart, row.eventEnd]);
  const told = [span, later].map(({ eventStart, eventEnd }) => [eventStart, eventEnd]);
  expect(await times(home)).toEqual(told);
  await into(away, await made(home, spring));
  expect(await times(away)).toEqual(told);
  await sql(home, `UPDATE images SET timestamp = timestamp + interval '1 hour' WHERE path LIKE 'https:%'`);
  expect((await times(home))[0]).toEqual(['2024-05-10T06:59:50-05:00', '2024-05-10T07:01:00-05:00']);
  removeFolders();
});

describe('an animal stays itself', () => {
  const half = (from: string, to: string): ZipRequest => ({ ...PERIOD, start_date: from, end_date: to });
  const periods = [half('2024-01-01', '2024-01-31'), half('2024-02-01', '2024-03-31')] as const;
  /** Ada in both periods; Bo once in each; two animals are called Twin, and in January only one of them is seen. */
  const herd = async (on: World): Promise<void> => {
    const [, , , , , twin] = await on.add([
      ...[0, 50, 800].map((n) => ({ at: at(n), deer: 'Ada', class: 'doe' })),
      ...[60, 900].map((n) => ({ at: at(n), deer: 'Bo', class: 'buck' })),
      ...[70, 90, 820, 840].map((n) => ({ at: at(n), deer: n === 820 || n === 70 ? 'Twin' : 'Other', class: 'doe' })),
    ]);
    expect(twin).toBeDefined();
    await sql(
      on,
      `UPDATE detections d SET deer_id = (SELECT id FROM deer WHERE name = 'Twin') FROM images i WHERE i.id = d.image_id AND i.timestamp = $1`,
      [at(90)],
    );
    await on.add([{ at: at(860), deer: 'Other', class: 'doe' }]);
    await sql(on, `UPDATE deer SET name = 'Twin' WHERE name = 'Other'`);
  };
  const lives = (on: World) =>
    sql(
      on,
      `SELECT e.id::text, e.name, count(d.id) AS n, min(i.timestamp) AS first, max(i.timestamp) AS last
       FROM deer e JOIN detections d ON d.deer_id = e.id JOIN images i ON i.id = d.image_id GROUP BY e.id ORDER BY 1`,
    );

  test('over packages of two periods, in either order, and through a third database', async () => {
    const [home, away, back, third] = worlds as [World, World, World, World];
    await herd(home);
    const zips = [await made(home, periods[0]), await made(home, periods[1])] as const;
    const ids = await Promise.all(zips.map(async (zip) => (await tablesOf(zip)).descriptor.id));
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(ids[1]).toBe(ids[0]);
    const whole = await lives(home);
    expect(whole).toHaveLength(4);
    for (const [target, order] of [
      [away, zips],
      [back, zips.toReversed()],
    ] as const) {
      for (const zip of order) await into(target, zip);
      expect(await lives(target)).toEqual(whole);
      for (const one of await sightings(target)) expect(one.count).toBe(one.n);
      const settled = await sums(target);
      for (const zip of zips) expect(await into(target, zip)).toMatchObject(unchanged);
      expect(await sums(target)).toEqual(settled);
    }
    // One half at first hand, the other at second.
    await into(third, zips[0]);
    await into(third, await made(away, periods[1]));
    expect(await lives(third)).toEqual(whole);
  });

  test('of two databases that use the same names, also where a program has dropped the table of individuals', async () => {
    const [home, other, away, bare] = worlds as [World, World, World, World];
    const packages: Buffer[] = [];
    for (const one of [home, other]) {
      await one.add([0, 50].map((n) => ({ at: at(n), deer: 'Ada', place: `Of ${worlds.indexOf(one)}` })));
      packages.push(await made(one));
    }
    for (const zip of packages) await into(away, zip);
    expect((await sightings(away)).map(({ name, n }) => [name, n])).toEqual([
      ['Ada', 2],
      ['Ada', 2],
    ]);
    for (const zip of packages) {
      const where = await unpacked(zip);
      const said = JSON.parse(readFileSync(join(where, 'datapackage.json'), 'utf8')) as { resources: { name: string }[] };
      const resources = said.resources.filter((one) => one.name !== 'individuals');
      writeFileSync(join(where, 'datapackage.json'), JSON.stringify({ ...said, resources }));
      await importPackage(where, { database: bare.database, imageRoot: folder });
    }
    expect((await sightings(bare)).map(({ name, n }) => [name, n])).toEqual([
      ['Ada', 2],
      ['Ada', 2],
    ]);
  });

  test('an individual of one event in each of two sources is not made one animal by the database between', async () => {
    const [home, away] = worlds as [World, World];
    const ids = await home.add([{ at: at(0) }, { at: at(50) }]);
    for (const [n, id] of ids.entries())
      await sql(home, `UPDATE detections SET species = 'Dama dama', observation = $2 WHERE id = $1`, [
        id,
        JSON.stringify({ individualID: '7', individual: `00000000-0000-4000-8000-00000000000${n}` }),
      ]);
    const zip = await made(home);
    expect(new Set((await tablesOf(zip)).observations.map((row) => row.individualID)).size).toBe(2);
    expect((await into(away, zip)).deer).toEqual({ made: 0, there: 0 });
  });
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
  const summary = await into(away, zip);
  expect(summary.skipped).toEqual([]);
  expect(summary.notes).toEqual(
    expect.arrayContaining([
      'deployments.csv: 2 of 2 rows have no coordinates: their places are known by locationID alone',
      'datapackage.json does not say, and nothing is invented: contributors, project.title, project.samplingDesign, project.captureMethod, spatial',
      expect.stringMatching(/^1 deployments are the days from first to last image/),
    ]),
  );
  const counts =
    'SELECT l.name, l.coordinates, d.classification, count(*) AS n FROM detections d JOIN images i ON i.id = d.image_id JOIN locations l ON l.id = i.location_id GROUP BY 1, 2, 3 ORDER BY 1, 3';
  expect(await sql(away, counts)).toEqual(await sql(home, counts));
  const stays = 'SELECT id, location_id, starts_at, ends_at, camera_id FROM deployments';
  expect(await sql(away, stays)).toEqual(await sql(home, stays));
  const again = await tablesOf(await made(away));
  expect(again.observations).toEqual(
    (await tablesOf(zip)).observations.map((row) => expect.objectContaining({ observationID: row.observationID, sex: row.sex })),
  );
  expect(again.deployments).toEqual((await tablesOf(zip)).deployments);
});

test("a package's word on people and licences is not passed on for images that the owner had before", async () => {
  const [home, other] = worlds as [World, World];
  await other.add([{ at: at(0), place: 'Elsewhere' }]);
  await home.add([{ at: at(1) }]);
  await into(home, await made(other));
  expect(await sql(home, `SELECT key FROM hoofprint_meta WHERE key LIKE 'camtrap%'`)).toHaveLength(2);
  expect(String((await members(await made(home))).get('README.txt')?.body)).toContain('This archive grants no licence');
});
