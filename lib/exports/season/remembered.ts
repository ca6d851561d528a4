// Reports that were loaded lately, for as long as nothing has been written to their database:
// several people ask for the same season, and a page shows it again and again.
import type { Database, Queries } from '../../adapters/postgres.ts';

/**
 * The same text means the same rows: every transaction that writes takes a number, and a snapshot
 * lists the numbers that it sees. A server that started again may give numbers once more.
 */
const VERSION = `SELECT pg_current_snapshot()::text || ' ' || pg_postmaster_start_time()::text AS version`;

/** Reports of a database; a report takes some 100 kB. */
const MOST = 8;

const remembered = new WeakMap<Database, Map<string, unknown>>();

/**
 * What was returned for the first of these parts that is remembered, from the same rows; undefined
 * where none is. Call it first in a snapshot.
 */
export async function recallLoaded<T>(
  database: Database,
  queries: Queries,
  choices: readonly unknown[],
): Promise<{ found: T; at: number } | undefined> {
  const known = remembered.get(database);
  if (known === undefined) return undefined;
  const [row] = await queries.rows<{ version: string }>(VERSION);
  const at = choices.findIndex((parts) => known.has(JSON.stringify([row!.version, parts])));
  return at === -1 ? undefined : { found: known.get(JSON.stringify([row!.version, choices[at]])) as T, at };
}

/**
 * What `load` returns, or what it returned for equal `parts` from the same rows. Call it first in
 * a snapshot, and change nothing in what it returns.
 */
export async function rememberLoaded<T>(
  database: Database,
  queries: Queries,
  parts: unknown,
  load: () => Promise<T>,
): Promise<T> {
  const [row] = await queries.rows<{ version: string }>(VERSION);
  const key = JSON.stringify([row!.version, parts]);
  const known = remembered.get(database) ?? new Map<string, unknown>();
  remembered.set(database, known);
  const found = known.has(key) ? (known.get(key) as T) : await load();
  known.delete(key);
  known.set(key, found);
  for (const oldest of known.keys()) {
    if (known.size <= MOST) break;
    known.delete(oldest);
  }
  return found;
}
