// Packages that are made to read, or to replace, what is not theirs, and tables that no program
// writes by itself.
import { mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { openZip } from '../../lib/data/camtrap-dp/read/zip.ts';
import { type OpenImports, openImports, refusal } from './imports.ts';
import { medium, newFolder, observation, packageFiles, writePackage } from './package.ts';
import { newPicture } from './pictures.ts';
import { saved, zipped } from './zips.ts';

let imports: OpenImports;
beforeAll(async () => {
  imports = await openImports();
});
afterAll(() => imports.close());

const shots = (names: readonly string[]) => ({
  media: names.map((id) => medium(id, { filePath: `media/${id}.jpg` })),
  observations: names.map((id) => observation(`seen-${id}`, { mediaID: id })),
});

test('links of a folder: what is outside of it is refused by row, what is no file has no size and is never read', async () => {
  const [folder, outside] = [writePackage({ descriptor: { id: 'links' }, ...shots(['zero', 'private']) }), newFolder()];
  writeFileSync(join(outside, 'private.jpg'), await newPicture(640));
  mkdirSync(join(folder, 'media'));
  symlinkSync('/dev/zero', join(folder, 'media/zero.jpg'));
  symlinkSync(join(outside, 'private.jpg'), join(folder, 'media/private.jpg'));
  const refused = await refusal(() => imports.load(folder));
  for (const id of ['zero', 'private'])
    expect(refused).toContain(`the path "media/${id}.jpg" leads out of the package`);
  const { skipped } = await imports.load(folder, { skipInvalid: true });
  expect(skipped).toHaveLength(2);
  expect(await imports.rows('SELECT path FROM images WHERE width = 640')).toEqual([]);
  expect(await imports.rows(`SELECT path FROM images WHERE path LIKE '%private%' OR path LIKE '%zero%'`)).toEqual([]);
});

test('two imports at once whose pictures have one name keep both', async () => {
  const widths = [710, 711, 712, 713];
  const root = newFolder();
  const sources = await Promise.all(
    widths.map(async (width) => {
      // Large, so that they are written at the same time.
      const picture = Buffer.concat([await newPicture(width), Buffer.alloc(3_000_000, width)]);
      return openZip(saved(await zipped({ 'datapackage.json': '{}', 'same.jpg': picture })), root);
    }),
  );
  const placed = await Promise.all(sources.map((source) => source.place('same.jpg', 'one')));
  for (const source of sources) source.close();
  expect(new Set(placed.map(({ path }) => path)).size).toBe(4);
  for (const [i, { path, file }] of placed.entries()) {
    expect(file).toBe(join(root, path));
    expect((await sharp(readFileSync(join(root, path))).metadata()).width).toBe(widths[i]);
  }
  const left = readdirSync(root, { recursive: true }).filter((name) => String(name).endsWith('.partial'));
  expect(left).toEqual([]);
});

/** Far more than the line that may be, and in the soak more than a process should hold. */
const MEGABYTES = process.env.HOOFPRINT_SOAK === '1' ? 200 : 20;
const table = packageFiles({})['observations.csv'] as string;

test.each<[what: string, content: string | Buffer, words: string]>([
  [
    '100,000 columns',
    `${Array.from({ length: 100_000 }, (_, i) => `c${i}`).join()}\n`,
    'has 100000 columns, more than 1000',
  ],
  ['many MB without a line end', Buffer.alloc(MEGABYTES * 1e6, 'a'), 'line 1 is longer than 1 MiB'],
  ['many MB of zero bytes', Buffer.alloc(MEGABYTES * 1e6), 'is not UTF-8 text'],
  [
    'one row of another encoding',
    Buffer.concat([Buffer.from(table), Buffer.from('"o2","J\xe4ger"\r\n', 'latin1')]),
    'is not UTF-8 text',
  ],
  ['UTF-16', Buffer.from(`\ufeff${table}`, 'utf16le'), 'now it is UTF-16'],
  ['a zero byte in a key', table.replace('o1', 'o\x001'), 'holds a NUL character'],
])('a table of %s is refused in words, in seconds', async (_what, content, words) => {
  const folder = imports.write({ files: { 'observations.csv': content } });
  const began = performance.now();
  expect(await refusal(() => imports.load(folder))).toContain(words);
  expect(performance.now() - began).toBeLessThan(20_000);
});

test('a table of 2 GB without a line end is not even read', async () => {
  const folder = imports.write({});
  truncateSync(join(folder, 'observations.csv'), 2 ** 31);
  const before = process.memoryUsage().rss;
  expect(await refusal(() => imports.load(folder))).toContain('observations.csv has 2048 MiB, more than 512 MiB');
  expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
});

test('a byte order mark and line ends of old computers are read', async () => {
  const folder = imports.write({ files: { 'observations.csv': `\ufeff${table.replaceAll('\r\n', '\r')}` } });
  expect((await imports.load(folder)).detections.made).toBe(1);
});
