// A package's files, from a folder or a ZIP archive; nothing outside of the package is ever read.
import { constants } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { Fault } from '../../errors.ts';
import { isInside, LARGEST_TABLE, outside, type Source, tableBudget, tooLarge, unpacked } from './package-files.ts';
import { zipSource } from './zip.ts';

/**
 * @param imageRoot folder that a ZIP's images are extracted below, at imported/<package id>/
 * @throws Fault `not-found` when there is nothing of this name, `invalid` when it is no package or
 *   its names are not safe.
 */
export async function openSource(where: string, imageRoot: string): Promise<Source> {
  const kind = await stat(where).catch(() => undefined);
  if (kind === undefined) throw new Fault('not-found', `there is no folder or file ${where}`);
  if (kind.isDirectory()) return folderSource(await realpath(where));
  if (!kind.isFile()) throw new Fault('invalid', `${where} is neither a folder nor a file`);
  return zipSource(where, imageRoot);
}

function folderSource(root: string): Source {
  const take = tableBudget();
  /**
   * The real file, links followed, as long as it stays inside. Only plain files: opening a pipe or
   * a device may never return.
   */
  const find = async (name: string): Promise<string | undefined> => {
    if (!isInside(name)) throw outside(name);
    const file = await realpath(join(root, name)).catch(() => undefined);
    if (file === undefined) return undefined;
    if (!file.startsWith(root.endsWith(sep) ? root : root + sep)) throw outside(name);
    return (await stat(file).catch(() => undefined))?.isFile() === true ? file : undefined;
  };
  return {
    folder: root,
    read: async (name) => {
      const file = await find(name);
      if (file === undefined) return undefined;
      const bytes = unpacked(name, await readPlain(file, name));
      take(name, bytes.length);
      return bytes;
    },
    prepare: async () => undefined,
    place: async (name) => ({ file: await find(name), path: join(root, name) }),
    close: () => undefined,
  };
}

/** @throws Fault `invalid` when it is too large or cannot be read. */
async function readPlain(file: string, name: string): Promise<Buffer> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { size } = await handle.stat();
      if (size > LARGEST_TABLE) throw tooLarge(name, size);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('invalid', `${name} cannot be read`, { cause });
  }
}
