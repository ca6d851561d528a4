// In which images of a selection a person is: anything that anybody ever said of it counts, because
// a picture that left cannot be taken back.
import type { Queries } from '../../adapters/postgres.ts';
import { isPerson } from '../../deer/classes.ts';
import { inPeriod, type Scope } from '../season/scope.ts';
import { columnsOf } from './rows.ts';

/** The images of `ids`, or without them those of the period. */
export type Selected = Pick<Scope, 'ids' | 'start' | 'end' | 'timeZone'>;

export interface People {
  /** Ids of images that show a person. */
  images: ReadonlySet<string>;
  /** The words of the database that say so, sorted. */
  words: readonly string[];
}

/**
 * A model's word counts beside a reviewer's, and so does a detection that is marked as not valid:
 * reviewers of deer mark people so, as no deer. An import marks the image itself (contains_human).
 */
export async function peopleIn(queries: Queries, selected: Selected): Promise<People> {
  const ours = await columnsOf(queries);
  const [where, params] =
    selected.ids === undefined
      ? [inPeriod('i.timestamp'), [selected.start, selected.end, selected.timeZone]]
      : ['i.id IN (SELECT image_id FROM detections WHERE id = ANY ($1::uuid[]))', [selected.ids]];
  const said = ['h.classification::text', 'h.corrected_classification::text', 'k.species::text'];
  if (ours.has('detections.species')) said.push('h.species::text');
  if (ours.has('detections.observation')) said.push(`h.observation->>'observationType'`);
  const from = 'FROM detections h JOIN images i ON i.id = h.image_id LEFT JOIN deer k ON k.id = h.deer_id';
  const names = await queries.rows<Record<string, string | null>>(
    `SELECT DISTINCT ${said.map((column, n) => `${column} AS c${n}`).join(', ')} ${from} WHERE ${where}`,
    params,
  );
  const words = [...new Set(names.flatMap((row) => Object.values(row)))]
    .filter((name) => name !== null)
    .filter(isPerson);
  const marked = ours.has('images.contains_human');
  if (words.length === 0 && !marked) return { images: new Set(), words };
  const list = `$${params.length + 1}::text[]`;
  const found = await queries.rows<{ id: string }>(
    `SELECT DISTINCT h.image_id AS id ${from} WHERE ${where} AND (${said.map((column) => `${column} = ANY (${list})`).join(' OR ')})
     ${marked ? `UNION SELECT i.id FROM images i WHERE i.contains_human IS TRUE AND ${where}` : ''}`,
    [...params, words],
  );
  return { images: new Set(found.map(({ id }) => id)), words: words.sort() };
}
