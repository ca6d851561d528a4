// What imports said of bait at cameras.
import type { Queries } from '../../adapters/postgres.ts';
import { readKnownColumns } from '../../deer/columns.ts';
import type { Scope } from './scope.ts';

/** Of the deployments of a location in a period, where an import knew it. */
export type Bait = 'yes' | 'no' | 'mixed' | null;

/** By location: only deployments that overlap the period. */
export async function loadBait(queries: Queries, scope: Scope): Promise<Map<string, Bait>> {
  const { sourceFields } = await readKnownColumns(queries);
  const column = sourceFields('deployments');
  if (column === undefined) return new Map();
  const rows = await queries.rows<{ location_id: string; used: boolean; unused: boolean }>(
    `SELECT location_id, bool_or(${column}->>'baitUse' = 'true') AS used, bool_or(${column}->>'baitUse' = 'false') AS unused FROM deployments
     WHERE ${column}->>'baitUse' IN ('true', 'false') AND starts_at < ($2::date + 1)::timestamp AT TIME ZONE $3
       AND coalesce(ends_at, $4::timestamptz) > $1::date::timestamp AT TIME ZONE $3
     GROUP BY location_id`,
    [scope.start, scope.end, scope.timeZone, scope.asOf],
  );
  return new Map(
    rows.map(({ location_id, used, unused }) => [location_id, used && unused ? 'mixed' : used ? 'yes' : 'no']),
  );
}

/** A deployment with a word on bait; milliseconds since 1970 UTC. */
export interface BaitTime {
  location_id: string;
  from: number;
  to: number;
  used: boolean;
}

/** The deployments of these locations (UUIDs) that say whether they were baited. */
export async function loadBaitTimes(
  queries: Queries,
  locations: readonly string[],
  asOf: Date,
): Promise<Map<string, BaitTime[]>> {
  const { sourceFields } = await readKnownColumns(queries);
  const column = sourceFields('deployments');
  if (column === undefined || locations.length === 0) return new Map();
  const rows = await queries.rows<BaitTime>(
    `SELECT location_id::text, extract(epoch FROM starts_at)::float8 * 1000 AS "from",
       extract(epoch FROM coalesce(ends_at, $2::timestamptz))::float8 * 1000 AS "to", ${column}->>'baitUse' = 'true' AS used
     FROM deployments WHERE ${column}->>'baitUse' IN ('true', 'false') AND location_id = ANY ($1::uuid[])`,
    [locations, asOf],
  );
  return Map.groupBy(rows, ({ location_id }) => location_id);
}

/** Whether the cameras that ran at an instant were baited; null: not known, or some were. */
export function baitAt(times: readonly BaitTime[], at: number): 'yes' | 'no' | null {
  const words = new Set(times.filter(({ from, to }) => from <= at && at <= to).map(({ used }) => used));
  if (words.size !== 1) return null;
  return words.has(true) ? 'yes' : 'no';
}
