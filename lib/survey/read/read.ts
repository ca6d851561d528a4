// Reads the independent events and the effort of a period, by the code of every export.
import type { Queries } from '../../adapters/postgres.ts';
import { sexGate } from '../../deer/class-gates.ts';
import { readCoordinates } from '../../deer/coordinates.ts';
import {
  type Bin,
  baitAt,
  countNights,
  type IndependentEvent,
  listBins,
  loadBait,
  loadBaitTimes,
  loadEvents,
  loadSpans,
  type Scope,
  type Span,
} from '../../exports/season/index.ts';
import type { HerdClass, SurveyData, SurveyEvent, SurveyPlace } from '../herd/index.ts';

/** The class of the herd that a final class counts as. */
export const herdClass = (finalClass: string): HerdClass => (sexGate(finalClass) ?? 'unknown') as HerdClass;

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

type Located = Pick<SurveyPlace, 'id' | 'name' | 'point'>;

async function readLocations(queries: Queries, ids: readonly string[]): Promise<Located[]> {
  const rows = await queries.rows<{ id: string; name: string; coordinates: unknown }>(
    'SELECT id::text, name, coordinates FROM locations WHERE id = ANY ($1::uuid[]) ORDER BY name COLLATE "C", id',
    [ids],
  );
  return rows.map(({ id, name, coordinates }) => ({ id, name, point: readCoordinates(coordinates) ?? null }));
}

interface Parts {
  scope: Scope;
  weeks: readonly Bin[];
  spans: ReadonlyMap<string, readonly Span[]>;
  bait: Awaited<ReturnType<typeof loadBait>>;
}

function makePlace({ id, name, point }: Located, { scope, weeks, spans, bait }: Parts): SurveyPlace {
  const own = spans.get(id) ?? [];
  const nightsIn = (from: string, to: string): number => sum(own.map((span) => countNights(span, from, to)));
  return {
    ...{ id, name, point },
    bait: bait.get(id) ?? null,
    nights: nightsIn(scope.start, scope.end),
    weeks: weeks.map(({ floor, from, to }) => ({ monday: floor, nights: nightsIn(from, to) })),
    derived: own.some((span) => span.derived),
  };
}

/** A word on bait of the deployment at that time, where the deployments of a place differ. */
async function makeBaitReader(
  queries: Queries,
  { asOf }: Scope,
  bait: Parts['bait'],
): Promise<(event: IndependentEvent) => SurveyEvent['bait']> {
  const mixed = [...bait].flatMap(([id, word]) => (word === 'mixed' ? [id] : []));
  const times = await loadBaitTimes(queries, mixed, asOf);
  return ({ location_id, at }) => {
    const word = location_id === null ? null : (bait.get(location_id) ?? null);
    return word === 'mixed' ? baitAt(times.get(location_id ?? '') ?? [], at) : word;
  };
}

/**
 * What a survey is made from, in a snapshot: the independent deer events of a scope with place,
 * class and time, and the trap nights of each place by week. The events are those that
 * {@link readSeason} counts with the same scope.
 */
export async function readSurvey(queries: Queries, wanted: Scope): Promise<SurveyData> {
  const scope: Scope = { ...wanted, deerOnly: true };
  const found = await loadEvents(queries, scope);
  const spans = Map.groupBy(await loadSpans(queries, scope), ({ location_id }) => location_id);
  const bait = await loadBait(queries, scope);
  const baitDuring = await makeBaitReader(queries, scope, bait);
  const ids = new Set([...spans.keys(), ...found.flatMap(({ location_id }) => location_id ?? [])]);
  const weeks = listBins(scope.start, scope.end, 'week');
  const parts: Parts = { scope, weeks, spans, bait };
  return {
    ...{ start: scope.start, end: scope.end, timeZone: scope.timeZone },
    independenceMinutes: scope.independenceMinutes,
    classifications: scope.classifications ?? null,
    events: found.map(
      (event): SurveyEvent => ({
        ...{ place: event.location_id, at: event.at, local: event.local, most: event.most },
        ...{ class: herdClass(event.class), finalClass: event.class, bait: baitDuring(event) },
      }),
    ),
    places: (await readLocations(queries, [...ids])).map((located) => makePlace(located, parts)),
    weeks: weeks.map(({ floor }) => floor),
  };
}
