// A plan is carried out, or a run is undone, in one transaction: all of it or nothing.
import type { Queries, Writes } from '../../adapters/postgres.ts';
import { type Catalog, readCatalog } from '../../deer/columns.ts';
import { Fault } from '../../errors.ts';
import { count } from '../../format.ts';
import { takeFingerprint } from './fingerprint.ts';
import type { PlannedRow } from './plan.ts';

export interface Order {
  method: string;
  threshold: number;
  despite: string | null;
  fingerprint: string;
  hash: string;
  rows: readonly OrderedRow[];
}

export type OrderedRow = Pick<PlannedRow, 'detection' | 'deer' | 'old' | 'score'>;

const BATCH = 2_000;

/** What the platform counts of a deer: as text, so that nothing of an instant is lost. */
interface DeerFacts {
  first_seen: string | null;
  last_seen: string | null;
  sighting_count: number | null;
}

interface DeerChange {
  before: DeerFacts;
  after: DeerFacts;
}

const FACTS = ['first_seen', 'last_seen', 'sighting_count'] as const;

/** Nobody else writes names until the end; others read on. */
async function lockTables(queries: Queries): Promise<Catalog> {
  const catalog = await readCatalog(queries);
  if (!catalog.has('hoofprint_runs') || !catalog.has('hoofprint_assignments'))
    throw new Fault('conflict', 'the database has no journal (hoofprint_runs). Type: npm run migrate');
  await queries.rows(`SET LOCAL lock_timeout = '30s'`);
  await queries.rows('LOCK TABLE detections, deer, hoofprint_assignments IN SHARE ROW EXCLUSIVE MODE');
  if (catalog.table('reid_reviews')?.kind === 'table') await queries.rows('LOCK TABLE reid_reviews IN SHARE MODE');
  return catalog;
}

/**
 * @param now instant of the run
 * @returns number of the run
 * @throws Fault `conflict` when the database has changed since the plan, or a row is not as the
 *   plan found it; nothing is written then
 */
export async function writeRun(queries: Writes, order: Order, who: string, now: Date): Promise<number> {
  const catalog = await lockTables(queries);
  if ((await takeFingerprint(queries)) !== order.fingerprint)
    throw new Fault(
      'conflict',
      'the database has changed since this plan was made; nothing was written. Make a new plan',
    );
  const [run] = await queries.rows<{ id: number }>(
    `INSERT INTO hoofprint_runs (at, who, method, threshold, despite, plan_hash, deer) VALUES ($1, $2, $3, $4, $5, $6, '{}') RETURNING id`,
    [now, who, order.method, order.threshold, order.despite, order.hash],
  );
  const { id } = run!;
  const touched = [...new Set(order.rows.flatMap(({ deer, old }) => [deer, old].filter((name) => name !== null)))];
  const before = await readFacts(queries, catalog, touched);
  for (let at = 0; at < order.rows.length; at += BATCH) await writeRows(queries, id, order.rows.slice(at, at + BATCH));
  await countSightings(queries, catalog, id);
  const after = await readFacts(queries, catalog, touched);
  const deer = Object.fromEntries(
    [...before].map(([name, facts]): [string, DeerChange] => [name, { before: facts, after: after.get(name)! }]),
  );
  await queries.rows('UPDATE hoofprint_runs SET deer = $2::jsonb WHERE id = $1', [id, JSON.stringify(deer)]);
  return id;
}

/** Only where nothing is there, or what an earlier run of ours wrote. */
async function writeRows({ rows: ask }: Queries, run: number, rows: readonly OrderedRow[]): Promise<void> {
  const written = await ask(
    `WITH r AS (SELECT * FROM jsonb_to_recordset($2::jsonb) AS r(detection uuid, deer uuid, old uuid, score double precision)),
     done AS (UPDATE detections d SET deer_id = r.deer FROM r WHERE d.id = r.detection AND d.deer_id IS NOT DISTINCT FROM r.old
       AND (r.old IS NULL OR EXISTS (SELECT FROM hoofprint_assignments a WHERE a.detection_id = d.id AND a.deer_id = r.old AND a.undone_at IS NULL))
       RETURNING d.id)
     INSERT INTO hoofprint_assignments (run_id, detection_id, deer_id, old_deer_id, score)
     SELECT $1, r.detection, r.deer, r.old, r.score FROM r JOIN done ON done.id = r.detection RETURNING 1`,
    [run, JSON.stringify(rows.map(({ detection, deer, old, score }) => ({ detection, deer, old, score })))],
  );
  if (written.length !== rows.length)
    throw new Fault(
      'conflict',
      `${count(rows.length - written.length, 'picture')} of the plan ${rows.length - written.length === 1 ? 'is' : 'are'} not as the plan found them; nothing was written`,
    );
}

const present = ({ has }: Catalog): (typeof FACTS)[number][] => FACTS.filter((name) => has('deer', name));

async function readFacts({ rows }: Queries, catalog: Catalog, ids: readonly string[]): Promise<Map<string, DeerFacts>> {
  const columns = FACTS.map((name) => (present(catalog).includes(name) ? `e.${name}` : `NULL AS ${name}`));
  const found = await rows<{ id: string; facts: DeerFacts }>(
    `SELECT e.id::text, to_jsonb(f) AS facts FROM deer e, LATERAL (SELECT ${columns.join(', ')}) f WHERE e.id = ANY ($1::uuid[])`,
    [ids],
  );
  return new Map(found.map(({ id, facts }) => [id, facts]));
}

/** First and last sighting and their number, of the deer that the run touched. */
async function countSightings({ rows }: Queries, catalog: Catalog, run: number): Promise<void> {
  const set: Record<(typeof FACTS)[number], string> = {
    first_seen: 'first_seen = least(e.first_seen, s.first)',
    last_seen: 'last_seen = greatest(e.last_seen, s.last)',
    sighting_count: 'sighting_count = e.sighting_count + s.gained',
  };
  const changes = present(catalog).map((name) => set[name]);
  if (changes.length === 0) return;
  await rows(
    `UPDATE deer e SET ${changes.join(', ')} FROM (
       SELECT x.deer, sum(x.n) AS gained, min(x.at) FILTER (WHERE x.n > 0) AS first, max(x.at) FILTER (WHERE x.n > 0) AS last FROM (
         SELECT a.deer_id AS deer, 1 AS n, i."timestamp" AS at FROM hoofprint_assignments a JOIN detections d ON d.id = a.detection_id
           JOIN images i ON i.id = d.image_id WHERE a.run_id = $1
         UNION ALL SELECT a.old_deer_id, -1, NULL FROM hoofprint_assignments a WHERE a.run_id = $1) x
       WHERE x.deer IS NOT NULL GROUP BY 1) s WHERE e.id = s.deer`,
    [run],
  );
}

export interface Undone {
  restored: number;
  /** Pictures that are no longer as the run left them, and what they are now. */
  rest: { detection: string; written: string | null; now: string | null }[];
  /** Names of deer whose first and last sighting could not be restored. */
  deer: string[];
}

/**
 * Restores what is still as the run left it.
 * @throws Fault `not-found` when there is no such run, `conflict` when it is undone already
 */
export async function undoRun(queries: Writes, run: number, now: Date): Promise<Undone> {
  const catalog = await lockTables(queries);
  const [found] = await queries.rows<{ deer: Record<string, DeerChange>; undone: boolean }>(
    'SELECT deer, undone_at IS NOT NULL AS undone FROM hoofprint_runs WHERE id = $1',
    [run],
  );
  if (found === undefined) throw new Fault('not-found', `there is no run ${run}`);
  if (found.undone) throw new Fault('conflict', `run ${run} is undone already`);
  const facts = await readFacts(queries, catalog, Object.keys(found.deer));
  const restored = await queries.rows<{ deer: string | null; old: string | null }>(
    `WITH done AS (UPDATE detections d SET deer_id = (SELECT e.id FROM deer e WHERE e.id = a.old_deer_id) FROM hoofprint_assignments a
       WHERE a.run_id = $1 AND a.undone_at IS NULL AND d.id = a.detection_id AND d.deer_id IS NOT DISTINCT FROM a.deer_id
       AND NOT EXISTS (SELECT FROM hoofprint_assignments l WHERE l.detection_id = d.id AND l.run_id > $1 AND l.undone_at IS NULL) RETURNING d.id)
     UPDATE hoofprint_assignments a SET undone_at = $2 FROM done WHERE a.run_id = $1 AND a.detection_id = done.id
     RETURNING a.deer_id::text AS deer, a.old_deer_id::text AS old`,
    [run, now],
  );
  const rest = await queries.rows<Undone['rest'][number]>(
    `SELECT a.detection_id::text AS detection, a.deer_id::text AS written, d.deer_id::text AS now FROM hoofprint_assignments a
     LEFT JOIN detections d ON d.id = a.detection_id WHERE a.run_id = $1 AND a.undone_at IS NULL ORDER BY 1`,
    [run],
  );
  const deer: string[] = [];
  for (const [id, change] of Object.entries(found.deer)) {
    const isWhole = !rest.some(({ written }) => written === id) && equals(facts.get(id), change.after);
    if (!facts.has(id)) continue;
    const gained = restored.filter((row) => row.deer === id).length - restored.filter((row) => row.old === id).length;
    await restoreFacts(queries, catalog, id, isWhole ? change.before : undefined, gained);
    if (
      !isWhole &&
      (change.before.first_seen !== change.after.first_seen || change.before.last_seen !== change.after.last_seen)
    )
      deer.push(id);
  }
  if (rest.length === 0) await queries.rows('UPDATE hoofprint_runs SET undone_at = $2 WHERE id = $1', [run, now]);
  return { restored: restored.length, rest, deer };
}

const equals = (a: DeerFacts | undefined, b: DeerFacts): boolean => FACTS.every((name) => a?.[name] === b[name]);

/** What it was before; else only the number of sightings goes back. */
async function restoreFacts(
  { rows }: Queries,
  catalog: Catalog,
  id: string,
  before: DeerFacts | undefined,
  gained: number,
): Promise<void> {
  const columns = present(catalog);
  if (before !== undefined && columns.length > 0) {
    const set = columns.map((name) => `${name} = f.${name}`).join(', ');
    const types = 'first_seen timestamptz, last_seen timestamptz, sighting_count numeric';
    await rows(`UPDATE deer e SET ${set} FROM jsonb_to_record($2::jsonb) AS f(${types}) WHERE e.id = $1`, [
      id,
      JSON.stringify(before),
    ]);
  } else if (columns.includes('sighting_count') && gained !== 0)
    await rows('UPDATE deer SET sighting_count = sighting_count - $2 WHERE id = $1', [id, gained]);
}
