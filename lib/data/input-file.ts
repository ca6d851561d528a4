// Files that a person names on the command line: only regular files, bounded in size.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { Fault } from '../errors.ts';
import { visible } from '../plain-text.ts';

export interface InputFile {
  /** Without its folders, for messages. */
  name: string;
  bytes: Buffer;
}

/** Bytes that one read takes. */
const LARGEST = 2 ** 31 - 1;

/**
 * Reads a whole file. A pipe, device or folder is never read: opening does not wait for a writer.
 * @throws Fault `not-found` or `invalid` that names the file.
 */
export async function readInput(path: string): Promise<InputFile> {
  const shown = visible(path, 200);
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new Fault('not-found', `there is no file ${shown}`);
    throw new Fault('invalid', `the file ${shown} cannot be opened (${code})`);
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile())
      throw new Fault('invalid', `${shown} is ${stat.isDirectory() ? 'a folder' : 'a pipe or device'}, not a file`);
    if (stat.size > LARGEST) throw new Fault('invalid', `${shown} is larger than 2 GiB`);
    return { name: basename(path), bytes: await file.readFile() };
  } finally {
    await file.close();
  }
}
