// Builds lib/reid/kernel/kernel.generated.ts: the WebAssembly of kernel.as and the text of
// worker.ts. `--check` says whether it is fresh.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { build } from 'esbuild';

const here = (name: string): string => fileURLToPath(new URL(`../lib/reid/kernel/${name}`, import.meta.url));
const TARGET = here('kernel.generated.ts');

/**
 * The compiler wants a name that ends in .ts; the file does not, or tsc would read it as
 * TypeScript.
 */
async function compile(): Promise<Buffer> {
  const source = readFileSync(here('kernel.as'), 'utf8');
  let wasm: Uint8Array | undefined;
  const memory = ['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'];
  const options = [
    '--runtime',
    'stub',
    '--noAssert',
    '-O3',
    '--use',
    'abort=',
    '--enable',
    'simd',
    '--enable',
    'threads',
  ];
  const { error, stderr } = await asc.main(['kernel.ts', '--outFile', 'kernel.wasm', ...options, ...memory], {
    readFile: (name) => (name === 'kernel.ts' ? source : null),
    writeFile: (_name, contents) => {
      wasm = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (error !== null || wasm === undefined) throw new Error(`kernel.as does not compile: ${stderr.toString()}`);
  return Buffer.from(wasm);
}

async function bundle(): Promise<string> {
  const built = await build({
    entryPoints: [here('worker.ts')],
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
export const worker = ${JSON.stringify(await bundle())};
`;
if (!process.argv.includes('--check')) writeFileSync(TARGET, text);
else if (readFileSync(TARGET, 'utf8') !== text) {
  console.error('lib/reid/kernel/kernel.generated.ts is stale: npm run build:kernel');
  process.exitCode = 1;
}
