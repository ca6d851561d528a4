// Writes the fonts that reports embed into one module, because no file is next to a bundled
// function. Run after a new version of the fonts.
import { readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import { lean } from './fonts/lean.ts';

const FONTS = { regular: 'DejaVuSansCondensed.ttf', bold: 'DejaVuSansCondensed-Bold.ttf' } as const;

const lines = [
  '// Made by scripts/fonts.ts from dejavu-fonts-ttf (free license, see its package); do not edit. Brotli, then base64.',
];
for (const [name, file] of Object.entries(FONTS)) {
  const ttf = lean(readFileSync(new URL(`../node_modules/dejavu-fonts-ttf/ttf/${file}`, import.meta.url)));
  const packed = brotliCompressSync(ttf, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: ttf.length },
  });
  lines.push(`export const ${name} = '${packed.toString('base64')}';`);
}
writeFileSync(new URL('../lib/exports/pdf/layout/fonts.generated.ts', import.meta.url), `${lines.join('\n')}\n`);
