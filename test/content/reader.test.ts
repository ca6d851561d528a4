// Reading camera files: whatever is there and whatever the drive does, one image costs itself and
// nothing else.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { sharpCrops } from '../../lib/adapters/crops/crops.ts';
import { child } from '../../lib/adapters/reader/child.generated.ts';
import { fileReader, type Read, type Reader } from '../../lib/adapters/reader/reader.ts';

const MiB = 1_048_576;
const DECODER = createRequire(import.meta.url).resolve('sharp');
const blank = (size: number): Promise<Buffer> =>
  sharp({ create: { width: size, height: size, channels: 3, background: '#667744' } })
    .jpeg()
    .toBuffer();
let root: string;
let socket: Server;
const open: Reader[] = [];
const readerOf = (deadline: number, text?: string, cutDeadline?: number): Reader => {
  const more = { ...(text === undefined ? {} : { text }), ...(cutDeadline === undefined ? {} : { cutDeadline }) };
  const reader = fileReader({ largest: 64 * MiB, deadline, ...more });
  open.push(reader);
  return reader;
};
const folders = (): { root: string; others: string[] } => ({ root, others: [] });
const outcome = (read: Read): unknown => ('bytes' in read ? read.bytes.length : read);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'reader-'));
  await mkdir(join(root, 'folder.jpg'));
  for (const [name, size] of Object.entries({ empty: 0, one: 1, small: 70_001, large: 9 * MiB }))
    await writeFile(join(root, name), Buffer.alloc(size, 7));
  await writeFile(join(root, 'huge'), '');
  await truncate(join(root, 'huge'), 64 * MiB + 1);
  for (const name of ['p1', 'p2', 'p3', 'p4', 'gate']) execFileSync('mkfifo', [join(root, name)]);
  await symlink(join(root, 'p1'), join(root, 'pipe-link'));
  socket = createServer().listen(join(root, 'sock'));
});
afterEach(() => Promise.all(open.splice(0).map((reader) => reader.close())));
afterAll(async () => {
  socket.close();
  await rm(root, { recursive: true });
});

test('every kind of thing that a path may name has its answer at once', async () => {
  const reader = readerOf(10_000);
  const answers = await Promise.all(
    [
      'empty',
      'one',
      'small',
      'large',
      'huge',
      'folder.jpg',
      'p1',
      'p2',
      'p3',
      'p4',
      'pipe-link',
      'sock',
      'none',
      '../etc/passwd',
    ].map((path) => reader.read(path, folders()).then(outcome)),
  );
  const pipe = { refused: 'image path is not a file: it is a pipe' };
  expect(answers).toEqual([
    { refused: 'image file is empty' },
    1,
    70_001,
    9 * MiB,
    { refused: 'image file is larger than 64 MiB' },
    { refused: 'image path is not a file' },
    ...[pipe, pipe, pipe, pipe, pipe],
    { refused: 'image path is not a file: it is a socket' },
    { missing: true },
    { refused: 'image path leaves the image folder' },
  ]);
});

test('bytes come as they are, however many reads are under way', async () => {
  const reader = readerOf(10_000);
  const reads = await Promise.all(
    Array.from({ length: 60 }, (_, n) => reader.read(['one', 'small', 'large', 'empty'][n % 4]!, folders())),
  );
  for (const [n, read] of reads.entries()) {
    if (n % 4 === 3) expect(read).toEqual({ refused: 'image file is empty' });
    else expect('bytes' in read && read.bytes.equals(Buffer.alloc([1, 70_001, 9 * MiB][n % 4]!, 7))).toBe(true);
  }
});

/**
 * The real program, in which a look at `hang*` waits in a thread for a writer that never comes, as
 * on a drive that does not answer.
 */
const hanging = (): string => `
const fs = require('node:fs/promises'), lstat = fs.lstat, realpath = fs.realpath;
fs.realpath = (path) => realpath(path.includes('hang') ? ${JSON.stringify(root)} + '/small' : path).then((real) => path.includes('hang') ? real + '?hang' : real);
fs.lstat = (path) => path.endsWith('?hang') ? fs.open(${JSON.stringify(root)} + '/gate', 'r') : lstat(path);
${child}`;

test('a read that never returns is given up in time; its neighbours and what comes after are read', async () => {
  const reader = readerOf(2_000, hanging());
  const began = Date.now();
  const reads = ['hang1', 'small', 'hang2', 'large', 'hang3', 'hang4', 'hang5', 'one'].map((path) =>
    reader.read(path, folders()).then(outcome, (error: Error) => error),
  );
  const answers = await Promise.all(reads);
  const late = expect.objectContaining({
    kind: 'unavailable',
    message: 'image file was not read within 2 s',
    cause: expect.objectContaining({ name: 'TimeoutError' }),
  });
  expect(answers).toEqual([late, 70_001, late, 9 * MiB, late, late, late, 1]);
  expect(Date.now() - began).toBeLessThan(14_000);
  expect(outcome(await reader.read('small', folders()))).toBe(70_001);
});

test('a drive that hangs for good costs a second for each image, not ten', async () => {
  const reader = readerOf(3_000, hanging());
  const rounds = async (): Promise<number> => {
    const began = Date.now();
    for (let round = 0; round < 3; round++)
      await Promise.all(
        [1, 2, 3, 4].map((n) =>
          expect(reader.read(`hang${n}`, folders())).rejects.toMatchObject({ kind: 'unavailable' }),
        ),
      );
    return Date.now() - began;
  };
  // Three rounds in full, three short ones: 9 s and 3 s, and what a busy machine adds to both.
  const [full, short] = [await rounds(), await rounds()];
  expect(full).toBeGreaterThanOrEqual(9_000);
  expect(short).toBeLessThan(full * 0.75);
});

test('a process that is killed under its reads is replaced; one that cannot start is said', async () => {
  // The first process dies at its first line, the second works.
  const marker = join(root, 'died');
  const once = `{ const fs = require('node:fs'); if (!fs.existsSync(${JSON.stringify(marker)})) { fs.writeFileSync(${JSON.stringify(marker)}, ''); process.kill(process.pid, 'SIGKILL'); } }\n${child}`;
  expect(outcome(await readerOf(5_000, once).read('small', folders()))).toBe(70_001);
  await expect(readerOf(5_000, 'throw 1').read('small', folders())).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'image file cannot be read now (its reader ended)',
  });
});

test('a file that changes while it is read is no picture', async () => {
  const shrinking = `
const { FileHandle } = {}, fs = require('node:fs/promises'), open = fs.open;
fs.open = async (path, flags) => { const file = await open(path, flags); const stat = file.stat.bind(file);
  file.stat = async () => { const it = await stat(); it.size += path.endsWith('small') ? 100 : 0; return it; }; return file; };
${child}`;
  const reader = readerOf(5_000, shrinking);
  expect(await reader.read('small', folders())).toEqual({ refused: 'image file changed while it was read' });
  expect(outcome(await reader.read('one', folders()))).toBe(1);
});

const CUTS = [
  { box: { x: 10, y: 20, width: 200, height: 100 } },
  { box: null },
  { box: { x: 9_000, y: 0, width: 5, height: 5 } },
];

test('crops are cut where the file is read, as they are cut here', async () => {
  const photo = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#667744' } })
    .jpeg()
    .toBuffer();
  await writeFile(join(root, 'photo.jpg'), photo);
  await writeFile(join(root, 'torn.jpg'), photo.subarray(0, photo.length / 2));
  const reader = readerOf(10_000);
  const here = sharpCrops();
  const order = { cuts: CUTS, size: 128 };
  const names = ['photo.jpg', 'torn.jpg', 'small', 'one', 'photo.jpg'];
  const cut = await Promise.all(names.map((name) => reader.cut(name, folders(), order)));
  for (const [at, name] of names.entries())
    expect(cut[at]).toEqual(await here.cut(await readFile(join(root, name)), CUTS, 128));
  expect(cut[0]).toMatchObject({
    whole: { width: 640, height: 480 },
    crops: [{}, {}, { reason: /outside the image/ }],
  });
  expect(await reader.cut('none', folders(), order)).toEqual({ missing: true });
  expect(await reader.cut('p1', folders(), order)).toEqual({ refused: 'image path is not a file: it is a pipe' });
  // Bytes of a file and crops of others at once: nothing is mixed up.
  const [bytes, again] = await Promise.all([
    reader.read('photo.jpg', folders()),
    reader.cut('photo.jpg', folders(), order),
  ]);
  expect('bytes' in bytes && bytes.bytes.equals(photo)).toBe(true);
  expect(again).toEqual(cut[0]);
});

test('a decoder that never ends costs its image; one that crashes is tried again, and costs its image', async () => {
  await writeFile(join(root, 'photo.jpg'), await blank(64));
  const decoder = join(root, 'decoder.cjs');
  const behave = (how: string): Promise<void> =>
    writeFile(
      decoder,
      `const sharp = require(${JSON.stringify(DECODER)}); let calls = 0;
module.exports = Object.assign((...input) => { ${how} return sharp(...input); }, sharp);`,
    );
  const order = { cuts: CUTS.slice(0, 1), size: 32 };
  const text = child.replace('process.argv[1]', JSON.stringify(decoder));
  expect(text).not.toBe(child);
  await behave('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);');
  const stuck = readerOf(10_000, text, 500);
  expect(await stuck.cut('photo.jpg', folders(), order)).toEqual({ refused: 'image was not decoded in time' });
  expect(outcome(await stuck.read('small', folders()))).toBe(70_001);
  await behave('process.kill(process.pid, "SIGSEGV");');
  const crashing = readerOf(10_000, text);
  await expect(crashing.cut('photo.jpg', folders(), order)).rejects.toMatchObject({ kind: 'unavailable' });
  expect(outcome(await crashing.read('small', folders()))).toBe(70_001);
});

test('the text of the process is that of child.ts', () => {
  const out = execFileSync(process.execPath, ['scripts/build-reader.ts', '--check']);
  expect(out.toString()).toBe('');
});
