// Packages are refused before their first byte where they could not be imported: the folder of
// pictures cannot be written to, as the consumer's machine says, or the disk is full.
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KeyValue, redis } from '../../lib/adapters/redis.ts';
import { checkRoom, noteRoom } from '../../lib/exports/import/room.ts';

const folder = mkdtempSync(join(tmpdir(), 'hoofprint-room-'));
/** No folder can be made below it, not even by root. */
const file = join(folder, 'file');
writeFileSync(file, '');
const blocked = join(file, 'images');
const later = join(folder, 'not', 'made', 'yet');

let store: KeyValue;
beforeEach(() => {
  store = redis({ url: process.env.REDIS_URL!, prefix: `room-${randomUUID()}:`, timeout: 3_000 });
});
afterEach(() => store.close());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const check = (imageRoot: string, bytes = 1, enginesFolder = ''): Promise<void> =>
  checkRoom(store, bytes, { imageRoot, enginesFolder });
const UNWRITABLE = 'the folder of pictures (IMAGE_ROOT) is not set, or cannot be written to';

test.each(['', blocked])('no folder that pictures can be written to: %j', async (imageRoot) => {
  await expect(check(imageRoot)).rejects.toMatchObject({
    kind: 'conflict',
    message: expect.stringContaining(UNWRITABLE),
  });
  expect(await noteRoom(store, imageRoot)).toBe(0);
});

test('a folder that is to be made by the first import is no hindrance, and is not made yet', async () => {
  await check(later);
  expect(await noteRoom(store, later)).toBe(1);
  expect(existsSync(join(folder, 'not'))).toBe(false);
});

test('what the consumer says of its machine counts, not what this one has', async () => {
  await noteRoom(store, blocked);
  await expect(check(folder)).rejects.toThrow(UNWRITABLE);
  await noteRoom(store, folder);
  await check(blocked);
});

test('a disk that is too small is said in megabytes: room for the parts as well, where they are kept here', async () => {
  const { bavail, bsize } = statfsSync(folder);
  const most = bavail * bsize;
  const refusal = /^The disk has no room for it: [\d,]+ MB are needed, [\d,]+ MB are free$/;
  await expect(check(folder, most)).rejects.toMatchObject({
    kind: 'conflict',
    message: expect.stringMatching(refusal),
  });
  // Parts and pictures: twice.
  const half = Math.floor(most * 0.6);
  await expect(check(folder, half, folder)).rejects.toThrow(refusal);
  await check(folder, Math.floor(most * 0.2), folder);
});
