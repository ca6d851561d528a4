// Packages that are made, or happen, to be too much: refused in seconds and with flat memory. And
// archives that hold what cannot be used.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { openImports } from './imports.ts';
import { deployment, medium, newFolder, observation, packageFiles, writePackage } from './package.ts';
import { mkfifoSync, newPicture } from './pictures.ts';
import { encrypt, link, method, patched, saved, zipped } from './zips.ts';

let imports: Awaited<ReturnType<typeof openImports>>;
beforeAll(async () => {
  imports = await openImports();
});
afterAll(() => imports.close());

/** Refused with these words, within seconds and with less than 300 MB more memory. */
async function refused(where: string, words: string | RegExp): Promise<void> {
  const [began, before] = [performance.now(), process.memoryUsage().rss];
  await expect(imports.load(where)).rejects.toThrow(words);
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
}
const shortRows = (bytes: number): Buffer => Buffer.alloc(bytes, '1,2,3\n');
const base = () => packageFiles({ descriptor: { id: 'bomb' } });
const table = (name: string, path: string) => ({ name, path });
const gzipped = (path: string) => ({
  resources: [table('deployments', 'deployments.csv'), table('media', 'media.csv'), table('observations', path)],
});

describe('bombs are refused', () => {
  test('a table of a million columns', async () => {
    const header = Array.from({ length: 1_000_000 }, (_, i) => `c${i}`).join(',');
    await refused(
      imports.write({ files: { 'observations.csv': `${header}\n1\n` } }),
      'observations.csv cannot be read as CSV: line 1 is longer than 1 MiB',
    );
    const short = Array.from({ length: 5_000 }, (_, i) => `c${i}`).join(',');
    await refused(
      imports.write({ files: { 'observations.csv': short } }),
      'observations.csv has 5000 columns, more than 1000',
    );
    await refused(
      imports.write({ files: { 'observations.csv': `a,"${'x'.repeat(3_000_000)}` } }),
      'a quote that never ends',
    );
  });

  test('hundreds of megabytes of short rows, in an archive, packed beside the descriptor, and plain', async () => {
    const rows = shortRows(100_000_000);
    await refused(
      saved(await zipped({ ...base(), 'observations.csv': rows })),
      'observations.csv unpacks to more than 200 times its size',
    );
    await refused(
      imports.write({ descriptor: gzipped('observations.csv.gz'), files: { 'observations.csv.gz': gzipSync(rows) } }),
      'observations.csv.gz unpacks to more than 200 times its size',
    );
    await refused(
      imports.write({ files: { 'observations.csv': shortRows(30_000_000) } }),
      'observations.csv has more than 2,000,000 rows: split the package',
    );
  });

  test('a table that says it has 2 GB, and pictures of zeros', async () => {
    const zip = await zipped(base());
    const large = patched(zip, 'observations.csv', (header) => header.writeUInt32LE(2_000_000_000, 24));
    await refused(saved(large), 'observations.csv has 1907 MiB, more than 512 MiB');
    const files = packageFiles({
      descriptor: { id: 'zeros' },
      media: [medium('m1', { filePath: 'media/zeros.jpg' })],
      files: { 'media/zeros.jpg': Buffer.alloc(100_000_000) },
    });
    const { detections, notes } = await imports.load(saved(await zipped(files)));
    expect(detections.made).toBe(1);
    expect(notes).toContain(
      '1 media file of the package cannot be used ("m1" unpacks to more than 200 times its size)',
    );
    expect(existsSync(join(imports.imageRoot, 'imported'))).toBe(false);
  });

  test('counts that would make more animals than a database takes', async () => {
    const rows = Array.from({ length: 201 }, (_, i) => observation(`o${i}`, { mediaID: 'm1', count: 10_000 }));
    await refused(imports.write({ observations: rows }), 'the package counts more than 1,000,000 animals');
    await refused(
      imports.write({ observations: [observation('o', { mediaID: 'm1', count: 1e9 })] }),
      'field count is "1000000000", must be at most 10000',
    );
  });

  test('a fault in each of 5,000 rows: some of them and the number of the rest, in the message and with --skip-invalid', async () => {
    const rows = Array.from({ length: 5_000 }, (_, i) => observation(`o${i}`, { mediaID: 'm1', sex: 'hen' }));
    const folder = imports.write({ observations: rows });
    const refusal = await imports.load(folder).catch((error: Error & { problems: unknown[] }) => error);
    expect((refusal as Error).message).toMatch(
      /^the package has 5,000 broken rules; nothing was loaded\n(.*\n){20} {2}and 4,980 more$/,
    );
    expect((refusal as { problems: unknown[] }).problems).toHaveLength(1_000);
    const summary = await imports.load(folder, { skipInvalid: true });
    expect([summary.skippedCount, summary.skipped.length, summary.skipped.at(-1)]).toEqual([
      5_000,
      1_001,
      'and 4,000 more',
    ]);
    expect(summary.detections.made).toBe(5_000);
  });
});

describe('an archive', () => {
  test('whose table is encrypted, packed in another way, there twice or damaged is refused with what to do', async () => {
    const zip = await zipped(base());
    const change = (edit: (header: Buffer) => void): string => saved(patched(zip, 'observations.csv', edit));
    await refused(
      change(encrypt),
      'observations.csv is encrypted: unpack the archive with its password and import the folder',
    );
    await refused(
      change(method(9)),
      'observations.csv is packed by Deflate64, which is not read here: unpack the archive',
    );
    await refused(change(method(93)), 'observations.csv is packed by method 93');
    const twice = await zipped({ ...base(), 'observations.csw': 'another' });
    await refused(
      saved(Buffer.from(twice.toString('latin1').replaceAll('observations.csw', 'observations.csv'), 'latin1')),
      'observations.csv is in the archive more than once',
    );
    const damaged = Buffer.from(zip);
    damaged.fill(0xff, zip.indexOf('observations.csv') + 40, zip.indexOf('observations.csv') + 60);
    await refused(saved(damaged), 'observations.csv cannot be unpacked: the archive is damaged');
  });

  test('with pictures that cannot be used loads the rest, each with its reason', async () => {
    const names = ['good', 'locked', 'deflate64', 'link', 'damaged'];
    const files = packageFiles({
      descriptor: { id: 'mixed' },
      deployments: [deployment({ locationName: 'Mixed' })],
      media: names.map((id) => medium(id, { filePath: `media/${id}.jpg` })),
      observations: names.map((id) => observation(id, { mediaID: id })),
      files: Object.fromEntries(
        await Promise.all(names.map(async (id, i) => [`media/${id}.jpg`, await newPicture(100 + i)])),
      ),
    });
    let zip = await zipped(files);
    const edits = { locked: encrypt, deflate64: method(9), link } as const;
    for (const [id, edit] of Object.entries(edits)) zip = patched(zip, `media/${id}.jpg`, edit);
    const at = zip.indexOf('media/damaged.jpg') + 'media/damaged.jpg'.length;
    zip.fill(0xff, at + 20, at + 40);
    const { detections, images, notes } = await imports.load(saved(zip));
    expect([detections.made, images.made]).toEqual([5, 5]);
    expect(notes.find((note) => note.includes('cannot be used'))).toMatch(
      /^4 media files of the package cannot be used \(".*; .*; .*; and 1 more\)$/,
    );
    expect(await imports.rows(`SELECT width FROM images WHERE path = $1`, [await pathOf('good')])).toEqual([
      { width: 100 },
    ]);
  });

  const pathOf = async (filename: string): Promise<string> =>
    (await imports.rows<{ path: string }>('SELECT path FROM images WHERE filename = $1', [`${filename}.jpg`]))[0]!.path;

  test('with a known id and other pictures replaces none: they are kept apart, and that is said', async () => {
    const pack = async (id: string, width: number) =>
      saved(
        await zipped(
          packageFiles({
            descriptor: { id: 'other-pictures' },
            deployments: [deployment({ locationName: 'Other pictures' })],
            media: [medium(id, { filePath: 'media/same.jpg' })],
            observations: [observation(`o-${id}`, { mediaID: id })],
            files: { 'media/same.jpg': await newPicture(width) },
          }),
        ),
      );
    await imports.load(await pack('p1', 200));
    const first = await pathOf('same');
    const bytes = readFileSync(join(imports.imageRoot, first));
    for (const id of ['p1', 'p2']) {
      const where = await pack(id, 300);
      expect((await imports.load(where)).notes.join('\n')).toContain(
        '1 picture has the name of a different picture that is there already: both are kept',
      );
      expect((await imports.load(where)).images.made).toBe(0);
    }
    expect(readFileSync(join(imports.imageRoot, first)).equals(bytes)).toBe(true);
    const found = await imports.rows<{ path: string; width: number }>(
      `SELECT path, width FROM images WHERE filename = 'same.jpg' ORDER BY width`,
    );
    expect(found.map(({ width }) => width)).toEqual([200, 300]);
    expect(existsSync(join(imports.imageRoot, found[1]!.path))).toBe(true);
  });

  test('with two names that differ in case only keeps both pictures', async () => {
    const files = packageFiles({
      descriptor: { id: 'cases' },
      media: [medium('c1', { filePath: 'media/A.jpg' }), medium('c2', { filePath: 'media/a.jpg' })],
      observations: [observation('c1', { mediaID: 'c1' }), observation('c2', { mediaID: 'c2' })],
      files: { 'media/A.jpg': await newPicture(410), 'media/a.jpg': await newPicture(420) },
    });
    expect((await imports.load(saved(await zipped(files)))).images.made).toBe(2);
    const paths = await imports.rows<{ path: string }>('SELECT path FROM images WHERE width IN (410, 420)');
    expect(new Set(paths.map(({ path }) => path.toLowerCase())).size).toBe(2);
  });
});

test('only what is a photo by its content is measured, whatever its name says', async () => {
  const names = ['vector', 'page', 'film', 'photo'];
  const { detections, notes } = await imports.load(
    imports.write({
      descriptor: { id: 'no-photos' },
      deployments: [deployment({ locationName: 'No photos' })],
      media: names.map((id) => medium(id, { filePath: `media/${id}.jpg` })),
      observations: names.map((id) => observation(`np-${id}`, { mediaID: id })),
      files: {
        'media/vector.jpg': '<svg xmlns="http://www.w3.org/2000/svg" width="701" height="701"></svg>',
        'media/page.jpg': await sharp({ create: { width: 702, height: 9, channels: 3, background: '#464' } })
          .gif()
          .toBuffer(),
        'media/film.jpg': 'RIFF\0\0\0\0AVI LIST',
        'media/photo.jpg': await newPicture(703),
      },
    }),
  );
  expect(detections.made).toBe(4);
  expect(notes).toContain('3 image files cannot be read');
  expect(await imports.rows('SELECT width FROM images WHERE width BETWEEN 701 AND 703')).toEqual([{ width: 703 }]);
});

test('a folder whose pictures are a pipe, a folder and an empty file loads, and the pipe is never opened', async () => {
  const folder = writePackage({
    descriptor: { id: 'odd-files' },
    media: ['pipe', 'folder', 'empty'].map((id) => medium(id, { filePath: `media/${id}.jpg` })),
    observations: ['pipe', 'folder', 'empty'].map((id) => observation(`odd-${id}`, { mediaID: id })),
    files: { 'media/empty.jpg': '' },
  });
  mkfifoSync(join(folder, 'media/pipe.jpg'));
  mkdirSync(join(folder, 'media/folder.jpg'));
  const { detections, notes } = await imports.load(folder);
  expect(detections.made).toBe(3);
  expect(notes).toContain('2 media files are not in the package');
  expect(notes).toContain('1 image file cannot be read');
  const piped = newFolder();
  for (const [path, content] of Object.entries(base()))
    if (path !== 'observations.csv') writeFileSync(join(piped, path), content);
  mkfifoSync(join(piped, 'observations.csv'));
  await expect(imports.load(piped)).rejects.toThrow('there is no observations.csv in the package');
});
