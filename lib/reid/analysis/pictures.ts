// Pictures of detections for a person to compare, cut from their camera images.
import pMap from 'p-map';
import type { Images } from '../../adapters/images.ts';
import type { Database, Queries } from '../../adapters/postgres.ts';
import { findPeopleWith } from '../../deer/detections.ts';
import { errorMessage, isFault } from '../../errors.ts';

/** What to cut: pixels of the upright image, or shares of it; null = the whole frame. */
interface Cut {
  box: unknown;
  relative?: unknown;
}

export interface Pictures {
  images: Images;
  /** One JPEG or reason per cut, in order; `size` is the longest side in pixels. */
  cut(image: Buffer, cuts: readonly Cut[], size: number): Promise<{ crops: ({ jpeg: Buffer } | { reason: string })[] }>;
}

export type Picture = { jpeg: Buffer } | { reason: string };

/** Each image is decoded whole, some 100 MB at worst: a few at a time. */
const IMAGES_AT_ONCE = 3;

interface Shown extends Cut {
  id: string;
  /** Id of its image. */
  image: string;
  path: string;
}

/** Optional columns may be absent: they are read through the row's JSON. */
const SHOWN = `
SELECT d.id::text, d.image_id::text AS image, i.path, d.bbox AS box, (to_jsonb(d) -> 'bbox_relative') AS relative
FROM detections d JOIN images i ON i.id = d.image_id WHERE d.id = ANY ($1::uuid[])`;

/** The detections, and the ids of the images that show a person: those are never shown. */
async function readShown(queries: Queries, ids: readonly string[]): Promise<[Shown[], ReadonlySet<string>]> {
  const { images } = await findPeopleWith(queries, ids);
  return [await queries.rows<Shown>(SHOWN, [ids]), images];
}

/**
 * A picture, or the reason why there is none, for each detection id. Each image is read once.
 * @param size longest side of a picture in pixels
 * @param onProgress is called after each image
 * @throws Fault `unavailable` only when the database is
 */
export async function cutPictures(
  database: Database,
  { images, cut }: Pictures,
  ids: readonly string[],
  size: number,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<Map<string, Picture>> {
  const [shown, people] = await database.read((queries: Queries) => readShown(queries, [...new Set(ids)]));
  const found = new Map<string, Picture>(ids.map((id) => [id, { reason: 'the detection is no longer there' }]));
  const cutImage = async (path: string, list: readonly Shown[]): Promise<void> => {
    if (list.some(({ image }) => people.has(image))) {
      for (const { id } of list) found.set(id, { reason: 'a person is in the image' });
      return;
    }
    try {
      const cuts = list.map(({ box, relative }) => ({ box, relative }));
      const { crops } = (await images.cut?.(path, cuts, size)) ?? (await cut(await images.read(path), cuts, size));
      list.forEach(({ id }, i) => void found.set(id, crops[i]!));
    } catch (error) {
      for (const { id } of list) found.set(id, { reason: isFault(error) ? error.message : errorMessage(error) });
    }
  };
  const groups = [...Map.groupBy(shown, ({ path }) => path)];
  let done = 0;
  await pMap(
    groups,
    async ([path, list]) => {
      await cutImage(path, list);
      onProgress(++done, groups.length);
    },
    { concurrency: IMAGES_AT_ONCE },
  );
  return found;
}
