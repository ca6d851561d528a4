// Bytes in an embedded S3 that no listing of files shows: looked for on its disk, so that "nothing
// is left" is seen.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Files, UnfinishedUpload } from '../../lib/adapters/s3.ts';

/** Bytes of all files below a folder; 0 where there is none. */
export function bytesBelow(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce(
      (sum, entry) => sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
}

/** Where the embedded S3 with this data folder keeps the parts of uploads, and its files. */
export const partsFolder = (awsFolder: string): string => join(awsFolder, 'objects', '_multipart');
export const objectsFolder = (awsFolder: string): string => join(awsFolder, 'objects', 'buckets');

export async function unfinished(files: Files): Promise<UnfinishedUpload[]> {
  const found: UnfinishedUpload[] = [];
  for await (const upload of files.unfinished()) found.push(upload);
  return found;
}

/**
 * A process that uploads without end under keys of the bucket that the environment names; to be
 * killed.
 */
export async function uploadingProcess(...keys: string[]): Promise<ChildProcess> {
  // Named: inside jest a child would get the variables of the whole run, not those of its test
  // file.
  const env = { ...process.env };
  const child = fork(new URL('./uploading-process.ts', import.meta.url), keys, {
    env,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  await once(child, 'spawn');
  return child;
}
