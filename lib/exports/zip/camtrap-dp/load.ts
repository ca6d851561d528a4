// What a Camtrap DP package needs from the database in addition to the detections: deployments,
// locations, and every image, also those without an animal.
import type { Queries } from '../../../adapters/postgres.ts';
import { SOURCE_KEY } from '../../../deer/camtrap-dp.ts';
import { readKnownColumns } from '../../../deer/columns.ts';
import { hasDeployments, inPeriod, type Scope } from '../../season/index.ts';

export interface DeploymentRecord {
  id: string;
  location_id: string;
  starts_at: Date;
  ends_at: Date;
  camera_id: string | null;
  time_zone: string | null;
  /** Whole days from the first to the last image, because no deployment is recorded. */
  derived: boolean;
  /** The camera was still running when the archive was made: the end is the time of the export. */
  open: boolean;
  /**
   * It overlaps the period, or is derived from its images. Any other one is here only because an
   * image may be nearest to it.
   */
  touches: boolean;
  /** Other fields of an imported package, by the standard's names. */
  source_fields: unknown;
}

export interface LocationRecord {
  id: string;
  name: string;
  description: string | null;
  coordinates: unknown;
}

export interface ImageRecord {
  id: string;
  filename: string;
  path: string;
  at: Date;
  location_id: string | null;
  deployment_id: string | null;
  width: number | null;
  height: number | null;
  /** It shows a person. */
  human: boolean;
  /** Other fields of an imported package, by the standard's names. */
  source_fields: unknown;
}

export interface PackageRecords {
  /** By id. */
  locations: ReadonlyMap<string, LocationRecord>;
  /** By location and start, then the derived ones. */
  deployments: readonly DeploymentRecord[];
  /** By time. */
  images: readonly ImageRecord[];
  /**
   * What the only source of the data says about people and project; undefined when there is none or
   * more than one.
   */
  about: Record<string, unknown> | undefined;
  /** The same for every package of this database; undefined before `npm run migrate`. */
  databaseId: string | undefined;
}

async function loadSource(queries: Queries): Promise<Pick<PackageRecords, 'about' | 'databaseId'>> {
  const [table] = await queries.rows<{ there: boolean }>(`SELECT to_regclass('hoofprint_meta') IS NOT NULL AS there`);
  if (table?.there !== true) return { about: undefined, databaseId: undefined };
  const rows = await queries.rows<{ value: Record<string, unknown> }>(
    'SELECT value FROM hoofprint_meta WHERE starts_with(key, $1) ORDER BY key LIMIT 2',
    [SOURCE_KEY],
  );
  const [database] = await queries.rows<{ id: string }>(
    `SELECT value #>> '{}' AS id FROM hoofprint_meta WHERE key = 'database_id'`,
  );
  return { about: rows.length === 1 ? rows[0]?.value : undefined, databaseId: database?.id };
}

/** $1 start, $2 end, $3 zone, $4 locations, $5 detection ids. */
const IN_SCOPE = `${inPeriod('i.timestamp')} AND ($4::text[] IS NULL OR l.name = ANY ($4::text[]))
  AND ($5::uuid[] IS NULL OR i.id IN (SELECT image_id FROM detections WHERE id = ANY ($5::uuid[])))`;

const TOUCHES = `(p.starts_at < ($2::date + 1)::timestamp AT TIME ZONE $3 AND coalesce(p.ends_at, $5::timestamptz) >= ($1::date)::timestamp AT TIME ZONE $3)`;

/**
 * Deployments of the locations in scope that overlap the period or may be the nearest to an image
 * of it, and those that its images name. $1 start, $2 end, $3 zone, $4 locations, $5 now, $6 ids of
 * deployments, $7 ids of locations with images.
 */
const selectDeployments = (
  sourceFields: string,
): string => `SELECT p.id, p.location_id, p.starts_at, greatest(p.starts_at, coalesce(p.ends_at, $5::timestamptz)) AS ends_at, p.camera_id, p.time_zone,
       false AS derived, p.ends_at IS NULL AS open, ${TOUCHES} AS touches, ${sourceFields}
FROM deployments p JOIN locations l ON l.id = p.location_id
WHERE ($4::text[] IS NULL OR l.name = ANY ($4::text[]))
  AND (${TOUCHES} OR p.location_id = ANY ($7::uuid[]))
   OR p.id = ANY ($6::uuid[])
ORDER BY p.location_id, p.starts_at, p.id`;

/** A location without any deployment gets one from its images, with the id of the location. */
const DERIVED = `SELECT i.location_id AS id, i.location_id, (min(i.timestamp AT TIME ZONE $3)::date)::timestamp AT TIME ZONE $3 AS starts_at,
  (max(i.timestamp AT TIME ZONE $3)::date + 1)::timestamp AT TIME ZONE $3 AS ends_at, NULL AS camera_id, NULL AS time_zone, true AS derived, false AS open, true AS touches, NULL AS source_fields
FROM images i JOIN locations l ON l.id = i.location_id
WHERE ${IN_SCOPE} AND NOT i.location_id = ANY ($6::uuid[]) GROUP BY i.location_id ORDER BY i.location_id`;

/**
 * Reads with queries that run in a snapshot.
 * @param people ids of images that show a person
 */
export async function loadPackageRecords(
  queries: Queries,
  scope: Scope,
  people: ReadonlySet<string>,
): Promise<PackageRecords> {
  const { has, sourceFields } = await readKnownColumns(queries);
  const optional = (column: string, type: string): string =>
    has('images', column) ? `i.${column}` : `NULL::${type} AS ${column}`;
  const renamed = (alias: string, column: string | undefined): string =>
    `${column === undefined ? 'NULL::jsonb' : `${alias}.${column}`} AS source_fields`;
  const params = [scope.start, scope.end, scope.timeZone, scope.locations ?? null];
  const found = await queries.rows<Omit<ImageRecord, 'human'>>(
    `SELECT i.id, i.filename, i.path, i.timestamp AS at, i.location_id, ${optional('deployment_id', 'uuid')}, ${optional('width', 'int')}, ${optional('height', 'int')}, ${renamed('i', sourceFields('images'))}
     FROM images i LEFT JOIN locations l ON l.id = i.location_id WHERE ${IN_SCOPE} ORDER BY i.timestamp, i.id`,
    [...params, scope.ids ?? null],
  );
  const images = found.map((image): ImageRecord => ({ ...image, human: people.has(image.id) }));
  const locations = await queries.rows<LocationRecord>('SELECT id, name, description, coordinates FROM locations');
  const named = [...new Set(images.flatMap((image) => image.deployment_id ?? []))];
  const withImages = [...new Set(images.flatMap((image) => image.location_id ?? []))];
  const recorded = (await hasDeployments(queries))
    ? await queries.rows<DeploymentRecord>(selectDeployments(renamed('p', sourceFields('deployments'))), [
        ...params,
        scope.asOf,
        named,
        withImages,
      ])
    : [];
  const deployed = [...new Set(recorded.map((deployment) => deployment.location_id))];
  const derived = await queries.rows<DeploymentRecord>(DERIVED, [...params, scope.ids ?? null, deployed]);
  return {
    locations: new Map(locations.map((location) => [location.id, location])),
    deployments: [...recorded, ...derived],
    images,
    ...(await loadSource(queries)),
  };
}
