// Where pages go: stored like an export (a link for an hour, then swept), and written to a path
// below one folder when that is asked for and allowed.
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Database } from '../../adapters/postgres.ts';
import type { Files } from '../../adapters/s3.ts';
import { errorMessage, Fault } from '../../errors.ts';
import { log } from '../../log.ts';

export interface OutputPorts {
  database: Database;
  files: Files;
  /** Folder that `output` stays below; '' = files are not written here (a deployed function). */
  outputRoot: string;
  /** How long a link works, in seconds. */
  ttlSeconds: number;
  clock: () => Date;
}

/** A link to what was stored (null if that failed) and the path of the file that was asked for. */
export interface Written {
  link: string | null;
  path: string | null;
}

export interface ReportOutput {
  /**
   * Stores a file and, where a path was asked for, writes it. `suffix` goes before the ending:
   * report.html, report-review.html.
   */
  write(suffix: string, ending: 'html' | 'csv' | 'json', body: string): Promise<Written>;
}

const TYPES = { html: 'text/html; charset=utf-8', csv: 'text/csv; charset=utf-8', json: 'application/json' } as const;

const isInside = (root: string, path: string): boolean => {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};

/** @throws Fault `invalid` when the path may not be written */
function checkPath(root: string, output: string): string {
  if (root === '')
    throw new Fault(
      'invalid',
      'output is not possible on a deployed function: the report is stored and a link to it returned',
    );
  const path = resolve(root, output);
  if (output.includes('\0') || !isInside(resolve(root), path))
    throw new Fault('invalid', 'output must be a path below the working directory');
  if (!['.html', '.htm'].includes(extname(path).toLowerCase())) throw new Fault('invalid', 'output must end in .html');
  return path;
}

/** Symbolic links could lead out of the folder: what counts is where the file would really be. */
async function writeBelow(root: string, path: string, body: string): Promise<void> {
  const real = await realpath(root);
  let present = dirname(path);
  while ((await lstat(present).catch(() => undefined)) === undefined) present = dirname(present);
  const folder = await realpath(present);
  const target = await lstat(path).catch(() => undefined);
  if ((folder !== real && !isInside(real, folder)) || target?.isSymbolicLink() === true)
    throw new Fault('invalid', 'output must be a path below the working directory');
  const part = `${path}.${randomUUID()}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(part, body);
    // Whole or not at all: a run that is stopped midway leaves the page that was there before.
    await rename(part, path);
  } catch (cause) {
    await rm(part, { force: true }).catch(() => undefined);
    throw new Fault('invalid', `output cannot be written (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`, {
      cause,
    });
  }
}

/**
 * Where the files of a report go; the path is checked before anything is computed. The folder in
 * the bucket is named like a job's, so that the sweeper removes it after an hour.
 * @throws Fault `invalid` when the path may not be written
 */
export function openOutput(
  { files, outputRoot, ttlSeconds }: OutputPorts,
  name: string,
  output: string | undefined,
): ReportOutput {
  const path = output === undefined ? undefined : checkPath(outputRoot, output);
  const folder = `exports/${randomUUID()}/report`;
  return {
    write: async (suffix, ending, body) => {
      const file = `${name}${suffix}.${ending}`;
      const to = path === undefined ? null : join(dirname(path), nameFile(path, suffix, ending));
      if (to !== null) await writeBelow(outputRoot, to, body);
      try {
        await files.put(`${folder}/${file}`, Buffer.from(body), {
          contentType: TYPES[ending],
          contentDisposition: `inline; filename="${file}"`,
        });
        const link = await files.sign(`${folder}/${file}`, ttlSeconds);
        return { link, path: to === null ? null : relative(outputRoot, to) };
      } catch (error) {
        // The file is written: a bucket that is down takes nothing from the person who asked for
        // it.
        if (to === null) throw error;
        log.warn('report not stored', { reason: errorMessage(error) });
        return { link: null, path: relative(outputRoot, to) };
      }
    },
  };
}

const nameFile = (path: string, suffix: string, ending: string): string =>
  suffix === '' ? basename(path) : `${basename(path, extname(path))}${suffix}.${ending}`;
