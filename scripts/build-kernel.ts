// Builds lib/reid/kernel/kernel.generated.ts: the WebAssembly of kernel.as and the text of
// worker.ts. `--check` fails if that file is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { build } from 'esbuild';

const FOLDER = fileURLToPath(new URL('../lib/reid/kernel/', import.meta.url));
const TARGET = `${FOLDER}kernel.generated.ts`;
const OPTIONS =
  '--runtime stub --noAssert -O3 --use abort= --enable simd --enable threads --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536';

/** The compiler wants a name that ends in .ts; the file has another, or tsc would read it too. */
async function compile(): Promise<Buffer> {
  const source = readFileSync(`${FOLDER}kernel.as`, 'utf8');
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await asc.main(['kernel.ts', '--outFile', 'kernel.wasm', ...OPTIONS.split(' ')], {
    readFile: (name) => (name === 'kernel.ts' ? source : null),
    writeFile: (_name, contents) => {
      wasm = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (error !== null || wasm === undefined) throw new Error(`kernel.as does not compile: ${stderr.toString()}`);
  return Buffer.from(wasm);
}

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

const wasm = await compile();
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
