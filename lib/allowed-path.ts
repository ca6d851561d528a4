// Which files an image path of the database, or of an imported table, may name: those that are
// really below an allowed folder after links are followed. A published table must not carry private
// files out of the machine that reads it.
import { realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';

export interface Folders {
  /** Folder that relative paths start from; '' = none. */
  root: string;
  /** More folders that absolute paths may be below. */
  others: readonly string[];
}

/**
 * A path by its text alone: `relative` uses `/` and has no `..`; `refused` is a reason fit for a
 * manifest.
 */
export type Located = { relative: string } | { absolute: string } | { refused: string };

/** `file` is the real path: no link is left in it, so it can be opened with O_NOFOLLOW. */
export type Allowed = { file: string } | { missing: true } | { refused: string };

export const MISSING = 'image file is missing';
export const OUTSIDE = 'image path is outside the image folders (IMAGE_ROOT, IMAGE_ROOTS)';
export const ROOTLESS = 'image path is relative and IMAGE_ROOT, the folder that it starts from, is not set';

/**
 * These show the memory, environment and devices of the machine. Refused even if a root is above
 * them.
 */
const NEVER = ['/proc', '/sys', '/dev'];

/** What a path names, without a look at the disk. */
export function locate(path: string): Located {
  if (path === '') return { refused: MISSING };
  if (path.includes('\0')) return { refused: 'image path is not valid' };
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(path)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https' || scheme === 's3')
    return { refused: 'image is a URL and URLs are not fetched' };
  if (scheme === 'file') return { refused: 'image path is a file: address; a plain path is needed' };
  if (scheme !== undefined) return { refused: 'no image file belongs to this observation' };
  if (isAbsolute(path)) return { absolute: path };
  if (/^([a-z]:|\\\\)/i.test(path))
    return { refused: 'image path names a Windows drive that this machine does not have' };
  const parts = path.split(/[\\/]+/).filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return { refused: 'image path leaves the image folder' };
  return parts.length === 0 ? { refused: MISSING } : { relative: parts.join('/') };
}

const isBelow = (file: string, folder: string): boolean => {
  const way = relative(folder, file);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};

/** Neither has a link left, so names decide. A folder that cannot be resolved allows nothing. */
async function liesBelow(file: string, folders: readonly string[]): Promise<boolean> {
  // A real path below the folder as it is written needs no look at the disk.
  if (folders.some((folder) => isBelow(file, resolve(folder)))) return true;
  for (const folder of folders) {
    const real = await realpath(folder).catch(() => undefined);
    if (real !== undefined && isBelow(file, real)) return true;
  }
  return false;
}

/**
 * The real file that a path names, if it is below an allowed folder. Opens nothing; whether it is
 * a regular file is not asked.
 * @throws the system's error for anything but a missing file, such as EACCES
 */
export async function allowedFile(path: string, { root, others }: Folders): Promise<Allowed> {
  const located = locate(path);
  if ('refused' in located) return located;
  if ('relative' in located && root === '') return { refused: ROOTLESS };
  const folders = [root, ...others].filter((folder) => folder !== '');
  if (folders.length === 0) return { refused: OUTSIDE };
  const wanted = 'absolute' in located ? located.absolute : join(resolve(root), ...located.relative.split('/'));
  let file: string;
  try {
    file = await realpath(wanted);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { missing: true };
    throw error;
  }
  if (NEVER.some((folder) => isBelow(file, folder)) || !(await liesBelow(file, folders))) return { refused: OUTSIDE };
  return { file };
}
