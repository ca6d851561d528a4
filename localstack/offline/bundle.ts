// Bundles for running here: serverless-esbuild builds each function by itself, which reads the same
// packages 14 times (12 s on two cores) and runs npm for what lies outside the bundles; here one
// esbuild call makes all of them, the next start of the same functions takes them again, and
// packages outside are found in the project's own node_modules.
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../stack/folder.ts';
import { removeLeftByTheDead } from '../stack/processes.ts';
import { bundleOnce } from './bundle-cache.ts';

interface Entry {
  entry: string;
  func: unknown;
  functionAlias: string;
}

/**
 * What of serverless-esbuild 1.57 is used: the instance's own methods, replaced for `offline` and
 * `invoke local` only. `package` is left as it is.
 */
export interface EsbuildPlugin {
  prepare(): void;
  bundle(): Promise<void>;
  packExternalModules(): Promise<void>;
  watch(): void;
  workDirPath?: string;
  buildDirPath?: string;
  buildOptions?: { target?: string; external?: string[]; outputFileExtension?: string };
  functionEntries: Entry[];
  buildResults?: (Omit<Entry, 'entry'> & { bundlePath: string })[];
}

/** Inside node_modules, where the bundles find the packages that are not in them. */
const CACHE = join(PROJECT, 'node_modules/.cache/hoofprint');
const BUNDLES = join(CACHE, 'bundles');

/**
 * An empty folder of this process's own, gone with it. A service loads its bundles for as long as
 * it runs: in one shared folder the next start would write over them, and `serverless package`
 * removes .esbuild when it is done.
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
 * Gives the start of it: whoever has something else to wait for meanwhile (the engines) calls it
 * before serverless-esbuild does.
 */
export function bundleTogether(plugin: EsbuildPlugin): () => void {
  let built: Promise<void> | undefined;
  const make = async (): Promise<void> => {
    plugin.workDirPath = ownFolder();
    plugin.buildDirPath = join(plugin.workDirPath, 'build');
    plugin.prepare();
    const { target, external = [], outputFileExtension = '.cjs' } = plugin.buildOptions ?? {};
    const entryPoints = [...new Set(plugin.functionEntries.map(({ entry }) => entry))];
    // `offline` bundles all functions, `invoke local` the one that it is asked for: neither
    // displaces the other's.
    const kept = join(CACHE, 'kept', createHash('sha256').update(entryPoints.join()).digest('hex').slice(0, 12));
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
      { outdir: plugin.buildDirPath, kept },
    );
    plugin.buildResults = plugin.functionEntries.map(({ entry, func, functionAlias }) => ({
      bundlePath: entry.replace(/\.[^.]+$/, outputFileExtension),
      func,
      functionAlias,
    }));
  };
  plugin.bundle = () => (built ??= make());
  plugin.packExternalModules = async () => undefined;
  plugin.watch = () => undefined;
  return () => void plugin.bundle().catch(() => undefined);
}
