// Images that the database has under a path whose file is gone, while the package has the file:
// only their paths are brought up to date.
import { stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import type { Database } from '../../adapters/postgres.ts';
import { isStandIn, isUrl } from '../../deer/camtrap-dp.ts';
import type { ImageRow } from './rows.ts';

export interface Move {
  id: string;
  old: string;
  path: string;
  width: number | null;
  height: number | null;
}

/**
 * False only for what surely is no file: an error of the disk may pass, and a relative path without
 * a folder to start from is not ours to judge.
 */
async function isThere(path: string, imageRoot: string): Promise<boolean> {
  if (isUrl(path)) return false;
  if (!isAbsolute(path) && imageRoot === '') return true;
  try {
    return (await stat(resolve(imageRoot, path))).isFile();
  } catch (error) {
    return !['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}

/** A file of another size is another picture: the boxes in pixels would not fit it. */
const fits = (known: Pick<Move, 'width' | 'height'>, image: ImageRow): boolean =>
  known.width === null || image.width === null || (known.width === image.width && known.height === image.height);

export async function movesOf(database: Database, images: readonly ImageRow[], imageRoot: string): Promise<Move[]> {
  const known = await database.read(({ rows }) =>
    rows<Move>('SELECT id::text, path AS old, width, height FROM images WHERE id = ANY($1::uuid[])', [
      images.map(({ id }) => id),
    ]),
  );
  const byId = new Map(known.map((one) => [one.id, one]));
  const moves: Move[] = [];
  for (const image of images) {
    const there = byId.get(image.id);
    if (there === undefined || there.old === image.path || image.stand_in) continue;
    // What stood for a lost file gives way to the file's own row.
    const gone =
      isStandIn(there.old) || (image.present && fits(there, image) && !(await isThere(there.old, imageRoot)));
    if (gone) moves.push({ id: image.id, old: there.old, path: image.path, width: image.width, height: image.height });
  }
  return moves;
}
