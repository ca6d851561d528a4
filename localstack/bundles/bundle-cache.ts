// Bundles that are made once: esbuild takes four seconds of both cores for what seldom changes
// between two starts.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type BuildOptions, build, type Metafile, stop, version } from 'esbuild';

/**
 * What bundles were made of, and how many bytes each has. Paths are relative to the working
 * directory, outputs to their folder.
 */
interface Recipe {
  options: string;
  sources: Record<string, string>;
  outputs: Record<string, number>;
}

/** They decide how imports are resolved, but are not inputs of a bundle. */
const RESOLVING = ['package.json', 'tsconfig.json', 'node_modules/.package-lock.json'];

const recipeIn = (folder: string): string => join(folder, 'recipe.json');

/** What each bundle holds, kept next to the bundles; paths as in Recipe. */
const CONTENTS = 'contents.json';
export const readContents = (outdir: string): Metafile['outputs'] =>
  JSON.parse(readFileSync(join(outdir, CONTENTS), 'utf8')) as Metafile['outputs'];

/**
 * Dates of contents can be set back (cp -p, packed files); that of the last change of a file's
 * entry cannot.
 */
function readStamp(file: string): { stamp: string; changed: number } {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return { stamp: 'absent', changed: 0 };
  return { stamp: `${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`, changed: Math.max(stat.mtimeMs, stat.ctimeMs) };
}

/** @throws Error for a file that is not there whole: a machine may have lost its power after it. */
function link(from: string, to: string, outputs: Recipe['outputs']): void {
  for (const [output, bytes] of Object.entries(outputs)) {
    if (statSync(join(from, output)).size !== bytes) throw new Error(`${output} is not whole`);
    mkdirSync(dirname(join(to, output)), { recursive: true });
    linkSync(join(from, output), join(to, output));
  }
}

/**
 * Whether the cache holds what these options would make of these files; then `outdir` holds it as
 * well.
 */
function linkFromCache(bundleCache: string, outdir: string, directory: string, options: string): boolean {
  try {
    const recipe = JSON.parse(readFileSync(recipeIn(bundleCache), 'utf8')) as Recipe;
    const fresh = Object.entries(recipe.sources).every(
      ([file, stamp]) => readStamp(resolve(directory, file)).stamp === stamp,
    );
    if (recipe.options !== options || !fresh) return false;
    link(bundleCache, outdir, recipe.outputs);
    return true;
  } catch {
    // Nothing in the cache, or not whole, or another start replaces it at this moment.
    rmSync(outdir, { recursive: true, force: true });
    return false;
  }
}

/**
 * Puts them where the next start looks, all at once; a start that cannot keep them goes on without.
 */
function keep(bundleCache: string, outdir: string, recipe: Recipe): void {
  const ready = `${outdir}.ready`;
  try {
    link(outdir, ready, recipe.outputs);
    writeFileSync(recipeIn(ready), JSON.stringify(recipe));
    rmSync(bundleCache, { recursive: true, force: true });
    mkdirSync(dirname(bundleCache), { recursive: true });
    renameSync(ready, bundleCache);
  } catch {
    rmSync(ready, { recursive: true, force: true });
  }
}

/**
 * Bundles into the folder `outdir`: from the folder `bundleCache` when neither the options nor any
 * file that went into it has changed, by esbuild otherwise. Both are on one disk; `outdir` does not
 * exist yet or is empty.
 * @returns whether esbuild was needed. @throws what esbuild does.
 */
export async function bundleOnce(
  options: BuildOptions & { absWorkingDir: string },
  { outdir, bundleCache }: { outdir: string; bundleCache: string },
): Promise<boolean> {
  const directory = options.absWorkingDir;
  const how = JSON.stringify([version, options]);
  if (linkFromCache(bundleCache, outdir, directory, how)) return false;
  const began = Date.now();
  const { metafile } = await build({ ...options, outdir, metafile: true });
  const contents = Object.fromEntries(
    Object.entries(metafile.outputs).map(([output, content]) => [
      relative(outdir, resolve(directory, output)),
      content,
    ]),
  );
  writeFileSync(join(outdir, CONTENTS), JSON.stringify(contents));
  // esbuild's own process would stay, with several hundred MB, as long as the service does.
  await stop();
  const sources: Recipe['sources'] = {};
  for (const file of [...RESOLVING, ...Object.keys(metafile.inputs)]) {
    const { stamp, changed } = readStamp(resolve(directory, file));
    // Edited while esbuild read it: which version is in the bundle is unknown.
    if (changed >= began) return true;
    sources[file] = stamp;
  }
  const outputs: Recipe['outputs'] = {
    ...Object.fromEntries(Object.entries(contents).map(([output, { bytes }]) => [output, bytes])),
    [CONTENTS]: statSync(join(outdir, CONTENTS)).size,
  };
  keep(bundleCache, outdir, { options: how, sources, outputs });
  return true;
}
