// Camera images by path: files, the archive, and every way in which there is none.
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { images } from '../../lib/adapters/images.ts';

let root: string;
let server: Server;
let archiveUrl: string;
let answer: RequestListener;
const asked: string[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'images-'));
  await mkdir(join(root, 'store/sub'), { recursive: true });
  await writeFile(join(root, 'outside.jpg'), 'secret');
  await writeFile(join(root, 'store/sub/a.jpg'), 'bytes of a');
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  archiveUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/frames/`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(root, { recursive: true });
});
beforeEach(() => {
  asked.length = 0;
  answer = (_request, response) => response.writeHead(404).end();
});

const store = (archived = false) =>
  images({ root: join(root, 'store'), archiveUrl: archived ? archiveUrl : '', timeout: 300 });
const refusal = (reason: string) => expect.objectContaining({ kind: 'not-found', message: reason });

test('reads relative and absolute paths', async () => {
  expect(String(await store().read('sub/a.jpg'))).toBe('bytes of a');
  expect(String(await store().read('./sub//a.jpg'))).toBe('bytes of a');
  expect(String(await store().read(join(root, 'store/sub/a.jpg')))).toBe('bytes of a');
});

test('a relative path never leaves the folder, an address is never followed', async () => {
  for (const path of ['../outside.jpg', 'sub/../../outside.jpg', '..\\outside.jpg']) {
    await expect(store(true).read(path)).rejects.toEqual(refusal('image path leaves the image folder'));
  }
  for (const path of [archiveUrl, 'HTTPS://example.org/a.jpg', 's3://bucket/a.jpg']) {
    await expect(store(true).read(path)).rejects.toEqual(refusal('image is a URL and URLs are not fetched'));
  }
  await expect(store(true).read('camtrap-dp:x/y')).rejects.toEqual(
    refusal('no image file belongs to this observation'),
  );
  await expect(store(true).read('a\0.jpg')).rejects.toEqual(refusal('image path is not valid'));
  expect(asked).toEqual([]);
});

test('what is not there, not a file or too large is named as such', async () => {
  await writeFile(join(root, 'store/huge.jpg'), '');
  await truncate(join(root, 'store/huge.jpg'), 64 * 1024 * 1024 + 1);
  await expect(store().read('none.jpg')).rejects.toEqual(refusal('image file is missing'));
  await expect(store().read('')).rejects.toEqual(refusal('image file is missing'));
  await expect(store().read('sub')).rejects.toEqual(refusal('image path is not a file'));
  await expect(store().read('huge.jpg')).rejects.toEqual(refusal('image file is larger than 64 MiB'));
  await expect(store().read('/none/absolute.jpg')).rejects.toEqual(refusal('image file is missing'));
});

test('a missing relative path is asked of the archive, by its own name', async () => {
  answer = (_request, response) => response.end('drawn');
  expect(String(await store(true).read('demo/a b#1.jpg'))).toBe('drawn');
  expect(String(await store(true).read('sub/a.jpg'))).toBe('bytes of a');
  expect(String(await images({ root: '', archiveUrl }).read('x.jpg'))).toBe('drawn');
  expect(asked).toEqual(['/frames/demo/a%20b%231.jpg', '/frames/x.jpg']);
  await expect(store(true).read('/none/absolute.jpg')).rejects.toEqual(refusal('image file is missing'));
});

test('crops are cut next to the file; what only the archive has is cut by the caller', async () => {
  const cuts = [{ box: null }];
  answer = (_request, response) => response.end('drawn');
  expect(await store().cut!('sub/a.jpg', cuts, 10)).toMatchObject({ crops: [{ reason: /cannot be decoded/ }] });
  await expect(store().cut!('none.jpg', cuts, 10)).rejects.toEqual(refusal('image file is missing'));
  expect(await store(true).cut!('none.jpg', cuts, 10)).toBeUndefined();
  expect(await images({ root: '', archiveUrl }).cut!('x.jpg', cuts, 10)).toBeUndefined();
  expect(asked).toEqual([]);
});

test('the token is sent to the archive and nowhere else: not after a redirect, not when there is none', async () => {
  const tokens: (string | undefined)[] = [];
  const archive = images({ root: '', archiveUrl, archiveToken: 'token' });
  answer = ({ headers, url }, response) => {
    tokens.push(headers.authorization);
    if (url?.endsWith('there.jpg')) response.writeHead(302, { location: `${archiveUrl}x.jpg` }).end();
    else response.end('drawn');
  };
  expect(String(await archive.read('x.jpg'))).toBe('drawn');
  await expect(archive.read('there.jpg')).rejects.toEqual(expect.objectContaining({ kind: 'unavailable' }));
  expect(String(await images({ root: '', archiveUrl }).read('x.jpg'))).toBe('drawn');
  expect(tokens).toEqual(['Bearer token', 'Bearer token', undefined]);
});

test('the archive may lack an image, fail, hang, redirect or never end', async () => {
  const again = expect.objectContaining({ kind: 'unavailable' });
  await expect(store(true).read('x.jpg')).rejects.toEqual(refusal('image file is missing'));
  answer = (_request, response) => response.writeHead(403).end();
  await expect(store(true).read('x.jpg')).rejects.toEqual(refusal('image archive refused (status 403)'));
  answer = (_request, response) => response.writeHead(500).end();
  await expect(store(true).read('x.jpg')).rejects.toEqual(again);
  answer = () => undefined;
  await expect(store(true).read('x.jpg')).rejects.toEqual(again);
  answer = (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
  await expect(store(true).read('x.jpg')).rejects.toEqual(again);
  answer = (_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(1_048_576)));
      response.once('drain', more);
    };
    more();
  };
  await expect(images({ root: '', archiveUrl, timeout: 20_000 }).read('x.jpg')).rejects.toEqual(
    refusal('image file is larger than 64 MiB'),
  );
  await expect(images({ root: '', archiveUrl: 'http://127.0.0.1:1' }).read('x.jpg')).rejects.toEqual(again);
});

test('absolute paths lie below the root, a listed folder or one that an import registered; nothing else is opened', async () => {
  await mkdir(join(root, 'card'), { recursive: true });
  await writeFile(join(root, 'card/b.jpg'), 'bytes of b');
  const outside = refusal('image path is outside the image folders (IMAGE_ROOT, IMAGE_ROOTS)');
  await expect(store().read(join(root, 'card/b.jpg'))).rejects.toEqual(outside);
  await expect(store(true).read('/proc/self/environ')).rejects.toEqual(outside);
  const listed = images({ root: join(root, 'store'), others: [join(root, 'card')] });
  expect(String(await listed.read(join(root, 'card/b.jpg')))).toBe('bytes of b');
  let asks = 0;
  const registered = images({
    root: join(root, 'store'),
    registered: () => {
      asks += 1;
      return Promise.resolve([join(root, 'card')]);
    },
  });
  // The database is asked only where the configuration does not say it, and not for each image.
  expect(String(await registered.read('sub/a.jpg'))).toBe('bytes of a');
  expect(asks).toBe(0);
  expect(String(await registered.read(join(root, 'card/b.jpg')))).toBe('bytes of b');
  await expect(registered.read(join(root, 'outside.jpg'))).rejects.toEqual(outside);
  expect(asks).toBe(1);
  const nowhere = images({ root: '' });
  await expect(nowhere.read('Meadow/IMG0001.JPG')).rejects.toEqual(
    refusal('image path is relative and IMAGE_ROOT, the folder that it starts from, is not set'),
  );
  await expect(nowhere.read('/mnt/images/Meadow/IMG0001.JPG')).rejects.toEqual(outside);
  await Promise.all([listed, registered, nowhere].map((one) => one.close()));
});
