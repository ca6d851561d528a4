// Cuts animals out of camera images: upright by EXIF, box clipped to the image, longest side
// bounded, never enlarged.
import { availableParallelism } from 'node:os';
import type { Metadata, Sharp } from 'sharp';
import { isBox } from '../../box.ts';
import { decoder as sharp } from '../../decoder.ts';
import { NO_IMAGE, refusePicture } from '../../photo.ts';
import { withTimeout } from '../../timeout.ts';
import { allotment } from './allotment.ts';
import { jpegPart, type Region, readUprightJpeg } from './jpeg-part.ts';
import { TOO_SLOW } from './too-slow.ts';

const FORMATS: ReadonlySet<string> = new Set(['jpeg', 'png', 'webp', 'tiff', 'heif']);

/** More pixels than any camera trap has; a decompression bomb is refused before it is decoded. */
const MOST_PIXELS = 150_000_000;
/** Above this a shared decode would take more than 120 MB at once: each crop decodes for itself. */
const SHARED_PIXELS = 40_000_000;
/** Memory of one image, and of all that are decoded at once. */
const MOST_BYTES = 600_000_000;
/** Of one channel, by the decoder's word for it. */
const BYTES: Record<string, number> = { uchar: 1, char: 1, ushort: 2, short: 2, uint: 4, int: 4, float: 4 };
/**
 * What a decoder takes, in sizes of the picture: measured with 20 million pixels, AVIF took 16 to
 * 26 bytes of a pixel, WebP 8 to 10, a progressive JPEG 7, and what is decoded by rows 1 to 4.
 */
const HELD = { heif: 8, webp: 3.4, progressive: 2.5, rows: 1 } as const;
/**
 * A good image of the largest size takes about 4 s on a slow machine; several crops of it take the
 * time together.
 */
const DECODE_SECONDS = 20;
const IMAGE_MS = 60_000;

/**
 * What to cut: pixels of the upright image, or shares of it (`relative`); null = the whole frame.
 */
export interface Cut {
  box: unknown;
  relative?: unknown;
}

export type Crop = { jpeg: Buffer } | { reason: string };

/** Pixels of an image as it is meant to be seen. */
export interface Size {
  width: number;
  height: number;
}

/** A crop or a reason for each cut, in order, and the size of the image where it could be read. */
export interface CutImage {
  crops: Crop[];
  whole?: Size | undefined;
}

export interface Crops {
  /** Images worth having in work at once. */
  atOnce: number;
  /**
   * A crop depends on its own cut and the pixels under it alone, however many others there are.
   * Never throws for what an image or a box is.
   * @param size longest side in pixels; smaller regions keep their size.
   */
  cut(image: Buffer, cuts: readonly Cut[], size: number): Promise<CutImage>;
}

/** Code tables made for each crop would save 4% of its bytes, and take a tenth of all work. */
const JPEG = { quality: 85, chromaSubsampling: '4:2:0', optimiseCoding: false } as const;
/** More crops of a picture are cut faster when it is decoded once. */
const MOST_PARTS = 3;

/** The part of a box that is inside the image, in whole pixels; or why there is none. */
function clipBox(cut: Cut, width: number, height: number): Region | string {
  const given = cut.box ?? cut.relative;
  if (given === null || given === undefined) return { left: 0, top: 0, width, height };
  if (!isBox(given)) return 'bounding box is not {x, y, width, height}';
  const [across, down] = cut.box === null || cut.box === undefined ? [width, height] : [1, 1];
  if (given.width <= 0 || given.height <= 0) return 'bounding box has no area';
  const left = Math.max(0, Math.floor(given.x * across));
  const top = Math.max(0, Math.floor(given.y * down));
  const right = Math.min(width, Math.ceil((given.x + given.width) * across));
  const bottom = Math.min(height, Math.ceil((given.y + given.height) * down));
  if (right <= left || bottom <= top) return `bounding box is outside the image (${width} x ${height})`;
  return { left, top, width: right - left, height: bottom - top };
}

// The decoder's own words are not passed on: with several images in work at once libvips may give
// one image's message to another, or none, and equal jobs must give equal manifests.
const DAMAGED = 'image cannot be decoded: the file is damaged or cut short';
const TOO_MANY = `image cannot be decoded: it has more than ${MOST_PIXELS / 1_000_000} million pixels`;
const TOO_DEEP = `image cannot be decoded: its pixels need more than ${MOST_BYTES / 1_000_000} MB`;

const options = { limitInputPixels: MOST_PIXELS, failOn: 'error' } as const;
const decoding = allotment(MOST_BYTES);

/**
 * Time over, in the words of either clock: that of the library, or ours for a decoder that does not
 * look at it.
 */
class TooSlow extends Error {}
const inTime = <T>(work: () => Promise<T>, within = 1_000 * DECODE_SECONDS + 1_000): Promise<T> =>
  withTimeout(within, work, () => new TooSlow());
const reasonFor = (error: unknown): string =>
  error instanceof TooSlow || (error instanceof Error && error.message.includes('timeout')) ? TOO_SLOW : DAMAGED;

interface Picture extends Size {
  hasAlpha: boolean;
  /** It is upright as it is stored. */
  isUpright: boolean;
  /** Memory that decoding takes. */
  bytes: number;
}

function countBytes({ format, isProgressive, channels, depth }: Metadata, pixels: number): number {
  const held =
    format === 'heif' || format === 'webp'
      ? HELD[format]
      : HELD[format === 'jpeg' && isProgressive ? 'progressive' : 'rows'];
  return pixels * Math.max(3, channels) * (BYTES[depth] ?? 8) * held;
}

/** What its header says; a reason when it is not to be decoded. */
async function readPicture(image: Buffer): Promise<Picture | string> {
  const refused = refusePicture(image);
  if (refused !== undefined) return refused;
  const upright = readUprightJpeg(image);
  if (upright !== undefined) {
    const pixels = upright.width * upright.height;
    if (pixels > MOST_PIXELS) return TOO_MANY;
    return { ...upright, hasAlpha: false, isUpright: true, bytes: 3 * pixels * HELD.rows };
  }
  const header = await inTime(() => sharp(image, { ...options, limitInputPixels: false }).metadata());
  const { autoOrient, hasAlpha, orientation = 1 } = header;
  if (!FORMATS.has(header.format)) return NO_IMAGE;
  const pixels = autoOrient.width * autoOrient.height;
  if (pixels > MOST_PIXELS) return TOO_MANY;
  const bytes = countBytes(header, pixels);
  return bytes > MOST_BYTES ? TOO_DEEP : { ...autoOrient, hasAlpha, isUpright: orientation === 1, bytes };
}

/** @param sequentialRead lines as they are needed, which costs a small picture more */
const decode = (image: Buffer, sequentialRead = true): Sharp =>
  sharp(image, { ...options, sequentialRead }).timeout({ seconds: DECODE_SECONDS });

type Source = () => Sharp;

/**
 * The whole picture decoded once, for several crops; undefined when it is damaged somewhere, which
 * each crop then finds out for its own part.
 */
async function decodedOnce(upright: Source): Promise<Source | undefined> {
  const whole = () => upright().raw().toBuffer({ resolveWithObject: true });
  const decoded = await inTime(whole).catch((error: unknown) => {
    if (reasonFor(error) === TOO_SLOW) throw error;
    return undefined;
  });
  if (decoded === undefined) return undefined;
  const { width, height, channels } = decoded.info;
  return () => sharp(decoded.data, { raw: { width, height, channels } });
}

async function cutFrom(
  image: Buffer,
  picture: Picture,
  cuts: readonly Cut[],
  size: number,
  imageMs: number,
): Promise<Crop[]> {
  const end = performance.now() + imageMs;
  const { width, height, hasAlpha, isUpright } = picture;
  const upright: Source = () => decode(image).autoOrient();
  const regions = cuts.map((cut) => clipBox(cut, width, height));
  const several = regions.filter((region) => typeof region !== 'string').length > MOST_PARTS;
  const once = several && width * height <= SHARED_PIXELS ? await decodedOnce(upright) : undefined;
  const extract = (region: Region): Sharp => {
    const part = isUpright && once === undefined ? jpegPart(image, region) : undefined;
    if (part === undefined) return (once ?? upright)().extract(region);
    const within = { ...region, left: region.left - part.left, top: region.top - part.top };
    return decode(part.jpeg, false).extract(within);
  };
  const crops: Crop[] = [];
  for (const region of regions) {
    if (typeof region === 'string') {
      crops.push({ reason: region });
      continue;
    }
    const cropped = async (): Promise<Buffer> => {
      const opaque = hasAlpha ? extract(region).flatten({ background: '#ffffff' }) : extract(region);
      const bounded = opaque.resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true });
      return bounded.jpeg(JPEG).toBuffer();
    };
    const left = end - performance.now();
    if (left <= 0) {
      crops.push({ reason: TOO_SLOW });
      continue;
    }
    crops.push(
      await inTime(cropped, Math.min(left, 1_000 * DECODE_SECONDS + 1_000)).then(
        (jpeg) => ({ jpeg }),
        (error: unknown) => ({ reason: reasonFor(error) }),
      ),
    );
  }
  return crops;
}

async function cutCrops(image: Buffer, cuts: readonly Cut[], size: number, imageMs: number): Promise<CutImage> {
  const skipped = (reason: string): { crops: Crop[] } => ({ crops: cuts.map(() => ({ reason })) });
  try {
    const picture = await readPicture(image);
    if (typeof picture === 'string') return skipped(picture);
    const crops = await decoding.with(picture.bytes, () => cutFrom(image, picture, cuts, size, imageMs));
    return { crops, whole: { width: picture.width, height: picture.height } };
  } catch (error) {
    return skipped(reasonFor(error));
  }
}

/**
 * Cuts with sharp. Some images more than cores, since reading, copying and writing wait.
 * @param imageMs bound on all crops of one image
 */
export const sharpCrops = ({ imageMs = IMAGE_MS } = {}): Crops => ({
  atOnce: Math.min(6, availableParallelism() + 4),
  cut: (image, cuts, size) => cutCrops(image, cuts, size, imageMs),
});
