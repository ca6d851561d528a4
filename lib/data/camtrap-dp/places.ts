// Deployments of a package to locations and deployments of the database.
import { EFFORT_TAGS, tagPattern } from '../../deer/camtrap-dp.ts';
import { timeOf } from './events.ts';
import { Apart, type Ids } from './ids.ts';
import type { Rows } from './rows.ts';
import { pickSourceFields } from './source-fields.ts';
import type { Cells } from './tables.ts';

export interface Place {
  location_id: string;
  deployment_id: string | null;
  /** Both as one text, to compare places by. */
  key: string;
}

/**
 * The tag of a deployment that an export made of images, because none was recorded: effort is
 * derived from them here as it was there.
 */
const DERIVED = new RegExp(tagPattern(EFFORT_TAGS.derived));
export const isDerived = (row: Cells): boolean =>
  row.deploymentID === row.locationID && DERIVED.test(row.deploymentTags ?? '');

export const placeKey = (location_id: string | null, deployment_id: string | null): string =>
  `${location_id ?? ''} ${deployment_id ?? ''}`;

const iso = (cell: string): string => new Date(timeOf(cell)).toISOString();
const zoneOf = (cell: string): string => (cell.endsWith('Z') ? 'UTC' : `${cell.slice(19, 22)}:${cell.slice(-2)}`);

type Places = Pick<Rows, 'locations' | 'deployments' | 'derived'> & { places: Map<string, Place> };

/**
 * Locations by locationID, else by coordinates; deployments with the offset that their start was
 * written in.
 */
export function placesOf(rows: readonly Cells[], ids: Ids): Places {
  const made: Places = { places: new Map(), locations: [], deployments: [], derived: 0 };
  const known = { id: new Map<string, string>(), at: new Map<string, string>() };
  const [locationIds, deploymentIds] = [new Apart(ids), new Apart(ids)];
  for (const row of rows) {
    const coordinates = row.latitude === undefined ? null : { lat: Number(row.latitude), lon: Number(row.longitude) };
    const key = row.locationID ?? `${coordinates!.lat},${coordinates!.lon}`;
    const kind = row.locationID === undefined ? 'at' : 'id';
    let location_id = known[kind].get(key);
    if (location_id === undefined) {
      location_id = locationIds.of(JSON.stringify([kind, key]), ids.row(key));
      known[kind].set(key, location_id);
      const name = row.locationName ?? key;
      made.locations.push({
        id: location_id,
        name,
        spare: `${name} (${key})`,
        description: row.habitat ?? null,
        coordinates,
      });
    }
    const deployment_id = isDerived(row) ? null : deploymentIds.of(row.deploymentID!);
    made.places.set(row.deploymentID!, { location_id, deployment_id, key: placeKey(location_id, deployment_id) });
    if (deployment_id === null) {
      made.derived += 1;
      continue;
    }
    const time = {
      starts_at: iso(row.deploymentStart!),
      ends_at: iso(row.deploymentEnd!),
      time_zone: zoneOf(row.deploymentStart!),
    };
    made.deployments.push({
      id: deployment_id,
      location_id,
      ...time,
      camera_id: row.cameraID ?? null,
      source_fields: pickSourceFields('deployments', row),
    });
  }
  return made;
}
