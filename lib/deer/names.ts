// The names that a filter may use, classes and locations of the database, and the one wording for a
// name that is not among them.

import type { Queries } from '../adapters/postgres.ts';
import { Fault, type Problem } from '../errors.ts';
import { visible } from '../plain-text.ts';
import { finalClass } from './detections.ts';

/** In the database's order of text. */
export interface DatabaseNames {
  /** Final classes of all detections, also of people, vehicles and empty frames. */
  classes: string[];
  locations: string[];
}

/** One statement for both: a round trip costs as much as the names of all locations. */
export async function readNames(queries: Queries): Promise<DatabaseNames> {
  const rows = await queries.rows<{ of: keyof DatabaseNames; name: string }>(
    `SELECT DISTINCT 'classes' AS of, ${finalClass('d')} AS name FROM detections d
     UNION ALL SELECT 'locations', name FROM locations
     ORDER BY of, name`,
  );
  const { classes = [], locations = [] } = Object.groupBy(rows, (row) => row.of);
  return { classes: classes.map(({ name }) => name), locations: locations.map(({ name }) => name) };
}

/** One list of names in a request. */
export interface NameFilter {
  /** The field of the request that has them. */
  field: string;
  /** What one of them is called in a message. */
  noun: string;
  asked: readonly string[] | undefined;
  known: readonly string[];
  /** A reason for a name, in place of `Unknown class "x"`. */
  explain?: (name: string) => string | undefined;
}

const MOST_LISTED = 50;

/**
 * @throws Fault `invalid` that names the first unknown name and lists the known ones (at most 50);
 *   `problems` has every unknown name.
 */
export function refuseUnknownNames(filters: readonly NameFilter[]): void {
  const problems: Problem[] = [];
  for (const { field, noun, asked = [], known, explain } of filters) {
    const there = new Set(known);
    const listed = known.length === 0 ? 'none yet' : known.slice(0, MOST_LISTED).join(', ');
    asked.forEach((name, index) => {
      if (there.has(name)) return;
      const why = explain?.(name) ?? `Unknown ${noun} ${visible(name)}`;
      problems.push({ pointer: `/${field}/${index}`, detail: `${why}; known: ${listed}` });
    });
  }
  const [first] = problems;
  if (first !== undefined) throw new Fault('invalid', first.detail, { problems });
}
