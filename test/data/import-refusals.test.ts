// Broken and hostile packages: what is refused and how it is said, what --skip-invalid leaves out,
// and ZIP archives.
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipArchive } from 'archiver';
import sharp from 'sharp';
import { importPackage } from '../../lib/data/camtrap-dp/import.ts';
import { ownDatabase } from '../support/database.ts';
import { openImports } from './imports.ts';
import { deployment, medium, newFolder, observation, type PackageParts, packageFiles } from './package.ts';

let imports: Awaited<ReturnType<typeof openImports>>;
beforeAll(async () => {
  imports = await openImports();
});
afterAll(() => imports.close());

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
    [
      'a missing value',
      { media: [medium('m1', { filePublic: 'NA' })] },
      'media.csv row 2, field filePublic is required and has no value',
    ],
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
          project: {
            title: 'x',
            samplingDesign: 'guess',
            captureMethod: [],
            individualAnimals: true,
            observationLevel: ['media'],
          },
        },
      },
      'datapackage.json: field project.samplingDesign is "guess", must be one of: simpleRandom',
    ],
    [
      'a place without coordinates and without an id',
      { deployments: [deployment({ latitude: '', longitude: '', locationID: '' })] },
      'deployments.csv row 2, field latitude is required and has no value',
    ],
    [
      'half a coordinate',
      { deployments: [deployment({ longitude: '' })] },
      'deployments.csv row 2, field longitude is required and has no value',
    ],
    [
      'a list of contributors that names nobody',
      { descriptor: { contributors: [] } },
      'contributors must name at least one contributor',
    ],
    ['no word on the project', { descriptor: { project: undefined } }, 'datapackage.json: field project is required'],
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
    const before = await imports.everything();
    await expect(imports.load(imports.write(parts))).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining(words),
    });
    expect(await imports.everything()).toEqual(before);
  });

  test('names every broken rule with a pointer, and --skip-invalid loads the rest and lists what was left out', async () => {
    const folder = imports.write({
      deployments: [deployment(), deployment({ deploymentID: 'dep2', latitude: 'north' })],
      media: [medium('m1'), medium('m2', { deploymentID: 'dep2' })],
      observations: [observation('o1', { mediaID: 'm1' }), observation('o2', { deploymentID: 'dep2', mediaID: 'm2' })],
    });
    await expect(imports.load(folder)).rejects.toMatchObject({
      message: expect.stringMatching(
        /^the package has 4 broken rules; nothing was loaded\n {2}deployments\.csv row 3, field latitude is "north", must be a number\n/,
      ),
      problems: expect.arrayContaining([{ pointer: '/media.csv/3/deploymentID', detail: expect.any(String) }]),
    });
    const summary = await imports.load(folder, { skipInvalid: true });
    expect(summary).toMatchObject({
      deployments: { made: 1 },
      images: { made: 1 },
      detections: { made: 1 },
      observations: { animal: 1 },
    });
    expect(summary.skipped).toEqual([
      'deployments.csv row 3, field latitude is "north", must be a number',
      'media.csv row 3, field deploymentID is "dep2", which is no deploymentID of a valid row in deployments',
      'observations.csv row 3, field deploymentID is "dep2", which is no deploymentID of a valid row in deployments',
      'observations.csv row 3, field mediaID is "m2", which is no mediaID of a valid row in media',
    ]);
  });

  test('a link that leads out of the folder is not followed', async () => {
    const folder = imports.write({
      media: [medium('m1', { filePath: 'media/a.jpg' })],
      files: { 'media/readme.txt': 'x' },
    });
    const secret = join(imports.imageRoot, 'secret.jpg');
    writeFileSync(secret, 'secret');
    symlinkSync(secret, join(folder, 'media/a.jpg'));
    await expect(imports.load(folder)).rejects.toThrow(
      'media.csv: field filePath of m1: the path "media/a.jpg" leads out of the package',
    );
    const { images, detections, skipped } = await imports.load(folder, { skipInvalid: true });
    expect({ images, detections }).toEqual({ images: { made: 1, there: 0 }, detections: { made: 1, there: 0 } });
    expect(await imports.rows(`SELECT path FROM images WHERE path LIKE '%/a.jpg'`)).toEqual([]);
    expect(skipped).toHaveLength(1);
  });

  test('what is not there, and a database without tables, are said in words', async () => {
    await expect(imports.load('/no/such/package')).rejects.toMatchObject({ kind: 'not-found' });
    await expect(imports.load(newFolder())).rejects.toThrow('there is no datapackage.json in the package');
    const bare = await ownDatabase();
    await expect(
      importPackage(imports.write({}), { database: bare.database, imageRoot: imports.imageRoot }),
    ).rejects.toThrow('run `npm run migrate` first');
    await bare.close();
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
    expect((await imports.load(where)).detections).toEqual({ made: 1, there: 0 });
    const [image] = await imports.rows<{ path: string; width: number }>(
      `SELECT path, width FROM images WHERE filename = 'a.jpg' AND path LIKE 'imported/%'`,
    );
    expect(image).toEqual({ path: 'imported/0b2c1a34-1111-4222-8333-444455556666/media/a.jpg', width: 400 });
    expect(readFileSync(join(imports.imageRoot, image!.path)).equals(jpeg)).toBe(true);
    expect(existsSync(join(imports.imageRoot, image!.path.replace('a.jpg', 'unused.jpg')))).toBe(false);
    expect((await imports.load(where)).detections).toEqual({ made: 0, there: 1 });
  });

  test('with a name that leads out of it is refused before anything is written', async () => {
    const bytes = await zipped({ ...packageFiles({}), 'xx/evil.jpg': 'x' });
    const evil = Buffer.from(bytes.toString('latin1').replaceAll('xx/evil.jpg', '../evil.jpg'), 'latin1');
    await expect(imports.load(save(evil))).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('invalid relative path: ../evil.jpg'),
    });
    expect(existsSync(join(imports.imageRoot, '..', 'evil.jpg'))).toBe(false);
    await expect(imports.load(save(Buffer.from('PK no zip')))).rejects.toThrow(
      'package.zip is not a readable ZIP archive',
    );
  });
});
