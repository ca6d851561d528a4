// Builds lib/adapters/crops/jpeg-part.generated.ts, the WebAssembly of jpeg-part.as, and with it
// lib/adapters/reader/child.generated.ts: the text of child.ts, which starts from inside a bundled
// function and gets the path of the decoder. `--check` says whether they are fresh.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { compileAssembly } from './assembly/compile.ts';

const here = (name: string): string => fileURLToPath(new URL(`../lib/adapters/${name}`, import.meta.url));

/** Writes a file or, with `--check`, compares it. */
function keep(name: string, text: string): void {
  if (!process.argv.includes('--check')) writeFileSync(here(name), text);
  else if (readFileSync(here(name), 'utf8') !== text) {
    console.error(`lib/adapters/${name} is stale: npm run build:reader`);
    process.exitCode = 1;
  }
}

const wasm = await compileAssembly(here('crops/jpeg-part.as'), '--initialMemory 32');
keep(
  'crops/jpeg-part.generated.ts',
  `// Made by \`npm run build:reader\` from jpeg-part.as; do not edit.
/** ${wasm.length} bytes of WebAssembly in base64. */
export const wasm = '${wasm.toString('base64')}';
`,
);

/** A text that runs from no file finds no package. */
const decoderByPath: Plugin = {
  name: 'decoder by path',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^sharp$/ }, ({ path }) => ({ path, namespace: 'decoder' }));
    onLoad({ filter: /.*/, namespace: 'decoder' }, () => ({ contents: 'module.exports = require(process.argv[1])' }));
  },
};

const built = await build({
  entryPoints: [here('reader/child.ts')],
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node22',
  minify: true,
  write: false,
  plugins: [decoderByPath],
});
keep(
  'reader/child.generated.ts',
  `// Made by \`npm run build:reader\` from child.ts; do not edit.
export const child = ${JSON.stringify(built.outputFiles[0]!.text.trim())};
`,
);
