// The assets of the page: bundled, and packed under names that hold their hashes.
import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { compiledContracts } from './contracts.ts';

const here = (name: string): string => fileURLToPath(new URL(`../../lib/page/app/${name}`, import.meta.url));
const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface Asset {
  name: string;
  extension: string;
  type: string;
  bytes: Buffer;
  br: Buffer;
  gzip: Buffer;
}

export async function buildAssets(): Promise<Asset[]> {
  const built = await build({
    entryPoints: [here('main.tsx'), here('style.css'), here('icon.svg')],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome120', 'firefox121', 'safari17'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    legalComments: 'none',
    loader: { '.svg': 'copy' },
    outdir: 'out',
    entryNames: '[name]',
    write: false,
    plugins: [compiledContracts],
  });
  return built.outputFiles.map(({ path, contents }) => {
    const bytes = Buffer.from(contents);
    const extension = extname(path);
    const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 16);
    const br = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
    const gzip = gzipSync(bytes, { level: 9 });
    return { name: `${hash}${extension}`, extension, type: TYPES[extension]!, bytes, br, gzip };
  });
}
