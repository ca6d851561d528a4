// Camera effort: trap nights from deployments or, where there are none, from the first and last
// image; and gaps without images.
import type { Queries } from '../../adapters/postgres.ts';
import { readColumns } from '../../deer/columns.ts';
import { localTimeWriter } from '../../deer/local-time.ts';
import { CAMERA, effortParams, loadMisdatedImages, loadOverlaps, type MisdatedImages } from './deployment-problems.ts';
import { asRows, inPeriod, type Scope } from './scope.ts';

/** Wall-clock time in the report's zone, `YYYY-MM-DD HH:MM:SS`. */
export type LocalTime = string;

/** A time in which one camera was running, clipped to the period. */
export interface Span {
  location_id: string;
  /**
   * True when no deployment is recorded at the location: whole days from the first to the last
   * image of the period.
   */
  derived: boolean;
  from: LocalTime;
  to: LocalTime;
}

/** The images of one location in the period. */
export interface LocationImages {
  /** null: images without a location. */
  location_id: string | null;
  images: number;
  first_image: LocalTime;
  last_image: LocalTime;
}

/** A time of more than GAP_DAYS when a deployed camera took no images. */
export interface Gap {
  location_id: string;
  from: LocalTime;
  to: LocalTime;
}

export const GAP_DAYS = 7;

const NO_DEPLOYMENTS = `SELECT NULL::uuid AS location_id, NULL::tsmultirange AS spans WHERE false`;

/**
 * SQL: the local time of an instant ($3 zone). Where a clock change takes the midnight of a day,
 * its first instant is its midnight: who worked from then on worked all day, who stopped then did
 * not.
 */
export function toLocal(instant: string): string {
  const local = `(${instant} AT TIME ZONE $3)`;
  const midnight = `date_trunc('day', ${local})`;
  return `CASE WHEN ${midnight} AT TIME ZONE $3 = ${instant} THEN ${midnight} ELSE ${local} END`;
}

/**
 * Overlapping deployments of one camera count once; each deployment without a camera id counts as a
 * separate camera. In local time, so that a day with a clock change is still one day.
 */
const DEPLOYMENTS = `SELECT location_id, range_agg(tsrange(${toLocal('starts_at')},
           greatest(${toLocal('starts_at')}, ${toLocal('coalesce(ends_at, $5::timestamptz)')}))) AS spans
  FROM deployments
  GROUP BY location_id, ${CAMERA}`;

/** $1 start, $2 end, $3 zone, $4 locations, $5 now. */
const effortTables = (deployments: string): string => `chosen AS (
  SELECT id, name FROM locations WHERE $4::text[] IS NULL OR name = ANY ($4::text[])
), period AS (
  SELECT tsrange($1::date::timestamp, greatest($1::date::timestamp, least(($2::date + 1)::timestamp, $5::timestamptz AT TIME ZONE $3))) AS whole
), pictures AS MATERIALIZED (
  SELECT i.location_id, i.timestamp AT TIME ZONE $3 AS local FROM images i JOIN chosen c ON c.id = i.location_id WHERE ${inPeriod('i.timestamp')}
), deployed AS (
  ${deployments}
), running AS (
  SELECT d.location_id, false AS derived, d.spans * tsmultirange(p.whole) AS spans
  FROM deployed d JOIN chosen c ON c.id = d.location_id, period p
  WHERE d.spans && p.whole
), derived AS (
  SELECT location_id, true AS derived, tsmultirange(tsrange(min(local)::date::timestamp, (max(local)::date + 1)::timestamp)) AS spans
  FROM pictures WHERE NOT EXISTS (SELECT FROM deployed d WHERE d.location_id = pictures.location_id) GROUP BY location_id
), cameras AS MATERIALIZED (
  SELECT * FROM running UNION ALL SELECT * FROM derived
)`;

const CLOCK = 'YYYY-MM-DD HH24:MI:SS';

const SPANS = `SELECT location_id, derived, to_char(lower(span), '${CLOCK}') AS "from", to_char(upper(span), '${CLOCK}') AS "to"
FROM cameras, unnest(spans) AS span
ORDER BY location_id, lower(span), upper(span)`;

/**
 * Cameras at one location share their images: a gap is a time in which none of them took any. Whole
 * deployments are used here, and for each location the last image before the period and the first
 * one after it, so that a gap across the edge of the period is found and has its true dates.
 */
const GAPS = `WITH by_location AS (
  SELECT d.location_id, range_agg(d.spans) * tsmultirange(tsrange(NULL, $5::timestamptz AT TIME ZONE $3)) AS spans
  FROM deployed d JOIN chosen c ON c.id = d.location_id GROUP BY d.location_id
  UNION ALL SELECT location_id, spans FROM derived
), stretches AS MATERIALIZED (
  SELECT location_id, span FROM by_location, unnest(spans) AS span, period p WHERE span && p.whole
), seen AS (
  SELECT location_id, local FROM pictures
  UNION ALL
  SELECT location_id, unnest(ARRAY[
           (SELECT max(i.timestamp) FROM images i WHERE i.location_id = s.location_id AND i.timestamp < $1::date::timestamp AT TIME ZONE $3),
           (SELECT min(i.timestamp) FROM images i WHERE i.location_id = s.location_id AND i.timestamp >= ($2::date + 1)::timestamp AT TIME ZONE $3)
         ]) AT TIME ZONE $3
  FROM (SELECT DISTINCT location_id FROM stretches) s
), points AS (
  SELECT s.location_id, s.span, p.local FROM stretches s JOIN seen p ON p.location_id = s.location_id AND p.local <@ s.span
  UNION ALL SELECT location_id, span, lower(span) FROM stretches
  UNION ALL SELECT location_id, span, upper(span) FROM stretches
), steps AS (
  SELECT location_id, local, lag(local) OVER (PARTITION BY location_id, span ORDER BY local) AS before FROM points
)
SELECT location_id, to_char(before, '${CLOCK}') AS "from", to_char(local, '${CLOCK}') AS "to"
FROM steps, period p WHERE local - before > $6::int * interval '1 day' AND tsrange(before, local) && p.whole
ORDER BY location_id, before`;

const imagesOfLocations = (from: string): string =>
  `SELECT location_id, count(*) AS images, to_char(min(local), '${CLOCK}') AS first_image, to_char(max(local), '${CLOCK}') AS last_image
FROM ${from} GROUP BY location_id`;

/**
 * Images by location. Where no locations are asked for, images without a location are included:
 * they have no effort, but they exist.
 */
const LOCATION_IMAGES = `${imagesOfLocations('pictures')} UNION ALL ${imagesOfLocations(`(
  SELECT i.location_id, i.timestamp AT TIME ZONE $3 AS local FROM images i
  WHERE $4::text[] IS NULL AND ${inPeriod('i.timestamp')} AND NOT EXISTS (SELECT FROM chosen c WHERE c.id = i.location_id)
) without_location`)}`;

export interface Effort {
  spans: Span[];
  gaps: Gap[];
  images: LocationImages[];
  /** Names of all locations by id, also of those without images. */
  names: Map<string, string>;
  /** Time zones of deployments in the period whose clock differs from the report's, sorted. */
  otherZones: string[];
  misdated: MisdatedImages[];
  /** Names of locations where deployments without a camera id overlap. */
  overlaps: string[];
}

/** The table of deployments is optional. */
export async function hasDeployments(queries: Queries): Promise<boolean> {
  return (await readColumns(queries))('deployments');
}

/** The spans alone, for a period that is only compared with. */
export async function loadSpans(queries: Queries, scope: Scope): Promise<Span[]> {
  const base = effortTables((await hasDeployments(queries)) ? DEPLOYMENTS : NO_DEPLOYMENTS);
  return queries.rows<Span>(`WITH ${base} ${SPANS}`, effortParams(scope));
}

/**
 * Time zones of deployments that differ from the report's zone. An offset is compared at the start
 * of the deployment; a named zone at its end as well.
 */
async function loadOtherZones(queries: Queries, scope: Scope): Promise<string[]> {
  const rows = await queries.rows<{ zone: string; starts_at: Date; ends_at: Date }>(
    `SELECT to_jsonb(d)->>'time_zone' AS zone, d.starts_at, coalesce(d.ends_at, $5::timestamptz) AS ends_at
     FROM deployments d JOIN locations l ON l.id = d.location_id
     WHERE to_jsonb(d)->>'time_zone' <> '' AND ($4::text[] IS NULL OR l.name = ANY ($4::text[]))
       AND d.starts_at < ($2::date + 1)::timestamp AT TIME ZONE $3 AND coalesce(d.ends_at, $5::timestamptz) > $1::date::timestamp AT TIME ZONE $3`,
    effortParams(scope),
  );
  const clock = localTimeWriter(scope.timeZone);
  const differs = (instant: Date, zone: string): boolean => clock(instant, zone) !== clock(instant);
  const other = rows.filter(
    ({ zone, starts_at, ends_at }) => differs(starts_at, zone) || (/[A-Za-z]/.test(zone) && differs(ends_at, zone)),
  );
  return [...new Set(other.map(({ zone }) => zone))].sort();
}

/** Reads effort, gaps, images and what is doubtful about deployments. */
export async function loadEffort(queries: Queries, scope: Scope): Promise<Effort> {
  const recorded = await hasDeployments(queries);
  const base = effortTables(recorded ? DEPLOYMENTS : NO_DEPLOYMENTS);
  const [read] = await queries.rows<
    Pick<Effort, 'spans' | 'gaps' | 'images'> & { names: { id: string; name: string }[] }
  >(
    `WITH ${base}
SELECT ${asRows(SPANS)} AS spans, ${asRows(GAPS)} AS gaps, ${asRows(LOCATION_IMAGES)} AS images, ${asRows('SELECT id, name FROM locations')} AS names`,
    [...effortParams(scope), GAP_DAYS],
  );
  const { spans, gaps, images, names } = read!;
  return {
    spans,
    gaps,
    images,
    names: new Map(names.map((row) => [row.id, row.name])),
    otherZones: recorded ? await loadOtherZones(queries, scope) : [],
    misdated: recorded ? await loadMisdatedImages(queries, effortParams(scope)) : [],
    overlaps: recorded ? await loadOverlaps(queries, effortParams(scope)) : [],
  };
}

/** Local times without a zone have days of 24 hours: read as UTC, they subtract exactly. */
const toMs = (local: LocalTime): number => Date.parse(`${local.replace(' ', 'T')}Z`);

/**
 * Trap nights of a span between two days (both included): 24 hours of local time of one camera are
 * one trap night. A day with a clock change counts as one.
 */
export function countNights(span: Pick<Span, 'from' | 'to'>, firstDay: string, lastDay: string): number {
  const from = Math.max(toMs(span.from), toMs(`${firstDay} 00:00:00`));
  const to = Math.min(toMs(span.to), toMs(`${lastDay} 00:00:00`) + 86_400_000);
  return Math.max(0, to - from) / 86_400_000;
}
