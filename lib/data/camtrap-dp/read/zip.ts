// A package in a ZIP archive, bounded in entries, sizes and ratios. Pictures are extracted one by
// one, and none replaces another picture.
import { lstat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { errorMessage, Fault } from '../../../errors.ts';
import { number } from '../../../format.ts';
import { visible } from '../../../plain-text.ts';
import { extract, freeBytes, holds, removeFiles } from './extract.ts';
import { RemoteReader } from './remote-reader.ts';
import {
  boundTables,
  HARMLESS,
  HIGHEST_RATIO,
  isInside,
  LARGEST_TABLE,
  leadsOutside,
  type PlacedFile,
  type RemoteArchive,
  type Source,
  tooLarge,
  unpackGzip,
  unpacksTooFar,
} from './source.ts';

/** No camera writes a larger file. */
const LARGEST_MEDIA = 1024 * 1024 * 1024;
const MOST_ENTRIES = 500_000;
/** Left free on the disk of the image folder. */
const SPARE = 512 * 1024 * 1024;
const [STORED, DEFLATED, DEFLATE64] = [0, 8, 9];
const LINK = 0o120000;

interface Listing {
  entries: Map<string, Entry>;
  /** Names that more than one entry has. */
  twice: Set<string>;
}

/**
 * @param imageRoot folder that images are extracted below, at imported/<package id>/
 * @param signal aborted when the package is no longer wanted
 * @throws Fault `invalid` when it is not a readable archive or has too many entries.
 */
export async function openZip(where: string | RemoteArchive, imageRoot: string, signal?: AbortSignal): Promise<Source> {
  const name = typeof where === 'string' ? basename(where) : visible(where.name);
  const reader = typeof where === 'string' ? undefined : new RemoteReader(where);
  const unreadable = (error: unknown): Fault => {
    const cause = reader?.failed ?? error;
    return cause instanceof Fault
      ? cause
      : new Fault('invalid', `${name} is not a readable ZIP archive: ${errorMessage(cause)}`, { cause });
  };
  const options = { lazyEntries: true, autoClose: false };
  const opening =
    typeof where === 'string'
      ? yauzl.openPromise(where, options)
      : yauzl.fromRandomAccessReaderPromise(reader!, where.size, options);
  const zip = await opening.catch((error: unknown) => {
    throw unreadable(error);
  });
  try {
    const listing = await listEntries(zip).catch((error: unknown) => {
      throw unreadable(error);
    });
    return new ZipPackage(zip, listing, { imageRoot, reader, signal });
  } catch (error) {
    zip.close();
    throw error;
  }
}

/**
 * yauzl itself refuses absolute names, backslashes and "..", and an entry that unpacks to another
 * size than it says.
 */
async function listEntries(zip: ZipFile): Promise<Listing> {
  const tooMany = (): Fault =>
    new Fault('invalid', `the archive has more than ${number(MOST_ENTRIES)} entries: unpack it and import the folder`);
  if (zip.entryCount > MOST_ENTRIES) throw tooMany();
  const [entries, twice] = [new Map<string, Entry>(), new Set<string>()];
  let count = 0;
  for await (const entry of zip.eachEntry()) {
    if (++count > MOST_ENTRIES) throw tooMany();
    if (entry.fileName.endsWith('/')) continue;
    if (entries.has(entry.fileName)) twice.add(entry.fileName);
    entries.set(entry.fileName, entry);
  }
  return { entries, twice };
}

interface ZipWork {
  imageRoot: string;
  reader: RemoteReader | undefined;
  signal: AbortSignal | undefined;
}

class ZipPackage implements Source {
  readonly folder = undefined;
  readonly #zip: ZipFile;
  readonly #listing: Listing;
  readonly #imageRoot: string;
  readonly #reader: RemoteReader | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #prefix: string;
  /** Files that were written, by their paths in the database. */
  readonly #written = new Map<string, string>();
  /** Where files were written, or would have been. */
  readonly #folders = new Set<string>();
  readonly #take = boundTables();
  /** Names by the path that they were extracted to, case folded: some disks know no case. */
  readonly #claimed = new Map<string, string>();

  constructor(zip: ZipFile, listing: Listing, { imageRoot, reader, signal }: ZipWork) {
    this.#zip = zip;
    this.#listing = listing;
    this.#imageRoot = imageRoot;
    this.#reader = reader;
    this.#signal = signal;
    // A package zipped with its folder has everything one level down.
    const descriptors = [...listing.entries.keys()].filter((name) => /^([^/]+\/)?datapackage\.json$/.test(name));
    const [first] = descriptors.sort((a, b) => a.length - b.length);
    this.#prefix = first === undefined ? '' : first.slice(0, -'datapackage.json'.length);
  }

  #find(name: string): Entry | undefined {
    if (!isInside(name)) throw leadsOutside(name);
    return this.#listing.entries.get(this.#prefix + name);
  }

  async read(name: string): Promise<Buffer | undefined> {
    const entry = this.#find(name);
    if (entry === undefined) return undefined;
    const why = unusable(entry, this.#listing.twice);
    if (why !== undefined) throw new Fault('invalid', `${name} ${why}`);
    if (entry.uncompressedSize > LARGEST_TABLE) throw tooLarge(name, entry.uncompressedSize);
    if (isBomb(entry)) throw unpacksTooFar(name);
    this.#take(name, entry.uncompressedSize);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of await this.#zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    } catch (cause) {
      this.#giveUp();
      throw new Fault('invalid', `${name} cannot be unpacked: the archive is damaged`, { cause });
    }
    const bytes = unpackGzip(name, Buffer.concat(chunks));
    if (bytes.length > entry.uncompressedSize) this.#take(name, bytes.length - entry.uncompressedSize);
    return bytes;
  }

  async prepare(names: readonly string[], packageId: string): Promise<void> {
    let [sum, packed] = [0, 0];
    for (const name of new Set(names)) {
      const entry = isInside(name) ? this.#find(name) : undefined;
      if (entry === undefined || unusable(entry, this.#listing.twice) !== undefined || isBomb(entry)) continue;
      const there = await lstat(this.#target(name, packageId)).catch(() => undefined);
      if (there?.size === entry.uncompressedSize) continue;
      sum += entry.uncompressedSize;
      packed += entry.compressedSize;
    }
    // Entries may share their bytes: each is small, the sum is not.
    if (sum > HARMLESS && sum > HIGHEST_RATIO * Math.min(packed, this.#zip.fileSize))
      throw unpacksTooFar('the archive');
    const free = await freeBytes(this.#imageRoot);
    if (free !== undefined && sum + SPARE > free) {
      const [needed, there] = [sum + SPARE, free].map((bytes) => `${number(Math.ceil(bytes / 1024 / 1024))} MiB`);
      throw new Fault(
        'invalid',
        `the pictures of the archive need ${needed} of free disk space, there are ${there}: nothing was unpacked`,
      );
    }
  }

  /** @throws why nothing more can be read, or is wanted */
  #giveUp(): void {
    this.#signal?.throwIfAborted();
    if (this.#reader?.failed !== undefined) throw this.#reader.failed;
  }

  #target(name: string, packageId: string): string {
    return resolve(this.#imageRoot, 'imported', packageId, ...name.split('/'));
  }

  async place(name: string, packageId: string): Promise<PlacedFile> {
    const [entry, path] = [this.#find(name), `imported/${packageId}/${name}`];
    if (entry === undefined) return { path, file: undefined };
    const why =
      unusable(entry, this.#listing.twice) ??
      (isBomb(entry) ? `unpacks to more than ${HIGHEST_RATIO} times its size` : undefined);
    if (why !== undefined) return { path, file: undefined, why };
    if (entry.uncompressedSize > LARGEST_MEDIA) return { path, file: undefined, why: 'is larger than 1 GiB' };
    try {
      return await this.#extracted(entry, name, packageId);
    } catch (error) {
      this.#giveUp();
      // A full disk ends the import; what is wrong with one entry costs that picture.
      if (['ENOSPC', 'EDQUOT', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? ''))
        throw new Fault('invalid', `the pictures cannot be written to the image folder`, { cause: error });
      return { path, file: undefined, why: `cannot be unpacked: ${errorMessage(error)}` };
    }
  }

  /** To its path, or to a path of its checksum where another picture has that one. */
  async #extracted(entry: Entry, name: string, packageId: string): Promise<PlacedFile> {
    const apart = `${entry.crc32.toString(16).padStart(8, '0')}-${entry.uncompressedSize}/${name}`;
    for (const at of [name, apart]) {
      const [path, file] = [`imported/${packageId}/${at}`, this.#target(at, packageId)];
      const folded = path.toLowerCase().normalize('NFC');
      const owner = this.#claimed.get(folded);
      if (owner !== undefined && owner !== name) continue;
      this.#claimed.set(folded, name);
      const isThere = (await lstat(file).catch(() => undefined)) !== undefined;
      if (!isThere) this.#folders.add(dirname(file));
      const isWritten = !isThere && (await extract(this.#zip, entry, file, this.#signal));
      if (isWritten) this.#written.set(path, file);
      if (isWritten || (await holds(file, entry))) return { path, file, apart: at !== name };
    }
    return { path: `imported/${packageId}/${name}`, file: undefined, why: 'another file is in its place' };
  }

  async undo(keep: (written: readonly string[]) => Promise<readonly string[]>): Promise<void> {
    const needed = this.#written.size === 0 ? new Set<string>() : new Set(await keep([...this.#written.keys()]));
    const files = [...this.#written].flatMap(([path, file]) => (needed.has(path) ? [] : [file]));
    await removeFiles(resolve(this.#imageRoot), files, this.#folders);
  }

  close(): void {
    this.#zip.close();
  }
}

/** Why an entry cannot be read at all, in words that follow its name. */
function unusable(entry: Entry, twice: ReadonlySet<string>): string | undefined {
  if (twice.has(entry.fileName)) return 'is in the archive more than once: which one is meant is not known';
  if (((entry.externalFileAttributes >>> 16) & 0o170000) === LINK) return 'is a link, which is not followed';
  if (entry.isEncrypted()) return 'is encrypted: unpack the archive with its password and import the folder';
  if (entry.compressionMethod === DEFLATE64)
    return 'is packed by Deflate64, which is not read here: unpack the archive and import the folder';
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED)
    return `is packed by method ${entry.compressionMethod}, which is not read here: unpack the archive and import the folder`;
  return undefined;
}

const isBomb = ({ uncompressedSize, compressedSize }: Entry): boolean =>
  uncompressedSize > HARMLESS && uncompressedSize > HIGHEST_RATIO * compressedSize;
