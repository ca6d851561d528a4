// The product's processes as one bundle with shared parts, made once per run: a process that is
// killed fifty times must start quickly.
import { existsSync, mkdirSync, mkdtempSync, renameSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleOnce } from '../../localstack/bundles/bundle-cache.ts';
import { until } from '../support/wait.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * The folder of api.js, consumer.js and function-thread.js; of several files that ask at once one
 * makes it.
 */
export async function productBundle(): Promise<string> {
  const book = process.env.HOOFPRINT_FAULTS_BOOK ?? mkdtempSync(join(tmpdir(), 'hoofprint-faults-'));
  const [place, claim] = [join(book, 'product'), join(book, 'making')];
  const making = join(claim, 'product');
  mkdirSync(book, { recursive: true });
  if (!existsSync(place) && !isClaimed(claim)) await make(making).then(() => renameSync(making, place));
  await until('the bundle of another file', () => (existsSync(place) ? true : undefined), 60_000);
  return place;
}

function isClaimed(folder: string): boolean {
  try {
    mkdirSync(folder);
    return false;
  } catch {
    return true;
  }
}

async function make(outdir: string): Promise<void> {
  await bundleOnce(
    {
      absWorkingDir: root,
      entryPoints: ['api', 'consumer', 'function-thread'].map((name) => join(root, `test/faults/product/${name}.ts`)),
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      target: 'node24',
      external: ['sharp'],
      banner: {
        js: `import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url); const __dirname = import.meta.dirname;`,
      },
      logLevel: 'error',
    },
    { outdir, bundleCache: join(root, 'node_modules/.cache/hoofprint/faults') },
  );
  // What is not in the bundle is found in the project's packages.
  symlinkSync(join(root, 'node_modules'), join(outdir, 'node_modules'));
}
