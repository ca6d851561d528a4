// Where each media file is and how large its picture is: files of the package are looked at, URLs
// are kept as text and never fetched.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import pMap from 'p-map';
import { decoder } from '../../../decoder.ts';
import { isUrl } from '../../../deer/camtrap-dp.ts';
import { errorMessage, Fault } from '../../../errors.ts';
import { count, number } from '../../../format.ts';
import { refusePicture } from '../../../photo.ts';
import { visible } from '../../../plain-text.ts';
import { withTimeout } from '../../../timeout.ts';
import { isAbsolutePath, LONGEST_PATH, makePathWithoutFile, type PackageIds } from './ids.ts';
import type { Problems } from './problems.ts';
import type { Source } from './source.ts';
import type { Cells } from './table.ts';

export interface MediaFile {
  /** As the database has it. */
  path: string;
  /** The file is in the package. */
  present: boolean;
  /** Pixels of the picture as it is meant to be seen; undefined without a readable image file. */
  size: { width: number; height: number } | undefined;
}

/** Media with something to note: how many, and some of them. */
interface Noted {
  count: number;
  first: string[];
}

export interface MediaFiles {
  /** By mediaID: every row has one. */
  files: Map<string, MediaFile>;
  urls: number;
  missing: number;
  unreadable: number;
  /** Paths that begin at the root or a drive of another computer. */
  absolute: Noted;
  /** Files that the package has and that cannot be used. */
  unusable: Noted;
  /** Pictures whose path another picture has already. */
  apart: Noted;
}

const AT_ONCE = 4;
const NAMED = 3;
/** Bytes that show what a file is. */
const HEAD = 64 * 1024;
/** Bound on reading the size of one picture. */
const SIZE_MS = 20_000;

function note(noted: Noted, what: string): void {
  noted.count += 1;
  if (noted.first.length < NAMED) noted.first.push(what);
}
/** Such as ` (m1 is a link; m2 is encrypted; and 3 more)`. */
const listExamples = ({ count: all, first }: Noted): string =>
  ` (${[...first, ...(all > first.length ? [`and ${number(all - first.length)} more`] : [])].join('; ')})`;

export interface Placing {
  source: Source;
  ids: PackageIds;
  /** Name of the media table in messages. */
  table: string;
  problems: Problems;
  /** Called after each file. */
  progress: (done: number, total: number) => void;
  /** Aborted when the package is no longer wanted. */
  signal?: AbortSignal | undefined;
}

/**
 * Finds every media file; those of an archive are extracted. A path that leaves the package is a
 * problem of its row, which then has no file.
 * @throws Fault `invalid` when the files of an archive do not fit onto the disk; nothing is written
 *   then.
 */
export async function placeMedia(media: readonly Cells[], placing: Placing): Promise<MediaFiles> {
  const none = (): Noted => ({ count: 0, first: [] });
  const found: MediaFiles = {
    ...{ files: new Map(), urls: 0, missing: 0, unreadable: 0 },
    ...{ absolute: none(), unusable: none(), apart: none() },
  };
  const names = media.flatMap(({ filePath }) =>
    filePath === undefined || isUrl(filePath) || isAbsolutePath(filePath) ? [] : [joinSlashes(filePath)],
  );
  await placing.source.prepare(names, placing.ids.package);
  let done = 0;
  const place = async (row: Cells): Promise<void> => {
    placing.signal?.throwIfAborted();
    found.files.set(row.mediaID!, await placeFile(row, found, placing));
    placing.progress(++done, media.length);
  };
  // What fails ends when nothing is written any more.
  const running = new Set<Promise<void>>();
  const watched = (row: Cells): Promise<void> => {
    const placed = place(row).finally(() => running.delete(placed));
    running.add(placed);
    return placed;
  };
  try {
    await pMap(media, watched, { concurrency: AT_ONCE });
  } finally {
    await Promise.allSettled(running);
  }
  return found;
}

/** With single slashes, also for paths of Windows; no camera writes a backslash into a name. */
const joinSlashes = (name: string): string => name.replace(/[\\/]+/g, '/');

async function placeFile(row: Cells, found: MediaFiles, placing: Placing): Promise<MediaFile> {
  const [id, name] = [row.mediaID!, row.filePath];
  const none: MediaFile = { path: makePathWithoutFile(placing.ids, id), present: false, size: undefined };
  if (name === undefined) return none;
  if (isAbsolutePath(name)) {
    note(found.absolute, visible(name, 60));
    return none;
  }
  if (isUrl(name)) {
    found.urls += 1;
    return { path: name, present: false, size: undefined };
  }
  try {
    const { path, file, why, apart } = await placing.source.place(joinSlashes(name), placing.ids.package);
    if (Buffer.byteLength(path) > LONGEST_PATH)
      throw new Fault('invalid', `the path has more than ${LONGEST_PATH} bytes`);
    if (why !== undefined) note(found.unusable, `${visible(id, 60)} ${why}`);
    else if (file === undefined) found.missing += 1;
    if (apart === true) note(found.apart, visible(id, 60));
    const isImage = row.fileMediatype === undefined || row.fileMediatype.startsWith('image/');
    const size = file === undefined || !isImage ? undefined : await readSize(file);
    if (file !== undefined && isImage && size === undefined) found.unreadable += 1;
    return { path, present: file !== undefined, size };
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'invalid' || error.cause !== undefined) throw error;
    placing.problems.add({ file: placing.table, field: 'filePath', reason: `of ${id}: ${errorMessage(error)}` });
    return none;
  }
}

/** Only what is a photo by its content reaches a decoder, as when a crop is cut. */
async function readSize(file: string): Promise<MediaFile['size']> {
  try {
    if (refusePicture(await readHead(file)) !== undefined) return undefined;
    const { width, height, orientation } = await withTimeout(SIZE_MS, () => decoder(file).metadata());
    // EXIF orientations 5 to 8 are turned by a quarter.
    return (orientation ?? 1) >= 5 ? { width: height, height: width } : { width, height };
  } catch {
    return undefined;
  }
}

async function readHead(file: string): Promise<Buffer> {
  await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD), 0, HEAD, 0);
  return buffer.subarray(0, bytesRead);
}

export function writeFileNotes({ urls, absolute, missing, unusable, unreadable, apart }: MediaFiles): string[] {
  const notes: [count: number, singular: string, plural: string][] = [
    [
      urls,
      'medium is a URL: kept as text, never fetched, so it has no crops',
      'media are URLs: kept as text, never fetched, so they have no crops',
    ],
    [
      absolute.count,
      `medium has a path of another computer: it is kept without a file${listExamples(absolute)}`,
      `media have a path of another computer: they are kept without a file${listExamples(absolute)}`,
    ],
    [missing, 'media file is not in the package', 'media files are not in the package'],
    [
      unusable.count,
      `media file of the package cannot be used${listExamples(unusable)}`,
      `media files of the package cannot be used${listExamples(unusable)}`,
    ],
    [unreadable, 'image file cannot be read', 'image files cannot be read'],
    [
      apart.count,
      `picture has the name of a different picture that is there already: both are kept${listExamples(apart)}`,
      `pictures have the names of different pictures that are there already: all are kept${listExamples(apart)}`,
    ],
  ];
  return notes.flatMap(([n, singular, plural]) => (n > 0 ? [count(n, singular, plural)] : []));
}
