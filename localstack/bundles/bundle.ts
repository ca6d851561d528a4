// Bundles for running here: one esbuild call makes all functions (serverless-esbuild reads the same
// packages once per function, 12 s on two cores), the next start of the same functions takes them
// from the cache, and packages outside the bundles are found in the project's node_modules.
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PROJECT } from '../stack/folder.ts';
import { removeLeftByTheDead } from '../stack/processes.ts';
import { bundleOnce } from './bundle-cache.ts';

/** The part of `custom.esbuild` in serverless.yml that holds for what runs here as well. */
export interface EsbuildOptions {
  target?: string;
  external?: string[];
  outputFileExtension?: string;
}

/** Inside node_modules, where the bundles find the packages that are not in them. */
const CACHE = join(PROJECT, 'node_modules/.cache/hoofprint');
const BUNDLES = join(CACHE, 'bundles');
const BY_CONTENT = join(CACHE, 'functions');
/** What no service has asked for during this time is removed, in ms. */
const UNUSED_MS = 30 * 86_400_000;

/**
 * An empty folder for this process, removed when it ends. A service loads its bundles for as long
 * as it runs: in a shared folder the next start would write over them.
 */
export function ownFolder(bundles = BUNDLES): string {
  mkdirSync(bundles, { recursive: true });
  removeLeftByTheDead(bundles, (name) => name);
  const folder = join(bundles, String(process.pid));
  // Of a process that had this number before.
  rmSync(folder, { recursive: true, force: true });
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Bundles functions into a folder for this process.
 * @param handlers as serverless.yml names them: `handlers/health.handler`
 * @returns the folder that holds `handlers/health.cjs`. @throws what esbuild does.
 */
export async function bundleFunctions(handlers: readonly string[], options: EsbuildOptions = {}): Promise<string> {
  const { target, external = [], outputFileExtension = '.cjs' } = options;
  const entryPoints = [...new Set(handlers.map((handler) => handler.replace(/\.[^.]+$/, '.ts')))];
  const outdir = join(ownFolder(), 'build');
  // `offline` bundles all functions, `invoke local` the one that it is asked for: neither displaces
  // the other's.
  const bundleCache = join(CACHE, 'kept', createHash('sha256').update(entryPoints.join()).digest('hex').slice(0, 12));
  await bundleOnce(
    {
      absWorkingDir: PROJECT,
      entryPoints,
      outbase: '.',
      outExtension: { '.js': outputFileExtension },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      // No source maps: nothing here reads them, and they double the time.
      ...(target === undefined ? {} : { target }),
      external,
    },
    { outdir, bundleCache },
  );
  return outdir;
}

/**
 * The bundle of one function at a path that the same bundle has at each start: what Node compiles
 * of it is kept by its path. Nothing is ever written over, so a service may load it at any time.
 * @param folder of bundleFunctions()
 */
export function keepByContent(folder: string, file: string, folderOfAll = BY_CONTENT): string {
  const bundle = join(folder, file.replace(/\.[^.]+$/, '.cjs'));
  const digest = createHash('sha256').update(readFileSync(bundle)).digest('hex').slice(0, 16);
  const own = join(folderOfAll, digest);
  const path = join(own, basename(bundle));
  mkdirSync(own, { recursive: true });
  try {
    linkSync(bundle, path);
  } catch (error) {
    // Another start has put it there.
    if (!existsSync(path)) throw error;
  }
  const now = Date.now();
  utimesSync(own, now / 1_000, now / 1_000);
  for (const name of readdirSync(folderOfAll)) {
    const other = join(folderOfAll, name);
    const { mtimeMs = now } = statSync(other, { throwIfNoEntry: false }) ?? {};
    if (now - mtimeMs > UNUSED_MS) rmSync(other, { recursive: true, force: true });
  }
  return path;
}
