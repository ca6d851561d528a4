// The small packages from the field: what people who do this job really have, each with its right
// value.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { images } from '../../lib/adapters/images.ts';
import { importPackage, type PackageSummary } from '../../lib/data/camtrap-dp/import.ts';
import type { Manifest } from '../content/archive.ts';
import { made, members } from '../content/archive.ts';
import { type World, world } from '../content/fixture.ts';
import { report, wordsOf } from '../content/report.ts';
import { newFolder, removeFolders } from './package.ts';

const cases = resolve(process.env.HOOFPRINT_TEST_DATA ?? '../shared/data', 'field-cases');
if (!existsSync(cases))
  console.error(
    'TEST DATA ABSENT: the packages from the field are not checked; HOOFPRINT_TEST_DATA names their folder',
  );
const whenPresent = existsSync(cases)
  ? describe
  : (name: string, _: () => void) => test(`${name}: ABSENT, not checked`, () => undefined);

whenPresent('packages from the field', () => {
  let earth: World;
  beforeAll(async () => {
    earth = await world();
  });
  afterEach(async () => {
    await earth.clear();
    removeFolders();
  });
  afterAll(() => earth.close());
  const load = (name: string, more: { skipInvalid?: boolean } = {}): Promise<PackageSummary> =>
    importPackage(join(cases, name), { database: earth.database, imageRoot: newFolder(), ...more });
  const rows = <T extends object>(sql: string): Promise<T[]> => earth.database.read((queries) => queries.rows<T>(sql));
  const perCamera = () =>
    rows<{ name: string; n: number }>(
      `SELECT l.name, count(*)::int AS n FROM detections d JOIN images i ON i.id = d.image_id JOIN locations l ON l.id = i.location_id GROUP BY 1 ORDER BY 1`,
    );

  test('one-event-two-cameras: two animals at each camera, in two events', async () => {
    await load('one-event-two-cameras');
    expect(await perCamera()).toEqual([
      { name: 'Trail left', n: 2 },
      { name: 'Trail right', n: 2 },
    ]);
    expect(await rows('SELECT DISTINCT burst_group_id FROM detections')).toHaveLength(2);
    expect((await load('one-event-two-cameras')).detections).toEqual({ made: 0, there: 4 });
  });

  test('event-rows-tell-more: six roe deer and one fox, and the note names the fox', async () => {
    const { classes, notes, skipped } = await load('event-rows-tell-more');
    expect(classes).toEqual({ unknown: 6, 'Vulpes vulpes': 1 });
    expect(skipped).toEqual([]);
    expect(notes).toContain(
      '1 event-based animal observation repeats media-based ones of its event and is not counted twice',
    );
    expect(notes).toContain('1 animal is known from event-based observations only, and counted: Vulpes vulpes 1');
  });

  test('fractions-of-seconds: loaded, rounded down, one note per table and column', async () => {
    const { detections, notes } = await load('fractions-of-seconds');
    expect(detections.made).toBe(1);
    expect(notes.filter((note) => note.includes('fractions of seconds, rounded down'))).toEqual([
      'media.csv, column timestamp: 1 cell has fractions of seconds, rounded down (first: "2024-05-10T06:30:00.000Z")',
      'observations.csv, column eventStart: 1 cell has fractions of seconds, rounded down (first: "2024-05-10T06:30:00.000Z")',
      'observations.csv, column eventEnd: 1 cell has fractions of seconds, rounded down (first: "2024-05-10T06:30:00.000Z")',
    ]);
    expect(await rows('SELECT "timestamp" AS at FROM images')).toEqual([{ at: new Date('2024-05-10T06:30:00Z') }]);
  });

  test('blank-for-T: loaded, the instants kept, one note per table and column, counts written 1.0', async () => {
    const { detections, notes } = await load('blank-for-T');
    expect(detections.made).toBe(3);
    expect(notes.filter((note) => note.includes('a blank for T'))).toHaveLength(5);
    expect(notes.filter((note) => note.includes('column count'))).toEqual([
      'observations.csv, column count: 3 cells have a whole number written with decimals, such as 1.0 (first: "1.0")',
    ]);
    const [first] = await rows<{ at: Date }>('SELECT min("timestamp") AS at FROM images');
    expect(first!.at).toEqual(new Date('2024-05-10T06:30:00+02:00'));
  });

  test('tab-delimiter: loaded', async () => {
    expect(await load('tab-delimiter')).toMatchObject({ detections: { made: 1 }, images: { made: 1 }, skipped: [] });
  });

  test('absolute-paths: the sightings are loaded, media stay without a file, crops are skipped with the reason', async () => {
    const { detections, images: media, notes, skipped } = await load('absolute-paths');
    expect([detections.made, media.made, skipped]).toEqual([7, 3, []]);
    expect(notes.join('\n')).toContain(
      '3 media have a path of another computer: they are kept without a file ("/home/user/traps/cam1/IMG_0000.JPG"; ',
    );
    expect(await rows(`SELECT path FROM images WHERE path LIKE '/%'`)).toEqual([]);
    const request = { start_date: '2024-05-01', end_date: '2024-05-31', group_by: 'month' } as const;
    const files = images({ root: newFolder() });
    const archive = await members(await made(earth, request, { images: files }));
    await files.close();
    const manifest = JSON.parse(archive.get('manifest.json')!.body.toString()) as Manifest;
    expect(manifest.detections).toHaveLength(7);
    for (const one of manifest.detections)
      expect(one).toMatchObject({ status: 'skipped', reason: 'image file is missing' });
    expect(await load('absolute-paths', { skipInvalid: true })).toMatchObject({
      detections: { made: 0, there: 7 },
      images: { made: 0 },
    });
  });

  test('camera-clock-reset: the import notes it with the years, and the report of May says it at that camera', async () => {
    const { notes } = await load('camera-clock-reset');
    expect(notes).toContain('5 of 20 media were taken outside their deployment, from 1970 to 2054: c1 5');
    const may = { start_date: '2024-05-01', end_date: '2024-05-31' };
    const page = wordsOf(await report(earth, may));
    expect(page).toContain(
      'Images dated outside their deployment because of a wrong camera clock: Reset 5 (1970 to 2054). Only those dated within the period are in this report.',
    );
    const june = { start_date: '2024-06-01', end_date: '2024-06-30', group_by: 'month' } as const;
    await earth.add([{ at: '2024-06-10T06:00:00Z', place: 'Elsewhere' }]);
    expect(wordsOf(await report(earth, june))).not.toContain('Images dated outside');
  });
});
