// Builds lib/page/assets.generated.ts from lib/page/app. `--check` says whether it is fresh.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildAssets } from './page/assets.ts';

const TARGET = fileURLToPath(new URL('../lib/page/assets.generated.ts', import.meta.url));
const isCheck = process.argv.includes('--check');

const made = await buildAssets();
const names = Object.fromEntries(made.map(({ extension, name }) => [extension.slice(1), name]));
const assets = Object.fromEntries(
  made.map(({ name, type, br, gzip }) => [name, { type, br: br.toString('base64'), gzip: gzip.toString('base64') }]),
);
const text = `// Made by \`npm run build:page\` from app/; do not edit.
export const names = ${JSON.stringify(names)} as const;
/** Bytes as base64. */
export const assets: Readonly<Record<string, { type: string; br: string; gzip: string }>> = ${JSON.stringify(assets)};
`;
if (!isCheck) {
  writeFileSync(TARGET, text);
  for (const { name, bytes, gzip, br } of made)
    console.log(`${name}: ${bytes.length} bytes, gzip ${gzip.length}, brotli ${br.length}`);
} else if (readFileSync(TARGET, 'utf8') !== text) {
  console.error('lib/page/assets.generated.ts is stale: npm run build:page');
  process.exitCode = 1;
}
