// Drawings of ours as pixels. Programs that cut crops lock SVG out for the whole process
// (lib/adapters/crops/crops.ts): a photo is never one, a drawing is.
import sharp, { type Sharp } from 'sharp';

/** Only for SVG that this program has written itself. */
export function openSvg(svg: string): Sharp {
  sharp.unblock({ operation: ['VipsForeignLoadSvg'] });
  return sharp(Buffer.from(svg));
}
