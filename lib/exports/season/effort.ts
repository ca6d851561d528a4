// Camera effort: trap nights from deployments or, where there are none, from first and last image;
// and gaps without images.
import type { Queries } from '../../adapters/postgres.ts';
import { readColumns } from '../../deer/columns.ts';
import { localTimeWriter } from '../../deer/local-time.ts';
import { CAMERA, effortParams, type Misdated, misdatedOf, overlapsOf } from './doubts.ts';
import { asRows, inPeriod, type Scope } from './scope.ts';

/** Wall-clock time in the report's zone, `YYYY-MM-DD HH:MM:SS`. */
export type LocalTime = string;

/** One stretch in which one camera stood, clipped to the period. */
export interface Span {
  location_id: string;
  /**
   * True when no deployment is recorded there at all: whole days from the first to the last image
   * of the period.
   */
  derived: boolean;
  from: LocalTime;
  to: LocalTime;
}

export interface Site {
  /** null: images without a location. */
  location_id: string | null;
  images: number;
  first_image: LocalTime;
  last_image: LocalTime;
}

export interface Gap {
  location_id: string;
  from: LocalTime;
  to: LocalTime;
}

export const GAP_DAYS = 7;

const NO_DEPLOYMENTS = `SELECT NULL::uuid AS location_id, NULL::tsmultirange AS spans WHERE false`;

/**
 * Ranges of one camera that overlap are counted once; deployments without a camera id are different
 * cameras (one deployment is one camera). Local time, so that a day on which the clocks change is
 * still one day.
 */
const DEPLOYMENTS = `SELECT location_id, range_agg(tsrange(starts_at AT TIME ZONE $3,
           greatest(starts_at AT TIME ZONE $3, coalesce(ends_at, $5::timestamptz) AT TIME ZONE $3))) AS spans
  FROM deployments
  GROUP BY location_id, ${CAMERA}`;

/** $1 start, $2 end, $3 zone, $4 places, $5 now. */
const effort = (deployments: string): string => `sites AS (
  SELECT id, name FROM locations WHERE $4::text[] IS NULL OR name = ANY ($4::text[])
), period AS (
  SELECT tsrange($1::date::timestamp, greatest($1::date::timestamp, least(($2::date + 1)::timestamp, $5::timestamptz AT TIME ZONE $3))) AS whole
), pictures AS MATERIALIZED (
  SELECT i.location_id, i.timestamp AT TIME ZONE $3 AS local FROM images i JOIN sites s ON s.id = i.location_id WHERE ${inPeriod('i.timestamp')}
), deployed AS (
  ${deployments}
), stood AS (
  SELECT d.location_id, false AS derived, d.spans * tsmultirange(p.whole) AS spans
  FROM deployed d JOIN sites s ON s.id = d.location_id, period p
  WHERE d.spans && p.whole
), derived AS (
  SELECT location_id, true AS derived, tsmultirange(tsrange(min(local)::date::timestamp, (max(local)::date + 1)::timestamp)) AS spans
  FROM pictures WHERE NOT EXISTS (SELECT FROM deployed d WHERE d.location_id = pictures.location_id) GROUP BY location_id
), cameras AS MATERIALIZED (
  SELECT * FROM stood UNION ALL SELECT * FROM derived
)`;

const CLOCK = 'YYYY-MM-DD HH24:MI:SS';

const SPANS = `SELECT location_id, derived, to_char(lower(span), '${CLOCK}') AS "from", to_char(upper(span), '${CLOCK}') AS "to"
FROM cameras, unnest(spans) AS span
ORDER BY location_id, lower(span), upper(span)`;

/**
 * Several cameras at one place share their images: a gap is a stretch in which none of them took
 * any. Deployments are not cut to the period here, and of each place the last image before it and
 * the first after it are looked at as well: a gap over a border is found, and told with its true
 * ends.
 */
const GAPS = `WITH places AS (
  SELECT d.location_id, range_agg(d.spans) * tsmultirange(tsrange(NULL, $5::timestamptz AT TIME ZONE $3)) AS spans
  FROM deployed d JOIN sites s ON s.id = d.location_id GROUP BY d.location_id
  UNION ALL SELECT location_id, spans FROM derived
), stretches AS MATERIALIZED (
  SELECT location_id, span FROM places, unnest(spans) AS span, period p WHERE span && p.whole
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

const seen = (from: string): string =>
  `SELECT location_id, count(*) AS images, to_char(min(local), '${CLOCK}') AS first_image, to_char(max(local), '${CLOCK}') AS last_image
FROM ${from} GROUP BY location_id`;

/**
 * Also of images without a location, where none is asked for: they have no effort, but they are
 * there.
 */
const SITES = `${seen('pictures')} UNION ALL ${seen(`(
  SELECT i.location_id, i.timestamp AT TIME ZONE $3 AS local FROM images i
  WHERE $4::text[] IS NULL AND ${inPeriod('i.timestamp')} AND NOT EXISTS (SELECT FROM sites s WHERE s.id = i.location_id)
) placeless`)}`;

export interface Effort {
  spans: Span[];
  gaps: Gap[];
  sites: Site[];
  /** Every location in scope by id, also silent ones. */
  names: Map<string, string>;
  /** Time zones of deployments in the period whose clock differs from the report's, sorted. */
  otherZones: string[];
  misdated: Misdated[];
  /** Locations where deployments without a camera id overlap. */
  overlaps: string[];
}

/** The table of deployments is optional. */
export async function hasDeployments(queries: Queries): Promise<boolean> {
  return (await readColumns(queries))('deployments');
}

/** The spans alone, for a period that is only compared with. */
export async function spansOf(queries: Queries, scope: Scope): Promise<Span[]> {
  const base = effort((await hasDeployments(queries)) ? DEPLOYMENTS : NO_DEPLOYMENTS);
  return queries.rows<Span>(`WITH ${base} ${SPANS}`, effortParams(scope));
}

/**
 * A recorded offset holds where the deployment began; a named zone has to agree at its end as well.
 */
async function otherZonesOf(queries: Queries, scope: Scope): Promise<string[]> {
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

export async function effortOf(queries: Queries, scope: Scope): Promise<Effort> {
  const recorded = await hasDeployments(queries);
  const base = effort(recorded ? DEPLOYMENTS : NO_DEPLOYMENTS);
  const [read] = await queries.rows<
    Pick<Effort, 'spans' | 'gaps' | 'sites'> & { names: { id: string; name: string }[] }
  >(
    `WITH ${base}
SELECT ${asRows(SPANS)} AS spans, ${asRows(GAPS)} AS gaps, ${asRows(SITES)} AS sites, ${asRows('SELECT id, name FROM locations')} AS names`,
    [...effortParams(scope), GAP_DAYS],
  );
  const { spans, gaps, sites, names } = read!;
  return {
    spans,
    gaps,
    sites,
    names: new Map(names.map((row) => [row.id, row.name])),
    otherZones: recorded ? await otherZonesOf(queries, scope) : [],
    misdated: recorded ? await misdatedOf(queries, effortParams(scope)) : [],
    overlaps: recorded ? await overlapsOf(queries, effortParams(scope)) : [],
  };
}

/** Hours of naive local time are all 60 minutes long: read as UTC they subtract exactly. */
const at = (local: LocalTime): number => Date.parse(`${local.replace(' ', 'T')}Z`);

/**
 * Trap nights of a span between two days (both inclusive): 24 hours of wall-clock time of one
 * camera are one trap night. A day on which the clocks change counts exactly one.
 */
export function nightsWithin(span: Pick<Span, 'from' | 'to'>, firstDay: string, lastDay: string): number {
  const from = Math.max(at(span.from), at(`${firstDay} 00:00:00`));
  const to = Math.min(at(span.to), at(`${lastDay} 00:00:00`) + 86_400_000);
  return Math.max(0, to - from) / 86_400_000;
}
