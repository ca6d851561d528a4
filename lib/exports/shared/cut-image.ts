// Crops of one image for an export: cut where its file is read, or here when it comes from an
// archive.
import type { Crops, Cut, CutImage } from '../../adapters/crops/crops.ts';
import type { Images } from '../../adapters/images.ts';
import { Fault } from '../../errors.ts';
import { duration } from '../../format.ts';
import { withTimeout } from '../../timeout.ts';

/** Longer than the timeouts of the images' adapter, in case they miss a read that hangs. */
const READ_MS = 25_000;

const readImage = (images: Images, path: string): Promise<Buffer> =>
  withTimeout(
    READ_MS,
    () => images.read(path),
    (cause) =>
      new Fault('unavailable', `image file was not read within ${duration(READ_MS)}`, {
        cause: new DOMException(cause.message, 'TimeoutError'),
      }),
  );

/**
 * One decoding for all cuts of an image.
 * @param size longest side of a crop in pixels
 * @throws Fault as `Images.read` does
 */
export const cutImage = async (
  { images, crops }: { images: Images; crops: Crops },
  path: string,
  cuts: readonly Cut[],
  size: number,
): Promise<CutImage> =>
  (await images.cut?.(path, cuts, size)) ?? (await crops.cut(await readImage(images, path), cuts, size));
