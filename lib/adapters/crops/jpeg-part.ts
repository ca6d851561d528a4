// The part of a baseline JPEG around a region, as a small JPEG: decoding it costs as much as its
// pixels, which are those of the whole picture. Whatever is unusual is left to the decoder.
import { wasm } from './jpeg-part.generated.ts';

export interface Region {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Part {
  jpeg: Buffer;
  /** Of the part in the picture. */
  left: number;
  top: number;
}

interface Kernel {
  memory: WebAssembly.Memory;
  slotAt(slot: number): number;
  build(slot: number): number;
  cut(
    ...numbers: [
      data: number,
      length: number,
      blocks: number,
      across: number,
      left: number,
      right: number,
      top: number,
      bottom: number,
    ]
  ): number;
  partAt(): number;
}

/** Larger files are worth the decoder's threads. */
const LARGEST = 8 * 1_048_576;
/** A part must be so much smaller than its picture. */
const WORTH = 0.5;
/** Upsampling of colors looks at the next pixels, in each direction. */
const MARGIN = 2;
const SLOTS = 8;
const BLOCKS = 512;
const PAGE = 65_536;

const START = { baseline: 0xc0, extended: 0xc1, tables: 0xc4, scan: 0xda, restarts: 0xdd, about: 0xe1 } as const;
/** Tag of Exif, and its type of one 16-bit number. */
const [ORIENTATION, SHORT] = [0x112, 3];

let made: Kernel | undefined;
const kernel = (): Kernel => {
  made ??= new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(wasm, 'base64'))).exports as unknown as Kernel;
  return made;
};

interface Component {
  id: number;
  across: number;
  down: number;
}

interface Frame {
  /** Where height and width are written. */
  sizeAt: number;
  width: number;
  height: number;
  components: Component[];
}

interface Scan {
  frame: Frame;
  /** As Exif says it; 1 = it is stored upright. */
  orientation: number;
  /** Segments of code tables, one after the other. */
  tables: Buffer;
  /** For each component its tables of first and other coefficients. */
  chosen: readonly (readonly [first: number, other: number])[];
  /** Where coded data begins. */
  at: number;
}

function readFrame(image: Buffer, at: number): Frame | undefined {
  const count = image.readUInt8(at + 9);
  if (image.readUInt8(at + 4) !== 8 || (count !== 1 && count !== 3)) return undefined;
  const components = Array.from({ length: count }, (_, index) => {
    const [id, factors] = [image.readUInt8(at + 10 + 3 * index), image.readUInt8(at + 11 + 3 * index)];
    // A single component has units of one block, whatever it says.
    return count === 1 ? { id, across: 1, down: 1 } : { id, across: factors >> 4, down: factors & 15 };
  });
  return { sizeAt: at + 5, height: image.readUInt16BE(at + 5), width: image.readUInt16BE(at + 7), components };
}

/** Of the one scan of the picture, in the order of its components. */
function readChosen(image: Buffer, at: number, { components }: Frame): Scan['chosen'] | undefined {
  if (image.readUInt8(at + 4) !== components.length) return undefined;
  const chosen = components.map(({ id }, index): [number, number] | undefined => {
    const tables = image.readUInt8(at + 6 + 2 * index);
    return image.readUInt8(at + 5 + 2 * index) === id ? [(tables >> 4) & 3, tables & 3] : undefined;
  });
  return chosen.includes(undefined) ? undefined : (chosen as [number, number][]);
}

/**
 * Of a segment about the picture: its first directory of tags has it. 1 where nothing is said, 0
 * where it is said in an unusual way.
 * @throws RangeError: the segment ends before its tags do
 */
function readOrientation(segment: Buffer): number {
  if (segment.toString('latin1', 0, 6) !== 'Exif\0\0') return 1;
  const tiff = segment.subarray(6);
  const isLittle = tiff.readUInt16BE(0) === 0x4949;
  const short = (at: number): number => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const first = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  for (let entry = 0; entry < short(first); entry += 1) {
    const at = first + 2 + 12 * entry;
    if (short(at) === ORIENTATION) return short(at + 2) === SHORT ? short(at + 8) : 0;
  }
  return 1;
}

/** @throws RangeError: the file ends before its data begins */
function readScan(image: Buffer): Scan | undefined {
  const tables: Buffer[] = [];
  let frame: Frame | undefined;
  let orientation = 1;
  for (let at = 2; image.readUInt8(at) === 0xff; at += 2 + image.readUInt16BE(at + 2)) {
    const marker = image.readUInt8(at + 1);
    const end = at + 2 + image.readUInt16BE(at + 2);
    if (marker === START.scan) {
      const chosen = frame && readChosen(image, at, frame);
      return frame && chosen && { frame, orientation, tables: Buffer.concat(tables), chosen, at: end };
    }
    if (marker === START.about && orientation === 1) orientation = readOrientation(image.subarray(at + 4, end));
    if (marker === START.tables) tables.push(image.subarray(at + 4, end));
    else if (marker === START.restarts && image.readUInt16BE(at + 4) !== 0) return undefined;
    else if (marker === START.baseline || marker === START.extended) frame = readFrame(image, at);
    else if (marker >= 0xc0 && marker <= 0xcf) return undefined;
    else if (marker < 0xc0 || marker > 0xfe) return undefined;
  }
  return undefined;
}

/** Those that the kernel has now: most pictures have the same ones; and where. */
let built = Buffer.alloc(0);
const filled = new Set<number>();
function buildTables(tables: Buffer): boolean {
  if (built.length > 0 && built.equals(tables)) return true;
  built = Buffer.alloc(0);
  filled.clear();
  const { memory, build } = kernel();
  for (let at = 0; at < tables.length; ) {
    const about = tables.readUInt8(at);
    const counts = tables.subarray(at + 1, at + 17);
    const symbols = counts.reduce((sum, count) => sum + count, 0);
    if (counts.length < 16 || symbols > 256 || at + 17 + symbols > tables.length || (about & 0xef) > 3) return false;
    new Uint8Array(memory.buffer).set(tables.subarray(at + 1, at + 17 + symbols), 0);
    const slot = (about & 3) + 4 * (about >> 4);
    if (build(slot) === 0) return false;
    filled.add(slot);
    at += 17 + symbols;
  }
  built = Buffer.from(tables);
  return true;
}

/** Bytes for a file of this length: its data, the words and the bytes of the part. */
function reserve(length: number): number {
  const { memory, slotAt } = kernel();
  const data = Math.ceil(slotAt(SLOTS) / 16) * 16;
  const missing = data + 4 * length + PAGE - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  return data;
}

/** The blocks of a unit; how many there are. 0 when a table is missing, which would have no end. */
function writeBlocks({ frame, chosen }: Scan): number {
  if (!chosen.every(([first, other]) => filled.has(first) && filled.has(4 + other))) return 0;
  const { memory, slotAt } = kernel();
  const blocks = frame.components.flatMap(({ across, down }, component) =>
    Array.from({ length: across * down }, (_, index) => {
      const [first, other] = chosen[component]!;
      return [component, Number(index === 0), slotAt(first), slotAt(4 + other)];
    }),
  );
  if (blocks.length > 0 && blocks.length <= 10) new Uint32Array(memory.buffer).set(blocks.flat(), BLOCKS / 4);
  return blocks.length;
}

/** In units: from and to, with what upsampling looks at. */
const span = (from: number, length: number, unit: number, whole: number): [number, number] => [
  Math.floor(Math.max(0, from - MARGIN) / unit),
  Math.ceil(Math.min(whole, from + length + MARGIN) / unit),
];

function cutPart(image: Buffer, region: Region): Part | undefined {
  const scan = readScan(image);
  if (scan === undefined) return undefined;
  const { width, height, components, sizeAt } = scan.frame;
  const unitWidth = 8 * Math.max(...components.map(({ across }) => across));
  const unitHeight = 8 * Math.max(...components.map(({ down }) => down));
  const [left, right] = span(region.left, region.width, unitWidth, width);
  const [top, bottom] = span(region.top, region.height, unitHeight, height);
  const part = {
    width: Math.min(width, right * unitWidth) - left * unitWidth,
    height: Math.min(height, bottom * unitHeight) - top * unitHeight,
  };
  if (part.width * part.height > WORTH * width * height || !buildTables(scan.tables)) return undefined;
  const blocks = writeBlocks(scan);
  if (blocks === 0 || blocks > 10) return undefined;
  const coded = image.subarray(scan.at);
  const data = reserve(coded.length);
  const { memory, cut, partAt } = kernel();
  new Uint8Array(memory.buffer).set(coded, data);
  const across = Math.ceil(width / unitWidth);
  const bytes = cut(data, coded.length, blocks, across, left, right, top, bottom);
  if (bytes === 0) return undefined;
  const jpeg = Buffer.concat([image.subarray(0, scan.at), new Uint8Array(memory.buffer, partAt(), bytes)]);
  jpeg.writeUInt16BE(part.height, sizeAt);
  jpeg.writeUInt16BE(part.width, sizeAt + 2);
  return { jpeg, left: left * unitWidth, top: top * unitHeight };
}

/** What is read of a file that is as simple as most, or nothing. */
function ofSimple<T>(image: Buffer, read: () => T | undefined): T | undefined {
  if (image.length > LARGEST || image[0] !== 0xff || image[1] !== 0xd8) return undefined;
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The size of a JPEG that is stored upright; undefined where the decoder has to be asked. */
export const readUprightJpeg = (image: Buffer): Pick<Region, 'width' | 'height'> | undefined =>
  ofSimple(image, () => {
    const { frame, orientation = 0 } = readScan(image) ?? {};
    return frame && orientation === 1 && frame.width * frame.height > 0
      ? { width: frame.width, height: frame.height }
      : undefined;
  });

/**
 * The part of a picture around a region that is not turned; undefined where it is not worth it, and
 * for any file that is not as simple and as sound as most: the decoder then sees it whole.
 */
export const jpegPart = (image: Buffer, region: Region): Part | undefined =>
  ofSimple(image, () => cutPart(image, region));
