// What a Camtrap DP package needs of the database beyond the detections: where cameras stood, and
// every image, also those that show no animal.
import type { Queries } from '../../../adapters/postgres.ts';
import { SOURCE_KEY } from '../../../deer/camtrap-dp.ts';
import { readKnownColumns } from '../../../deer/columns.ts';
import { hasDeployments, inPeriod, type Scope } from '../../season/index.ts';

export interface Stay {
  id: string;
  location_id: string;
  starts_at: Date;
  ends_at: Date;
  camera_id: string | null;
  time_zone: string | null;
  /** Whole days from first to last image, because no deployment is recorded there. */
  derived: boolean;
  /** It was standing when the archive was made: the end is the time of the export. */
  open: boolean;
  /**
   * It stood in the period, or is derived from its images; another one is here only because an
   * image may be nearest to it.
   */
  touches: boolean;
  /** What else an imported package said of it, by the standard's names. */
  source_fields: unknown;
}

export interface Place {
  id: string;
  name: string;
  description: string | null;
  coordinates: unknown;
}

export interface Picture {
  id: string;
  filename: string;
  path: string;
  at: Date;
  location_id: string | null;
  deployment_id: string | null;
  width: number | null;
  height: number | null;
  human: boolean;
  /** What else an imported package said of it, by the standard's names. */
  source_fields: unknown;
}

export interface Field {
  places: Map<string, Place>;
  /** By place and start, then the derived ones. */
  stays: Stay[];
  /** By time. */
  pictures: Picture[];
  /**
   * What the only source of the data says of people and project; undefined when there is none or
   * more than one.
   */
  about: Record<string, unknown> | undefined;
  /** Of this database, whatever the period; undefined before `npm run migrate`. */
  databaseId: string | undefined;
}

async function sourceOf(queries: Queries): Promise<Pick<Field, 'about' | 'databaseId'>> {
  const [table] = await queries.rows<{ there: boolean }>(`SELECT to_regclass('hoofprint_meta') IS NOT NULL AS there`);
  if (table?.there !== true) return { about: undefined, databaseId: undefined };
  const rows = await queries.rows<{ value: Record<string, unknown> }>(
    'SELECT value FROM hoofprint_meta WHERE starts_with(key, $1) ORDER BY key LIMIT 2',
    [SOURCE_KEY],
  );
  const [own] = await queries.rows<{ id: string }>(
    `SELECT value #>> '{}' AS id FROM hoofprint_meta WHERE key = 'database_id'`,
  );
  return { about: rows.length === 1 ? rows[0]?.value : undefined, databaseId: own?.id };
}

/** $1 start, $2 end, $3 zone, $4 places, $5 detection ids. */
const IN_SCOPE = `${inPeriod('i.timestamp')} AND ($4::text[] IS NULL OR l.name = ANY ($4::text[]))
  AND ($5::uuid[] IS NULL OR i.id IN (SELECT image_id FROM detections WHERE id = ANY ($5::uuid[])))`;

const TOUCHES = `(p.starts_at < ($2::date + 1)::timestamp AT TIME ZONE $3 AND coalesce(p.ends_at, $5::timestamptz) >= ($1::date)::timestamp AT TIME ZONE $3)`;
/**
 * Deployments of the places in scope that touch the period or, touching it or not, may be the
 * nearest to an image of it; and those that its images name.
 */
const staysWith = (
  sourceFields: string,
): string => `SELECT p.id, p.location_id, p.starts_at, greatest(p.starts_at, coalesce(p.ends_at, $5::timestamptz)) AS ends_at, p.camera_id, p.time_zone,
       false AS derived, p.ends_at IS NULL AS open, ${TOUCHES} AS touches, ${sourceFields}
FROM deployments p JOIN locations l ON l.id = p.location_id
WHERE ($4::text[] IS NULL OR l.name = ANY ($4::text[]))
  AND (${TOUCHES} OR p.location_id = ANY ($7::uuid[]))
   OR p.id = ANY ($6::uuid[])
ORDER BY p.location_id, p.starts_at, p.id`;

/**
 * Reads with queries that already run in a snapshot. @param people ids of images that show a person
 */
export async function fieldOf(queries: Queries, scope: Scope, people: ReadonlySet<string>): Promise<Field> {
  const { has, sourceFields } = await readKnownColumns(queries);
  const own = (column: string, type: string): string =>
    has('images', column) ? `i.${column}` : `NULL::${type} AS ${column}`;
  const renamed = (alias: string, column: string | undefined): string =>
    `${column === undefined ? 'NULL::jsonb' : `${alias}.${column}`} AS source_fields`;
  const params = [scope.start, scope.end, scope.timeZone, scope.locations ?? null];
  const found = await queries.rows<Omit<Picture, 'human'>>(
    `SELECT i.id, i.filename, i.path, i.timestamp AS at, i.location_id, ${own('deployment_id', 'uuid')}, ${own('width', 'int')}, ${own('height', 'int')}, ${renamed('i', sourceFields('images'))}
     FROM images i LEFT JOIN locations l ON l.id = i.location_id WHERE ${IN_SCOPE} ORDER BY i.timestamp, i.id`,
    [...params, scope.ids ?? null],
  );
  const pictures = found.map((picture): Picture => ({ ...picture, human: people.has(picture.id) }));
  const places = await queries.rows<Place>('SELECT id, name, description, coordinates FROM locations');
  const named = [...new Set(pictures.flatMap((picture) => picture.deployment_id ?? []))];
  const seen = [...new Set(pictures.flatMap((picture) => picture.location_id ?? []))];
  const stays = (await hasDeployments(queries))
    ? await queries.rows<Stay>(staysWith(renamed('p', sourceFields('deployments'))), [
        ...params,
        scope.asOf,
        named,
        seen,
      ])
    : [];
  // A place without any deployment gets one from its images, with the place's own id.
  const derived = await queries.rows<Stay>(
    `SELECT i.location_id AS id, i.location_id, (min(i.timestamp AT TIME ZONE $3)::date)::timestamp AT TIME ZONE $3 AS starts_at,
       (max(i.timestamp AT TIME ZONE $3)::date + 1)::timestamp AT TIME ZONE $3 AS ends_at, NULL AS camera_id, NULL AS time_zone, true AS derived, false AS open, true AS touches, NULL AS source_fields
     FROM images i JOIN locations l ON l.id = i.location_id
     WHERE ${IN_SCOPE} AND NOT i.location_id = ANY ($6::uuid[]) GROUP BY i.location_id ORDER BY i.location_id`,
    [...params, scope.ids ?? null, [...new Set(stays.map((stay) => stay.location_id))]],
  );
  return {
    places: new Map(places.map((place) => [place.id, place])),
    stays: [...stays, ...derived],
    pictures,
    ...(await sourceOf(queries)),
  };
}
