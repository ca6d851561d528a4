// What the database has from earlier imports that a table of identities meets: its own verdicts of
// before, and names that other data use as well.
import type { Queries } from '../../adapters/postgres.ts';
import { visible } from '../../deer/plain-text.ts';
import { counted } from '../problems.ts';
import { removeOtherVerdicts } from '../reviews/store.ts';
import { REVIEWER } from './rows.ts';
import type { Rows } from './store.ts';

const SHOWN = 5;

const listed = (names: readonly string[]): string => {
  const more = names.length > SHOWN ? `, and ${names.length - SHOWN} more` : '';
  return `${names
    .slice(0, SHOWN)
    .map((name) => visible(name))
    .join(', ')}${more}`;
};

/**
 * What an earlier import of the same vectors said otherwise: its verdicts are replaced, its deer
 * stay since other rows may rest on them.
 * @returns notes on both.
 */
export async function settleEarlier(queries: Queries, rows: Rows): Promise<string[]> {
  const ids = rows.detections.map(({ id }) => id);
  const removed = await removeOtherVerdicts(queries, ids, rows.reviews, REVIEWER);
  const left = await queries.rows<{ name: string | null }>(
    `SELECT name::text AS name FROM deer WHERE source_detection_id = ANY($1::uuid[])
       AND NOT EXISTS (SELECT FROM unnest($2::uuid[]) AS made(id) WHERE made.id = deer.id) ORDER BY name`,
    [ids, rows.deer.map(({ id }) => id)],
  );
  const many = `${counted(left.length, 'deer', 'deer')} of an earlier import of these vectors ${left.length === 1 ? 'is' : 'are'}`;
  return [
    ...(removed > 0
      ? [
          `${counted(removed, 'verdict')} of an earlier import of these vectors differed and made way for those of this table`,
        ]
      : []),
    ...(left.length > 0
      ? [`${many} not enrolled by this table and still there: ${listed(left.map(({ name }) => name ?? ''))}`]
      : []),
  ];
}

/**
 * Identities that other data use as a name too. Profiles are kept apart by their ids, but a verdict
 * on an animal that is not enrolled goes by its name.
 * @returns the warning, if there is one.
 */
export async function namesOfOthers(
  { rows: ask }: Queries,
  rows: Rows,
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
  const are = found.length === 1 ? '1 identity is also a name' : `${found.length} identities are also names`;
  const names = listed(found.map(({ name }) => name));
  return [
    `${are} in other data of this database: ${names}. Equal names count as one animal: write another name for every animal that is another one`,
  ];
}
