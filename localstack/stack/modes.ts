// A data folder is its owner's alone: nothing in it may be read or changed by another user.
import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const OTHERS = 0o077;

/** What is removed meanwhile needs no mending, nor what is closed to us as well (`lost+found`). */
function unless<T>(code: 'ENOENT' | 'EACCES', act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return undefined;
    throw error;
  }
}

/**
 * Takes from group and others what they may do to a file, or to a folder and all that is in it.
 * Links are not followed. @throws the system's error for what belongs to another user.
 */
export function closeToOthers(path: string): void {
  const found = unless('ENOENT', () => lstatSync(path));
  if (found === undefined || found.isSymbolicLink()) return;
  if ((found.mode & OTHERS) !== 0) unless('ENOENT', () => chmodSync(path, found.mode & 0o7777 & ~OTHERS));
  if (!found.isDirectory()) return;
  for (const name of unless('EACCES', () => readdirSync(path)) ?? []) closeToOthers(join(path, name));
}
