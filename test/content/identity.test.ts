// An animal stays itself: over packages of several periods, through databases in between, and
// next to others of its name.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importPackage } from '../../lib/data/camtrap-dp/import.ts';
import type { ZipRequest } from '../../lib/exports/zip/request.ts';
import { at, made, PERIOD } from './archive.ts';
import type { World } from './fixture.ts';
import { openReimports, type Reimports, sql, sums, tablesOf, unchanged } from './reimports.ts';

let folder: string;
let worlds: World[];
let reimports: Reimports;
beforeAll(async () => {
  reimports = await openReimports(4);
  ({ folder, worlds } = reimports);
});
afterAll(() => reimports?.close());
beforeEach(() => reimports.clear());

const sightings = (on: World) =>
  sql<{ name: string; n: number; count: number }>(
    on,
    `SELECT e.name, count(d.id) AS n, e.sighting_count AS count FROM deer e LEFT JOIN detections d ON d.deer_id = e.id
     GROUP BY e.id ORDER BY e.name, e.id`,
  );

describe('an animal stays itself', () => {
  const half = (from: string, to: string): ZipRequest => ({ ...PERIOD, start_date: from, end_date: to });
  const periods = [half('2024-01-01', '2024-01-31'), half('2024-02-01', '2024-03-31')] as const;
  /**
   * Ada in both periods; Bo once in each; two animals are called Twin, and in January only one of
   * them is seen.
   */
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
      for (const zip of order) await reimports.into(target, zip);
      expect(await lives(target)).toEqual(whole);
      for (const one of await sightings(target)) expect(one.count).toBe(one.n);
      const settled = await sums(target);
      for (const zip of zips) expect(await reimports.into(target, zip)).toMatchObject(unchanged);
      expect(await sums(target)).toEqual(settled);
    }
    // One half at first hand, the other at second.
    await reimports.into(third, zips[0]);
    await reimports.into(third, await made(away, periods[1]));
    expect(await lives(third)).toEqual(whole);
  });

  test('of two databases that use the same names, also where a program has dropped the table of individuals', async () => {
    const [home, other, away, bare] = worlds as [World, World, World, World];
    const packages: Buffer[] = [];
    for (const one of [home, other]) {
      await one.add([0, 50].map((n) => ({ at: at(n), deer: 'Ada', place: `Of ${worlds.indexOf(one)}` })));
      packages.push(await made(one));
    }
    for (const zip of packages) await reimports.into(away, zip);
    expect((await sightings(away)).map(({ name, n }) => [name, n])).toEqual([
      ['Ada', 2],
      ['Ada', 2],
    ]);
    for (const zip of packages) {
      const where = await reimports.unpacked(zip);
      const said = JSON.parse(readFileSync(join(where, 'datapackage.json'), 'utf8')) as {
        resources: { name: string }[];
      };
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
    expect((await reimports.into(away, zip)).deer).toEqual({ made: 0, there: 0 });
  });
});
