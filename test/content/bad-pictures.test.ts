// An archive in which pictures are broken, each in another way: each has its reason, every other
// one its crop, and the next archive is not held up.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { allotment } from '../../lib/adapters/crops/allotment.ts';
import { sharpCrops } from '../../lib/adapters/crops/crops.ts';
import { images as imageFiles } from '../../lib/adapters/images.ts';
import { at, made, manifestOf, members, PERIOD, reasons } from './archive.ts';
import { type World, world } from './fixture.ts';
import { interlaced } from './large-png.ts';
import { claiming, tiffOf } from './odd-pictures.ts';

const { cut: cutCrops } = sharpCrops();

const SOAK = process.env.HOOFPRINT_SOAK === '1';
/** Whole pictures for each broken one. */
const WHOLE = SOAK ? 9 : 2;
const WIDTH = 600;
const HEIGHT = 400;
/** Noise, so that a JPEG is large enough to be cut short anywhere. */
const noisy = () =>
  sharp({
    create: {
      width: WIDTH,
      height: HEIGHT,
      channels: 3,
      background: '#446622',
      noise: { type: 'gaussian', mean: 120, sigma: 40 },
    },
  });
const whole = await noisy().jpeg().toBuffer();
const BOX = { x: 10, y: 10, width: 200, height: 100 };
const LOW = { x: 10, y: 290, width: 200, height: 100 };

const DAMAGED = 'image cannot be decoded: the file is damaged or cut short';
const UNKNOWN = 'image cannot be decoded: it is not an image of a known format';
const NOT = ', not a photo format (JPEG, PNG, WebP, TIFF, HEIF, AVIF)';
const OUTSIDE = 'image path is outside the image folders (IMAGE_ROOT, IMAGE_ROOTS)';

const svg = (size: number, start = ''): string =>
  `${start}<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"><rect width="100%" height="100%" fill="red"/></svg>`;
/** The header of a PNG of any size; its pixels never come. */
const pngOf = async (width: number, height: number, depth = 8): Promise<Buffer> => {
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } })
    .png()
    .toBuffer();
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  png[24] = depth;
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
};
const TOO_DEEP = 'image cannot be decoded: its pixels need more than 600 MB';
const wrong: Record<string, [bytes: Buffer | string, reason: string]> = {
  'empty.jpg': ['', 'image file is empty'],
  'one-byte.jpg': [Buffer.from([0xff]), UNKNOWN],
  'text.jpg': ['this is no image', UNKNOWN],
  'zeros.jpg': [Buffer.alloc(100_000), UNKNOWN],
  'cut-header.jpg': [whole.subarray(0, 4), DAMAGED],
  'cut-tables.jpg': [whole.subarray(0, 300), DAMAGED],
  'cut-early.jpg': [whole.subarray(0, Math.floor(whole.length * 0.02)), DAMAGED],
  'vector.jpg': [svg(12_000), `image is SVG${NOT}`],
  'vector-xml.jpg': [svg(12_000, '\ufeff<?xml version="1.0"?>\n<!-- a comment -->\n'), `image is SVG${NOT}`],
  'page.jpg': ['%PDF-1.7\n1 0 obj\n', `image is PDF${NOT}`],
  'moving.jpg': [await noisy().resize(20).gif().toBuffer(), `image is GIF${NOT}`],
  'film.jpg': [
    Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypmp42'), Buffer.alloc(40)]),
    `image is a video${NOT}`,
  ],
  'telephone.jpg': [
    Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic'), Buffer.alloc(40)]),
    'image is HEIC, which cannot be decoded here: save it as JPEG',
  ],
  'bomb.png': [await pngOf(13_000, 13_000), 'image cannot be decoded: it has more than 150 million pixels'],
  'deep.png': [await pngOf(12_000, 12_000, 16), TOO_DEEP],
  // Held whole by their decoders, in several times the bytes of the picture.
  'held.avif': [await claiming('avif', 6_000, 5_000), TOO_DEEP],
  'held.webp': [await claiming('webp', 9_000, 9_000), TOO_DEEP],
  'held.jpg': [await claiming('progressive', 9_500, 9_500), TOO_DEEP],
  'document.tif': [tiffOf(60_000), 'image is a document of more than 1,000 pages, not a photo'],
  'promise.png': [await pngOf(12_000, 12_000), DAMAGED],
};

const right: Record<string, Buffer> = {
  'png-named.jpg': await noisy().png().toBuffer(),
  'jpeg-named.txt': whole,
  'cmyk.jpg': await noisy().toColourspace('cmyk').jpeg().toBuffer(),
  'grey.jpg': await noisy().greyscale().jpeg().toBuffer(),
  'progressive.jpg': await noisy().jpeg({ progressive: true }).toBuffer(),
  'sixteen.png': await noisy().toColourspace('rgb16').png().toBuffer(),
  'alpha.png': await noisy().ensureAlpha(0.5).png().toBuffer(),
  'still.webp': await noisy().webp().toBuffer(),
  'moving.webp': await sharp(Buffer.alloc(WIDTH * 3 * HEIGHT * 3, 90), {
    raw: { width: WIDTH, height: 3 * HEIGHT, channels: 3, pageHeight: HEIGHT },
  })
    .webp({ loop: 0, delay: [100, 100, 100] })
    .toBuffer(),
  'scan.tif': await noisy().tiff({ compression: 'lzw' }).toBuffer(),
  'new.avif': await noisy().avif({ effort: 0 }).toBuffer(),
  'lying.jpg': await sharp({ create: { width: HEIGHT, height: WIDTH, channels: 3, background: '#446622' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer(),
};

const ignore = (): void => undefined;

let earth: World;
let root: string;
let camera: ReturnType<typeof imageFiles>;
beforeAll(async () => {
  earth = await world();
  root = await mkdtemp(join(tmpdir(), 'pictures-'));
  for (const [name, [bytes]] of Object.entries(wrong)) await writeFile(join(root, name), bytes);
  for (const [name, bytes] of Object.entries(right)) await writeFile(join(root, name), bytes);
  await writeFile(join(root, 'whole.jpg'), whole);
  await mkdir(join(root, 'folder.jpg'));
  for (const name of ['a', 'b', 'c', 'd']) execFileSync('mkfifo', [join(root, `pipe-${name}.jpg`)]);
  await writeFile(join(tmpdir(), 'hoofprint-outside.jpg'), whole);
  await symlink(join(tmpdir(), 'hoofprint-outside.jpg'), join(root, 'link-out.jpg'));
  camera = imageFiles({ root });
});
afterAll(async () => {
  await camera.close();
  await rm(root, { recursive: true });
  await rm(join(tmpdir(), 'hoofprint-outside.jpg'));
  await earth?.close();
});
afterEach(() => earth.clear());

test('many pictures are broken, each in another way: the others are cut, each has its reason, and the next archive is whole', async () => {
  const pipe = 'image path is not a file: it is a pipe';
  const expected: [path: string, reason: string][] = [
    ...Object.entries(wrong).map(([path, [, reason]]): [string, string] => [path, reason]),
    ['folder.jpg', 'image path is not a file'],
    ...['a', 'b', 'c', 'd'].map((name): [string, string] => [`pipe-${name}.jpg`, pipe]),
    ['none.jpg', 'image file is missing'],
    ['link-out.jpg', OUTSIDE],
    ['/proc/self/environ', OUTSIDE],
    ['/etc/passwd', OUTSIDE],
    ['../hoofprint-outside.jpg', 'image path leaves the image folder'],
    [join(tmpdir(), 'hoofprint-outside.jpg'), OUTSIDE],
    ['D:\\cards\\IMG_1.JPG', 'image path names a Windows drive that this machine does not have'],
  ];
  const shots = expected.flatMap(([path]) => [
    { path, bbox: BOX },
    ...Array.from({ length: WHOLE }, () => ({ path: 'whole.jpg', bbox: BOX })),
  ]);
  const ids = await earth.add(shots.map((shot, n) => ({ ...shot, at: at(n / 10) })));
  const began = Date.now();
  const manifest = manifestOf(await members(await made(earth, PERIOD, { images: camera })));
  expect(Date.now() - began).toBeLessThan(30_000);
  const why = reasons(manifest);
  expect(expected.map(([path], n) => [path, why[ids[(WHOLE + 1) * n]!]])).toEqual(expected);
  expect(manifest.counts).toMatchObject({
    requested: shots.length,
    exported: WHOLE * expected.length,
    skipped: expected.length,
  });

  await earth.clear();
  await earth.add([{ at: at(0), path: 'whole.jpg', bbox: BOX }]);
  expect(manifestOf(await members(await made(earth, PERIOD, { images: camera }))).counts).toMatchObject({
    exported: 1,
    crops: 1,
  });
});

test('formats of cameras are cut whatever their names say, in sRGB and upright', async () => {
  const names = Object.keys(right);
  const ids = await earth.add(names.map((path, n) => ({ at: at(n), path, bbox: BOX })));
  const found = await members(await made(earth, PERIOD, { images: camera }));
  expect(reasons(manifestOf(found))).toEqual(Object.fromEntries(ids.map((id) => [id, undefined])));
  for (const id of ids) {
    const { format, width, height, space, channels } = await sharp(found.get(`crops/${id}.jpg`)?.body).metadata();
    expect({ format, width, height, space, channels }).toEqual({
      format: 'jpeg',
      width: 200,
      height: 100,
      space: 'srgb',
      channels: 3,
    });
  }
});

test('the same pixels have one answer, however many boxes there are', async () => {
  // Cut short in the middle: the upper box is there, the lower one is not.
  const torn = whole.subarray(0, Math.floor(whole.length * 0.6));
  const garbled = Buffer.from(whole);
  garbled.fill(0xff, Math.floor(whole.length * 0.5), Math.floor(whole.length * 0.5) + 2_000);
  const { 'cmyk.jpg': cmyk, 'sixteen.png': sixteen } = right as Record<string, Buffer>;
  const formats = SOAK ? right : { cmyk: cmyk!, sixteen: sixteen! };
  for (const [name, image] of Object.entries({ torn, garbled, ...formats })) {
    const [upper, lower] = await Promise.all(
      [BOX, LOW].map(async (box) => (await cutCrops(image, [{ box }], 300)).crops[0]),
    );
    const both = (
      await cutCrops(image, [{ box: BOX }, { box: LOW }, { box: { x: -9, y: -9, width: 1, height: 1 } }], 300)
    ).crops;
    expect([name, both.slice(0, 2)]).toEqual([name, [upper, lower]]);
    expect(both[2]).toMatchObject({ reason: expect.stringContaining('outside the image') });
    if (name === 'torn') expect([upper, lower]).toEqual([{ jpeg: expect.any(Buffer) }, { reason: DAMAGED }]);
  }
});

test('a picture of two pages is cut', async () => {
  const { crops } = await cutCrops(tiffOf(2), [{ box: null }], 300);
  expect(crops).toEqual([{ jpeg: expect.any(Buffer) }]);
});

test('one image has one deadline, however many boxes it has', async () => {
  // Above the size that is decoded once for all boxes.
  const large = await sharp({ create: { width: 7_000, height: 6_000, channels: 3, background: '#464' } })
    .jpeg()
    .toBuffer();
  const boxes = Array.from({ length: 200 }, () => ({ box: { x: 0, y: 5_900, width: 90, height: 90 } }));
  const began = performance.now();
  const { crops } = await sharpCrops({ imageMs: 500 }).cut(large, boxes, 300);
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(crops).toHaveLength(200);
  expect(crops.at(-1)).toEqual({ reason: 'image was not decoded in time' });
});

(SOAK ? test : ignore)('several large pictures at once keep within the bound on their sum', async () => {
  // Interlaced, so that each is held whole: 240 MB, of which two do not fit.
  const large = interlaced(8_000, 5_000);
  const before = process.memoryUsage().rss;
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 20);
  const cut = await Promise.all(
    [1, 2, 3].map(() => cutCrops(large, [{ box: { x: 0, y: 4_000, width: 900, height: 900 } }], 300)),
  );
  clearInterval(timer);
  expect(cut.map(({ crops }) => 'jpeg' in crops[0]!)).toEqual([true, true, true]);
  // Three at once are 720 MB.
  expect(most - before).toBeLessThan(500_000_000);
});

test('work waits for room, first come, first served; what is larger than the whole runs alone', async () => {
  const room = allotment(600);
  let now = 0;
  let most = 0;
  const began: number[] = [];
  const work = (size: number, n: number) =>
    room.with(size, async () => {
      began.push(n);
      now += size;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now -= size;
      if (n === 1) throw new Error('failed');
    });
  const sizes = [250, 250, 250, 1_000, 100, 600, 100];
  const done = await Promise.allSettled(sizes.map(work));
  expect(done.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  expect(began).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(most).toBe(1_000);
  most = 0;
  await Promise.all([400, 400, 200, 200].map((size, n) => work(size, n + 10)));
  expect(most).toBe(600);
});

test('a reader that throws, fails or never answers costs its own image', async () => {
  const read = (path: string): Promise<Buffer> => {
    if (path === 'throws.jpg') throw new Error('at once');
    if (path === 'never.jpg') return new Promise(() => undefined);
    if (path === 'nothing.jpg') return Promise.resolve(undefined as never);
    return path === 'rejects.jpg' ? Promise.reject('no error at all') : Promise.resolve(whole);
  };
  const ids = await earth.add(
    ['throws.jpg', 'never.jpg', 'nothing.jpg', 'rejects.jpg', 'fine.jpg'].map((path, n) => ({ at: at(n), path })),
  );
  // Alone it ends its archive as well, instead of sending the job round again.
  const [all, alone] = await Promise.all(
    [PERIOD, { ...PERIOD, detection_ids: [ids[1]!] }].map(async (request) => {
      const why = reasons(manifestOf(await members(await made(earth, request, { images: { read } }))));
      return ids.map((id) => why[id]);
    }),
  );
  expect(all).toEqual([
    'image cannot be read: at once',
    'image file was not read within 25 s',
    expect.stringMatching(/^image cannot be/),
    'image cannot be read: no error at all',
    undefined,
  ]);
  expect(alone?.[1]).toBe('image file was not read within 25 s');
});
