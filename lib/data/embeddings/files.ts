// The column `file` of a metadata table: a path that may be stored, or the reason why not. No file
// is opened.
import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import pMap from 'p-map';
import { allowedFile, type Folders, locate, ROOTLESS } from '../../allowed-path.ts';

/** Looks at this many files at a time. */
const AT_ONCE = 32;

const ADDRESS = /^(https?|s3):/i;

/**
 * Why a path may not be stored; undefined when it may: it names a picture below an allowed folder,
 * or one that is not there yet.
 */
async function findRefusal(path: string, folders: Folders): Promise<string | undefined> {
  // An address is never fetched: it says where the owner has the picture.
  if (ADDRESS.test(path)) return undefined;
  const located = locate(path);
  if ('refused' in located) return located.refused;
  try {
    const allowed = await allowedFile(path, folders);
    if ('refused' in allowed) return allowed.refused === ROOTLESS ? undefined : allowed.refused;
    if ('missing' in allowed) {
      const below = (folder: string): boolean => folder !== '' && !/^\.\.|^$/.test(relative(resolve(folder), path));
      if (!('absolute' in located) || [folders.root, ...folders.others].some(below)) return undefined;
      return 'image path is outside the image folders, and there is no such file';
    }
    const found = await stat(allowed.file);
    return found.isFile()
      ? undefined
      : `image path names a ${found.isDirectory() ? 'folder' : 'pipe or device'}, not a file`;
  } catch (error) {
    return `image path cannot be followed (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
  }
}

/** @returns the reason by path, for those of the paths that may not be stored. */
export async function findRefusedFiles(paths: Iterable<string>, folders: Folders): Promise<Map<string, string>> {
  const refused = new Map<string, string>();
  const check = async (path: string): Promise<void> => {
    const reason = await findRefusal(path, folders);
    if (reason !== undefined) refused.set(path, reason);
  };
  await pMap(new Set(paths), check, { concurrency: AT_ONCE });
  return refused;
}
