// Where each media file is and how large its picture is: files of the package are looked at, URLs
// are kept as text and never fetched.
import sharp from 'sharp';
import { isUrl } from '../../deer/camtrap-dp.ts';
import { visible } from '../../deer/plain-text.ts';
import { errorMessage, Fault } from '../../errors.ts';
import type { Ids } from './ids.ts';
import type { Source } from './package-files.ts';
import { isAbsolutePath, LONGEST_PATH, pathWithoutFile } from './paths.ts';
import type { Problems } from './problems.ts';

import type { Cells } from './tables.ts';

export interface MediaFile {
  /** As the database holds it. */
  path: string;
  /** The file is in the package. */
  present: boolean;
  /**
   * Pixels of the picture as it is meant to be seen; undefined when there is no readable image
   * file.
   */
  size: { width: number; height: number } | undefined;
}

/** Media of one kind that have something to be said of: how many, and some of them. */
interface Some {
  count: number;
  first: string[];
}

export interface MediaFiles {
  /** By mediaID: every row has one. */
  files: Map<string, MediaFile>;
  urls: number;
  missing: number;
  unreadable: number;
  /** Paths that start at the root or a drive of another computer. */
  absolute: Some;
  /** Files that the package has and that cannot be used. */
  unusable: Some;
  /** Pictures in whose place another picture was already. */
  apart: Some;
}

const AT_ONCE = 4;
const NAMED = 3;

const some = (): Some => ({ count: 0, first: [] });
function add(to: Some, what: string): void {
  to.count += 1;
  if (to.first.length < NAMED) to.first.push(what);
}
/** Such as ` (m1 is a link; m2 is encrypted; and 3 more)`. */
const examples = ({ count, first }: Some): string =>
  ` (${[...first, ...(count > first.length ? [`and ${count - first.length} more`] : [])].join('; ')})`;

export interface Placing {
  source: Source;
  ids: Ids;
  /** Name of the media table in messages. */
  table: string;
  problems: Problems;
  /** Called after each file. */
  progress: (done: number, total: number) => void;
}

/**
 * Places every media file. A path that leaves the package is a problem of its row, which then has
 * no file.
 * @throws Fault `invalid` when the files of an archive do not fit onto the disk; nothing is written
 *   then.
 */
export async function placeMedia(media: readonly Cells[], placing: Placing): Promise<MediaFiles> {
  const found: MediaFiles = {
    files: new Map(),
    urls: 0,
    missing: 0,
    unreadable: 0,
    absolute: some(),
    unusable: some(),
    apart: some(),
  };
  const names = media.flatMap(({ filePath }) =>
    filePath === undefined || isUrl(filePath) || isAbsolutePath(filePath) ? [] : [slashed(filePath)],
  );
  await placing.source.prepare(names, placing.ids.package);
  let [next, done] = [0, 0];
  const work = async (): Promise<void> => {
    for (let i = next++; i < media.length; i = next++) {
      const row = media[i]!;
      found.files.set(row.mediaID!, await placeOne(row, found, placing));
      placing.progress(++done, media.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}

/** Paths of Windows, and slashes that are doubled; no camera writes a backslash into a name. */
const slashed = (name: string): string => name.replace(/[\\/]+/g, '/');

async function placeOne(row: Cells, found: MediaFiles, { source, ids, table, problems }: Placing): Promise<MediaFile> {
  const [id, name] = [row.mediaID!, row.filePath];
  const none: MediaFile = { path: pathWithoutFile(ids, id), present: false, size: undefined };
  if (name === undefined) return none;
  if (isAbsolutePath(name)) {
    add(found.absolute, visible(name, 60));
    return none;
  }
  if (isUrl(name)) {
    found.urls += 1;
    return { path: name, present: false, size: undefined };
  }
  try {
    const { path, file, why, apart } = await source.place(slashed(name), ids.package);
    if (Buffer.byteLength(path) > LONGEST_PATH)
      throw new Fault('invalid', `the path has more than ${LONGEST_PATH} bytes`);
    if (why !== undefined) add(found.unusable, `${visible(id, 60)} ${why}`);
    else if (file === undefined) found.missing += 1;
    if (apart === true) add(found.apart, visible(id, 60));
    const isImage = row.fileMediatype === undefined || row.fileMediatype.startsWith('image/');
    const size = file === undefined || !isImage ? undefined : await sizeOf(file);
    if (file !== undefined && isImage && size === undefined) found.unreadable += 1;
    return { path, present: file !== undefined, size };
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'invalid' || error.cause !== undefined) throw error;
    problems.add({ file: table, field: 'filePath', reason: `of ${id}: ${errorMessage(error)}` });
    return none;
  }
}

async function sizeOf(file: string): Promise<MediaFile['size']> {
  try {
    const { width, height, orientation } = await sharp(file).metadata();
    // EXIF orientations 5 to 8 are turned by a quarter.
    return (orientation ?? 1) >= 5 ? { width: height, height: width } : { width, height };
  } catch {
    return undefined;
  }
}

export function fileNotes(placed: MediaFiles): string[] {
  const notes: string[] = [];
  const say = (count: number, text: string): void => void (count > 0 && notes.push(`${count} ${text}`));
  say(placed.urls, 'media are URLs: kept as text, never fetched, so they have no crops');
  say(
    placed.absolute.count,
    `media have a path of another computer: they are kept without a file${examples(placed.absolute)}`,
  );
  say(placed.missing, 'media files are not in the package');
  say(placed.unusable.count, `media files of the package cannot be used${examples(placed.unusable)}`);
  say(placed.unreadable, 'image files cannot be read');
  say(
    placed.apart.count,
    `pictures have the name of another picture that is there already: both are kept, none is replaced${examples(placed.apart)}`,
  );
  return notes;
}
