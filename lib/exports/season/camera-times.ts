// When each camera was put up and taken down, in whole deployments: what a table of cameras shows.
import type { Queries } from '../../adapters/postgres.ts';
import { CAMERA, effortParams } from './deployment-problems.ts';
import { hasDeployments, type LocalTime, type Span, toLocal } from './effort.ts';
import type { Scope } from './scope.ts';

/** The times in which one camera was running, one after the other. */
export interface CameraTimes {
  location_id: string;
  /** As the database has it; null: a deployment without a camera, or times from images. */
  camera: string | null;
  /** From the first and last image, because no deployment is recorded at the location. */
  derived: boolean;
  times: { from: LocalTime; to: LocalTime }[];
}

/**
 * $1 start, $2 end, $3 zone, $4 locations, $5 now. Deployments of the period in their whole length,
 * up to now: those of one camera that overlap count once.
 */
const TIMES = `SELECT c.location_id, c.camera, to_char(lower(span), 'YYYY-MM-DD HH24:MI:SS') AS "from", to_char(upper(span), 'YYYY-MM-DD HH24:MI:SS') AS "to", c.key
FROM (
  SELECT d.location_id, nullif(btrim(min(d.camera_id)), '') AS camera, d.key,
         range_agg(tsrange(${toLocal('d.starts_at')}, ${toLocal('greatest(d.starts_at, d.until)')})) AS spans
  FROM (SELECT id, location_id, camera_id, starts_at, least(coalesce(ends_at, $5::timestamptz), $5::timestamptz) AS until, ${CAMERA} AS key FROM deployments) d
  JOIN locations l ON l.id = d.location_id
  WHERE d.starts_at < ($2::date + 1)::timestamp AT TIME ZONE $3 AND d.until > $1::date::timestamp AT TIME ZONE $3
    AND ($4::text[] IS NULL OR l.name = ANY ($4::text[]))
  GROUP BY d.location_id, d.key
) c, unnest(c.spans) AS span
ORDER BY c.location_id, c.key, lower(span)`;

interface TimesRow {
  location_id: string;
  camera: string | null;
  from: LocalTime;
  to: LocalTime;
  key: string;
}

/**
 * Every camera with effort in the period, by location.
 * @param spans of the same scope
 */
export async function loadCameraTimes(queries: Queries, scope: Scope, spans: readonly Span[]): Promise<CameraTimes[]> {
  const rows = (await hasDeployments(queries)) ? await queries.rows<TimesRow>(TIMES, effortParams(scope)) : [];
  const recorded = [...Map.groupBy(rows, ({ location_id, key }) => `${location_id} ${key}`).values()].map(
    (list): CameraTimes => ({
      location_id: list[0]!.location_id,
      camera: list[0]!.camera,
      derived: false,
      times: list.map(({ from, to }) => ({ from, to })),
    }),
  );
  const derived = spans
    .filter((span) => span.derived)
    .map(
      ({ location_id, from, to }): CameraTimes => ({ location_id, camera: null, derived: true, times: [{ from, to }] }),
    );
  return [...recorded, ...derived];
}
