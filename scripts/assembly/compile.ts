// Compiles AssemblyScript without runtime and allocation into WebAssembly with SIMD.
import { readFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const OPTIONS = '--runtime stub --noAssert -O3 --use abort= --enable simd';

/**
 * The compiler wants a name that ends in .ts; sources have another, or tsc would read them too.
 * @param path of the source
 * @param options more of the compiler's
 */
export async function compileAssembly(path: string, options: string): Promise<Buffer> {
  const source = readFileSync(path, 'utf8');
  let wasm: Uint8Array | undefined;
  const given = ['source.ts', '--outFile', 'source.wasm', ...`${OPTIONS} ${options}`.split(' ')];
  const { error, stderr } = await asc.main(given, {
    readFile: (name) => (name === 'source.ts' ? source : null),
    writeFile: (_name, contents) => {
      wasm = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (error !== null || wasm === undefined) throw new Error(`${path} does not compile: ${stderr.toString()}`);
  return Buffer.from(wasm);
}
