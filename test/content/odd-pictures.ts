// Pictures that are made to cost a decoder more than they show.
import sharp from 'sharp';

/** A small picture whose header says that it is large. */
export async function claiming(
  format: 'avif' | 'webp' | 'progressive',
  width: number,
  height: number,
): Promise<Buffer> {
  const small = sharp({ create: { width: 64, height: 64, channels: 3, background: '#464' } });
  if (format === 'webp') {
    const webp = await small.webp().toBuffer();
    webp.writeUInt16LE(width, 26);
    webp.writeUInt16LE(height, 28);
    return webp;
  }
  const image = await (format === 'avif' ? small.avif() : small.jpeg({ progressive: true })).toBuffer();
  if (format === 'avif') {
    const at = image.indexOf('ispe') + 8;
    image.writeUInt32BE(width, at);
    image.writeUInt32BE(height, at + 4);
  } else {
    const at = image.indexOf(Buffer.from([0xff, 0xc2])) + 5;
    image.writeUInt16BE(height, at);
    image.writeUInt16BE(width, at + 2);
  }
  return image;
}
/** A TIFF of so many pages, all of them the same pixel. */
export function tiffOf(pages: number): Buffer {
  const fields = [...[256, 257, 259, 262, 277, 278, 279].map((tag) => [tag, 1]), [258, 8], [273, 8]].sort(
    ([a], [b]) => a! - b!,
  );
  const size = 2 + 12 * fields.length + 4;
  const tiff = Buffer.alloc(10 + size * pages);
  tiff.write('II*\0\x0a', 'latin1');
  for (let page = 0; page < pages; page++) {
    const at = 10 + size * page;
    tiff.writeUInt16LE(fields.length, at);
    fields.forEach(([tag, value], i) => {
      for (const [n, given] of [tag!, 3, 1, 0, value!, 0].entries()) tiff.writeUInt16LE(given, at + 2 + 12 * i + 2 * n);
    });
    tiff.writeUInt32LE(page === pages - 1 ? 0 : at + size, at + size - 4);
  }
  return tiff;
}
