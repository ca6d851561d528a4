// GET /api/crops/{detection_id}: pictures of files and of an archive, never with a person, cached
// by the reader alone.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { handler } from '../../handlers/crop.ts';
import type { Database } from '../../lib/adapters/postgres.ts';
import { closeWiring } from '../../lib/clients.ts';
import { makeFinder } from '../../lib/overview/crop.ts';
import type { World } from '../content/fixture.ts';
import { handledWorld, read } from './fixture.ts';

const AT = '2024-01-05T08:00:00Z';
const folder = mkdtempSync(join(tmpdir(), 'hoofprint-crops-'));
let frame: Buffer;
const archive = createServer((request, response) => {
  response.statusCode = request.url === '/far/frame.jpg' ? 200 : 404;
  response.end(response.statusCode === 200 ? frame : '');
});

let earth: World;
beforeAll(async () => {
  frame = await sharp({ create: { width: 1600, height: 900, channels: 3, background: '#446633' } })
    .jpeg()
    .toBuffer();
  writeFileSync(join(folder, 'near.jpg'), frame);
  writeFileSync(join(folder, 'damaged.jpg'), frame.subarray(0, 200));
  await new Promise<void>((ready) => archive.listen(0, '127.0.0.1', ready));
  process.env.IMAGE_ROOT = folder;
  process.env.IMAGE_ARCHIVE_URL = `http://127.0.0.1:${(archive.address() as AddressInfo).port}`;
  earth = await handledWorld();
});
afterAll(async () => {
  await closeWiring();
  await earth?.close();
  archive.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => earth.clear());

const BOX = { x: 100, y: 100, width: 1200, height: 600 };
const picture = (detection_id: string, query = '', headers: Record<string, string> = {}) =>
  read(handler, query, { parameters: { detection_id }, headers });

test.each(['near.jpg', 'far/frame.jpg'])('%s: the box is cut out, no larger than was asked for', async (path) => {
  const [id] = await earth.add([{ at: AT, path, bbox: BOX }]);
  for (const [query, width, height] of [
    ['', 320, 160],
    ['size=640', 640, 320],
    ['size=32', 32, 16],
  ] as const) {
    const { status, headers, bytes } = await picture(id!, query);
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      ...[200, 'image/jpeg', 'private, max-age=300'],
    ]);
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'jpeg', width, height });
  }
});

test('who has it gets no bytes; another size or box is another picture', async () => {
  const [id] = await earth.add([{ at: AT, path: 'near.jpg', bbox: BOX }]);
  const { etag = '' } = (await picture(id!)).headers;
  const again = await picture(id!, '', { 'if-none-match': etag });
  expect([again.status, again.bytes.length, again.headers.etag]).toEqual([304, 0, etag]);
  expect((await picture(id!, 'size=100', { 'if-none-match': etag })).status).toBe(200);
  await earth.database.write(({ rows }) => rows(`UPDATE detections SET bbox = '{"x":0,"y":0,"width":9,"height":9}'`));
  expect((await picture(id!, '', { 'if-none-match': etag })).status).toBe(200);
});

test('never with a person in the image, no matter who said so, also for a reader who has it', async () => {
  const [id] = await earth.add([{ at: AT, path: 'near.jpg', bbox: BOX }]);
  const { etag = '' } = (await picture(id!)).headers;
  await earth.add([{ at: AT, path: 'near.jpg', class: 'doe', corrected: 'Hunters', valid: false }]);
  const asked: Record<string, string>[] = [{}, { 'if-none-match': etag }];
  for (const headers of asked) {
    const { status, headers: answered, json } = await picture(id!, '', headers);
    expect([status, answered['content-type'], answered['cache-control'], json]).toEqual([
      ...[404, 'application/problem+json', 'no-store'],
      { detail: 'A person is in the image: such pictures are never shown' },
    ]);
  }
});

test.each([
  ['no.jpg', 'image file is missing'],
  ['../../etc/passwd', expect.stringMatching(/image path/)],
  ['damaged.jpg', 'image cannot be decoded: the file is damaged or cut short'],
  ['camtrap-dp:p/media/1', 'There is no image file of this detection'],
])('%s: 404 with the reason', async (path, detail) => {
  const [id] = await earth.add([{ at: AT, path, bbox: BOX }]);
  const { status, json } = await picture(id!);
  expect([status, json]).toEqual([404, { detail }]);
});

test.each([
  ['no id', 'x', '', 404],
  ['an id that is unknown', randomUUID(), '', 404],
  ['a size that is too large', randomUUID(), 'size=641', 400],
  ['a size that is none', randomUUID(), 'size=1e2', 400],
])('%s is refused', async (_, id, query, status) => {
  expect((await picture(id, query)).status).toBe(status);
});

test('sixty pictures at once are read of the database together', async () => {
  const ids = await earth.add(Array.from({ length: 60 }, () => ({ at: AT, path: 'near.jpg', bbox: BOX })));
  let reads = 0;
  const counted = {
    read: (work: Parameters<Database['read']>[0]) => {
      reads += 1;
      return earth.database.read(work);
    },
  } as Database;
  const find = makeFinder(counted);
  const found = await Promise.all(ids.map(find));
  expect([reads, found.every((one) => one?.path === 'near.jpg')]).toEqual([1, true]);
  // Who asks meanwhile waits for one more.
  const first = find(ids[0]!);
  await new Promise((later) => setTimeout(later, 8));
  await Promise.all([first, ...ids.map(find)]);
  expect(reads).toBe(3);
  expect(await find(randomUUID())).toBeUndefined();
  const answers = await Promise.all(ids.map((id) => picture(id)));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
});
