// What a reader should know about deployments before using the numbers: images dated outside them,
// and overlapping deployments without a camera id.
import type { Queries } from '../../adapters/postgres.ts';
import { readColumns } from '../../deer/columns.ts';
import type { Scope } from './scope.ts';

/**
 * Images dated outside their own deployment, for one location: the clock of the camera was wrong.
 * Only deployments in the period are looked at.
 */
export interface MisdatedImages {
  location_id: string;
  images: number;
  /** Years of the earliest and the latest of them. */
  first: number;
  last: number;
}

/**
 * SQL that identifies a camera: by its id or, where that is missing or blank, by its deployment.
 */
export const CAMERA = `coalesce('camera ' || nullif(btrim(camera_id), ''), 'deployment ' || id)`;

/** $1 start, $2 end, $3 zone, $4 locations, $5 now. */
const IN_PERIOD = `d.starts_at < ($2::date + 1)::timestamp AT TIME ZONE $3 AND coalesce(d.ends_at, $5::timestamptz) > $1::date::timestamp AT TIME ZONE $3
  AND ($4::text[] IS NULL OR l.name = ANY ($4::text[]))`;

/** By the clock of the deployment, where its offset is recorded. */
const YEAR = `extract(year FROM CASE WHEN to_jsonb(d)->>'time_zone' ~ '^[+-]\\d\\d:\\d\\d$'
  THEN i.timestamp AT TIME ZONE 'UTC' + (to_jsonb(d)->>'time_zone')::interval ELSE i.timestamp AT TIME ZONE $3 END)::int`;

const MISDATED = `SELECT d.location_id::text, count(*)::int AS images, min(${YEAR}) AS first, max(${YEAR}) AS last
FROM deployments d JOIN locations l ON l.id = d.location_id JOIN images i ON i.deployment_id = d.id
WHERE ${IN_PERIOD} AND (i.timestamp < d.starts_at OR i.timestamp > coalesce(d.ends_at, $5::timestamptz))
GROUP BY d.location_id ORDER BY d.location_id`;

const OVERLAPPING = `SELECT DISTINCT name FROM (
  SELECT l.name, d.starts_at, max(coalesce(d.ends_at, $5::timestamptz))
    OVER (PARTITION BY d.location_id ORDER BY d.starts_at, d.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
  FROM deployments d JOIN locations l ON l.id = d.location_id
  WHERE ${IN_PERIOD} AND nullif(btrim(d.camera_id), '') IS NULL) o
WHERE starts_at < before ORDER BY name`;

/** @param params effortParams */
export async function loadMisdatedImages(queries: Queries, params: readonly unknown[]): Promise<MisdatedImages[]> {
  return (await readColumns(queries))('images', 'deployment_id') ? queries.rows<MisdatedImages>(MISDATED, params) : [];
}

/**
 * Names of locations where deployments without a camera id overlap: each of them counts as a
 * separate camera.
 * @param params effortParams
 */
export async function loadOverlaps(queries: Queries, params: readonly unknown[]): Promise<string[]> {
  return (await queries.rows<{ name: string }>(OVERLAPPING, params)).map(({ name }) => name);
}

/** `1970`, or `1970 to 2054`. */
export const formatYears = ({ first, last }: Pick<MisdatedImages, 'first' | 'last'>): string =>
  first === last ? String(first) : `${first} to ${last}`;

/** $1 start, $2 end, $3 zone, $4 locations, $5 now. */
export const effortParams = (scope: Scope): unknown[] => [
  scope.start,
  scope.end,
  scope.timeZone,
  scope.locations ?? null,
  scope.asOf,
];
