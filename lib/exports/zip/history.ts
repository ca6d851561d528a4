// capture_history.csv: which deer was seen on which occasion, in the form that capture-recapture
// software reads.
import type { Queries } from '../../adapters/postgres.ts';
import type { Cell } from '../../csv.ts';
import { decideClasses } from '../../deer/classes.ts';
import { finalClass } from '../../deer/detections.ts';
import { trimName } from '../../deer/short-names.ts';
import {
  asRows,
  COUNTS,
  DEFAULT_INDEPENDENCE_MINUTES,
  FOUND,
  foundParams,
  type Scope,
  type Season,
  UNDECIDED,
} from '../season/index.ts';

/** A deer of the selection, and the first days of the bins in which it was seen. */
export interface History {
  id: string;
  name: string | null;
  sex: string;
  seen: string[];
}

export interface Histories {
  histories: History[];
  /** How many deer of the selection were seen in only one event. */
  seenOnce: number;
}

/**
 * $9 grouping, $10 minutes. Events are counted in the whole database, not in the selection: a deer
 * that is known from other times and was seen here once is a capture, while an id that was never
 * seen again may not be an animal. Detections less than half an hour apart at one camera are one
 * event, even with shorter independence_minutes.
 */
const SIGHTINGS = `WITH ${FOUND}, here AS (
  SELECT deer_id, array_agg(DISTINCT date_trunc($9, local)::date::text) AS seen FROM found WHERE counts AND deer_id IS NOT NULL GROUP BY deer_id
), seen_anywhere AS MATERIALIZED (
  SELECT d.id, d.deer_id, i.location_id, i.timestamp AS at, ${finalClass('d')} AS class, ${COUNTS} AS counts
  FROM detections d JOIN images i ON i.id = d.image_id JOIN here h ON h.deer_id = d.deer_id
), sightings AS (
  SELECT deer_id, coalesce(at - lag(at) OVER (PARTITION BY deer_id, location_id ORDER BY at, id)
           >= $10::float8 * interval '1 minute', true) AS opens
  FROM seen_anywhere WHERE counts
)`;
const ANIMALS = `SELECT h.deer_id AS id, k.name, coalesce(k.sex::text, 'unknown') AS sex, h.seen,
       (SELECT count(*) FROM sightings s WHERE s.deer_id = h.deer_id AND s.opens) AS events
FROM here h LEFT JOIN deer k ON k.id = h.deer_id
ORDER BY h.deer_id`;
const UNDECIDED_HERE = `${UNDECIDED} UNION SELECT class FROM seen_anywhere WHERE NOT ($8::jsonb ? class)`;

interface HistoryRow {
  animals: (History & { events: number })[];
  undecided: { class: string }[];
}

/** Deer without a name come last, in order of id. */
const byName = (a: History, b: History): number =>
  Number(a.name === null) - Number(b.name === null) ||
  ((a.name ?? '') < (b.name ?? '') ? -1 : (a.name ?? '') > (b.name ?? '') ? 1 : a.id < b.id ? -1 : 1);

/** Histories of deer that were seen in at least two independent events. */
export async function loadHistories(queries: Queries, scope: Scope): Promise<Histories> {
  const minutes = Math.max(scope.independenceMinutes, DEFAULT_INDEPENDENCE_MINUTES);
  const sql = `${SIGHTINGS} SELECT ${asRows(ANIMALS)} AS animals, ${asRows(UNDECIDED_HERE)} AS undecided`;
  const { animals: rows } = await decideClasses(async (decided) => {
    const [found] = await queries.rows<HistoryRow>(sql, [...foundParams(scope, decided), scope.groupBy, minutes]);
    return found!;
  });
  const named = rows.map((row) => ({ ...row, name: trimName(row.name) ?? null })).sort(byName);
  return { histories: named.filter((row) => row.events >= 2), seenOnce: rows.filter((row) => row.events < 2).length };
}

/** Occasions are the bins of group_by in order, including empty ones. */
export const historyHeader = (season: Season): string[] => [
  'deer_id',
  'deer_name',
  'sex',
  ...season.bins.map((row) => row.bin.key),
];

export function* historyRows(season: Season, histories: readonly History[]): Generator<Cell[]> {
  for (const { id, name, sex, seen } of histories) {
    const bins = new Set(seen);
    yield [id, name, sex, ...season.bins.map((row) => Number(bins.has(row.bin.floor)))];
  }
}

/**
 * Occasions without effort, where a 0 means nothing. More than two in a row are `first to last`.
 */
export function listIdleOccasions(season: Season): string[] {
  const runs: string[][] = [];
  let run: string[] | undefined;
  for (const { bin, nights } of season.bins) {
    if (nights > 0) run = undefined;
    else if (run !== undefined) run.push(bin.key);
    else {
      run = [bin.key];
      runs.push(run);
    }
  }
  return runs.flatMap((keys) => (keys.length > 2 ? [`${keys[0]} to ${keys.at(-1)}`] : keys));
}
