// Whether the database is still the one that a plan was made from: any row that was written, added
// or removed since makes another fingerprint.
import { createHash } from 'node:crypto';
import type { Queries } from '../../adapters/postgres.ts';
import { readCatalog } from '../../deer/columns.ts';

/** All that an analysis reads. */
const TABLES = [
  ...['detections', 'images', 'deer', 'locations', 'reid_reviews', 'reid_similarity_scores', 'hoofprint_embeddings'],
  ...['hoofprint_assignments', 'hoofprint_profiles', 'hoofprint_draws', 'hoofprint_draw_events'],
];

/** The place and the writer of each row: no vector has to be read. A view has only its rows. */
const rowSql = (kind: string | undefined): string =>
  kind === 'table' ? `t.ctid::text || ' ' || t.xmin::text` : 't::text';

/** @param queries of one snapshot or transaction */
export async function takeFingerprint(queries: Queries): Promise<string> {
  const { table } = await readCatalog(queries, TABLES);
  const hash = createHash('sha256');
  for (const name of TABLES) {
    if (table(name) === undefined) continue;
    const [row] = await queries.rows<{ count: string; sum: string | null }>(
      `SELECT count(*)::text AS count, sum(hashtextextended(${rowSql(table(name)?.kind)}, 0)::numeric)::text AS sum FROM ${name} t`,
    );
    hash.update(`${name} ${row!.count} ${row!.sum}\n`);
  }
  const meta = (await readCatalog(queries, ['hoofprint_meta'])).has('hoofprint_meta')
    ? await queries.rows<{ value: unknown }>(
        `SELECT value::text AS value FROM hoofprint_meta WHERE key IN ('matching_recommendation', 'database_id') ORDER BY key`,
      )
    : [];
  return hash.update(JSON.stringify(meta)).digest('hex');
}
