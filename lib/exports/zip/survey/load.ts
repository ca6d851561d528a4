// What the survey files of an archive are made of, read in its snapshot.
import type { Queries } from '../../../adapters/postgres.ts';
import { addDays, daysBetween } from '../../../deer/calendar.ts';
import { isDeerClass } from '../../../deer/classes.ts';
import type { Locator } from '../../../deer/coordinates.ts';
import { chooseUtmZone, countZones, MOST_ZONES, makeUtm, type UtmZone } from '../../../deer/utm.ts';
import { chooseWindow, formatDay, parseDay } from '../../../survey/counts/index.ts';
import type { IdentitySource } from '../../../survey/counts/types.ts';
import { readWorkingDays } from '../../../survey/roster/index.ts';
import { loadCameraTimes, loadSpans, type Scope, type Span } from '../../season/index.ts';
import { labelSites } from '../../sites/labels.ts';
import { loadSites, type Seen, type Sites } from '../../sites/read.ts';
import type { DetectionRow } from '../detections/rows.ts';
import { hasWorked, listCameras, makeOperation, type Operation, type StationCamera, withoutMarks } from './cameras.ts';
import { type CaptureParts, type Captures, findCaptures } from './captures.ts';
import { type Identities, loadIdentities } from './identities.ts';
import { findEvents, type SurveyEvent } from './records.ts';

/** Longest window of a closed population; of a longer period its best-covered days are taken. */
export const MOST_WINDOW_DAYS = 60;
export const BEST_WINDOW_DAYS = 14;

export interface Window {
  from: string;
  to: string;
  /** Not the whole period: its best-covered days. */
  chosen: boolean;
}

/** Events of a sex class, and those in which someone named an animal. */
export interface Coverage {
  class: string;
  events: number;
  named: number;
}

export interface Survey {
  scope: Scope;
  sites: Sites;
  /** By location, as all of the files name it. */
  stations: ReadonlyMap<string, string>;
  cameras: StationCamera[];
  operation: Operation;
  /** By station, species and time, where a camera was recorded as working. */
  events: SurveyEvent[];
  /** Independent events that are in no row: without a location, or while no camera was working. */
  leftOut: { nowhere: number; idle: number };
  identities: Identities;
  coverage: Coverage[];
  utm: UtmZone | undefined;
  /** Meters by station. */
  places: ReadonlyMap<string, readonly [x: number, y: number]>;
  /** Independent events of the selected classes by location, for the map. */
  eventsAt: ReadonlyMap<string, number>;
  window: Window;
  captures: Captures | undefined;
  /** Files that are not made, each with its reason. */
  missing: { file: string; reason: string }[];
}

/** Counted detections of each class, location and occasion, as the reader of sites counts them. */
function countSeen(rows: readonly DetectionRow[], start: string, occasionDays: number): Seen[] {
  const counts = new Map<string, Seen>();
  for (const row of rows) {
    if (row.location_id === null) continue;
    const occasion = Math.floor(daysBetween(start, row.local.slice(0, 10)) / occasionDays);
    const key = `${row.location_id} ${occasion} ${row.class}`;
    const known = counts.get(key);
    if (known !== undefined) known.detections += 1;
    else counts.set(key, { location_id: row.location_id, occasion, class: row.class, detections: 1 });
  }
  return [...counts.values()];
}

/** The whole period up to 60 days, else its best-covered 14. */
async function choosePart(
  queries: Queries,
  scope: Scope,
  spans: readonly Span[],
  named: readonly DetectionRow[],
): Promise<Window> {
  const { start, end } = scope;
  const period = { from: parseDay(start), to: parseDay(end) };
  if (period.to - period.from < MOST_WINDOW_DAYS) return { from: start, to: end, chosen: false };
  const days = await readWorkingDays(queries, scope, spans);
  const events = named.map((row) => ({ day: parseDay(row.local.slice(0, 10)), gate: row.class }));
  const { from, to } = chooseWindow(null, period, BEST_WINDOW_DAYS, { days, events })!;
  return { from: formatDay(from), to: formatDay(to), chosen: true };
}

function measureCoverage(events: readonly SurveyEvent[]): Coverage[] {
  const byClass = Map.groupBy(
    events.filter((event) => isDeerClass(event.class)),
    (event) => event.class,
  );
  return [...byClass]
    .map(([name, list]) => ({
      class: name,
      events: list.length,
      named: list.filter(({ individuals }) => individuals.size > 0).length,
    }))
    .sort((a, b) => b.events - a.events || (a.class < b.class ? -1 : 1));
}

/** Why places cannot be given in meters; undefined where they can. */
function whyNoMeters({ locator, sites }: Sites): string | undefined {
  const points = sites.flatMap(({ point }) => (point === undefined ? [] : [point]));
  if (locator.precision === 'withheld') return 'coordinates are withheld';
  if (points.length === 0) return 'no location with camera effort has coordinates';
  const zones = countZones(points);
  if (zones === 0) return 'the cameras are outside the area of UTM (80 degrees south to 84 degrees north)';
  if (chooseUtmZone(points) !== undefined) return undefined;
  const where = zones > MOST_ZONES ? `${zones} UTM zones` : `${zones} UTM zones that are not next to each other`;
  return `the cameras are in ${where}, and coordinates of one zone are wrong so far away from it (at most ${MOST_ZONES}, next to each other): export places near each other`;
}

function whyNoCaptures(meters: string | undefined, { byDetection, source }: Identities): string | undefined {
  if (meters !== undefined) return meters;
  if (byDetection.size > 0) return undefined;
  return source === 'roster'
    ? 'no review of a roster names an animal here (reviews with the purpose roster; where the platform gives every event an identity, ask for identities: platform)'
    : 'the platform has stored no deer for these detections';
}

export interface SurveyOptions {
  occasionDays: number;
  identities: IdentitySource;
  locator: Locator;
}

interface Placed {
  utm: UtmZone | undefined;
  places: Map<string, readonly [x: number, y: number]>;
}

/** Meters of the sites, by station. */
function placeSites({ sites }: Sites, isPossible: boolean): Placed {
  const points = sites.flatMap(({ point }) => (point === undefined ? [] : [point]));
  const utm = isPossible ? chooseUtmZone(points) : undefined;
  const project = utm === undefined ? () => undefined : makeUtm(utm);
  const places = new Map(
    sites.flatMap(({ label, point }) => {
      const place = point === undefined ? undefined : project(point);
      return place === undefined ? [] : [[label, place] as const];
    }),
  );
  return { utm, places };
}

/** Places by location, for captures. */
const findPlaces = (stations: Survey['stations'], places: Survey['places']): CaptureParts['places'] =>
  new Map(
    [...stations].flatMap(([id, label]) => {
      const place = places.get(label);
      return place === undefined ? [] : [[id, { label, x: place[0], y: place[1] }] as const];
    }),
  );

const listDays = ({ from, to }: Window): string[] =>
  Array.from({ length: daysBetween(from, to) + 1 }, (_, index) => addDays(from, index));

/** Sites under the names that all of the files give them: camtrapR divides some. */
async function loadStations(
  queries: Queries,
  scope: Scope,
  { occasionDays, locator }: SurveyOptions,
  known: { seen: readonly Seen[]; spans: readonly Span[] },
): Promise<Sites> {
  const found = await loadSites(queries, scope, occasionDays, locator, known);
  const labels = labelSites(found.sites.map(({ id, label }) => ({ id, name: withoutMarks(label) })));
  return { ...found, sites: found.sites.map((site, index) => ({ ...site, label: labels[index]! })) };
}

/** Those where a camera was recorded as working, by station, species and time. */
function sortEvents(all: readonly SurveyEvent[], operation: Operation, stations: Survey['stations']): SurveyEvent[] {
  const rank = new Map([...stations.keys()].map((id, index) => [id, index]));
  return all
    .filter(({ location, first }) => hasWorked(operation, stations.get(location), first.local.slice(0, 10)))
    .sort(
      (a, b) => rank.get(a.location)! - rank.get(b.location)! || (a.class < b.class ? -1 : Number(a.class > b.class)),
    );
}

/** @param rows counted detections of the selection, by time */
export async function loadSurvey(
  queries: Queries,
  scope: Scope,
  rows: readonly DetectionRow[],
  options: SurveyOptions,
): Promise<Survey> {
  const spans = await loadSpans(queries, scope);
  const isDeer = new Map([...new Set(rows.map((row) => row.class))].map((name) => [name, isDeerClass(name)]));
  const isSelected = (row: { class: string }): boolean =>
    scope.classifications !== undefined || isDeer.get(row.class) === true;
  const seen = countSeen(rows.filter(isSelected), scope.start, options.occasionDays);
  const sites = await loadStations(queries, scope, options, { seen, spans });
  const stations = new Map(sites.sites.map(({ id, label }) => [id, label]));
  const cameras = listCameras(await loadCameraTimes(queries, scope, spans), stations);
  const operation = makeOperation(cameras, scope.start, scope.end);

  const deer = rows.filter((row) => isDeer.get(row.class));
  const identities = await loadIdentities(queries, scope, deer, options.identities);
  const all = findEvents(rows, scope.independenceMinutes, identities);
  const events = sortEvents(all, operation, stations);
  const selected = Map.groupBy(all.filter(isSelected), ({ location }) => location);

  const meters = whyNoMeters(sites);
  const { utm, places } = placeSites(sites, meters === undefined);
  const named = deer.filter(({ id }) => identities.byDetection.has(id));
  const window = await choosePart(queries, scope, spans, named);
  const noCaptures = whyNoCaptures(meters, identities);
  const captures =
    noCaptures === undefined
      ? findCaptures({
          days: listDays(window),
          spans: Map.groupBy(spans, ({ location_id }) => location_id),
          places: findPlaces(stations, places),
          ...{ rows: deer, identities },
        })
      : undefined;
  return {
    ...{ scope, sites, stations, cameras, operation, events, identities, utm, places, window, captures },
    eventsAt: new Map([...selected].map(([location, list]) => [location, list.length])),
    coverage: measureCoverage(all),
    leftOut: {
      nowhere: rows.filter(({ location_id }) => location_id === null).length,
      idle: all.length - events.length,
    },
    missing: listMissing(sites, meters, noCaptures ?? whyNothingCaught(captures)),
  };
}

const whyNothingCaught = (captures: Captures | undefined): string | undefined =>
  captures !== undefined && captures.captures.length === 0
    ? 'no named animal was seen at a working camera with coordinates in the days of the files'
    : undefined;

/** Files that cannot be made, with the reason. */
function listMissing(
  { locator, sites }: Sites,
  meters: string | undefined,
  captures: string | undefined,
): Survey['missing'] {
  const hasPoints = sites.some(({ point }) => point !== undefined);
  return [
    ...(sites.length === 0
      ? [
          {
            file: 'camera_table.csv, camera_operation.csv, detection_history.csv, effort.csv, sites.csv',
            reason: 'no camera effort is known in the period',
          },
        ]
      : []),
    ...(meters === undefined || sites.length === 0
      ? []
      : [{ file: 'utm_x and utm_y of camera_table.csv', reason: meters }]),
    ...(hasPoints
      ? []
      : [
          {
            file: 'sites.geojson',
            reason:
              locator.precision === 'withheld'
                ? 'coordinates are withheld'
                : 'no location with camera effort has coordinates',
          },
        ]),
    ...(captures === undefined
      ? []
      : [{ file: 'secr_captures.txt, secr_captures_2_events.txt and secr_traps.txt', reason: captures }]),
  ];
}
