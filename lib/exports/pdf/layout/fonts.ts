// The report's typeface, unpacked once per process and handed to pdfmake under a name of its own
// file system.
import { brotliDecompressSync } from 'node:zlib';
import pdfmake from 'pdfmake';
import { bold, regular } from './fonts.generated.ts';
import { type Face, faceOf } from './glyphs.ts';
import { shareFonts } from './shaping.ts';

export const FONT = 'DejaVu';

/** The family of a chart's text. */
export const CHART_FONT = 'DejaVuChart';

let unpacked: { regular: Buffer; bold: Buffer } | undefined;
const files = (): { regular: Buffer; bold: Buffer } =>
  (unpacked ??= {
    regular: brotliDecompressSync(Buffer.from(regular, 'base64')),
    bold: brotliDecompressSync(Buffer.from(bold, 'base64')),
  });

let measured: { regular: Face; bold: Face } | undefined;
/** What the two faces can show, and how wide. */
export const faces = (): { regular: Face; bold: Face } =>
  (measured ??= { regular: faceOf(files().regular), bold: faceOf(files().bold) });

let ready = false;

/**
 * pdfmake with our two faces and no way to any file or address; the instance is shared by the whole
 * process. pdfmake hands an SVG's text only a font's name, and PDFKit takes an unknown name for a
 * file. PDFKit also keeps every open font under its own PostScript name, so the chart's family is
 * just that name: the body's face, which is open before any chart is drawn.
 */
export function printer(): typeof pdfmake {
  if (!ready) {
    const { virtualfs } = pdfmake as unknown as { virtualfs: { writeFileSync(name: string, body: Buffer): void } };
    virtualfs.writeFileSync('regular.ttf', files().regular);
    virtualfs.writeFileSync('bold.ttf', files().bold);
    pdfmake.setUrlAccessPolicy(() => false);
    pdfmake.setLocalAccessPolicy(() => false);
    pdfmake.setFonts({
      [FONT]: { normal: 'regular.ttf', bold: 'bold.ttf' },
      [CHART_FONT]: { normal: 'DejaVuSansCondensed' },
    });
    shareFonts();
    ready = true;
  }
  return pdfmake;
}
