// The product's processes as one bundle with shared parts, made once per run: a process that is
// killed fifty times must start quickly.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The folder of api.js, consumer.js and function-thread.js. */
export async function productBundle(): Promise<string> {
  const book = process.env.HOOFPRINT_FAULTS_BOOK ?? mkdtempSync(join(tmpdir(), 'hoofprint-faults-'));
  const place = join(book, 'product');
  if (existsSync(place)) return place;
  mkdirSync(book, { recursive: true });
  const making = mkdtempSync(join(book, 'making-'));
  await build({
    entryPoints: ['api', 'consumer', 'function-thread'].map((name) => join(root, `test/faults/product/${name}.ts`)),
    outdir: making,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external: ['sharp'],
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); const __dirname = import.meta.dirname;`,
    },
    logLevel: 'error',
  });
  await stop();
  // What is not in the bundle is found in the project's packages.
  symlinkSync(join(root, 'node_modules'), join(making, 'node_modules'));
  try {
    renameSync(making, place);
  } catch {
    // Another worker was quicker.
    rmSync(making, { recursive: true });
  }
  return place;
}
