// The independent events of a season one by one, by the rules of every count.
import type { Queries } from '../../adapters/postgres.ts';
import { decideClasses } from '../../deer/classes.ts';
import { inSeason } from './activity.ts';
import { asRows, FOUND, foundParams, type Scope, UNDECIDED } from './scope.ts';

export interface IndependentEvent {
  /** null: no location. */
  location_id: string | null;
  class: string;
  /** Of its first detection: milliseconds since 1970 UTC, and `YYYY-MM-DD HH:MM:SS`. */
  at: number;
  local: string;
  /** The largest number of its detections in one image. */
  most: number;
}

const EVENTS = `SELECT location_id, class, extract(epoch FROM min(at))::float8 * 1000 AS at, to_char(min(local), 'YYYY-MM-DD HH24:MI:SS') AS local, max(number) AS most
FROM (
  SELECT location_id, class, event, image_id, min(at) AS at, min(local) AS local, count(*)::int AS number
  FROM (SELECT *, sum(opens::int) OVER (PARTITION BY class, location_id ORDER BY at, id) AS event FROM in_season) numbered
  GROUP BY location_id, class, event, image_id
) shown GROUP BY location_id, class, event ORDER BY at, class, location_id`;

/** All independent events of a season, in order of time: as many as its tally has. */
export async function loadEvents(queries: Queries, scope: Scope): Promise<IndependentEvent[]> {
  const sql = `WITH ${FOUND}, ${inSeason(scope)} SELECT ${asRows(EVENTS)} AS events, ${asRows(UNDECIDED)} AS undecided`;
  const { events } = await decideClasses(async (decided) => {
    const [found] = await queries.rows<{ events: IndependentEvent[]; undecided: { class: string }[] }>(sql, [
      ...foundParams(scope, decided),
      scope.independenceMinutes,
    ]);
    return found!;
  });
  return events;
}
