// The class and location names that a filter may use.
import type { Database, Queries } from '../../adapters/postgres.ts';
import { Fault, type Problem } from '../../errors.ts';
import type { Selection } from '../request.ts';
import { FINAL_CLASS } from './scope.ts';

export interface KnownNames {
  classifications: string[];
  locations: string[];
}

export async function namesIn(queries: Queries): Promise<KnownNames> {
  const rows = await queries.rows<{ kind: 'class' | 'place'; name: string }>(
    `SELECT DISTINCT 'class' AS kind, ${FINAL_CLASS} AS name FROM detections d
     UNION ALL SELECT 'place', name FROM locations
     ORDER BY kind, name`,
  );
  const named = (kind: string) => rows.filter((row) => row.kind === kind).map((row) => row.name);
  return { classifications: named('class'), locations: named('place') };
}

/** All final classes of detections and all location names, sorted; for checking a request before it is queued. */
export const knownNames = (database: Database): Promise<KnownNames> => database.read(namesIn);

const listed = (names: readonly string[]): string => (names.length === 0 ? 'none yet' : names.slice(0, 50).join(', '));

/** @throws Fault `invalid` that names the first unknown class or location and lists the known ones; `problems` has all of them. */
export function checkNames(selection: Pick<Selection, 'classifications' | 'locations'>, known: KnownNames): void {
  const problems: Problem[] = [];
  for (const [field, word] of [
    ['classifications', 'classification'],
    ['locations', 'location'],
  ] as const) {
    const names = new Set(known[field]);
    selection[field]?.forEach((name, index) => {
      if (!names.has(name)) {
        problems.push({ pointer: `/${field}/${index}`, detail: `Unknown ${word} "${name}"; known: ${listed(known[field])}` });
      }
    });
  }
  const first = problems[0];
  if (first !== undefined) throw new Fault('invalid', first.detail, { problems });
}
