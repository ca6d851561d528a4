// Bundles that are made once: esbuild takes four seconds of both cores for what seldom changes
// between two starts.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type BuildOptions, build, stop, version } from 'esbuild';

/**
 * What bundles were made of, and how many bytes each has. Paths are relative to the working
 * directory, outputs to their folder.
 */
interface Recipe {
  options: string;
  sources: Record<string, string>;
  outputs: Record<string, number>;
}

/** Decide how imports are resolved, and are no inputs of a bundle themselves. */
const RESOLVING = ['package.json', 'tsconfig.json', 'node_modules/.package-lock.json'];

const recipeIn = (folder: string): string => join(folder, 'recipe.json');

/**
 * Dates of contents can be set back (cp -p, packed files); that of the last change of a file's
 * entry cannot.
 */
function stampOf(file: string): { stamp: string; changed: number } {
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
 * Whether `kept` holds what these options would make of these files; then `outdir` holds it as
 * well.
 */
function taken(kept: string, outdir: string, directory: string, options: string): boolean {
  try {
    const recipe = JSON.parse(readFileSync(recipeIn(kept), 'utf8')) as Recipe;
    const fresh = Object.entries(recipe.sources).every(
      ([file, stamp]) => stampOf(resolve(directory, file)).stamp === stamp,
    );
    if (recipe.options !== options || !fresh) return false;
    link(kept, outdir, recipe.outputs);
    return true;
  } catch {
    // Nothing kept, or not whole, or another start replaces it at this moment.
    rmSync(outdir, { recursive: true, force: true });
    return false;
  }
}

/**
 * Puts them where the next start looks, all at once; a start that cannot keep them goes on without.
 */
function keep(kept: string, outdir: string, recipe: Recipe): void {
  const ready = `${outdir}.ready`;
  try {
    link(outdir, ready, recipe.outputs);
    writeFileSync(recipeIn(ready), JSON.stringify(recipe));
    rmSync(kept, { recursive: true, force: true });
    mkdirSync(dirname(kept), { recursive: true });
    renameSync(ready, kept);
  } catch {
    rmSync(ready, { recursive: true, force: true });
  }
}

/**
 * Bundles into the folder `outdir`: from the folder `kept` when neither the options nor any file
 * that went into it has changed, by esbuild otherwise. Both lie on one disk; `outdir` does not
 * exist yet or is empty.
 * @returns whether esbuild was needed. @throws what esbuild does.
 */
export async function bundleOnce(
  options: BuildOptions & { absWorkingDir: string },
  { outdir, kept }: { outdir: string; kept: string },
): Promise<boolean> {
  const directory = options.absWorkingDir;
  const how = JSON.stringify([version, options]);
  if (taken(kept, outdir, directory, how)) return false;
  const began = Date.now();
  const { metafile } = await build({ ...options, outdir, metafile: true });
  // esbuild's own process would stay, with several hundred MB, as long as the service does.
  await stop();
  const sources: Recipe['sources'] = {};
  for (const file of [...RESOLVING, ...Object.keys(metafile.inputs)]) {
    const { stamp, changed } = stampOf(resolve(directory, file));
    // Edited while esbuild read it: which of both it has read, nobody knows.
    if (changed >= began) return true;
    sources[file] = stamp;
  }
  const outputs = Object.fromEntries(
    Object.entries(metafile.outputs).map(([output, { bytes }]) => [
      relative(outdir, resolve(directory, output)),
      bytes,
    ]),
  );
  keep(kept, outdir, { options: how, sources, outputs });
  return true;
}
