// Where each media file lies and how large its picture is: files of the package are looked at, URLs are kept as text and never fetched.
import sharp from 'sharp';
import { Fault, reasonOf } from '../../errors.ts';
import type { Source } from './source.ts';
import type { Cells, Problem } from './tables.ts';

export interface MediaFile {
  /** As the database holds it. */
  path: string;
  /** The file is in the package. */
  present: boolean;
  /** Pixels of the picture as it is meant to be seen; undefined when there is no readable image file. */
  size: { width: number; height: number } | undefined;
}

export interface MediaFiles {
  /** By mediaID. */
  files: Map<string, MediaFile>;
  urls: number;
  missing: number;
  unreadable: number;
  problems: Problem[];
}

const AT_ONCE = 4;

export const isUrl = (path: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(path);

/** Places every media file; a path that leaves the package is a problem of its row. `progress` is told after each file. */
export async function placeMedia(
  media: readonly Cells[],
  source: Source,
  packageId: string,
  table: string,
  progress: (done: number, total: number) => void,
): Promise<MediaFiles> {
  const found: MediaFiles = { files: new Map(), urls: 0, missing: 0, unreadable: 0, problems: [] };
  let [next, done] = [0, 0];
  const work = async (): Promise<void> => {
    for (let i = next++; i < media.length; i = next++) {
      await placeOne(media[i]!, found, source, packageId, table);
      progress(++done, media.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}

async function placeOne(row: Cells, found: MediaFiles, source: Source, packageId: string, table: string): Promise<void> {
  const [id, name] = [row.mediaID!, row.filePath!];
  if (isUrl(name)) {
    found.urls += 1;
    found.files.set(id, { path: name, present: false, size: undefined });
    return;
  }
  try {
    const { path, file } = await source.place(name, packageId);
    if (file === undefined) found.missing += 1;
    const size = file === undefined || !row.fileMediatype!.startsWith('image/') ? undefined : await sizeOf(file);
    if (file !== undefined && size === undefined && row.fileMediatype!.startsWith('image/')) found.unreadable += 1;
    found.files.set(id, { path, present: file !== undefined, size });
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'invalid') throw error;
    found.problems.push({ file: table, field: 'filePath', reason: `of ${id}: ${reasonOf(error)}` });
  }
}

async function sizeOf(file: string): Promise<MediaFile['size']> {
  try {
    const { width, height, orientation } = await sharp(file).metadata();
    // EXIF orientations 5 to 8 lie on their side.
    return (orientation ?? 1) >= 5 ? { width: height, height: width } : { width, height };
  } catch {
    return undefined;
  }
}
