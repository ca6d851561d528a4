// Cuts animals out of camera images: upright by EXIF, box clipped to the image, longest side bounded, never enlarged.
import { availableParallelism } from 'node:os';
import sharp, { type Sharp } from 'sharp';

// Every image is seen once: a cache would only hold memory. One thread per image; the pipeline keeps the cores busy with several images.
sharp.cache(false);
sharp.concurrency(1);

/** Images in work at once. One more than cores, since reading and writing wait. */
export const IMAGES_AT_ONCE = Math.min(4, availableParallelism() + 1);

/** More pixels than any camera trap has; a decompression bomb is refused before it is decoded. */
const MOST_PIXELS = 150_000_000;
/** Above this a shared decode would take more than 120 MB at once: each crop decodes for itself. */
const SHARED_PIXELS = 40_000_000;

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What to cut: pixels of the upright image, or shares of it (`relative`); null = the whole frame. */
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

export const isBox = (value: unknown): value is Box =>
  typeof value === 'object' &&
  value !== null &&
  (['x', 'y', 'width', 'height'] as const).every((key) => Number.isFinite((value as Record<string, unknown>)[key]));

const JPEG = { quality: 85, chromaSubsampling: '4:2:0' } as const;

type Region = { left: number; top: number; width: number; height: number };

/** The part of a box that lies in the image, in whole pixels; or why there is none. */
export function regionOf(cut: Cut, width: number, height: number): Region | string {
  const given = cut.box ?? cut.relative;
  if (given === null || given === undefined) return { left: 0, top: 0, width, height };
  if (!isBox(given)) return 'bounding box is not {x, y, width, height}';
  const [across, down] = cut.box === null || cut.box === undefined ? [width, height] : [1, 1];
  if (given.width <= 0 || given.height <= 0) return 'bounding box has no area';
  const left = Math.max(0, Math.floor(given.x * across));
  const top = Math.max(0, Math.floor(given.y * down));
  const right = Math.min(width, Math.ceil((given.x + given.width) * across));
  const bottom = Math.min(height, Math.ceil((given.y + given.height) * down));
  if (right <= left || bottom <= top) return `bounding box lies outside the image (${width} x ${height})`;
  return { left, top, width: right - left, height: bottom - top };
}

// The decoder's own words are not passed on: with several images in work at once libvips may give one image's message to another, or none, and equal
// jobs must give equal manifests.
const NO_IMAGE = 'image cannot be decoded: it is not an image of a known format';
const DAMAGED = 'image cannot be decoded: the file is damaged or cut short';
const TOO_MANY = `image cannot be decoded: it has more than ${MOST_PIXELS / 1_000_000} million pixels`;

/**
 * One crop or reason per cut, in order, and the size of the image. Never throws for what an image or a box is.
 * @param size longest side in pixels; smaller regions keep their size.
 */
export async function cutCrops(image: Buffer, cuts: readonly Cut[], size: number): Promise<{ crops: Crop[]; whole?: Size }> {
  const upright = (): Sharp => sharp(image, { limitInputPixels: MOST_PIXELS, sequentialRead: true, failOn: 'error' }).autoOrient();
  const skipped = (reason: string): { crops: Crop[] } => ({ crops: cuts.map(() => ({ reason })) });
  const metadata = await sharp(image, { limitInputPixels: false })
    .metadata()
    .catch(() => undefined);
  if (metadata === undefined) return skipped(NO_IMAGE);
  const { autoOrient: whole, hasAlpha } = metadata;
  if (whole.width * whole.height > MOST_PIXELS) return skipped(TOO_MANY);
  try {
    const shared = cuts.length > 1 && whole.width * whole.height <= SHARED_PIXELS;
    const decoded = shared ? await upright().raw().toBuffer({ resolveWithObject: true }) : undefined;
    const source = (): Sharp => {
      if (decoded === undefined) return upright();
      const { width, height, channels } = decoded.info;
      return sharp(decoded.data, { raw: { width, height, channels } });
    };
    const crops: Crop[] = [];
    for (const cut of cuts) {
      const region = regionOf(cut, whole.width, whole.height);
      if (typeof region === 'string') {
        crops.push({ reason: region });
        continue;
      }
      try {
        const opaque = hasAlpha ? source().flatten({ background: '#ffffff' }) : source();
        const cropped = opaque.extract(region).resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true });
        crops.push({ jpeg: await cropped.jpeg(JPEG).toBuffer() });
      } catch {
        crops.push({ reason: DAMAGED });
      }
    }
    return { crops, whole: { width: whole.width, height: whole.height } };
  } catch {
    return skipped(DAMAGED);
  }
}
