// Room on a disk.
import { statfs } from 'node:fs/promises';

/** Bytes that are free for this user on the disk that a folder is on. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
