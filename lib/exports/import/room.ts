// Whether pictures of a package can be written where the consumer reads them: said by the consumer,
// so that an upload is refused before its first byte.
import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { KeyValue } from '../../adapters/redis.ts';
import { Fault } from '../../errors.ts';
import { number } from '../../format.ts';

const KEY = 'image_root';
/** The consumer looks every minute; what it has not said for so long is not known, in seconds. */
const KNOWN_SECONDS = 180;
const NOTE = `return redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])`;
const READ = `return redis.call('GET', KEYS[1]) or ''`;
/** Left free on a disk, in bytes. */
const SPARE = 512 * 1024 * 1024;

/** The folder itself, or the one that it would be made in. */
async function findFolder(path: string): Promise<string> {
  for (let at = resolve(path); ; at = dirname(at)) {
    const found = await stat(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (found?.isDirectory() === true) return at;
    if (found !== undefined || at === dirname(at)) throw new Error(`${at} is no folder`);
  }
}

/** Whether this process can write to the folder of pictures. */
async function canWrite(imageRoot: string): Promise<boolean> {
  if (imageRoot === '') return false;
  try {
    await access(await findFolder(imageRoot), constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** To be called by the consumer's machine. @returns 1 where it can write */
export async function noteRoom(store: KeyValue, imageRoot: string): Promise<number> {
  const isWritable = await canWrite(imageRoot);
  await store.script(NOTE, KEY, [isWritable ? 'yes' : 'no', KNOWN_SECONDS]);
  return isWritable ? 1 : 0;
}

export interface RoomSettings {
  imageRoot: string;
  /** Of the embedded services; empty where they are others. */
  enginesFolder: string;
}

/**
 * Refuses an upload that could not be imported.
 * @throws Fault `conflict` where pictures cannot be written, or the disk has no room for them
 */
export async function checkRoom(store: KeyValue, bytes: number, settings: RoomSettings): Promise<void> {
  const said = await store.script(READ, KEY, []);
  const isWritable = said === '' ? await canWrite(settings.imageRoot) : said === 'yes';
  if (!isWritable)
    throw new Fault(
      'conflict',
      'Packages cannot be uploaded here: the folder of pictures (IMAGE_ROOT) is not set, or cannot be written to',
    );
  // What the parts take, and then what is unpacked of them, which pictures are nearly all of.
  const needs = [...(settings.enginesFolder === '' ? [] : [settings.enginesFolder]), settings.imageRoot];
  for (const folder of needs.filter((path) => path !== '')) {
    // The folder of another machine need not be here.
    const disk = await findFolder(folder)
      .then((path) => statfs(path))
      .catch(() => undefined);
    const free = disk === undefined ? Number.POSITIVE_INFINITY : disk.bavail * disk.bsize;
    if (free < bytes * needs.length + SPARE)
      throw new Fault(
        'conflict',
        `The disk has no room for it: ${number(Math.ceil((bytes * needs.length + SPARE) / 1e6))} MB are needed, ${number(Math.floor(free / 1e6))} MB are free`,
      );
  }
}
