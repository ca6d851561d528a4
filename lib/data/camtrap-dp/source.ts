// A package's files, from a folder or a ZIP archive; nothing outside of the package is ever read.
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { Fault } from '../../errors.ts';

export interface Source {
  /** The real folder of the package; undefined for an archive. */
  folder: string | undefined;
  /** The bytes of a text file (a name ending in .gz is unpacked); undefined when it is not in the package. */
  read(name: string): Promise<Buffer | undefined>;
  /**
   * Where an image of the package lies for good: `path` as the database holds it, `file` to read it now; a ZIP's image is extracted.
   * `file` is undefined when it is not in the package. `packageId` names the folder of a ZIP's images.
   * @throws Fault `invalid` when the name leads out of the package or the file is larger than 1 GiB.
   */
  place(name: string, packageId: string): Promise<{ path: string; file: string | undefined }>;
  close(): void;
}

/** Tables are read into memory; a larger one is not a camera-trap table. */
const LARGEST_TABLE = 512 * 1024 * 1024;

/** What is extracted fills the disk of the image folder; no camera writes a larger file. */
const LARGEST_MEDIA = 1024 * 1024 * 1024;

const outside = (name: string): Fault => new Fault('invalid', `the path ${JSON.stringify(name)} leads out of the package`);

/** True for a plain relative path: no root, no drive, no "..", no backslash. */
const isInside = (name: string): boolean =>
  !/^([\\/~]|[A-Za-z]:)|\\|\0/.test(name) && !name.split('/').some((part) => part === '..' || part === '.' || part === '');

/**
 * @param imageRoot folder that a ZIP's images are extracted below, at imported/<package id>/
 * @throws Fault `not-found` when there is nothing of this name, `invalid` when it is no package or its names are not safe.
 */
export async function openSource(where: string, imageRoot: string): Promise<Source> {
  const kind = await stat(where).catch(() => undefined);
  if (kind === undefined) throw new Fault('not-found', `there is no folder or file ${where}`);
  return kind.isDirectory() ? folderSource(await realpath(where)) : zipSource(where, imageRoot);
}

function unpacked(name: string, bytes: Buffer): Buffer {
  if (!name.endsWith('.gz')) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: LARGEST_TABLE });
  } catch (cause) {
    throw new Fault('invalid', `${name} cannot be unpacked`, { cause });
  }
}

function folderSource(root: string): Source {
  /** The real file, links followed, as long as it stays inside. */
  const find = async (name: string): Promise<string | undefined> => {
    if (!isInside(name)) throw outside(name);
    const file = await realpath(join(root, name)).catch(() => undefined);
    if (file === undefined) return undefined;
    if (!file.startsWith(root.endsWith(sep) ? root : root + sep)) throw outside(name);
    return (await stat(file)).isFile() ? file : undefined;
  };
  return {
    folder: root,
    read: async (name) => {
      const file = await find(name);
      if (file === undefined) return undefined;
      if ((await stat(file)).size > LARGEST_TABLE) throw new Fault('invalid', `${name} is larger than 512 MiB`);
      return unpacked(name, await readFile(file));
    },
    place: async (name) => ({ file: await find(name), path: join(root, name) }),
    close: () => undefined,
  };
}

async function zipSource(where: string, imageRoot: string): Promise<Source> {
  const told = (cause: unknown): Fault =>
    new Fault('invalid', `${basename(where)} is not a readable ZIP archive: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  const zip = await yauzl.openPromise(where, { lazyEntries: true, autoClose: false }).catch((error: unknown) => {
    throw told(error);
  });
  try {
    const entries = await listEntries(zip).catch((error: unknown) => {
      throw told(error);
    });
    // A package zipped with its folder has everything one level down.
    const descriptors = [...entries.keys()]
      .filter((name) => /^([^/]+\/)?datapackage\.json$/.test(name))
      .sort((a, b) => a.length - b.length);
    const prefix = descriptors[0] === undefined ? '' : descriptors[0].slice(0, -'datapackage.json'.length);
    const find = (name: string): Entry | undefined => {
      if (!isInside(name)) throw outside(name);
      return entries.get(prefix + name);
    };
    return {
      folder: undefined,
      read: async (name) => {
        const entry = find(name);
        if (entry === undefined) return undefined;
        if (entry.uncompressedSize > LARGEST_TABLE) throw new Fault('invalid', `${name} is larger than 512 MiB`);
        const chunks: Buffer[] = [];
        for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
        return unpacked(name, Buffer.concat(chunks));
      },
      place: async (name, packageId) => {
        const [entry, path] = [find(name), `imported/${packageId}/${name}`];
        if (entry === undefined) return { path, file: undefined };
        if (entry.uncompressedSize > LARGEST_MEDIA) throw new Fault('invalid', `${name} is larger than 1 GiB`);
        const file = resolve(imageRoot, ...path.split('/'));
        const there = await stat(file).catch(() => undefined);
        if (there?.size !== entry.uncompressedSize) await extract(zip, entry, file);
        return { path, file };
      },
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

/** yauzl itself refuses absolute names, backslashes and "..", and an entry that unpacks to another size than it says. */
async function listEntries(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    if (!entry.fileName.endsWith('/')) entries.set(entry.fileName, entry);
  }
  return entries;
}

/** Written beside and renamed, so that an interrupted import leaves no half image. */
async function extract(zip: ZipFile, entry: Entry, file: string): Promise<void> {
  const partial = `${file}.${process.pid}.partial`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(partial));
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
