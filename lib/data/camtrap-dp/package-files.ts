// What a package's files are to the import, from wherever they come, and how large they may be.
import { gunzipSync } from 'node:zlib';
import { Fault } from '../../errors.ts';

/** A media file of the package. */
export interface Placed {
  /** As the database holds it. */
  path: string;
  /** To read it now; undefined when it is not in the package or cannot be used. */
  file: string | undefined;
  /** Why a file that the package has cannot be used; undefined when it has none or it is there. */
  why?: string;
  /** Another picture is in its place already: this one is kept apart from it. */
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
   * @throws Fault `invalid` when these media files would not fit onto the disk or unpack beyond all
   * measure: before any is written.
   */
  prepare(names: readonly string[], packageId: string): Promise<void>;
  /**
   * Where an image of the package is for good: a ZIP's image is extracted. `packageId` names the
   * folder of a ZIP's images.
   * @throws Fault `invalid` when the name leads out of the package.
   */
  place(name: string, packageId: string): Promise<Placed>;
  close(): void;
}

/** Tables are read into memory; larger ones are no camera-trap tables. */
export const LARGEST_TABLE = 512 * 1024 * 1024;
const MIB = 1024 * 1024;
/**
 * Text of tables packs to a twentieth; what packs to less than a two-hundredth is made to fill
 * memory.
 */
export const HIGHEST_RATIO = 200;
/** Below this it does no harm, however well it packs. */
export const HARMLESS = 64 * MIB;

export const outside = (name: string): Fault =>
  new Fault('invalid', `the path ${JSON.stringify(name)} leads out of the package`);

/** True for a plain relative path: no root, no drive, no "..", no backslash. */
export const isInside = (name: string): boolean =>
  !/^([\\/~]|[A-Za-z]:)|\\|\0/.test(name) &&
  !name.split('/').some((part) => part === '..' || part === '.' || part === '');

export const tooLarge = (name: string, size: number, limit = LARGEST_TABLE): Fault =>
  new Fault(
    'invalid',
    `${name} has ${Math.round(size / MIB)} MiB, more than ${Math.round(limit / MIB)} MiB: split the package`,
  );

export const bomb = (name: string): Fault =>
  new Fault('invalid', `${name} unpacks to more than ${HIGHEST_RATIO} times its size: it is not unpacked`);

/** The sum of what was read as tables so far, bounded. */
export function tableBudget(): (name: string, size: number) => void {
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

export function unpacked(name: string, bytes: Buffer): Buffer {
  if (!name.endsWith('.gz')) return bytes;
  const most = Math.min(LARGEST_TABLE, Math.max(HARMLESS, bytes.length * HIGHEST_RATIO));
  try {
    return gunzipSync(bytes, { maxOutputLength: most });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw most === LARGEST_TABLE ? tooLarge(name, most) : bomb(name);
    throw new Fault('invalid', `${name} cannot be unpacked`, { cause });
  }
}
