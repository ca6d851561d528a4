// Locations of an import, and those that the database has from other data.
import type { Queries } from '../adapters/postgres.ts';
import { alikeToKnown } from '../deer/names-alike.ts';

/** A warning for names that a person takes for the name of a location that is there. */
export async function warnOfKnownLocations(
  { rows }: Queries,
  locations: readonly { id: string; name: string }[],
): Promise<string[]> {
  const known = await rows<{ name: string }>(
    'SELECT name::text AS name FROM locations WHERE name IS NOT NULL AND id <> ALL ($1::uuid[])',
    [locations.map(({ id }) => id)],
  );
  const names = locations.map(({ name }) => name);
  const warning = alikeToKnown(
    names,
    known.map(({ name }) => name),
    ['name of a location', 'names of locations'],
  );
  return warning === undefined ? [] : [warning];
}
