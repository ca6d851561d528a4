// Reads the sites of a period: which of them had camera effort in which occasion, and where the
// selected classes were detected. Effort and counting rules are those of every export
// (lib/exports/season).

import type { Queries } from '../../adapters/postgres.ts';
import { decideClasses, isDeerClass } from '../../deer/classes.ts';
import type { Locator } from '../../deer/coordinates.ts';
import {
  asRows,
  type Bait,
  countNights,
  FOUND,
  foundParams,
  loadBait,
  loadSpans,
  type Scope,
  type Span,
  UNDECIDED,
} from '../season/index.ts';
import { labelSites } from './labels.ts';
import { type Occasion, splitPeriod } from './occasions.ts';

export interface Site {
  id: string;
  /** Unique; the row name in all tables. */
  label: string;
  /** [longitude, latitude] as they may be written. */
  point: [longitude: number, latitude: number] | undefined;
  habitat: string | null;
  /** Of the deployments in the period, where an import knew it. */
  bait: Bait;
  /** Effort is that of the days from the first to the last image, as no deployment is recorded. */
  derived: boolean;
  /** Trap nights of each occasion, to four decimals. */
  effort: number[];
  /** Counted detections of each occasion. */
  detections: number[];
}

/** Counted detections in an occasion in which no camera of their site was recorded as running. */
export interface Unexplained {
  location: string;
  occasion: Occasion;
  detections: number;
}

export interface Sites {
  locator: Locator;
  occasionDays: number;
  occasions: Occasion[];
  /** With effort in the period, by name. */
  sites: Site[];
  /** Locations of the selection without any effort in the period, by name. */
  idle: string[];
  unexplained: Unexplained[];
}

interface Location {
  id: string;
  name: string;
  description: string | null;
  coordinates: unknown;
}

/** $9 days of an occasion. */
const SEEN = `SELECT location_id, ((local::date - $1::date) / $9::int)::int AS occasion, class, count(*)::int AS detections
FROM found WHERE counts AND location_id IS NOT NULL GROUP BY 1, 2, 3`;

/** Counted detections of one class at one location in one occasion. */
export interface Seen {
  location_id: string;
  occasion: number;
  class: string;
  detections: number;
}

async function readSeen(queries: Queries, scope: Scope, occasionDays: number): Promise<Seen[]> {
  const sql = `WITH ${FOUND} SELECT ${asRows(SEEN)} AS seen, ${asRows(UNDECIDED)} AS undecided`;
  const { seen } = await decideClasses(async (decided) => {
    const [found] = await queries.rows<{ seen: Seen[]; undecided: { class: string }[] }>(sql, [
      ...foundParams(scope, decided),
      occasionDays,
    ]);
    return found!;
  });
  return scope.deerOnly === true ? seen.filter((row) => isDeerClass(row.class)) : seen;
}

const round = (nights: number): number => Number(nights.toFixed(4));

/**
 * Everything that the tables show.
 * @param known effort and counted detections, where they have been read already
 */
export async function loadSites(
  queries: Queries,
  scope: Scope,
  occasionDays: number,
  locator: Locator,
  known?: { seen: readonly Seen[]; spans: readonly Span[] },
): Promise<Sites> {
  const spans = Map.groupBy(known?.spans ?? (await loadSpans(queries, scope)), (span) => span.location_id);
  const seen = known?.seen ?? (await readSeen(queries, scope, occasionDays));
  const bait = await loadBait(queries, scope);
  const found = await queries.rows<Location>(
    `SELECT id::text, name, description, coordinates FROM locations WHERE $1::text[] IS NULL OR name = ANY ($1::text[]) ORDER BY name COLLATE "C", id`,
    [scope.locations ?? null],
  );
  const occasions = splitPeriod(scope.start, scope.end, occasionDays);
  return { occasionDays, locator, ...arrange(found, occasions, { spans, seen, bait, locator }) };
}

/** What is known of locations, by their id. */
interface Parts {
  spans: ReadonlyMap<string, readonly Span[]>;
  seen: readonly Seen[];
  bait: ReadonlyMap<string, Bait>;
  locator: Locator;
}

function arrange(
  locations: readonly Location[],
  occasions: Occasion[],
  { spans, seen, bait, locator }: Parts,
): Omit<Sites, 'occasionDays' | 'locator'> {
  const labels = labelSites(locations);
  const all = locations.map(({ id, description, coordinates }, index): Site => {
    const own = spans.get(id) ?? [];
    return {
      id,
      label: labels[index]!,
      point: locator.locate(coordinates),
      habitat: description,
      bait: bait.get(id) ?? null,
      derived: own.some((span) => span.derived),
      effort: occasions.map(({ from, to }) => round(own.reduce((sum, span) => sum + countNights(span, from, to), 0))),
      detections: occasions.map(() => 0),
    };
  });
  const byId = new Map(all.map((site) => [site.id, site]));
  for (const { location_id, occasion, detections } of seen) byId.get(location_id)!.detections[occasion]! += detections;
  const hasEffort = ({ effort }: Site): boolean => effort.some((nights) => nights > 0);
  return {
    occasions,
    sites: all.filter(hasEffort),
    idle: all.filter((site) => !hasEffort(site)).map(({ label }) => label),
    unexplained: all.flatMap(({ label, effort, detections }) =>
      occasions.flatMap((occasion, index) =>
        effort[index] === 0 && detections[index]! > 0
          ? [{ location: label, occasion, detections: detections[index]! }]
          : [],
      ),
    ),
  };
}
