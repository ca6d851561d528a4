// The class and location names that a filter may use.
import type { Database, Queries } from '../../adapters/postgres.ts';
import { nonAnimal } from '../../deer/classes.ts';
import { finalClass } from '../../deer/detections.ts';
import { Fault, type Problem } from '../../errors.ts';
import { withTimeout } from '../../timeout.ts';
import type { Selection } from '../shared/request.ts';

export interface KnownNames {
  classifications: string[];
  locations: string[];
}

export async function namesIn(queries: Queries): Promise<KnownNames> {
  const rows = await queries.rows<{ kind: 'class' | 'place'; name: string }>(
    `SELECT DISTINCT 'class' AS kind, ${finalClass('d')} AS name FROM detections d
     UNION ALL SELECT 'place', name FROM locations
     ORDER BY kind, name`,
  );
  const named = (kind: string) => rows.filter((row) => row.kind === kind).map((row) => row.name);
  return { classifications: named('class').filter((name) => nonAnimal(name) === undefined), locations: named('place') };
}

const listed = (names: readonly string[]): string => (names.length === 0 ? 'none yet' : names.slice(0, 50).join(', '));

/**
 * @throws Fault `invalid` that names the first unknown class or location and lists the known ones;
 * `problems` has all of them.
 */
export function checkNames(selection: Pick<Selection, 'classifications' | 'locations'>, known: KnownNames): void {
  const problems: Problem[] = [];
  for (const [field, word] of [
    ['classifications', 'classification'],
    ['locations', 'location'],
  ] as const) {
    const names = new Set(known[field]);
    selection[field]?.forEach((name, index) => {
      if (!names.has(name)) {
        const why =
          field === 'classifications' && nonAnimal(name) !== undefined
            ? `"${name}" is no animal and is not counted`
            : `Unknown ${word} "${name}"`;
        problems.push({ pointer: `/${field}/${index}`, detail: `${why}; known: ${listed(known[field])}` });
      }
    });
  }
  const first = problems[0];
  if (first !== undefined) throw new Fault('invalid', first.detail, { problems });
}

/** Holds the names in filters to those of the database before a request is queued. */
export interface Names {
  /**
   * @throws Fault `invalid` like checkNames; `unavailable` when the database does not answer within
   * the bound.
   */
  check(selection: Pick<Selection, 'classifications' | 'locations'>): Promise<void>;
}

/**
 * A name that was there is believed this long without asking: whoever works on the job asks again.
 */
const BELIEVED_MS = 600_000;
/** What the answer to a POST can wait for names, in ms. */
const NAMES_MS = 500;

/**
 * Names that were seen once need no database, so that a long report in it does not refuse the next
 * request. A load that takes longer than its request can wait goes on, and serves the request that
 * the client sends again.
 */
export function knownNames(database: () => Database, clock: () => Date): Names {
  let known: KnownNames | undefined;
  let readAt = 0;
  let loading: Promise<KnownNames> | undefined;
  const load = (): Promise<KnownNames> => {
    loading ??= database()
      .read(namesIn)
      .then((names) => {
        known = names;
        readAt = clock().getTime();
        return names;
      })
      .finally(() => {
        loading = undefined;
      });
    return loading;
  };
  const passes = (selection: Pick<Selection, 'classifications' | 'locations'>, names: KnownNames): boolean =>
    [
      [selection.classifications, names.classifications],
      [selection.locations, names.locations],
    ].every(([asked, there]) => asked?.every((name) => there?.includes(name)) ?? true);
  return {
    check: async (selection) => {
      if (selection.classifications === undefined && selection.locations === undefined) return;
      if (known !== undefined && clock().getTime() - readAt < BELIEVED_MS && passes(selection, known)) return;
      const late = (cause: Error): Fault => new Fault('unavailable', 'PostgreSQL is not available', { cause });
      const fresh = await withTimeout(NAMES_MS, load, late);
      checkNames(selection, fresh);
    },
  };
}
