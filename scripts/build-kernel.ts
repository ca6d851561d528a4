// Builds lib/reid/kernel/kernel.generated.ts: the WebAssembly of kernel.as and the text of
// worker.ts. `--check` fails if that file is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { compileAssembly } from './assembly/compile.ts';

const FOLDER = fileURLToPath(new URL('../lib/reid/kernel/', import.meta.url));
const TARGET = `${FOLDER}kernel.generated.ts`;
const OPTIONS = '--enable threads --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536';

async function bundleWorker(): Promise<string> {
  const built = await build({
    entryPoints: [`${FOLDER}worker.ts`],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    minify: true,
    write: false,
  });
  return built.outputFiles[0]!.text.trim();
}

const wasm = await compileAssembly(`${FOLDER}kernel.as`, OPTIONS);
const text = `// Made by \`npm run build:kernel\` from kernel.as and worker.ts; do not edit.
/** ${wasm.length} bytes of WebAssembly in base64. */
export const wasm = '${wasm.toString('base64')}';
export const worker = ${JSON.stringify(await bundleWorker())};
`;
if (!process.argv.includes('--check')) writeFileSync(TARGET, text);
else if (readFileSync(TARGET, 'utf8') !== text) {
  console.error('lib/reid/kernel/kernel.generated.ts is stale. Type: npm run build:kernel');
  process.exitCode = 1;
}
