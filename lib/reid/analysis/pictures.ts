// Pictures of detections for a person to compare: cut from their camera image by whoever is wired
// in.
import type { Images } from '../../adapters/images.ts';
import type { Database, Queries } from '../../adapters/postgres.ts';
import { isPerson } from '../../deer/classes.ts';
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
  path: string;
  box: unknown;
  relative: unknown;
  /** Marked so at its import. */
  marked: boolean;
  /** Everything that anybody ever said of a detection in the image. */
  said: string[];
}

/**
 * Optional columns may be absent: they are read through the row's JSON. A model's word counts
 * beside a reviewer's, a detection that is marked as not valid like any other: a picture that left
 * cannot be taken back.
 */
const PLACES = `
SELECT d.id::text, i.path, d.bbox AS box, (to_jsonb(d) -> 'bbox_relative') AS relative, coalesce((to_jsonb(i) ->> 'contains_human')::boolean, false) AS marked,
  said.words AS said
FROM detections d JOIN images i ON i.id = d.image_id JOIN (
  SELECT h.image_id, array_agg(DISTINCT word) AS words FROM detections h LEFT JOIN deer k ON k.id = h.deer_id
  CROSS JOIN LATERAL unnest(ARRAY[h.classification::text, h.corrected_classification::text, k.species::text, to_jsonb(h) ->> 'species',
    to_jsonb(h) -> 'observation' ->> 'observationType', 'unknown']) AS word
  WHERE h.image_id IN (SELECT image_id FROM detections WHERE id = ANY ($1::uuid[])) AND word IS NOT NULL GROUP BY h.image_id
) said ON said.image_id = d.image_id
WHERE d.id = ANY ($1::uuid[])`;

/** People in an image are never shown. */
const showsPerson = ({ marked, said }: Place): boolean => marked || said.some(isPerson);

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
  const places = await database.read(({ rows }: Queries) => rows<Place>(PLACES, [[...new Set(ids)]]));
  const found = new Map<string, Picture>(ids.map((id) => [id, { reason: 'the detection is no longer there' }]));
  const groups = [...Map.groupBy(places, ({ path }) => path)];
  let done = 0;
  const one = async ([path, list]: [string, Place[]]): Promise<void> => {
    if (list.some(showsPerson)) {
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
