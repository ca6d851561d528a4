// What the database has already of a package: events of earlier imports, images under another path,
// and the sources of its data.
import { stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import type { Database, Queries } from '../../../adapters/postgres.ts';
import { isPlaceholder, isUrl, placeholderPrefix, SOURCE_KEY } from '../../../deer/camtrap-dp.ts';
import type { Catalog } from '../../../deer/columns.ts';
import type { PackageIds } from '../read/ids.ts';
import type { Cells } from '../read/table.ts';
import { type EarlierEvents, getOrMake } from '../rows/events.ts';
import type { ImageRow } from '../rows/images.ts';
import { makeCameraKey } from '../rows/locations.ts';

interface FoundCamera {
  id: string;
  location_id: string | null;
  deployment_id: string | null;
}

/** The events of these observations that earlier imports have stored, and their placeholders. */
export async function readEarlierEvents(
  database: Database,
  { has }: Catalog,
  ids: PackageIds,
  observations: readonly Cells[],
): Promise<EarlierEvents> {
  if (!has('detections', 'burst_group_id')) return { bursts: new Map(), placeholders: new Map() };
  const events = [...new Set(observations.flatMap(({ eventID }) => (eventID === undefined ? [] : [ids.row(eventID)])))];
  const toKey = ({ location_id, deployment_id }: FoundCamera): string => makeCameraKey(location_id, deployment_id);
  const camera = `i.location_id::text, ${has('images', 'deployment_id') ? 'i.deployment_id::text' : 'NULL AS deployment_id'}`;
  return database.read(async ({ rows }) => {
    const sightings = await rows<FoundCamera>(
      `SELECT DISTINCT d.burst_group_id::text AS id, ${camera}
       FROM detections d JOIN images i ON i.id = d.image_id WHERE d.burst_group_id = ANY($1::uuid[])`,
      [events],
    );
    const placeholders = await rows<FoundCamera>(
      `SELECT i.path AS id, ${camera} FROM images i WHERE starts_with(i.path, $1)`,
      [placeholderPrefix(ids.package)],
    );
    const bursts = new Map<string, Set<string>>();
    for (const found of sightings) getOrMake(bursts, found.id, () => new Set<string>()).add(toKey(found));
    return { bursts, placeholders: new Map(placeholders.map((found) => [found.id, toKey(found)])) };
  });
}

/** An image whose path is brought up to date. */
export interface Move {
  id: string;
  old: string;
  path: string;
  width: number | null;
  height: number | null;
}

/**
 * False only for what surely is no file: an error of the disk may pass, and a relative path without
 * a folder to begin at cannot be judged here.
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

/** Images that the database has under a path whose file is gone, while the package has the file. */
export async function findMoves(database: Database, images: readonly ImageRow[], imageRoot: string): Promise<Move[]> {
  const known = await database.read(({ rows }) =>
    rows<Move>('SELECT id::text, path AS old, width, height FROM images WHERE id = ANY($1::uuid[])', [
      images.map(({ id }) => id),
    ]),
  );
  const byId = new Map(known.map((image) => [image.id, image]));
  const moves: Move[] = [];
  for (const image of images) {
    const there = byId.get(image.id);
    if (there === undefined || there.old === image.path || image.placeholder) continue;
    // A placeholder for a lost file gives way to the row of the file.
    const gone =
      isPlaceholder(there.old) || (image.present && fits(there, image) && !(await isThere(there.old, imageRoot)));
    if (gone) moves.push({ id: image.id, old: there.old, path: image.path, width: image.width, height: image.height });
  }
  return moves;
}

/**
 * Where the data of a database come from. What a source says of people, licenses and project is
 * written into exports only while it is the only one.
 */
export interface Sources {
  /** UUID of the database; undefined only where somebody has removed it. */
  databaseId: string | undefined;
  /** It has images that came from no noted source: the owner's. */
  unnamed: boolean;
}

/** To be read before the rows of a package are stored. */
export async function readSources({ rows }: Queries): Promise<Sources> {
  const [found] = await rows<Sources>(
    `SELECT (SELECT value #>> '{}' FROM hoofprint_meta WHERE key = 'database_id') AS "databaseId",
       EXISTS (SELECT FROM images) AND NOT EXISTS (SELECT FROM hoofprint_meta WHERE starts_with(key, $1)) AS unnamed`,
    [SOURCE_KEY],
  );
  return found!;
}

/**
 * Notes a package that brought rows. A database is not a source of itself, and an imported license
 * is not that of the owner's images.
 */
export async function noteSource({ rows }: Queries, before: Sources, packageId: string, about: object): Promise<void> {
  const note = (id: string, facts: object): Promise<unknown> =>
    rows('INSERT INTO hoofprint_meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING', [
      SOURCE_KEY + id,
      JSON.stringify(facts),
    ]);
  if (packageId === before.databaseId) return;
  if (before.unnamed) await note(before.databaseId ?? 'own', {});
  await note(packageId, about);
}
