// Draws into the database: what no analysis may change afterwards.
import type { Database, Queries } from '../../adapters/postgres.ts';
import { readCatalog } from '../../deer/columns.ts';
import { Fault } from '../../errors.ts';
import type { Draw } from '../dataset/draws.ts';

const BATCH = 5_000;
const TABLES = ['hoofprint_draws', 'hoofprint_draw_events'];

interface EventRow {
  event_id: string;
  stratum: string;
  chance_a: number | null;
  chance_b: number | null;
  place: number | null;
  detections: readonly string[] | null;
}

/**
 * Rows of every event of the population. b is what the import of reviews brings up to date: of
 * reviews that became a draw all are decided, of others none is yet.
 */
function makeRows({ strata, taken, design }: Draw): EventRow[] {
  const byEvent = new Map(taken.map((event) => [event.event, event]));
  const decided = design === 'imported' || design === 'older';
  return strata.flatMap(({ stratum, chance, events }) =>
    events.map((event): EventRow => {
      const { place = null, detections = null } = byEvent.get(event) ?? {};
      return {
        ...{ event_id: event, stratum, chance_a: chance, chance_b: decided ? chance : 0 },
        ...{ place, detections },
      };
    }),
  );
}

async function storeDraw(queries: Queries, draw: Draw): Promise<number> {
  const [made] = await queries.rows<{ id: number }>(
    'INSERT INTO hoofprint_draws (seed, design, population) VALUES ($1, $2, $3) RETURNING id',
    [draw.seed, draw.design, JSON.stringify(draw.population)],
  );
  const rows = makeRows(draw);
  for (let at = 0; at < rows.length; at += BATCH) {
    await queries.rows(
      `INSERT INTO hoofprint_draw_events (draw_id, event_id, stratum, chance_a, chance_b, place, detections)
       SELECT $1, r.event_id, r.stratum, r.chance_a, r.chance_b, r.place, r.detections
       FROM jsonb_to_recordset($2::jsonb) AS r(event_id text, stratum text, chance_a double precision, chance_b double precision, place integer, detections uuid[])`,
      [made!.id, JSON.stringify(rows.slice(at, at + BATCH))],
    );
  }
  return made!.id;
}

/**
 * Stores draws in order, all or none.
 * @param known the draws that the new ones were made from
 * @returns their ids
 * @throws Fault `conflict` when another draw has been stored since, or there are no tables for it
 */
export function storeDraws(database: Database, draws: readonly Draw[], known: readonly Draw[]): Promise<number[]> {
  return database.write(async (queries) => {
    const { has } = await readCatalog(queries, TABLES);
    if (!TABLES.every((table) => has(table)))
      throw new Fault('conflict', 'the database has no tables for draws. Type: npm run migrate');
    await queries.rows(`SELECT pg_advisory_xact_lock(hashtext('hoofprint_draws'))`);
    const stored = await queries.rows<{ id: number }>('SELECT id FROM hoofprint_draws ORDER BY id');
    if (JSON.stringify(stored.map(({ id }) => id)) !== JSON.stringify(known.map(({ id }) => id)))
      throw new Fault('conflict', 'another draw was made meanwhile: ask for this trial again');
    const ids: number[] = [];
    for (const draw of draws) ids.push(await storeDraw(queries, draw));
    return ids;
  });
}
