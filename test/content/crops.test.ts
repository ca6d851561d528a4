// Crops: which part of which picture, and what is said where there is none.
import sharp from 'sharp';
import { Fault } from '../../lib/errors.ts';
import { at, frame, made, manifestOf, members, PERIOD, reasons, table } from './archive.ts';
import { type World, world } from './fixture.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterAll(() => earth?.close());
afterEach(() => earth.clear());

test('crops are cut upright, clipped, bounded and never enlarged', async () => {
  // Stored lying (orientation 6: turn right to see it upright): upright it is 200 wide and 400
  // high, with a red block at 20..80, 300..380.
  const upright = await sharp({ create: { width: 200, height: 400, channels: 3, background: '#0000ff' } })
    .composite([
      { input: { create: { width: 60, height: 80, channels: 3, background: '#ff0000' } }, left: 20, top: 300 },
    ])
    .png()
    .toBuffer();
  const lying = await sharp(upright)
    .rotate(-90)
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
    .toBuffer();
  const boxes = {
    red: { x: 20, y: 300, width: 60, height: 80 },
    clipped: { x: -50, y: -10, width: 100, height: 60 },
    whole: null,
    wide: { x: 0, y: 0, width: 200, height: 100 },
  };
  const ids = await earth.add(Object.values(boxes).map((bbox, n) => ({ at: at(n), path: 'lying.jpg', bbox })));
  const found = await members(
    await made(earth, { ...PERIOD, crop_size: 128 }, { images: { read: () => Promise.resolve(lying) } }),
  );
  const size = async (index: number): Promise<number[]> => {
    const { width, height, exif, orientation } = await sharp(found.get(`crops/${ids[index]}.jpg`)?.body).metadata();
    expect([exif, orientation]).toEqual([undefined, undefined]);
    return [width, height];
  };
  expect(await size(0)).toEqual([60, 80]);
  expect(await size(1)).toEqual([50, 50]);
  expect(await size(2)).toEqual([64, 128]);
  expect(await size(3)).toEqual([128, 64]);
  const { channels } = await sharp(found.get(`crops/${ids[0]}.jpg`)?.body).stats();
  expect(channels[0]!.mean).toBeGreaterThan(230);
  expect(channels[2]!.mean).toBeLessThan(30);

  // The same alone on its image: the other way of decoding gives the same picture.
  await earth.clear();
  const [alone] = await earth.add([{ at: at(0), path: 'lying.jpg', bbox: boxes.red }]);
  const single = await members(await made(earth, PERIOD, { images: { read: () => Promise.resolve(lying) } }));
  expect((await sharp(single.get(`crops/${alone}.jpg`)?.body).stats()).channels[0]!.mean).toBeGreaterThan(230);
});

test('an image that cannot be shown is listed with its reason and fails nothing', async () => {
  const read = (path: string): Promise<Buffer> => {
    if (path === 'missing.jpg') return Promise.reject(new Fault('not-found', 'image file is missing'));
    if (path === 'away.jpg') return Promise.reject(new Fault('unavailable', 'image archive does not answer'));
    if (path === 'corrupt.jpg') return Promise.resolve(Buffer.from('this is no image'));
    if (path === 'torn.jpg') return Promise.resolve(frame.subarray(0, frame.length >> 1));
    return Promise.resolve(frame);
  };
  const ids = await earth.add([
    { at: at(0), path: 'missing.jpg' },
    { at: at(1), path: 'away.jpg' },
    { at: at(2), path: 'corrupt.jpg' },
    { at: at(3), path: 'torn.jpg' },
    { at: at(4), bbox: { x: 5, y: 5, width: 0, height: 10 } },
    { at: at(5), bbox: { x: 500, y: 5, width: 10, height: 10 } },
    { at: at(6), bbox: { left: 5 } },
    { at: at(7), path: 'person.jpg', class: 'human' },
    { at: at(8), path: 'person.jpg', class: 'doe' },
    { at: at(9), path: 'fine.jpg' },
  ]);
  const found = await members(await made(earth, PERIOD, { images: { read } }));
  const manifest = manifestOf(found);
  const why = reasons(manifest);
  expect(ids.map((id) => why[id])).toEqual([
    'image file is missing',
    'image archive does not answer',
    'image cannot be decoded: it is not an image of a known format',
    'image cannot be decoded: the file is damaged or cut short',
    'bounding box has no area',
    'bounding box is outside the image (400 x 200)',
    'bounding box is not {x, y, width, height}',
    'not an animal: its class is human',
    'a person is in the image: such images are never exported',
    undefined,
  ]);
  expect(manifest.counts).toMatchObject({ requested: 10, exported: 1, skipped: 9, crops: 1, metadata_rows: 9 });
  expect([...found.keys()].filter((name) => name.startsWith('crops/'))).toEqual([`crops/${ids[9]}.jpg`]);
  expect(table(found, 'metadata.csv')).toHaveLength(9);
  expect(String(found.get('README.txt')?.body)).toMatch(/2 x image cannot be decoded\n/);
});

test('when no image can be had at all, the job is one for later', async () => {
  await earth.add([{ at: at(0) }, { at: at(1) }]);
  const read = (): Promise<Buffer> => Promise.reject(new Fault('unavailable', 'image archive does not answer'));
  await expect(made(earth, PERIOD, { images: { read } })).rejects.toMatchObject({ kind: 'unavailable' });
});

test('reasons are the same in every run, also when many damaged images are in work at once', async () => {
  const read = (path: string): Promise<Buffer> =>
    Promise.resolve(
      /torn/.test(path) ? frame.subarray(0, frame.length >> 1) : /text/.test(path) ? Buffer.from('no image') : frame,
    );
  await earth.add(
    Array.from({ length: 60 }, (_, n) => ({ at: at(n), path: `${['torn', 'text', 'fine'][n % 3]}-${n}.jpg` })),
  );
  const first = await made(earth, PERIOD, { images: { read } });
  for (let turn = 0; turn < 4; turn++)
    expect((await made(earth, PERIOD, { images: { read } })).equals(first)).toBe(true);
});

test('an image of too many pixels is refused before it is decoded', async () => {
  const header = await sharp({ create: { width: 13_000, height: 13_000, channels: 3, background: '#ffffff' } })
    .png({ compressionLevel: 1 })
    .toBuffer();
  const [id] = await earth.add([{ at: at(0) }]);
  const found = await members(await made(earth, PERIOD, { images: { read: () => Promise.resolve(header) } }));
  expect(reasons(manifestOf(found))[id!]).toBe('image cannot be decoded: it has more than 150 million pixels');
});
