// What earlier imports made of events: their ids stay, and an id that another camera has is never
// given to this one.
import type { Database } from '../../adapters/postgres.ts';
import { standInPrefix } from '../../deer/camtrap-dp.ts';
import type { Catalog } from '../../deer/columns.ts';
import type { Ids } from './ids.ts';
import { placeKey } from './places.ts';
import type { Cells } from './tables.ts';

export interface Prior {
  /** Places (see placeKey) of the sightings that have an event's id. */
  bursts: ReadonlyMap<string, ReadonlySet<string>>;
  /** Place of an image row that keeps an event or medium without a file, by its path. */
  standIns: ReadonlyMap<string, string>;
}

export const NOTHING_BEFORE: Prior = { bursts: new Map(), standIns: new Map() };

interface Found {
  id: string;
  location_id: string | null;
  deployment_id: string | null;
}

export async function priorOf(
  database: Database,
  { has }: Catalog,
  ids: Ids,
  observations: readonly Cells[],
): Promise<Prior> {
  const events = [...new Set(observations.flatMap(({ eventID }) => (eventID === undefined ? [] : [ids.row(eventID)])))];
  const place = ({ location_id, deployment_id }: Found): string => placeKey(location_id, deployment_id);
  const where = `i.location_id::text, ${has('images', 'deployment_id') ? 'i.deployment_id::text' : 'NULL AS deployment_id'}`;
  if (!has('detections', 'burst_group_id')) return NOTHING_BEFORE;
  return database.read(async ({ rows }) => {
    const sightings = await rows<Found>(
      `SELECT DISTINCT d.burst_group_id::text AS id, ${where}
       FROM detections d JOIN images i ON i.id = d.image_id WHERE d.burst_group_id = ANY($1::uuid[])`,
      [events],
    );
    const standIns = await rows<Found>(`SELECT i.path AS id, ${where} FROM images i WHERE starts_with(i.path, $1)`, [
      standInPrefix(ids.package),
    ]);
    const bursts = new Map<string, Set<string>>();
    for (const found of sightings) {
      const known = bursts.get(found.id);
      if (known === undefined) bursts.set(found.id, new Set([place(found)]));
      else known.add(place(found));
    }
    return { bursts, standIns: new Map(standIns.map((found) => [found.id, place(found)])) };
  });
}
