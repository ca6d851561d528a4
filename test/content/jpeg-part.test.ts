// The part of a JPEG around a box: the same pixels as those of the whole picture, or none.
import sharp, { type JpegOptions } from 'sharp';
import { sharpCrops } from '../../lib/adapters/crops/crops.ts';
import { jpegPart, type Region, readUprightJpeg } from '../../lib/adapters/crops/jpeg-part.ts';

/** Numbers in [0, 1), the same at each run. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Shapes and noise: blocks of each length. */
function picture(width: number, height: number, channels: 1 | 3, options: JpegOptions): Promise<Buffer> {
  const next = dice(width * height + channels);
  const pixels = Buffer.from(
    Array.from({ length: width * height * channels }, (_, index) => {
      const [x, y] = [Math.floor(index / channels) % width, Math.floor(index / channels / width)];
      const shape = 90 + 80 * Math.sin(x / 9 + (index % channels)) * Math.cos(y / 17);
      return shape + (x > width / 2 ? 60 * next() : 0);
    }),
  );
  return sharp(pixels, { raw: { width, height, channels } }).jpeg(options).toBuffer();
}

/** As the crops of a whole picture are read. */
const AS_READ = { sequentialRead: true, failOn: 'error' } as const;
const pixels = (image: Buffer, region: Region): Promise<Buffer> =>
  sharp(image, AS_READ).extract(region).raw().toBuffer();

/** Pixels of a region by its part; undefined where there is none. */
async function byPart(image: Buffer, region: Region): Promise<Buffer | undefined> {
  const part = jpegPart(image, region);
  if (part === undefined) return undefined;
  expect(part.jpeg.length).toBeLessThan(image.length);
  return await pixels(Buffer.from(part.jpeg), {
    ...region,
    left: region.left - part.left,
    top: region.top - part.top,
  });
}

const KINDS: Record<string, [channels: 1 | 3, options: JpegOptions]> = {
  'half colors': [3, { quality: 80 }],
  'whole colors': [3, { quality: 80, chromaSubsampling: '4:4:4' }],
  'tables of all codes': [3, { quality: 80, optimiseCoding: false }],
  'hardly compressed': [3, { quality: 100, optimiseCoding: false }],
  'much compressed': [3, { quality: 5 }],
  'shades of gray': [1, { quality: 80 }],
};

test.each(Object.keys(KINDS))('a part has the pixels of the whole picture: %s', async (kind) => {
  const [channels, options] = KINDS[kind]!;
  const [width, height] = [333, 215];
  const image = await picture(width, height, channels, options);
  const next = dice(7);
  const regions = Array.from({ length: 40 }, () => {
    const [left, top] = [Math.floor(next() * width), Math.floor(next() * height)];
    const wide = 1 + Math.floor(next() * Math.min(150, width - left - 1));
    return {
      left,
      top,
      width: Math.max(1, wide),
      height: Math.max(1, Math.floor(next() * Math.min(120, height - top))),
    };
  });
  const edges = [
    { left: 0, top: 0, width: 1, height: 1 },
    { left: width - 1, top: height - 1, width: 1, height: 1 },
    { left: 0, top: height - 40, width, height: 40 },
    { left: width - 40, top: 0, width: 40, height },
    { left: 16, top: 16, width: 16, height: 16 },
  ];
  let missing = 0;
  for (const region of [...edges, ...regions]) {
    const found = await byPart(image, region);
    if (found === undefined) missing += 1;
    else expect(found.equals(await pixels(image, region))).toBe(true);
  }
  // A picture that was coded with as few codes as it needs may lack one for a part.
  expect(missing).toBeLessThan(options.optimiseCoding === false ? 1 : 23);
});

test('what is unusual is left to the decoder', async () => {
  const region = { left: 20, top: 20, width: 30, height: 30 };
  const image = await picture(200, 200, 3, {});
  expect(jpegPart(image, region)).toBeDefined();
  expect(jpegPart(await picture(200, 200, 3, { progressive: true }), region)).toBeUndefined();
  expect(jpegPart(await sharp(image).toColourspace('cmyk').jpeg().toBuffer(), region)).toBeUndefined();
  expect(jpegPart(await sharp(image).png().toBuffer(), region)).toBeUndefined();
  expect(jpegPart(image, { ...region, width: 180, height: 180 })).toBeUndefined();
  // Tables that are defined nowhere, in the scan of the first component.
  const scan = image.lastIndexOf(Buffer.from([0xff, 0xda]));
  for (const tables of [0x02, 0x20, 0x33]) {
    const lacking = Buffer.from(image);
    lacking[scan + 6] = tables;
    expect(jpegPart(lacking, region)).toBeUndefined();
  }
  // Coded in intervals: the length of each is said before the picture.
  const intervals = Buffer.from([0xff, 0xdd, 0, 4, 0, 5]);
  expect(jpegPart(Buffer.concat([image.subarray(0, 2), intervals, image.subarray(2)]), region)).toBeUndefined();
});

/** A segment of Exif with these tags, each of one 16-bit number, in either order of bytes. */
function exif(tags: readonly (readonly [tag: number, value: number, type?: number])[], isLittle: boolean): Buffer {
  const bytes = Buffer.alloc(4 + 6 + 8 + 2 + 12 * tags.length + 4);
  const short = (value: number, at: number) =>
    isLittle ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at);
  bytes.writeUInt16BE(0xffe1, 0);
  bytes.writeUInt16BE(bytes.length - 2, 2);
  bytes.write(`Exif\0\0${isLittle ? 'II' : 'MM'}`, 4, 'latin1');
  short(42, 12);
  short(8, isLittle ? 14 : 16);
  short(tags.length, 18);
  tags.forEach(([tag, value, type = 3], index) => {
    const at = 20 + 12 * index;
    short(tag, at);
    short(type, at + 2);
    short(1, isLittle ? at + 4 : at + 6);
    short(value, at + 8);
  });
  return bytes;
}
const withSegment = (image: Buffer, segment: Buffer): Buffer =>
  Buffer.concat([image.subarray(0, 2), segment, image.subarray(2)]);

test('sizes are read as the decoder reads them, of upright pictures alone', async () => {
  for (const kind of Object.keys(KINDS)) {
    const image = await picture(333, 215, ...KINDS[kind]!);
    expect(readUprightJpeg(image)).toEqual({ width: 333, height: 215 });
    for (const isLittle of [true, false])
      for (let orientation = 0; orientation <= 9; orientation += 1) {
        const tags = [
          [0x10f, 1],
          [0x112, orientation],
        ] as const;
        const turned = withSegment(image, exif(tags, isLittle));
        if (orientation >= 1 && orientation <= 8)
          expect((await sharp(turned).metadata()).orientation).toBe(orientation);
        expect(readUprightJpeg(turned)).toEqual(orientation === 1 ? { width: 333, height: 215 } : undefined);
      }
  }
  const image = await picture(200, 100, 3, {});
  const size = { width: 200, height: 100 };
  expect(readUprightJpeg(withSegment(image, exif([[0x10f, 6]], true)))).toEqual(size);
  expect(readUprightJpeg(withSegment(image, exif([[0x112, 6, 4]], true)))).toBeUndefined();
  // Cut short: the decoder is asked.
  const cut = exif([[0x112, 1]], true).subarray(0, 24);
  cut.writeUInt16BE(cut.length - 2, 2);
  expect(readUprightJpeg(withSegment(image, cut))).toBeUndefined();
  expect(readUprightJpeg(await picture(200, 100, 3, { progressive: true }))).toBeUndefined();
  expect(readUprightJpeg(image.subarray(0, 100))).toBeUndefined();
});

test('a crop of a turned picture is upright', async () => {
  const image = await picture(320, 240, 3, {});
  const turned = await sharp(image).withMetadata({ orientation: 6 }).jpeg({ quality: 80 }).toBuffer();
  const box = { x: 10, y: 200, width: 60, height: 50 };
  const { crops } = await sharpCrops().cut(turned, [{ box }], 100);
  const region = { left: 10, top: 200, width: 60, height: 50 };
  const expected = sharp(await sharp(turned).autoOrient().raw().toBuffer(), {
    raw: { width: 240, height: 320, channels: 3 },
  }).extract(region);
  const options = { quality: 85, chromaSubsampling: '4:2:0', optimiseCoding: false };
  expect(crops).toEqual([{ jpeg: await expected.jpeg(options).toBuffer() }]);
});

test('a damaged picture has the crops that it has without parts', async () => {
  const image = await picture(320, 240, 3, { quality: 80, optimiseCoding: false });
  const coded = image.indexOf(Buffer.from([0xff, 0xda]));
  const next = dice(3);
  const region = { left: 130, top: 90, width: 90, height: 60 };
  let parts = 0;
  for (let turn = 0; turn < 300; turn += 1) {
    const damaged = Buffer.from(image.subarray(0, turn % 5 === 0 ? Math.floor(next() * image.length) : image.length));
    const from = turn % 3 === 0 ? 2 : coded;
    for (let times = turn % 4; times > 0; times -= 1)
      damaged[from + Math.floor(next() * (image.length - from))] = Math.floor(next() * 256);
    const found = await byPart(damaged, region);
    // The decoder reads some lines ahead: it may have no crop where the picture ends soon after.
    const expected = await pixels(damaged, region).catch(() => undefined);
    if (found === undefined || expected === undefined) continue;
    parts += 1;
    expect(found.equals(expected)).toBe(true);
  }
  expect(parts).toBeGreaterThan(60);
});

test('bytes of any kind end in no part', () => {
  const next = dice(5);
  for (let turn = 0; turn < 2_000; turn += 1) {
    const bytes = Buffer.from(Array.from({ length: Math.floor(next() * 400) }, () => next() * 256));
    const head = Buffer.from([0xff, 0xd8, 0xff, [0xc0, 0xc4, 0xda, 0xdb][turn % 4]!]);
    expect(jpegPart(Buffer.concat([head, bytes]), { left: 0, top: 0, width: 9, height: 9 })).toBeUndefined();
  }
});
