// Pictures of detections for a person to compare: cut from their camera image by whoever is wired
// in.
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

const AT_ONCE = 3;

interface Place {
  id: string;
  /** Id of its image. */
  image: string;
  path: string;
  box: unknown;
  relative: unknown;
}

/** Optional columns may be absent: they are read through the row's JSON. */
const PLACES = `
SELECT d.id::text, d.image_id::text AS image, i.path, d.bbox AS box, (to_jsonb(d) -> 'bbox_relative') AS relative
FROM detections d JOIN images i ON i.id = d.image_id WHERE d.id = ANY ($1::uuid[])`;

/** Where each detection is, and the ids of the images that show a person: those are never shown. */
async function readPlaces(queries: Queries, ids: readonly string[]): Promise<[Place[], ReadonlySet<string>]> {
  const { images } = await findPeopleWith(queries, ids);
  return [await queries.rows<Place>(PLACES, [ids]), images];
}

/**
 * A picture, or the reason why there is none, for each id. Images are read once, a few at a time.
 * @throws Fault `unavailable` only when the database is
 */
export async function picturesOf(
  database: Database,
  { images, cut }: Pictures,
  ids: readonly string[],
  size: number,
  step: (done: number, total: number) => void = () => undefined,
): Promise<Map<string, Picture>> {
  const [places, people] = await database.read((queries: Queries) => readPlaces(queries, [...new Set(ids)]));
  const found = new Map<string, Picture>(ids.map((id) => [id, { reason: 'the detection is no longer there' }]));
  const groups = [...Map.groupBy(places, ({ path }) => path)];
  let done = 0;
  const one = async ([path, list]: [string, Place[]]): Promise<void> => {
    if (list.some(({ image }) => people.has(image))) {
      for (const { id } of list) found.set(id, { reason: 'a person is in the image' });
      return;
    }
    try {
      const { crops } = await cut(await images.read(path), list, size);
      list.forEach(({ id }, i) => void found.set(id, crops[i]!));
    } catch (error) {
      for (const { id } of list) found.set(id, { reason: isFault(error) ? error.message : errorMessage(error) });
    }
  };
  const queue = groups.values();
  const worker = async (): Promise<void> => {
    for (const group of queue) {
      await one(group);
      step(++done, groups.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return found;
}
