// Boxes of detections: whole pixels of the upright image in the database, shares of the image (0-1)
// in Camtrap DP. (What is cut out of an image is the cutter's rule: lib/adapters/crops.)
import { type Box, isBox } from '../box.ts';

/** Pixels of an image as it is meant to be seen. */
interface Size {
  width: number;
  height: number;
}

/** A stored box that has an area; null for anything else. */
export const readBox = (value: unknown): Box | null =>
  isBox(value) && value.width > 0 && value.height > 0
    ? { x: value.x, y: value.y, width: value.width, height: value.height }
    : null;

/** Whether two boxes of one image share an area. */
export const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Shares as whole pixels inside the image, at least one pixel wide and high. */
export function toPixels({ x, y, width, height }: Box, image: Size): Box {
  const left = Math.min(Math.round(x * image.width), image.width - 1);
  const top = Math.min(Math.round(y * image.height), image.height - 1);
  const right = Math.min(Math.max(Math.round((x + width) * image.width), left + 1), image.width);
  const bottom = Math.min(Math.max(Math.round((y + height) * image.height), top + 1), image.height);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Eight decimals: a hundredth of a pixel in the largest image. */
const share = (value: number): number => Number(value.toFixed(8));

/**
 * The box of a detection as shares of its image, clipped to it: bbox_relative where there is one,
 * else bbox in pixels.
 * @returns undefined without a box, without an area inside the image, or where the size is unknown
 */
export function toShares(
  { bbox, bbox_relative: relative }: { bbox: unknown; bbox_relative: unknown },
  image: Size | undefined,
): Box | undefined {
  const [given, size] = isBox(relative) ? [relative, { width: 1, height: 1 }] : [bbox, image];
  if (!isBox(given) || size === undefined) return undefined;
  const { x, y, width, height } = given;
  const [left, top] = [Math.max(0, x / size.width), Math.max(0, y / size.height)];
  const box = {
    x: share(left),
    y: share(top),
    width: share(Math.min(1, (x + width) / size.width) - left),
    height: share(Math.min(1, (y + height) / size.height) - top),
  };
  return box.x <= 1 && box.y <= 1 && box.width > 0 && box.height > 0 ? box : undefined;
}
