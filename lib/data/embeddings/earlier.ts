// What the database has from earlier imports of the same vectors, and names that other data use as
// well.
import type { Queries } from '../../adapters/postgres.ts';
import { count, number } from '../../format.ts';
import { visible } from '../../plain-text.ts';

import { removeOtherVerdicts } from '../reviews/store.ts';
import { REVIEWER } from './rows.ts';
import type { EmbeddingRows } from './store.ts';

const SHOWN = 5;

const listNames = (names: readonly string[]): string => {
  const more = names.length > SHOWN ? `, and ${number(names.length - SHOWN)} more` : '';
  return `${names
    .slice(0, SHOWN)
    .map((name) => visible(name))
    .join(', ')}${more}`;
};

/**
 * Settles differences from an earlier import of the same vectors: its verdicts are replaced, its
 * deer stay since other rows may refer to them.
 * @returns notes on both.
 */
export async function settleEarlier(queries: Queries, rows: EmbeddingRows): Promise<string[]> {
  const ids = rows.detections.map(({ id }) => id);
  const removed = await removeOtherVerdicts(queries, ids, rows.reviews, REVIEWER);
  const left = await queries.rows<{ name: string | null }>(
    `SELECT name::text AS name FROM deer WHERE source_detection_id = ANY($1::uuid[])
       AND NOT EXISTS (SELECT FROM unnest($2::uuid[]) AS made(id) WHERE made.id = deer.id) ORDER BY name`,
    [ids, rows.deer.map(({ id }) => id)],
  );
  const many = `${count(left.length, 'deer')} of an earlier import of these vectors ${left.length === 1 ? 'is' : 'are'}`;
  return [
    ...(removed > 0
      ? [`${count(removed, 'verdict')} of an earlier import of these vectors differed: replaced by those of this table`]
      : []),
    ...(left.length > 0
      ? [`${many} not enrolled by this table and still there: ${listNames(left.map(({ name }) => name ?? ''))}`]
      : []),
  ];
}

/**
 * Identities that other data use as a name too. Profiles are kept apart by their ids, but a verdict
 * on an animal that is not enrolled goes by its name.
 * @returns the warning, if there is one.
 */
export async function warnOfSharedNames(
  { rows: ask }: Queries,
  rows: EmbeddingRows,
  identities: ReadonlySet<string>,
): Promise<string[]> {
  const found = await ask<{ name: string }>(
    `WITH own AS (SELECT id FROM unnest($2::uuid[]) AS u(id))
     SELECT name::text AS name FROM deer WHERE name = ANY($1::text[]) AND NOT EXISTS (SELECT FROM own WHERE own.id = source_detection_id)
     UNION SELECT identity FROM reid_reviews r WHERE identity = ANY($1::text[]) AND NOT EXISTS (SELECT FROM own WHERE own.id = r.detection_id)
     ORDER BY 1`,
    [[...identities], rows.detections.map(({ id }) => id)],
  );
  if (found.length === 0) return [];
  const are = count(found.length, 'identity is also a name', 'identities are also names');
  const names = listNames(found.map(({ name }) => name));
  return [
    `${are} in other data of this database: ${names}. Equal names count as one animal: write a different name for every different animal`,
  ];
}
