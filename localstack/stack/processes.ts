// Which processes of this machine are alive, and what those that are not have left.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Whether a process with this number runs, of this user or another. */
function runs(pid: string | number): boolean {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Removes from a folder what `findOwner` gives a process number for that no longer runs: what a
 * kill -9 left of files and folders in the making.
 */
export function removeLeftByTheDead(folder: string, findOwner: (name: string) => string | undefined): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const owner = findOwner(name);
    if (owner !== undefined && !runs(owner)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
