// Bundles of the functions that run in the pool: loading one takes a third of the computing that
// its sources and packages take, and 90 MB less.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { EsbuildOptions } from '../../bundles/bundle.ts';

/** Paths of bundles by the file of their function. */
export type Bundles = ReadonlyMap<string, string>;

export interface Bundling {
  /** Empty when they cannot be made: the sources do as well. */
  bundles: Promise<Bundles>;
  /** Stops it at once. */
  end(): void;
}

/** @param files of functions, relative to serverless.yml */
export function startBundling(files: readonly string[], options: EsbuildOptions): Bundling {
  const child = fork(join(import.meta.dirname, 'bundle-process.ts'), [JSON.stringify([files, options])], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // As the processes of the pool.
    detached: true,
  });
  child.unref();
  child.channel?.unref();
  const bundles = new Promise<Bundles>((resolve) => {
    child.once('message', (paths) => resolve(new Map(paths as [string, string][])));
    child.once('error', () => resolve(new Map()));
    child.once('exit', () => resolve(new Map()));
  });
  return { bundles, end: () => void child.kill('SIGKILL') };
}
