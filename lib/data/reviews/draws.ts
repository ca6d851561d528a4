// Stored draws as reviews see them: which of them exist, and how much of each is decided.
import type { Queries } from '../../adapters/postgres.ts';
import type { Catalog } from '../../deer/columns.ts';
import { isDuplicate, isValid } from '../../deer/detections.ts';

/** Whether the tables of draws are there and may be written. */
export const hasDraws = ({ has, table }: Catalog): boolean =>
  ['hoofprint_draws', 'hoofprint_draw_events'].every((name) => has(name) && table(name)!.writable);

/** Of these ids, those of stored draws. */
export async function findDraws({ rows }: Queries, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const found = await rows<{ id: number }>('SELECT id FROM hoofprint_draws WHERE id = ANY ($1::bigint[])', [ids]);
  return new Set(found.map(({ id }) => id));
}

/**
 * chance_b of every event: the share of its stratum that is decided without a gap in the order of
 * the list. What was shown again as new decides nothing; an event without a valid detection needs
 * no verdict.
 */
export async function refreshChances({ rows }: Queries): Promise<void> {
  await rows(`
WITH taken AS (
  SELECT e.draw_id, e.stratum, e.place,
    EXISTS (SELECT FROM reid_reviews r WHERE r.detection_id = ANY (e.detections) AND r.purpose IS DISTINCT FROM 'repeat')
      OR NOT EXISTS (SELECT FROM detections d WHERE d.id = ANY (e.detections) AND ${isValid('d')} AND NOT ${isDuplicate('d')}) AS decided
  FROM hoofprint_draw_events e WHERE e.place IS NOT NULL),
gaps AS (SELECT draw_id, stratum, min(place) FILTER (WHERE NOT decided) AS gap FROM taken GROUP BY 1, 2),
shares AS (
  SELECT draw_id, stratum, avg((g.gap IS NULL OR t.place < g.gap)::int::float8) AS share
  FROM taken t JOIN gaps g USING (draw_id, stratum) GROUP BY 1, 2)
UPDATE hoofprint_draw_events e SET chance_b = e.chance_a * s.share FROM shares s
WHERE s.draw_id = e.draw_id AND s.stratum = e.stratum AND e.chance_b IS DISTINCT FROM e.chance_a * s.share`);
}
