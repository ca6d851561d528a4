// Pictures of an archive as files: each gets its name when it is whole, and none replaces another.
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { link, lstat, mkdir, rename, rm, rmdir, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';

export async function freeBytes(folder: string): Promise<number | undefined> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const disk = await statfs(at).catch(() => undefined);
    if (disk !== undefined) return disk.bavail * disk.bsize;
    if (dirname(at) === at) return undefined;
  }
}

/** Whether the file is this entry's picture: of its size and its checksum. */
export async function holds(file: string, entry: Entry): Promise<boolean> {
  const there = await lstat(file);
  if (!there.isFile() || there.size !== entry.uncompressedSize) return false;
  let sum = 0;
  for await (const chunk of createReadStream(file)) sum = crc32(chunk as Buffer, sum);
  return sum === entry.crc32;
}

/**
 * Through a file that gets its name at the end, so that an interrupted import leaves no half image.
 * A file that another import has put there meanwhile stays: renaming would replace it.
 * @returns false when there is one.
 */
export async function extract(
  archive: ZipFile,
  entry: Entry,
  file: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const partial = `${file}.${randomUUID().slice(0, 8)}.partial`;
  await mkdir(dirname(file), { recursive: true });
  const written = createWriteStream(partial, { flags: 'wx' });
  const closed = new Promise<void>((resolve) => written.once('close', resolve));
  try {
    const options = signal === undefined ? {} : { signal };
    await pipeline(await archive.openReadStreamPromise(entry), written, options);
    return await settle(partial, file);
  } finally {
    // It may still be opening: the file would appear after its removal.
    written.destroy();
    await closed;
    await rm(partial, { force: true });
  }
}

async function settle(partial: string, file: string): Promise<boolean> {
  try {
    await link(partial, file);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // Some drives have no links.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) throw error;
    await rename(partial, file);
  }
  return true;
}

/** Removes files below `root`, then the folders, and those above them, that are empty. */
export async function removeFiles(root: string, files: readonly string[], folders: Iterable<string>): Promise<void> {
  for (const file of files) await rm(file, { force: true });
  const empty = new Set<string>();
  for (const folder of folders)
    for (let at = folder; at !== root && at !== dirname(at); at = dirname(at)) empty.add(at);
  // The deepest first; one that is not empty stays.
  for (const folder of [...empty].sort((a, b) => b.length - a.length)) await rmdir(folder).catch(() => undefined);
}
