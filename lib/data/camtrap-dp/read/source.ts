// The files of a package, whether it is a folder or an archive: what the import may ask of them,
// how large they may be, and a package in a folder. Nothing outside a package is ever read.
import { constants } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Fault } from '../../../errors.ts';

/** A media file of the package. */
export interface PlacedFile {
  /** As the database has it. */
  path: string;
  /** To read it now; undefined when it is not in the package or cannot be used. */
  file: string | undefined;
  /** Why a file that the package has cannot be used; undefined when it has none or it can. */
  why?: string;
  /** A different picture has its path already: this one is kept under another path. */
  apart?: boolean;
}

export interface Source {
  /** The real folder of the package; undefined for an archive. */
  folder: string | undefined;
  /**
   * The bytes of a text file (a name ending in .gz is unpacked); undefined when it is not in the
   * package.
   */
  read(name: string): Promise<Buffer | undefined>;
  /**
   * Looks at these media files before any of them is written.
   * @throws Fault `invalid` when they would not fit onto the disk or unpack to more than
   * HIGHEST_RATIO
   */
  prepare(names: readonly string[], packageId: string): Promise<void>;
  /**
   * Finds the file of an image; an archive's image is extracted to a folder named by `packageId`.
   * @throws Fault `invalid` when the name leads out of the package.
   */
  place(name: string, packageId: string): Promise<PlacedFile>;
  /**
   * Removes what was written by place(), but for files at these paths.
   * @param written the paths, as the database has them, of what place() wrote
   */
  undo(keep: (written: readonly string[]) => Promise<readonly string[]>): Promise<void>;
  close(): void;
}

/** An archive whose bytes are somewhere else; `end` is the first that is not wanted. */
export interface RemoteArchive {
  name: string;
  size: number;
  read(start: number, end: number): AsyncIterable<Buffer>;
}

const MIB = 1024 * 1024;
/** Tables are read into memory; larger ones are not of camera traps. */
export const LARGEST_TABLE = 512 * MIB;
/**
 * Text of tables is packed to a twentieth; a file that is packed to less than a two-hundredth is
 * made to fill memory.
 */
export const HIGHEST_RATIO = 200;
/** A smaller file is unpacked, however well it is packed. */
export const HARMLESS = 64 * MIB;

export const leadsOutside = (name: string): Fault =>
  new Fault('invalid', `the path ${JSON.stringify(name)} leads out of the package`);

/** Whether a name is a plain relative path: no root, no drive, no "..", no backslash. */
export const isInside = (name: string): boolean =>
  !/^([\\/~]|[A-Za-z]:)|\\|\0/.test(name) &&
  !name.split('/').some((part) => part === '..' || part === '.' || part === '');

export const tooLarge = (name: string, size: number, limit = LARGEST_TABLE): Fault =>
  new Fault(
    'invalid',
    `${name} has ${Math.round(size / MIB)} MiB, more than ${Math.round(limit / MIB)} MiB: split the package`,
  );

export const unpacksTooFar = (name: string): Fault =>
  new Fault('invalid', `${name} unpacks to more than ${HIGHEST_RATIO} times its size: it is not unpacked`);

/** Makes a counter of the bytes that are read as tables; it throws beyond their bound. */
export function boundTables(): (name: string, size: number) => void {
  let sum = 0;
  return (name, size) => {
    if (size > LARGEST_TABLE) throw tooLarge(name, size);
    sum += size;
    if (sum > 2 * LARGEST_TABLE)
      throw new Fault(
        'invalid',
        `the tables of the package have more than ${(2 * LARGEST_TABLE) / MIB} MiB together: split the package`,
      );
  };
}

/** The bytes of a file that may be packed by gzip. */
export function unpackGzip(name: string, bytes: Buffer): Buffer {
  if (!name.endsWith('.gz')) return bytes;
  const most = Math.min(LARGEST_TABLE, Math.max(HARMLESS, bytes.length * HIGHEST_RATIO));
  try {
    return gunzipSync(bytes, { maxOutputLength: most });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw most === LARGEST_TABLE ? tooLarge(name, most) : unpacksTooFar(name);
    throw new Fault('invalid', `${name} cannot be unpacked`, { cause });
  }
}

/** @param root the real path of the folder */
export function openFolder(root: string): Source {
  const take = boundTables();
  /**
   * The real file, links followed, as long as it stays inside. Only plain files: opening a pipe or
   * a device may never return.
   */
  const find = async (name: string): Promise<string | undefined> => {
    if (!isInside(name)) throw leadsOutside(name);
    const file = await realpath(join(root, name)).catch(() => undefined);
    if (file === undefined) return undefined;
    if (!file.startsWith(root.endsWith(sep) ? root : root + sep)) throw leadsOutside(name);
    return (await stat(file).catch(() => undefined))?.isFile() === true ? file : undefined;
  };
  return {
    folder: root,
    read: async (name) => {
      const file = await find(name);
      if (file === undefined) return undefined;
      const bytes = unpackGzip(name, await readPlain(file, name));
      take(name, bytes.length);
      return bytes;
    },
    prepare: async () => undefined,
    place: async (name) => ({ file: await find(name), path: join(root, name) }),
    undo: async () => undefined,
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
