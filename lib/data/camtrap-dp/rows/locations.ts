// Deployments of a package as locations and deployments of the database.
import { EFFORT_TAGS, tagPattern } from '../../../deer/camtrap-dp.ts';
import { type PackageTable, RULES, SOURCE_FIELDS } from '../../../deer/camtrap-dp-columns.ts';
import { DistinctIds, type PackageIds } from '../read/ids.ts';
import type { Cells } from '../read/table.ts';
import { toIso } from './events.ts';

export interface LocationRow {
  id: string;
  name: string;
  /** Another name, for a database in which a different location has the first one. */
  spare: string;
  description: string | null;
  coordinates: { lat: number; lon: number } | null;
}

export interface DeploymentRow {
  id: string;
  location_id: string;
  starts_at: string;
  ends_at: string;
  camera_id: string | null;
  time_zone: string;
  source_fields: object;
}

/** Where the images of a deployment belong. */
export interface Camera {
  location_id: string;
  /** null for a deployment that was derived from images. */
  deployment_id: string | null;
  /** See makeCameraKey. */
  key: string;
}

/** Location and deployment as one text, to compare cameras by. */
export const makeCameraKey = (location_id: string | null, deployment_id: string | null): string =>
  `${location_id ?? ''} ${deployment_id ?? ''}`;

const DERIVED = new RegExp(tagPattern(EFFORT_TAGS.derived));

/**
 * Whether an export made a deployment of images: effort is derived from them here as it was there.
 */
export const isDerived = (row: Cells): boolean =>
  row.deploymentID === row.locationID && DERIVED.test(row.deploymentTags ?? '');

/** The offset that a time is written in. */
const readZone = (cell: string): string => (cell.endsWith('Z') ? 'UTC' : `${cell.slice(19, 22)}:${cell.slice(-2)}`);

/** What the database has no column for, by the standard's names, numbers and booleans as such. */
export function pickSourceFields(table: PackageTable, row: Cells): Record<string, unknown> {
  return Object.fromEntries(
    SOURCE_FIELDS[table].flatMap((name) => {
      const [cell, is] = [row[name], RULES[table][name]!.is];
      if (cell === undefined) return [];
      return [[name, is === 'number' || is === 'integer' ? Number(cell) : is === 'boolean' ? cell === 'true' : cell]];
    }),
  );
}

export interface LocationRows {
  locations: LocationRow[];
  deployments: DeploymentRow[];
  /** By deploymentID. */
  cameras: Map<string, Camera>;
  /** Deployments of the package that were derived from images, and are none of the database. */
  derived: number;
}

/**
 * Locations by locationID, else by coordinates; deployments with the offset that their start was
 * written in.
 */
export function makeLocations(rows: readonly Cells[], ids: PackageIds): LocationRows {
  const made: LocationRows = { locations: [], deployments: [], cameras: new Map(), derived: 0 };
  const known = { id: new Map<string, string>(), at: new Map<string, string>() };
  const [locationIds, deploymentIds] = [new DistinctIds(ids), new DistinctIds(ids)];
  for (const row of rows) {
    const coordinates = row.latitude === undefined ? null : { lat: Number(row.latitude), lon: Number(row.longitude) };
    const key = row.locationID ?? `${coordinates!.lat},${coordinates!.lon}`;
    const by = row.locationID === undefined ? 'at' : 'id';
    let location_id = known[by].get(key);
    if (location_id === undefined) {
      location_id = locationIds.give(JSON.stringify([by, key]), ids.row(key));
      known[by].set(key, location_id);
      const name = row.locationName ?? key;
      const description = row.habitat ?? null;
      made.locations.push({ id: location_id, name, spare: `${name} (${key})`, description, coordinates });
    }
    const deployment_id = isDerived(row) ? null : deploymentIds.give(row.deploymentID!);
    made.cameras.set(row.deploymentID!, {
      location_id,
      deployment_id,
      key: makeCameraKey(location_id, deployment_id),
    });
    if (deployment_id === null) {
      made.derived += 1;
      continue;
    }
    made.deployments.push({
      id: deployment_id,
      location_id,
      starts_at: toIso(row.deploymentStart!),
      ends_at: toIso(row.deploymentEnd!),
      time_zone: readZone(row.deploymentStart!),
      camera_id: row.cameraID ?? null,
      source_fields: pickSourceFields('deployments', row),
    });
  }
  return made;
}
