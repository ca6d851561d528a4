// The class and location names that a filter may use.
import type { Database, Queries } from '../../adapters/postgres.ts';
import { nonAnimal } from '../../deer/classes.ts';
import { readNames, refuseUnknownNames } from '../../deer/names.ts';
import { Fault } from '../../errors.ts';
import { withTimeout } from '../../timeout.ts';
import type { Selection } from '../shared/request.ts';

/** The names that a filter may use, sorted. */
export interface KnownNames {
  classifications: string[];
  locations: string[];
}

/** Locations, and the classes that an export can count: those of animals. */
export async function loadNames(queries: Queries): Promise<KnownNames> {
  const { classes, locations } = await readNames(queries);
  return { classifications: classes.filter((name) => nonAnimal(name) === undefined), locations };
}

/**
 * @throws Fault `invalid` that names the first unknown class or location and lists the known ones;
 * `problems` has all of them.
 */
export function checkNames(selection: Pick<Selection, 'classifications' | 'locations'>, known: KnownNames): void {
  refuseUnknownNames([
    {
      ...{ field: 'classifications', noun: 'classification' },
      ...{ asked: selection.classifications, known: known.classifications },
      explain: (name) => (nonAnimal(name) === undefined ? undefined : `"${name}" is no animal and is not counted`),
    },
    { field: 'locations', noun: 'location', asked: selection.locations, known: known.locations },
  ]);
}

/** Compares the names in filters with those of the database before a request is queued. */
export interface NameChecker {
  /**
   * @throws Fault `invalid` like checkNames; `unavailable` when the database does not answer within
   * in time.
   */
  check(selection: Pick<Selection, 'classifications' | 'locations'>): Promise<void>;
}

/** A name that was found is trusted this long, in ms; the consumer checks it again. */
const TRUSTED_MS = 600_000;
/** How long the answer to a POST may wait for names, in ms. */
const NAMES_MS = 500;

/**
 * A checker that remembers names: a name that was found once needs no database, so that a long
 * report there does not refuse the next request. A load that takes longer than its request can wait
 * goes on, and serves the request when the client sends it again.
 */
export function makeNameChecker(database: () => Database, clock: () => Date): NameChecker {
  let known: KnownNames | undefined;
  let readAt = 0;
  let loading: Promise<KnownNames> | undefined;
  const load = (): Promise<KnownNames> => {
    loading ??= database()
      .read(loadNames)
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
  const isKnown = (selection: Pick<Selection, 'classifications' | 'locations'>, names: KnownNames): boolean =>
    [
      [selection.classifications, names.classifications],
      [selection.locations, names.locations],
    ].every(([requested, present]) => requested?.every((name) => present?.includes(name)) ?? true);
  return {
    check: async (selection) => {
      if (selection.classifications === undefined && selection.locations === undefined) return;
      if (known !== undefined && clock().getTime() - readAt < TRUSTED_MS && isKnown(selection, known)) return;
      const late = (cause: Error): Fault => new Fault('unavailable', 'PostgreSQL is not available', { cause });
      const fresh = await withTimeout(NAMES_MS, load, late);
      checkNames(selection, fresh);
    },
  };
}
