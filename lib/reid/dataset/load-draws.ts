// Stored draws out of the database, with what has become of their events since.
import type { Queries } from '../../adapters/postgres.ts';
import type { Catalog } from '../../deer/columns.ts';
import { isDuplicate, isValid } from '../../deer/detections.ts';
import type { Design, Draw, DrawStratum, Population, TakenEvent } from './draws.ts';
import type { Purpose, Review, Verdict } from './records.ts';

const DRAWS = `
SELECT w.id, w.seed, w.design, w.population,
  (SELECT coalesce(json_agg(s ORDER BY s.stratum), '[]') FROM (SELECT e.stratum, max(e.chance_a) AS chance, json_agg(e.event_id) AS events
     FROM hoofprint_draw_events e WHERE e.draw_id = w.id GROUP BY e.stratum) AS s) AS strata
FROM hoofprint_draws w ORDER BY w.id`;

const TAKEN = `
SELECT e.draw_id AS draw, e.event_id AS event, e.stratum, e.place, e.detections::text[] AS detections,
  NOT EXISTS (SELECT FROM detections d WHERE d.id = ANY (e.detections) AND ${isValid('d')} AND NOT ${isDuplicate('d')}) AS gone
FROM hoofprint_draw_events e WHERE e.place IS NOT NULL ORDER BY e.draw_id, e.place`;

const reviewsSql = (purpose: boolean): string => `
SELECT detection_id::text AS detection, deer_id::text AS deer, identity, verdict::text, inclusion_probability::float8 AS inclusion, reviewed_at AS at,
  ${purpose ? 'purpose::text' : 'NULL'} AS purpose
FROM reid_reviews ORDER BY detection_id, reviewed_at`;

type ReviewRow = Omit<Review, 'at'> & { at: Date | null; verdict: Verdict; purpose: Purpose | null };

/** Whether draws can be read. */
const hasDraws = ({ has }: Catalog): boolean =>
  has('hoofprint_draws') && has('hoofprint_draw_events') && has('reid_reviews');

export async function readReviews(queries: Queries, { has }: Catalog): Promise<Review[]> {
  if (!has('reid_reviews')) return [];
  const rows = await queries.rows<ReviewRow>(reviewsSql(has('reid_reviews', 'purpose')));
  return rows.map(({ purpose, at, ...row }) => ({
    ...row,
    at: at === null ? null : at.getTime(),
    ...(purpose === null ? {} : { purpose }),
  }));
}

export async function readDraws(queries: Queries, catalog: Catalog): Promise<Draw[]> {
  if (!hasDraws(catalog)) return [];
  const draws = await queries.rows<{
    id: number;
    seed: number;
    design: Design;
    population: Population;
    strata: DrawStratum[];
  }>(DRAWS);
  if (draws.length === 0) return [];
  const rows = await queries.rows<TakenEvent & { draw: number }>(TAKEN);
  const taken = Map.groupBy(rows, ({ draw }) => draw);
  return draws.map((draw) => ({
    ...draw,
    taken: (taken.get(draw.id) ?? []).map(({ draw: _, ...event }) => event),
  }));
}
