// Boxes of a package, which are shares of the picture, as the database holds them.
import type { Cells } from './tables.ts';

const numeric = (cell: string | undefined): number | null => (cell === undefined ? null : Number(cell));

/**
 * Camtrap DP boxes are shares of the picture; ours are whole pixels inside it, so they need its
 * size.
 */
export function boxOf(
  row: Cells,
  image: { width: number | null; height: number | null },
): { bbox: object | null; relative: object | null } {
  const [x, y, width, height] = [
    numeric(row.bboxX),
    numeric(row.bboxY),
    numeric(row.bboxWidth),
    numeric(row.bboxHeight),
  ];
  if (x === null || y === null || width === null || height === null) return { bbox: null, relative: null };
  const relative = { x, y, width, height };
  if (image.width === null || image.height === null) return { bbox: null, relative };
  const left = Math.min(Math.round(x * image.width), image.width - 1);
  const top = Math.min(Math.round(y * image.height), image.height - 1);
  const right = Math.min(Math.max(Math.round((x + width) * image.width), left + 1), image.width);
  const bottom = Math.min(Math.max(Math.round((y + height) * image.height), top + 1), image.height);
  return { bbox: { x: left, y: top, width: right - left, height: bottom - top }, relative };
}
