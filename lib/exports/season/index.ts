// A season in numbers: everything that a PDF shows and a summary lists, read in one short snapshot.
// The only place where an event, a trap night and the relative abundance index are put together, so
// that PDF and ZIP cannot differ.
import type { Database, Queries } from '../../adapters/postgres.ts';
import { type Activity, activityOf, type DeerRow, type LeftOut, type OtherRow, type Tally } from './activity.ts';
import { type Bin, binsOf } from './bins.ts';
import type { Misdated } from './doubts.ts';
import { type Effort, effortOf, type Gap, nightsWithin } from './effort.ts';
import { checkNames, namesIn } from './names.ts';
import { nothingFound, type Scope } from './scope.ts';

export { type Bin, binsOf } from './bins.ts';
export { GAP_DAYS } from './effort.ts';
export { checkNames, type KnownNames } from './names.ts';
export { DEFAULT_INDEPENDENCE_MINUTES, makeScope, nothingFound, type Scope } from './scope.ts';

export type { DeerRow, Gap, LeftOut, Tally };

/**
 * A tally with the effort behind it. `per100` is placed events per 100 trap nights (relative
 * abundance index), null without effort.
 */
export interface Rated extends Tally {
  nights: number;
  per100: number | null;
}

export interface BinRow extends Rated {
  bin: Bin;
  /** In the order of Season.classes; every class has its row, zero when empty. */
  byClass: Rated[];
}

export interface Camera extends Rated {
  /** null: images without a location. */
  id: string | null;
  name: string;
  /**
   * True when its effort comes from first and last image because no deployment is recorded here.
   */
  derived: boolean;
  images: number;
  /** Local wall-clock time to the minute, '' without images. */
  firstImage: string;
  lastImage: string;
  gaps: Gap[];
  /**
   * Counted detections taken when none of the recorded deployments of this place stood: seen
   * without effort.
   */
  outside: number;
  /** Images of its deployments that are dated outside of them. */
  misdated: Misdated | undefined;
}

/** Another animal than deer: its cameras and the rate of its events at them. */
export interface OtherClass extends OtherRow {
  nights: number;
  per100: number | null;
}

export interface Season {
  scope: Scope;
  /** Final classes, most frequent first, 'unknown' last. */
  classes: string[];
  classTotals: Rated[];
  total: Rated & { assigned: number; first: string; last: string };
  bins: BinRow[];
  /** hours[class index][0..23], local time: detections. */
  hours: number[][];
  cameras: Camera[];
  deer: DeerRow[];
  /**
   * Classes that are not a deer's, most frequent first, where the scope counts deer only: they are
   * in no other number of the season.
   */
  others: OtherClass[];
  /**
   * Labels of the known deer that detections of `others` are given to: class and assignment
   * contradict each other.
   */
  mistaken: string[];
  leftOut: LeftOut;
  /** Some camera's effort is derived from images. */
  derivedEffort: boolean;
  /** Time zones of deployments whose clock is not the report's. */
  otherZones: string[];
  /**
   * Names of locations where deployments without a camera id overlap: each of them counts as a
   * camera, and their effort is added.
   */
  overlaps: string[];
}

const NONE: Tally = { detections: 0, events: 0, placed: 0, individuals: 0 };

const rated = (tally: Tally | undefined, nights: number): Rated => {
  const { detections, events, placed, individuals } = tally ?? NONE;
  return { detections, events, placed, individuals, nights, per100: nights > 0 ? (100 * placed) / nights : null };
};

const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);

function camerasOf(activity: Activity, effort: Effort, scope: Scope): Camera[] {
  const tallies = new Map(activity.groups.filter((row) => row.level === 'place').map((row) => [row.location_id, row]));
  const sites = new Map<string | null, Effort['sites'][number]>(effort.sites.map((site) => [site.location_id, site]));
  const outside = new Map<string | null, number>(activity.outside.map((row) => [row.location_id, row.detections]));
  const misdated = new Map<string | null, Misdated>(effort.misdated.map((row) => [row.location_id, row]));
  const spansOf = Map.groupBy(effort.spans, (span) => span.location_id as string | null);
  const gapsOf = Map.groupBy(effort.gaps, (gap) => gap.location_id as string | null);
  const ids = new Set<string | null>([...spansOf.keys(), ...sites.keys(), ...tallies.keys(), ...misdated.keys()]);
  return [...ids]
    .map((id): Camera => {
      const spans = spansOf.get(id) ?? [];
      const site = sites.get(id);
      return {
        ...rated(tallies.get(id), sum(spans.map((span) => nightsWithin(span, scope.start, scope.end)))),
        id,
        name: id === null ? '(no location)' : (effort.names.get(id) ?? id),
        derived: spans.some((span) => span.derived),
        images: site?.images ?? 0,
        firstImage: site?.first_image.slice(0, 16) ?? '',
        lastImage: site?.last_image.slice(0, 16) ?? '',
        gaps: gapsOf.get(id) ?? [],
        outside: outside.get(id) ?? 0,
        misdated: misdated.get(id),
      };
    })
    .sort((a, b) => Number(a.id === null) - Number(b.id === null) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/**
 * Puts counts and effort together; pure. A season without detections has no classes and zeros
 * everywhere.
 */
export function seasonFrom(activity: Activity, effort: Effort, scope: Scope): Season {
  const at = (level: string) => activity.groups.filter((row) => row.level === level);
  const all = at('all')[0] ?? { ...NONE, assigned: 0, first: '', last: '' };

  const byClass = new Map(at('class').map((row) => [row.class ?? '', row]));
  const rank = (name: string): number => (name === 'unknown' ? -1 : (byClass.get(name)?.detections ?? 0));
  const classes = [...byClass.keys()].sort((a, b) => rank(b) - rank(a) || (a < b ? -1 : 1));
  const classIndex = new Map(classes.map((name, index) => [name, index]));

  const hours = classes.map(() => new Array<number>(24).fill(0));
  for (const row of at('hour-class')) {
    const line = hours[classIndex.get(row.class ?? '') ?? -1];
    if (line !== undefined && row.hour !== null) line[row.hour] = row.detections;
  }

  const inBin = new Map(at('bin').map((row) => [row.floor, row]));
  const inBinClass = new Map(at('bin-class').map((row) => [`${row.floor} ${row.class}`, row]));
  const bins = binsOf(scope.start, scope.end, scope.groupBy).map((bin): BinRow => {
    const nights = sum(effort.spans.map((span) => nightsWithin(span, bin.from, bin.to)));
    return {
      ...rated(inBin.get(bin.floor), nights),
      bin,
      byClass: classes.map((name) => rated(inBinClass.get(`${bin.floor} ${name}`), nights)),
    };
  });

  const nights = sum(effort.spans.map((span) => nightsWithin(span, scope.start, scope.end)));
  return {
    scope,
    classes,
    classTotals: classes.map((name) => rated(byClass.get(name), nights)),
    total: { ...rated(all, nights), assigned: all.assigned, first: all.first ?? '', last: all.last ?? '' },
    bins,
    hours,
    cameras: camerasOf(activity, effort, scope),
    deer: activity.deer,
    mistaken: activity.mistaken,
    others: activity.others.map((row) => ({ ...row, nights, per100: nights > 0 ? (100 * row.placed) / nights : null })),
    leftOut: activity.leftOut,
    derivedEffort: effort.spans.some((span) => span.derived),
    otherZones: effort.otherZones,
    overlaps: effort.overlaps,
  };
}

/**
 * Reads a season with queries that already run in a snapshot; it may be empty. @throws Fault
 * `invalid`: unknown names.
 */
export async function anySeasonIn(queries: Queries, scope: Scope): Promise<Season> {
  if (scope.classifications !== undefined || scope.locations !== undefined) {
    checkNames(
      { classifications: scope.classifications?.slice(), locations: scope.locations?.slice() },
      await namesIn(queries),
    );
  }
  return seasonFrom(await activityOf(queries, scope), await effortOf(queries, scope), scope);
}

/**
 * The same for a season that must hold something. @throws Fault `invalid`: unknown names, or
 * nothing found.
 */
export async function seasonIn(queries: Queries, scope: Scope): Promise<Season> {
  const season = await anySeasonIn(queries, scope);
  if (season.total.detections === 0) throw nothingFound(scope.start, scope.end);
  return season;
}

/**
 * One read-only snapshot; nothing is computed while it is open. @throws Fault `invalid`: unknown
 * names, or nothing found.
 */
export const loadSeason = (database: Database, scope: Scope): Promise<Season> =>
  database.read((queries) => seasonIn(queries, scope));
