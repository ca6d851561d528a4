// The import of Camtrap DP packages: what is refused and how it is said, what becomes of every kind of row, and that a second import changes nothing.
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipArchive } from 'archiver';
import sharp from 'sharp';
import { importPackage, type Summary } from '../../lib/data/camtrap-dp/import.ts';
import { migrate } from '../../lib/data/schema.ts';
import { type OwnDatabase, ownDatabase } from '../support/database.ts';
import { deployment, medium, newFolder, observation, type PackageParts, packageFiles, removeFolders, writePackage } from './package.ts';

let own: OwnDatabase;
const imageRoot = newFolder();
beforeAll(async () => {
  own = await ownDatabase();
  await migrate(own.database);
});
afterAll(async () => {
  await own.close();
  removeFolders();
});

const rows = <T extends object = Record<string, unknown>>(sql: string, params: readonly unknown[] = []) =>
  own.database.read((queries) => queries.rows<T>(sql, params));
const load = (where: string, more: { skipInvalid?: boolean } = {}): Promise<Summary> =>
  importPackage(where, { database: own.database, imageRoot, ...more });
/** Every test's package has an id and names of its own, so that they share one database. */
let packages = 0;
const write = (parts: PackageParts): string => {
  packages += 1;
  const id = `test-package-${packages}`;
  const named = (parts.deployments ?? [deployment()]).map((row) => ({ ...row, locationName: `${row.locationName} of ${id}` }));
  // A URL that the database knows is the same image to it, so every package has URLs of its own, too.
  const media = (parts.media === undefined ? [medium('m1')] : parts.media)?.map((row) => ({
    ...row,
    filePath: String(row.filePath).replace('//example.org/', `//example.org/${id}/`),
  }));
  return writePackage({ ...parts, media: media ?? null, deployments: named, descriptor: { id, ...parts.descriptor } });
};
const everything = () =>
  rows(`SELECT (SELECT json_agg(d ORDER BY d.id)::text FROM detections d) || (SELECT json_agg(i ORDER BY i.id)::text FROM images i)
    || (SELECT json_agg(l ORDER BY l.id)::text FROM locations l) || coalesce((SELECT json_agg(e ORDER BY e.id)::text FROM deer e), '') AS all`);

const data = resolve(process.env.HOOFPRINT_TEST_DATA ?? '../shared/data', 'camtrap-dp-example');
if (!existsSync(data))
  console.error(
    'TEST DATA ABSENT: the example package is not checked; set HOOFPRINT_TEST_DATA to the folder that holds camtrap-dp-example',
  );

const whenPresent = existsSync(data) ? describe : (name: string, _: () => void) => test(`${name}: ABSENT, not checked`, () => undefined);
whenPresent('the official example', () => {
  test('the counts by species equal those of another reading of observations.csv, and a second import changes nothing', async () => {
    const first = await load(data);
    expect(first).toMatchObject({
      locations: { made: 4 },
      deployments: { made: 4 },
      images: { made: 423 },
      deer: { made: 0 },
      skipped: [],
    });
    const wanted = countAnother(readFileSync(join(data, 'observations.csv'), 'utf8'));
    const counted = await rows<{ name: string; count: number }>(
      `SELECT d.classification AS name, count(*) AS count FROM detections d JOIN images i ON i.id = d.image_id JOIN locations l ON l.id = i.location_id
       WHERE l.name LIKE 'B\\_%' GROUP BY 1 ORDER BY 1`,
    );
    expect(Object.fromEntries(counted.map(({ name, count }) => [name, count]))).toEqual(wanted);
    expect(first.classes).toEqual(wanted);
    expect(first.observations).toEqual({ animal: 366, blank: 115, human: 33, vehicle: 21, unknown: 13, unclassified: 1 });

    const before = await everything();
    const second = await load(data);
    for (const table of ['locations', 'deployments', 'images', 'detections'] as const) {
      expect(second[table]).toEqual({ made: 0, there: first[table].made });
    }
    expect(await everything()).toEqual(before);
  });

  test('the ten image files are found with their sizes, the rest are URLs, and images of humans are marked', async () => {
    const [files] = await rows(
      `SELECT count(*) FILTER (WHERE path LIKE $1 || '/media/%.JPG' AND width > 1000 AND height > 700) AS files,
      count(*) FILTER (WHERE path LIKE 'https://multimedia.agouti.eu/%' AND width IS NULL) AS urls, count(*) FILTER (WHERE contains_human) AS human
      FROM images`,
      [data],
    );
    expect(files).toEqual({ files: 10, urls: 413, human: 33 });
    const [boxes] = await rows(
      `SELECT count(bbox) AS pixels, count(bbox_relative) AS shares FROM detections WHERE bbox_relative IS NOT NULL`,
    );
    expect(boxes!.shares).toBeGreaterThan(0);
    const [span] = await rows<{ first: Date; zones: string[] }>(
      `SELECT min(starts_at) AS first, array_agg(DISTINCT time_zone ORDER BY time_zone) AS zones FROM deployments WHERE camera_id IN ('320', '250', '303', '315')`,
    );
    expect(span).toEqual({ first: new Date('2020-05-30T04:57:37+02:00'), zones: ['+01:00', '+02:00'] });
  });
});

/** Counts animals by the import rules in another way: a CSV reader by single characters, one pass backwards over the events. */
function countAnother(text: string): Record<string, number> {
  const table: string[][] = [[]];
  let [cell, inside] = ['', false];
  for (const sign of text.replaceAll('\r', '')) {
    if (sign === '"') inside = !inside;
    else if (!inside && (sign === ',' || sign === '\n')) {
      table.at(-1)!.push(cell);
      cell = '';
      if (sign === '\n') table.push([]);
    } else cell += sign;
  }
  const [header, ...lines] = table.filter((line) => line.length > 1);
  const get = (line: string[], name: string): string => line[header!.indexOf(name)]!;
  const animals = lines.filter((line) => get(line, 'observationType') === 'animal');
  const counts: Record<string, number> = {};
  for (const line of animals) {
    const byEvent = get(line, 'observationLevel') === 'event';
    if (byEvent && animals.some((other) => get(other, 'observationLevel') === 'media' && get(other, 'eventID') === get(line, 'eventID')))
      continue;
    const name = get(line, 'scientificName');
    counts[name] = (counts[name] ?? 0) + Number(get(line, 'count'));
  }
  return counts;
}

describe('a broken package', () => {
  const good = () => [observation('o1', { mediaID: 'm1' })];
  test.each<[string, PackageParts, string]>([
    [
      'a missing column',
      { deployments: [{ deploymentID: 'dep1', latitude: 1, longitude: 1, deploymentEnd: '2024-06-01T08:00:00Z' }] },
      'deployments.csv lacks the required column deploymentStart',
    ],
    [
      'a value outside the enumeration',
      { observations: [observation('o1', { mediaID: 'm1', sex: 'hen' })] },
      'observations.csv row 2, field sex is "hen", must be one of: female, male',
    ],
    [
      'a dangling key',
      { observations: [...good(), observation('o2', { mediaID: 'm9' })] },
      'observations.csv row 3, field mediaID is "m9", which is no mediaID of a valid row in media',
    ],
    [
      'a date-time without offset',
      { media: [medium('m1', { timestamp: '2024-05-10T06:00:00' })] },
      'media.csv row 2, field timestamp is "2024-05-10T06:00:00", must be a date and time with offset, such as 2020-05-30T04:57:37+02:00',
    ],
    [
      'a day that does not exist',
      { media: [medium('m1', { timestamp: '2024-02-30T06:00:00Z' })] },
      'media.csv row 2, field timestamp is "2024-02-30T06:00:00Z", must be a date and time with offset',
    ],
    [
      'a key used twice',
      { observations: [...good(), ...good()] },
      'observations.csv row 3, field observationID is "o1", which an earlier row has already',
    ],
    [
      'a number out of range',
      { deployments: [deployment({ latitude: 91 })] },
      'deployments.csv row 2, field latitude is "91", must be at most 90',
    ],
    [
      'a number that is none',
      { observations: [observation('o1', { mediaID: 'm1', count: '2.5' })] },
      'observations.csv row 2, field count is "2.5", must be a whole number',
    ],
    ['a missing value', { media: [medium('m1', { filePublic: 'NA' })] }, 'media.csv row 2, field filePublic is required and has no value'],
    [
      'a path out of the package',
      { media: [medium('m1', { filePath: 'media/../../x.jpg' })] },
      'media.csv row 2, field filePath is "media/../../x.jpg", must be a URL or a path inside the package',
    ],
    [
      'an end before its start',
      { deployments: [deployment({ deploymentEnd: '2024-04-01T08:00:00-05:00' })] },
      'deployments.csv row 2, field deploymentEnd is before deploymentStart',
    ],
    [
      'a table out of the package',
      { descriptor: { resources: [{ name: 'deployments', path: '../deployments.csv' }] } },
      'the path "../deployments.csv" leads out of the package',
    ],
    [
      'another standard',
      { descriptor: { profile: 'tabular-data-package' } },
      'datapackage.json: profile is "tabular-data-package", must name Camtrap DP 1.0.x',
    ],
    [
      'a bad description',
      {
        descriptor: {
          project: { title: 'x', samplingDesign: 'guess', captureMethod: [], individualAnimals: true, observationLevel: ['media'] },
        },
      },
      'datapackage.json: field project.samplingDesign is "guess", must be one of: simpleRandom',
    ],
    [
      'no observations',
      {
        descriptor: {
          resources: [
            { name: 'deployments', path: 'deployments.csv' },
            { name: 'observations', path: 'seen.csv' },
          ],
        },
      },
      'there is no seen.csv in the package',
    ],
  ])('with %s is refused by file, row and field, and nothing of it is loaded', async (_, parts, words) => {
    const before = await everything();
    await expect(load(write(parts))).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining(words) });
    expect(await everything()).toEqual(before);
  });

  test('names every broken rule with a pointer, and --skip-invalid loads the rest and lists what was left out', async () => {
    const folder = write({
      deployments: [deployment(), deployment({ deploymentID: 'dep2', latitude: 'north' })],
      media: [medium('m1'), medium('m2', { deploymentID: 'dep2' })],
      observations: [observation('o1', { mediaID: 'm1' }), observation('o2', { deploymentID: 'dep2', mediaID: 'm2' })],
    });
    await expect(load(folder)).rejects.toMatchObject({
      message: expect.stringMatching(
        /^the package has 4 broken rules; nothing was loaded\n {2}deployments\.csv row 3, field latitude is "north", must be a number\n/,
      ),
      problems: expect.arrayContaining([{ pointer: '/media.csv/3/deploymentID', detail: expect.any(String) }]),
    });
    const summary = await load(folder, { skipInvalid: true });
    expect(summary).toMatchObject({ deployments: { made: 1 }, images: { made: 1 }, detections: { made: 1 }, observations: { animal: 1 } });
    expect(summary.skipped).toEqual([
      'deployments.csv row 3, field latitude is "north", must be a number',
      'media.csv row 3, field deploymentID is "dep2", which is no deploymentID of a valid row in deployments',
      'observations.csv row 3, field deploymentID is "dep2", which is no deploymentID of a valid row in deployments',
      'observations.csv row 3, field mediaID is "m2", which is no mediaID of a valid row in media',
    ]);
  });

  test('a link that leads out of the folder is not followed', async () => {
    const folder = write({ media: [medium('m1', { filePath: 'media/a.jpg' })], files: { 'media/readme.txt': 'x' } });
    const secret = join(imageRoot, 'secret.jpg');
    writeFileSync(secret, 'secret');
    symlinkSync(secret, join(folder, 'media/a.jpg'));
    await expect(load(folder)).rejects.toThrow('media.csv: field filePath of m1: the path "media/a.jpg" leads out of the package');
    const { images, skipped } = await load(folder, { skipInvalid: true });
    expect(images.made).toBe(0);
    expect(skipped).toHaveLength(2);
  });

  test('what is not there, and a database without tables, are said in words', async () => {
    await expect(load('/no/such/package')).rejects.toMatchObject({ kind: 'not-found' });
    await expect(load(newFolder())).rejects.toThrow('there is no datapackage.json in the package');
    const bare = await ownDatabase();
    await expect(importPackage(write({}), { database: bare.database, imageRoot })).rejects.toThrow('run `npm run migrate` first');
    await bare.close();
  });
});

describe('what rows become', () => {
  const of = (folder: string) =>
    rows(
      `SELECT d.classification, d.deer_id, d.bbox, d.is_reviewed, d.confidence, d.species, d.observation, d.burst_group_id, i.path, i."timestamp", i.filename
       FROM detections d JOIN images i ON i.id = d.image_id JOIN locations l ON l.id = i.location_id WHERE l.name LIKE '% of ' || $1 ORDER BY d.observation->>'observationID', d.id`,
      [(JSON.parse(readFileSync(join(folder, 'datapackage.json'), 'utf8')) as { id: string }).id],
    );

  test('deer get their class by sex and life stage, other species their name, count n gives n detections', async () => {
    const seen = (id: string, more: object) => observation(id, { mediaID: 'm1', ...more });
    const folder = write({
      observations: [
        seen('a', { sex: 'male', lifeStage: 'adult', classificationMethod: 'human' }),
        seen('b', { sex: 'female', lifeStage: 'subadult', classificationMethod: 'machine', classificationProbability: 0.83 }),
        seen('c', { sex: 'male', lifeStage: 'juvenile' }),
        seen('d', { sex: 'male' }),
        seen('e', { scientificName: 'Vulpes vulpes', count: 3, individualID: 'pack', sex: 'male', lifeStage: 'adult' }),
        seen('f', { scientificName: 'Capreolus capreolus', sex: 'female', lifeStage: 'adult' }),
        seen('g', { scientificName: '', observationType: 'blank', count: '' }),
      ],
    });
    const summary = await load(folder);
    expect(summary.classes).toEqual({ 'Vulpes vulpes': 3, doe: 2, buck: 1, fawn: 1, unknown: 1 });
    expect(summary.observations).toEqual({ animal: 6, blank: 1 });
    const found = await of(folder);
    expect(found[0]).toMatchObject({ classification: 'buck', species: 'Odocoileus virginianus', is_reviewed: true, confidence: null });
    expect(found[1]).toMatchObject({ classification: 'doe', is_reviewed: false, confidence: 0.83 });
    expect(found.filter(({ observation: said }) => 'individualID' in (said as object))).toEqual([]);
  });

  test('an event told by its media is not counted again; one without media gets an image that keeps place and time', async () => {
    const event = (id: string, more: object) => observation(id, { observationLevel: 'event', ...more });
    const later = { eventStart: '2024-05-12T20:00:00-05:00', eventEnd: '2024-05-12T20:01:00-05:00' };
    const folder = write({
      media: [medium('m1'), medium('m2')],
      observations: [
        observation('a', { mediaID: 'm1', eventID: 'e1' }),
        event('b', { eventID: 'e1', count: 2 }),
        event('c', { eventID: 'e2', count: 2, ...later }),
        observation('d', { mediaID: 'm2', eventID: 'e3', observationType: 'blank', scientificName: '' }),
        event('e', { eventID: 'e3' }),
      ],
    });
    const summary = await load(folder);
    expect(summary.detections.made).toBe(4);
    expect(summary.images.made).toBe(3);
    const found = await of(folder);
    expect(found.map(({ observation: said }) => (said as { observationID: string }).observationID)).toEqual(['a', 'c', 'c', 'e']);
    expect(found[1]).toMatchObject({ path: expect.stringMatching(/^camtrap-dp:.*\/event\/e2$/), timestamp: new Date(later.eventStart) });
    expect(found[3]).toMatchObject({ path: expect.stringMatching(/^https:.*\/m2.jpg$/) });
    expect((await load(folder)).images).toEqual({ made: 0, there: 3 });
  });

  test('a deer is made of an individual seen in two events, not in one', async () => {
    const at = (id: string, eventID: string, individualID: string, more: object = {}) =>
      observation(id, { mediaID: 'm1', eventID, individualID, sex: 'male', lifeStage: 'adult', ...more });
    const folder = write({
      observations: [at('a', 'e1', 'Old Ben'), at('b', 'e2', 'Old Ben'), at('c', 'e1', 'Once'), at('d', 'e1', 'Once')],
    });
    expect((await load(folder)).deer).toEqual({ made: 1, there: 0 });
    expect(await rows(`SELECT name, sex, species, sighting_count FROM deer WHERE name IN ('Old Ben', 'Once')`)).toEqual([
      { name: 'Old Ben', sex: 'buck', species: 'Odocoileus virginianus', sighting_count: 2 },
    ]);
    expect((await of(folder)).map(({ deer_id }) => deer_id !== null)).toEqual([true, true, false, false]);
    expect((await load(folder)).deer).toEqual({ made: 0, there: 1 });
  });

  test('boxes become pixels of the picture as it is seen, whichever way the camera lay', async () => {
    const picture = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: 'green' } }).jpeg();
    const box = { bboxX: 0.25, bboxY: 0.5, bboxWidth: 0.5, bboxHeight: 0.5 };
    const folder = write({
      media: [
        medium('m1', { filePath: 'media/flat.jpg' }),
        medium('m2', { filePath: 'media/turned.jpg' }),
        medium('m3', { filePath: 'media/lost.jpg' }),
      ],
      observations: ['m1', 'm2', 'm3'].map((mediaID) => observation(mediaID, { mediaID, ...box })),
      files: {
        'media/flat.jpg': await picture(800, 600).toBuffer(),
        'media/turned.jpg': await picture(800, 600).withMetadata({ orientation: 6 }).toBuffer(),
      },
    });
    const { notes } = await load(folder);
    expect((await of(folder)).map(({ bbox, path }) => ({ bbox, path }))).toEqual([
      { bbox: { x: 200, y: 300, width: 400, height: 300 }, path: join(folder, 'media/flat.jpg') },
      { bbox: { x: 150, y: 400, width: 300, height: 400 }, path: join(folder, 'media/turned.jpg') },
      { bbox: null, path: join(folder, 'media/lost.jpg') },
    ]);
    expect(notes).toContain('1 media files are not in the package');
  });

  test('strings that would be formulas, markup or SQL elsewhere are kept as they are, and missing media.csv is only a note', async () => {
    const hostile = `=HYPERLINK("http://x","y"), '); DROP TABLE deer; -- </script>\r\nsecond line \u202e`;
    const folder = write({
      deployments: [deployment({ locationName: '=1+1', habitat: hostile })],
      media: null,
      observations: [observation('a', { mediaID: 'm1', observationComments: hostile, scientificName: '@SUM(A1) __proto__' })],
      files: {},
    });
    const { notes } = await load(folder);
    expect(notes).toContain('there is no media.csv in the package: observations keep place and time, but have no images');
    expect((await of(folder))[0]).toMatchObject({ classification: '@SUM(A1) __proto__', observation: { observationComments: hostile } });
    expect(await rows(`SELECT description FROM locations WHERE name LIKE '=1+1 of %'`)).toEqual([{ description: hostile }]);
  });

  test('two places of one name are told apart, and the same file under two media ids is one image', async () => {
    const folder = write({
      deployments: [deployment(), deployment({ deploymentID: 'dep2', locationID: 'loc2' })],
      media: [medium('m1', { filePath: 'https://example.org/same.jpg' }), medium('m2', { filePath: 'https://example.org/same.jpg' })],
      observations: [observation('a', { mediaID: 'm1' }), observation('b', { mediaID: 'm2' })],
    });
    const summary = await load(folder);
    expect(summary).toMatchObject({ locations: { made: 2 }, images: { made: 1 }, detections: { made: 2 } });
    expect((await load(folder)).locations).toEqual({ made: 0, there: 2 });
  });
});

describe('a ZIP archive', () => {
  async function zipped(files: Record<string, Buffer | string>, folder = ''): Promise<Buffer> {
    const archive = new ZipArchive();
    for (const [path, content] of Object.entries(files)) archive.append(content, { name: folder + path });
    void archive.finalize();
    return buffer(archive);
  }
  const save = (bytes: Buffer): string => {
    const file = join(newFolder(), 'package.zip');
    writeFileSync(file, bytes);
    return file;
  };

  test('is read like a folder; its pictures are extracted below the image folder', async () => {
    const jpeg = await sharp({ create: { width: 400, height: 200, channels: 3, background: 'green' } })
      .jpeg()
      .toBuffer();
    const files = packageFiles({
      descriptor: { id: '0b2c1a34-1111-4222-8333-444455556666' },
      deployments: [deployment({ locationName: 'Zipped' })],
      media: [medium('m1', { filePath: 'media/a.jpg' })],
      files: { 'media/a.jpg': jpeg, 'media/unused.jpg': jpeg },
    });
    const where = save(await zipped(files, 'my package/'));
    expect((await load(where)).detections).toEqual({ made: 1, there: 0 });
    const [image] = await rows<{ path: string; width: number }>(
      `SELECT path, width FROM images WHERE filename = 'a.jpg' AND path LIKE 'imported/%'`,
    );
    expect(image).toEqual({ path: 'imported/0b2c1a34-1111-4222-8333-444455556666/media/a.jpg', width: 400 });
    expect(readFileSync(join(imageRoot, image!.path)).equals(jpeg)).toBe(true);
    expect(existsSync(join(imageRoot, image!.path.replace('a.jpg', 'unused.jpg')))).toBe(false);
    expect((await load(where)).detections).toEqual({ made: 0, there: 1 });
  });

  test('with a name that leads out of it is refused before anything is written', async () => {
    const bytes = await zipped({ ...packageFiles({}), 'xx/evil.jpg': 'x' });
    const evil = Buffer.from(bytes.toString('latin1').replaceAll('xx/evil.jpg', '../evil.jpg'), 'latin1');
    await expect(load(save(evil))).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('invalid relative path: ../evil.jpg'),
    });
    expect(existsSync(join(imageRoot, '..', 'evil.jpg'))).toBe(false);
    await expect(load(save(Buffer.from('PK no zip')))).rejects.toThrow('package.zip is not a readable ZIP archive');
  });
});
