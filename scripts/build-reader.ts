// Builds lib/adapters/reader/child.generated.ts: the text of child.ts, which starts from inside a
// bundled function and gets the path of the decoder. `--check` says whether it is fresh.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const here = (name: string): string => fileURLToPath(new URL(`../lib/adapters/reader/${name}`, import.meta.url));
const TARGET = here('child.generated.ts');

/** A text that runs from no file finds no package. */
const decoderByPath: Plugin = {
  name: 'decoder by path',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^sharp$/ }, ({ path }) => ({ path, namespace: 'decoder' }));
    onLoad({ filter: /.*/, namespace: 'decoder' }, () => ({ contents: 'module.exports = require(process.argv[1])' }));
  },
};

const built = await build({
  entryPoints: [here('child.ts')],
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node22',
  minify: true,
  write: false,
  plugins: [decoderByPath],
});
const text = `// Made by \`npm run build:reader\` from child.ts; do not edit.
export const child = ${JSON.stringify(built.outputFiles[0]!.text.trim())};
`;
if (!process.argv.includes('--check')) writeFileSync(TARGET, text);
else if (readFileSync(TARGET, 'utf8') !== text) {
  console.error('lib/adapters/reader/child.generated.ts is stale: npm run build:reader');
  process.exitCode = 1;
}
