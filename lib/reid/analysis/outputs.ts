// Where pages go: stored like an export (a link for an hour, then swept), and written to a path
// below one folder when that is asked for and allowed.
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Database } from '../../adapters/postgres.ts';
import type { Files } from '../../adapters/s3.ts';
import { errorMessage, Fault } from '../../errors.ts';
import { log } from '../../log.ts';

export interface Outside {
  database: Database;
  files: Files;
  /** Folder that `output` stays below; '' = files are not written here (a deployed function). */
  outputRoot: string;
  /** How long a link works, in seconds. */
  ttlSeconds: number;
  clock: () => Date;
}

export interface Placed {
  link: string | null;
  path: string | null;
}

export interface Place {
  /**
   * Stores and, where a path was asked for, writes. `suffix` goes before the ending: report.html,
   * report-review.html.
   */
  put(suffix: string, kind: 'html' | 'csv', body: string): Promise<Placed>;
}

const TYPES = { html: 'text/html; charset=utf-8', csv: 'text/csv; charset=utf-8' } as const;

const inside = (root: string, path: string): boolean => {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};

/**
 * @throws Fault `invalid` when the path may not be written: checked before anything is computed.
 */
function checked(root: string, output: string): string {
  if (root === '')
    throw new Fault(
      'invalid',
      'output is not possible on a deployed function: the report is stored and a link to it returned',
    );
  const path = resolve(root, output);
  if (output.includes('\0') || !inside(resolve(root), path))
    throw new Fault('invalid', 'output must be a path below the working directory');
  if (!['.html', '.htm'].includes(extname(path).toLowerCase())) throw new Fault('invalid', 'output must end in .html');
  return path;
}

/**
 * Links on the way could lead out of the folder: what counts is where the file would really lie.
 */
async function write(root: string, path: string, body: string): Promise<void> {
  const real = await realpath(root);
  let present = dirname(path);
  while ((await lstat(present).catch(() => undefined)) === undefined) present = dirname(present);
  const there = await realpath(present);
  const target = await lstat(path).catch(() => undefined);
  if ((there !== real && !inside(real, there)) || target?.isSymbolicLink() === true)
    throw new Fault('invalid', 'output must be a path below the working directory');
  const part = `${path}.${randomUUID()}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(part, body);
    // Whole or not at all: whoever is stopped midway leaves the page that was there before.
    await rename(part, path);
  } catch (cause) {
    await rm(part, { force: true }).catch(() => undefined);
    throw new Fault('invalid', `output cannot be written (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`, {
      cause,
    });
  }
}

/**
 * The folder of a report in the bucket is named like a job's: the sweeper removes it when its hour
 * is over.
 */
export function placeFor({ files, outputRoot, ttlSeconds }: Outside, name: string, output: string | undefined): Place {
  const path = output === undefined ? undefined : checked(outputRoot, output);
  const folder = `exports/${randomUUID()}/report`;
  return {
    put: async (suffix, kind, body) => {
      const named = (from: string): string => `${basename(from, extname(from))}${suffix}.${kind}`;
      const to = path === undefined ? null : join(dirname(path), suffix === '' ? basename(path) : named(path));
      if (to !== null) await write(outputRoot, to, body);
      const key = `${folder}/${name}${suffix}.${kind}`;
      try {
        await files.put(key, Buffer.from(body), {
          contentType: TYPES[kind],
          contentDisposition: `inline; filename="${name}${suffix}.${kind}"`,
        });
        return { link: await files.sign(key, ttlSeconds), path: to === null ? null : relative(outputRoot, to) };
      } catch (error) {
        // The file is there: a bucket that is down takes nothing from the person who asked for it.
        if (to === null) throw error;
        log.warn('report not stored', { reason: errorMessage(error) });
        return { link: null, path: relative(outputRoot, to) };
      }
    },
  };
}
