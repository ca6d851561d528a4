// The report's typeface, unpacked once per process and given to pdfmake through its virtual file
// system.
import { brotliDecompressSync } from 'node:zlib';
import pdfmake from 'pdfmake';
import { bold, regular } from './fonts.generated.ts';
import { type Face, readFace } from './glyphs.ts';
import { shareFonts } from './shaping.ts';

export const FONT = 'DejaVu';

/** The font family of chart texts. */
export const CHART_FONT = 'DejaVuChart';

let unpacked: { regular: Buffer; bold: Buffer } | undefined;
const files = (): { regular: Buffer; bold: Buffer } =>
  (unpacked ??= {
    regular: brotliDecompressSync(Buffer.from(regular, 'base64')),
    bold: brotliDecompressSync(Buffer.from(bold, 'base64')),
  });

let measured: { regular: Face; bold: Face } | undefined;
/** Which letters the two faces can show, and how wide they are. */
export const faces = (): { regular: Face; bold: Face } =>
  (measured ??= { regular: readFace(files().regular), bold: readFace(files().bold) });

let ready = false;

/**
 * pdfmake with the report's two faces and no access to any file or address; the whole process
 * shares the instance. For the text of an SVG, pdfmake passes only a font's name, and PDFKit takes
 * an unknown name for a file. PDFKit also registers every open font under its PostScript name, so
 * the family of charts is that name: the face of the body text, which is open before any chart is
 * drawn.
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
