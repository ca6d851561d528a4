// `npm run build:plotly`: Plotly's script as one module, because no file is next to a bundled
// function. `--check` says whether it is fresh.
import { readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

const TARGET = new URL('../lib/reid/pages/plotly.generated.ts', import.meta.url);
const PACKAGE = new URL('../node_modules/plotly.js-dist-min/', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', PACKAGE), 'utf8')) as { version: string };
const script = readFileSync(new URL('plotly.min.js', PACKAGE));
const head = `// Made by \`npm run build:plotly\` from plotly.js-dist-min ${version} (MIT); do not edit. Brotli, then base64.`;

if (process.argv.includes('--check')) {
  // The packed bytes may differ between Node versions; what they unpack to may not.
  const text = readFileSync(TARGET, 'utf8');
  const packed = /export const plotly = '([^']*)'/.exec(text)?.[1] ?? '';
  if (!text.startsWith(head) || !brotliDecompressSync(Buffer.from(packed, 'base64')).equals(script)) {
    console.error('lib/reid/pages/plotly.generated.ts is stale: npm run build:plotly');
    process.exitCode = 1;
  }
} else {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: script.length };
  const packed = brotliCompressSync(script, { params }).toString('base64');
  writeFileSync(TARGET, `${head}\nexport const plotly = '${packed}';\n`);
}
