// A season in numbers: everything that a PDF shows and a summary lists. The only code that puts
// events, trap nights and the relative abundance index together, so that PDF and ZIP cannot differ.
import type { Queries } from '../../adapters/postgres.ts';
import { type Activity, type DeerTally, type LeftOut, loadActivity, type OtherTally, type Tally } from './activity.ts';
import { type Bin, listBins } from './bins.ts';
import type { MisdatedImages } from './deployment-problems.ts';
import { countNights, type Effort, type Gap, type LocationImages, loadEffort } from './effort.ts';
import { checkNames, loadNames } from './names.ts';
import { nothingFound, type Scope } from './scope.ts';

/**
 * A tally with the effort behind it, in trap nights. `per100` is events at known locations per 100
 * trap nights (relative abundance index), null without effort.
 */
export interface RatedTally extends Tally {
  nights: number;
  per100: number | null;
}

export interface BinTally extends RatedTally {
  bin: Bin;
  /** In the order of Season.classes; a class that was not seen has zeros. */
  byClass: RatedTally[];
}

/** All cameras of one location, or the images without a location. */
export interface Camera extends RatedTally {
  /** null: images without a location. */
  id: string | null;
  name: string;
  /** True when effort comes from the first and last image, because no deployment is recorded. */
  derived: boolean;
  images: number;
  /** Local time to the minute, `YYYY-MM-DD HH:MM`; '' without images. */
  firstImage: string;
  lastImage: string;
  gaps: Gap[];
  /** Counted detections dated outside every deployment of the location: their effort is unknown. */
  outside: number;
  /** Images of its deployments that are dated outside of them. */
  misdated: MisdatedImages | undefined;
}

/** A class that is not a deer class, with the rate of its events. */
export interface OtherClass extends OtherTally {
  nights: number;
  per100: number | null;
}

/** Everything that is known of one period and its filters. */
export interface Season {
  scope: Scope;
  /** Final classes, most frequent first, 'unknown' last. */
  classes: string[];
  classTotals: RatedTally[];
  total: RatedTally & { assigned: number; first: string; last: string };
  bins: BinTally[];
  /** Detections by class and local hour: hours[class index][0..23]. */
  hours: number[][];
  cameras: Camera[];
  deer: DeerTally[];
  /**
   * Classes that are not deer classes, most frequent first, where the scope counts deer only. No
   * other number of the season includes them.
   */
  others: OtherClass[];
  /**
   * Labels of the known deer to which detections of `others` are assigned: class and assignment
   * contradict each other.
   */
  mistaken: string[];
  leftOut: LeftOut;
  /** Whether the effort of any camera is derived from images. */
  derivedEffort: boolean;
  /** Time zones of deployments whose clock differs from the report's. */
  otherZones: string[];
  /**
   * Names of locations where deployments without a camera id overlap: each of them counts as a
   * separate camera, and their effort is added.
   */
  overlaps: string[];
}

const NONE: Tally = { detections: 0, events: 0, locatedEvents: 0, individuals: 0 };

/** Events per 100 trap nights; null without effort. */
export const ratePer100 = (events: number, nights: number): number | null =>
  nights > 0 ? (100 * events) / nights : null;

const rateTally = (tally: Tally | undefined, nights: number): RatedTally => {
  const { detections, events, locatedEvents, individuals } = tally ?? NONE;
  return { detections, events, locatedEvents, individuals, nights, per100: ratePer100(locatedEvents, nights) };
};

const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);

function listCameras(activity: Activity, effort: Effort, scope: Scope): Camera[] {
  const tallies = new Map(
    activity.groups.filter((row) => row.level === 'location').map((row) => [row.location_id, row]),
  );
  const images = new Map<string | null, LocationImages>(effort.images.map((row) => [row.location_id, row]));
  const outside = new Map<string | null, number>(activity.outside.map((row) => [row.location_id, row.detections]));
  const misdated = new Map<string | null, MisdatedImages>(effort.misdated.map((row) => [row.location_id, row]));
  const spansAt = Map.groupBy(effort.spans, (span) => span.location_id as string | null);
  const gapsAt = Map.groupBy(effort.gaps, (gap) => gap.location_id as string | null);
  const ids = new Set<string | null>([...spansAt.keys(), ...images.keys(), ...tallies.keys(), ...misdated.keys()]);
  return [...ids]
    .map((id): Camera => {
      const spans = spansAt.get(id) ?? [];
      const taken = images.get(id);
      return {
        ...rateTally(tallies.get(id), sum(spans.map((span) => countNights(span, scope.start, scope.end)))),
        id,
        name: id === null ? '(no location)' : (effort.names.get(id) ?? id),
        derived: spans.some((span) => span.derived),
        images: taken?.images ?? 0,
        firstImage: taken?.first_image.slice(0, 16) ?? '',
        lastImage: taken?.last_image.slice(0, 16) ?? '',
        gaps: gapsAt.get(id) ?? [],
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
function buildSeason(activity: Activity, effort: Effort, scope: Scope): Season {
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
  const bins = listBins(scope.start, scope.end, scope.groupBy).map((bin): BinTally => {
    const nights = sum(effort.spans.map((span) => countNights(span, bin.from, bin.to)));
    return {
      ...rateTally(inBin.get(bin.floor), nights),
      bin,
      byClass: classes.map((name) => rateTally(inBinClass.get(`${bin.floor} ${name}`), nights)),
    };
  });

  const nights = sum(effort.spans.map((span) => countNights(span, scope.start, scope.end)));
  return {
    scope,
    classes,
    classTotals: classes.map((name) => rateTally(byClass.get(name), nights)),
    total: { ...rateTally(all, nights), assigned: all.assigned, first: all.first ?? '', last: all.last ?? '' },
    bins,
    hours,
    cameras: listCameras(activity, effort, scope),
    deer: activity.deer,
    mistaken: activity.mistaken,
    others: activity.others.map((row) => ({ ...row, nights, per100: ratePer100(row.locatedEvents, nights) })),
    leftOut: activity.leftOut,
    derivedEffort: effort.spans.some((span) => span.derived),
    otherZones: effort.otherZones,
    overlaps: effort.overlaps,
  };
}

/**
 * Reads a season, which may be empty, with queries that run in a snapshot.
 * @throws Fault `invalid`: unknown names
 */
export async function readSeason(queries: Queries, scope: Scope): Promise<Season> {
  if (scope.classifications !== undefined || scope.locations !== undefined) {
    checkNames(
      { classifications: scope.classifications?.slice(), locations: scope.locations?.slice() },
      await loadNames(queries),
    );
  }
  return buildSeason(await loadActivity(queries, scope), await loadEffort(queries, scope), scope);
}

/**
 * Reads a season that must have detections.
 * @throws Fault `invalid`: unknown names, or no detections
 */
export async function readFilledSeason(queries: Queries, scope: Scope): Promise<Season> {
  const season = await readSeason(queries, scope);
  if (season.total.detections === 0) throw nothingFound(scope.start, scope.end);
  return season;
}
