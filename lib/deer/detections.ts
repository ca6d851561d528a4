// Detections in SQL, each rule once for every statement: the final class, what counts and what is
// left out, and in which images a person is.
import type { Queries } from '../adapters/postgres.ts';
import { isPerson } from './classes.ts';
import { readColumns } from './columns.ts';

// Fragments take the alias of the detection, so that a statement may join it under any name.

/**
 * The class of a detection: a reviewer's word before the model's, 'unknown' where neither has one.
 * An owner's column may be an enum.
 */
export const finalClass = (detection: string): string =>
  `coalesce(nullif(${detection}.corrected_classification::text, ''), nullif(${detection}.classification::text, ''), 'unknown')`;

/** No reviewer has refused it. An owner's column may be NULL, which refuses nothing. */
export const isValid = (detection: string): string => `${detection}.is_valid IS NOT FALSE`;

/** The same animal of the same image was detected twice; this one is the repetition. */
export const isDuplicate = (detection: string): string => `${detection}.is_duplicate IS TRUE`;

/** Neither refused nor a repetition, whatever its class. */
export const isAccepted = (detection: string): string =>
  `${isValid(detection)} AND ${detection}.is_duplicate IS NOT TRUE`;

/**
 * A detection that counts: accepted, and of an animal.
 * @param nonAnimals the classes that are not animals, as a parameter such as `$7` (see
 *   decideClasses)
 */
export const isCounted = (detection: string, nonAnimals: string): string =>
  `${isAccepted(detection)} AND NOT ${finalClass(detection)} = ANY (${nonAnimals}::text[])`;

/** Where people are. */
export interface People {
  /** Ids of the images that show a person. */
  images: ReadonlySet<string>;
  /** The words of the database that say so, sorted. */
  words: readonly string[];
}

/**
 * Finds the images that show a person. Every word counts that was ever given to a detection of the
 * image, by the model, a reviewer, the species of its deer or an imported package, and so does a
 * detection that is marked as not valid: reviewers of deer mark people so. An import marks the
 * image itself (images.contains_human). In doubt an image shows a person, because a picture that
 * left cannot be taken back.
 * @param where SQL that chooses the images, under the alias `i`
 * @param params of `where`, from $1 on
 */
export async function findPeople(queries: Queries, where: string, params: readonly unknown[]): Promise<People> {
  const has = await readColumns(queries);
  const columns = [
    'h.classification::text',
    'h.corrected_classification::text',
    'k.species::text',
    ...(has('detections', 'species') ? ['h.species::text'] : []),
    ...(has('detections', 'observation') ? [`h.observation->>'observationType'`] : []),
  ];
  const from = 'FROM detections h JOIN images i ON i.id = h.image_id LEFT JOIN deer k ON k.id = h.deer_id';
  const names = await queries.rows<Record<string, string | null>>(
    `SELECT DISTINCT ${columns.map((column, n) => `${column} AS c${n}`).join(', ')} ${from} WHERE ${where}`,
    params,
  );
  const words = [...new Set(names.flatMap((row) => Object.values(row)))]
    .filter((name) => name !== null)
    .filter(isPerson);
  const marked = has('images', 'contains_human');
  if (words.length === 0 && !marked) return { images: new Set(), words };
  const list = `$${params.length + 1}::text[]`;
  const found = await queries.rows<{ id: string }>(
    `SELECT DISTINCT h.image_id AS id ${from} WHERE ${where} AND (${columns.map((column) => `${column} = ANY (${list})`).join(' OR ')})
     ${marked ? `UNION SELECT i.id FROM images i WHERE i.contains_human IS TRUE AND ${where}` : ''}`,
    [...params, words],
  );
  return { images: new Set(found.map(({ id }) => id)), words: words.sort() };
}

/** The same for the images of these detections (UUIDs). */
export const findPeopleWith = (queries: Queries, detections: readonly string[]): Promise<People> =>
  findPeople(queries, 'i.id IN (SELECT image_id FROM detections WHERE id = ANY ($1::uuid[]))', [detections]);
