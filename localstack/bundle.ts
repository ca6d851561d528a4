// Bundles for running here: serverless-esbuild builds each function by itself, which reads the same packages 14 times (12 s on two cores) and runs npm for
// what lies outside the bundles; here one esbuild call makes all of them (2.6 s), and packages outside are found in the project's own node_modules.
import { build, stop } from 'esbuild';

interface Entry {
  entry: string;
  func: unknown;
  functionAlias: string;
}

/** What of serverless-esbuild 1.57 is used: the instance's own methods, replaced for `offline` and `invoke local` only. `package` is left as it is. */
export interface EsbuildPlugin {
  prepare(): void;
  bundle(): Promise<void>;
  packExternalModules(): Promise<void>;
  watch(): void;
  buildDirPath?: string;
  buildOptions?: { target?: string; external?: string[]; outputFileExtension?: string };
  functionEntries: Entry[];
  buildResults?: (Omit<Entry, 'entry'> & { bundlePath: string })[];
}

/** Gives the start of it: whoever has something else to wait for meanwhile (the engines) calls it before serverless-esbuild does. */
export function bundleTogether(plugin: EsbuildPlugin): () => void {
  let built: Promise<void> | undefined;
  const make = async (): Promise<void> => {
    plugin.prepare();
    const { target, external = [], outputFileExtension = '.cjs' } = plugin.buildOptions ?? {};
    // No source maps: nothing here reads them, and they double the time.
    await build({
      entryPoints: [...new Set(plugin.functionEntries.map(({ entry }) => entry))],
      outbase: '.',
      outdir: plugin.buildDirPath,
      outExtension: { '.js': outputFileExtension },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target,
      external,
    });
    // esbuild's own process would stay, with several hundred MB, as long as the service does.
    await stop();
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
