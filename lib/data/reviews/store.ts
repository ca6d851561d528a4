// Human verdicts into reid_reviews: what is there already is not written again.
import type { Queries } from '../../adapters/postgres.ts';

export interface ReviewRow {
  detection_id: string;
  deer_id: string | null;
  identity: string | null;
  verdict: string;
  inclusion_probability: number | null;
  reviewer: string | null;
  /** ISO instant. */
  reviewed_at: string;
  draw_id?: number | null;
  purpose?: string | null;
  event_id?: string | null;
  score?: number | null;
  threshold?: number | null;
  class?: string | null;
}

const BATCH = 2_000;

/**
 * Adds verdicts. The table has no natural key: a row that is equal in everything is the same
 * verdict.
 */
export async function storeReviews(
  { rows: ask }: Queries,
  rows: readonly ReviewRow[],
): Promise<{ made: number; there: number }> {
  let made = 0;
  for (let at = 0; at < rows.length; at += BATCH) {
    const added = await ask(
      `INSERT INTO reid_reviews (detection_id, deer_id, identity, verdict, inclusion_probability, reviewer, reviewed_at, draw_id, purpose, event_id, score, threshold, class)
       SELECT DISTINCT r.detection_id, r.deer_id, r.identity, r.verdict, r.inclusion_probability, r.reviewer, r.reviewed_at,
         r.draw_id, r.purpose, r.event_id, r.score, r.threshold, r.class
       FROM jsonb_to_recordset($1::jsonb) AS r(detection_id uuid, deer_id uuid, identity text, verdict text,
         inclusion_probability double precision, reviewer text, reviewed_at timestamptz, draw_id bigint, purpose text, event_id text,
         score double precision, threshold double precision, class text)
       WHERE NOT EXISTS (SELECT FROM reid_reviews o WHERE o.detection_id = r.detection_id AND o.deer_id IS NOT DISTINCT FROM r.deer_id
         AND o.identity IS NOT DISTINCT FROM r.identity AND o.verdict = r.verdict
         AND o.inclusion_probability IS NOT DISTINCT FROM r.inclusion_probability
         AND o.reviewer IS NOT DISTINCT FROM r.reviewer AND o.reviewed_at = r.reviewed_at
         AND o.draw_id IS NOT DISTINCT FROM r.draw_id AND o.purpose IS NOT DISTINCT FROM r.purpose
         AND o.class IS NOT DISTINCT FROM r.class)
       RETURNING 1`,
      [JSON.stringify(rows.slice(at, at + BATCH))],
    );
    made += added.length;
  }
  return { made, there: rows.length - made };
}

/**
 * Removes the verdicts on these detections that the same kind of reviewer gave and that are not
 * among `rows`: a corrected table that is imported again would otherwise contradict its earlier
 * verdicts. Verdicts of people are not touched.
 * @param reviewers beginning of the reviewers of such verdicts
 * @returns how many were removed.
 */
export async function removeOtherVerdicts(
  { rows: ask }: Queries,
  detections: readonly string[],
  rows: readonly ReviewRow[],
  reviewers: string,
): Promise<number> {
  const given = Map.groupBy(rows, (row) => row.detection_id);
  let removed = 0;
  for (let at = 0; at < detections.length; at += BATCH) {
    const ids = detections.slice(at, at + BATCH);
    const gone = await ask(
      `DELETE FROM reid_reviews o WHERE o.detection_id = ANY($1::uuid[]) AND starts_with(o.reviewer, $2) AND NOT EXISTS (
         SELECT FROM jsonb_to_recordset($3::jsonb) AS r(detection_id uuid, deer_id uuid, identity text, verdict text,
           inclusion_probability double precision, reviewer text, reviewed_at timestamptz)
         WHERE r.detection_id = o.detection_id AND r.deer_id IS NOT DISTINCT FROM o.deer_id AND r.identity IS NOT DISTINCT FROM o.identity
           AND r.verdict = o.verdict AND r.inclusion_probability IS NOT DISTINCT FROM o.inclusion_probability
           AND r.reviewer = o.reviewer AND r.reviewed_at = o.reviewed_at)
       RETURNING 1`,
      [ids, reviewers, JSON.stringify(ids.flatMap((id) => given.get(id) ?? []))],
    );
    removed += gone.length;
  }
  return removed;
}
