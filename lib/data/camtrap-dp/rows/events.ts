// Events of a package. An event is (deploymentID, eventID), since cameras share ids; without an id
// it is one deployment and one span of time.
import { placeholderPrefix } from '../../../deer/camtrap-dp.ts';
import { makePlaceholderPath, type PackageIds } from '../read/ids.ts';
import type { Cells } from '../read/table.ts';
import type { Taxa } from './taxa.ts';

export interface PackageEvent {
  /** Animals that its media-based observations count; 0 when there are none. */
  animals: number;
  /** Taxa that its media-based animal observations name, by key, with how many of each. */
  taxa: Map<string, number>;
  /** Keys of all taxa above those. */
  above: Set<string>;
  /**
   * mediaID of the image for its event-based observations: the first one of its media-based
   * observations, else the first one taken within it.
   */
  first: string | undefined;
}

/** A medium by time within its deployment. */
interface Taken {
  id: string;
  at: number;
}

/**
 * Milliseconds since 1970. Cells are in the form of the standard here, which Date.parse reads
 * exactly.
 */
export const parseTime = (cell: string): number => Date.parse(cell);
export const toIso = (cell: string): string => new Date(parseTime(cell)).toISOString();

const compareTaken = (a: Taken, b: Taken): number => a.at - b.at || (a.id < b.id ? -1 : Number(a.id > b.id));

/** Animals of one observation; 1 where it does not say. */
export const countAnimals = (row: Cells): number => Number(row.count ?? 1);

/** The value of a key, made and kept where there is none yet. */
export function getOrMake<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** One value for each event that rows belong to. */
export class ByEvent<Value> {
  readonly #deployments = new Map<string, { named: Map<string, Value>; timed: Map<string, Value> }>();
  readonly #make: () => Value;

  constructor(make: () => Value) {
    this.#make = make;
  }

  get(row: Cells): Value {
    const { named, timed } = getOrMake(this.#deployments, row.deploymentID!, () => ({
      named: new Map(),
      timed: new Map(),
    }));
    return row.eventID === undefined
      ? getOrMake(timed, `${row.eventStart!} ${row.eventEnd!}`, this.#make)
      : getOrMake(named, row.eventID, this.#make);
  }
}

/** The media of each deployment in order of time. */
export class Timeline {
  readonly #byDeployment: Map<string, Taken[]>;

  constructor(media: readonly Cells[]) {
    const all = media.map((row) => ({
      deployment: row.deploymentID!,
      id: row.mediaID!,
      at: parseTime(row.timestamp!),
    }));
    this.#byDeployment = Map.groupBy(all, ({ deployment }) => deployment);
    for (const taken of this.#byDeployment.values()) taken.sort(compareTaken);
  }

  /** Index of the first medium at or after a time. */
  #findFrom(taken: readonly Taken[], at: number): number {
    let [low, high] = [0, taken.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (taken[middle]!.at < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  firstWithin(deployment: string, start: number, end: number): Taken | undefined {
    const taken = this.#byDeployment.get(deployment) ?? [];
    const found = taken[this.#findFrom(taken, start)];
    return found !== undefined && found.at <= end ? found : undefined;
  }

  /** Calls `onMedium` once for each medium within any of the spans of its deployment. */
  eachWithin(spans: ReadonlyMap<string, [start: number, end: number][]>, onMedium: (id: string) => void): void {
    for (const [deployment, all] of spans) {
      const taken = this.#byDeployment.get(deployment) ?? [];
      let next = 0;
      for (const [start, end] of all.sort((a, b) => a[0] - b[0])) {
        next = Math.max(next, this.#findFrom(taken, start));
        for (; next < taken.length && taken[next]!.at <= end; next++) onMedium(taken[next]!.id);
      }
    }
  }
}

/** Media-based rows by event, with the image for its event-based rows. */
export function groupEvents(
  observations: readonly Cells[],
  media: ReadonlyMap<string, Cells>,
  timeline: Timeline,
  taxa: Taxa,
): ByEvent<PackageEvent> {
  const events = new ByEvent<PackageEvent>(() => ({
    animals: 0,
    taxa: new Map(),
    above: new Set(),
    first: undefined,
  }));
  const firsts = new Map<PackageEvent, Taken>();
  for (const row of observations) {
    if (row.observationLevel !== 'media') continue;
    const event = events.get(row);
    if (row.observationType === 'animal') addAnimals(event, row, taxa);
    const medium = row.mediaID === undefined ? undefined : media.get(row.mediaID);
    if (medium?.deploymentID !== row.deploymentID) continue;
    const taken = { id: row.mediaID!, at: parseTime(medium!.timestamp!) };
    const known = firsts.get(event);
    if (known === undefined || compareTaken(taken, known) < 0) firsts.set(event, taken);
  }
  for (const row of observations) {
    if (row.observationLevel !== 'event') continue;
    const event = events.get(row);
    if (firsts.has(event)) continue;
    const found = timeline.firstWithin(row.deploymentID!, parseTime(row.eventStart!), parseTime(row.eventEnd!));
    if (found !== undefined) firsts.set(event, found);
  }
  for (const [event, { id }] of firsts) event.first = id;
  return events;
}

function addAnimals(event: PackageEvent, row: Cells, taxa: Taxa): void {
  const animals = countAnimals(row);
  event.animals += animals;
  if (row.scientificName === undefined) return;
  const { key, above } = taxa.find(row.scientificName);
  const before = event.taxa.get(key);
  event.taxa.set(key, (before ?? 0) + animals);
  if (before === undefined) for (const name of above) event.above.add(name);
}

/** What an event-based animal row adds to the media-based rows of its event. */
export type Addition = { repeats: true; counted: number } | { repeats: false; alone: boolean };

/**
 * An event-based row repeats the media-based animal rows of its event that have its species or name
 * none, and all of them where it names none; a name above a species, such as a genus or Animalia,
 * names none of the species below it. `alone`: its event has media-based animals, but none of its
 * species.
 */
export function compareWithMedia(row: Cells, event: PackageEvent, taxa: Taxa): Addition {
  if (event.animals === 0) return { repeats: false, alone: false };
  if (event.taxa.size === 0 || row.scientificName === undefined) return { repeats: true, counted: event.animals };
  const { key, above } = taxa.find(row.scientificName);
  if (event.above.has(key)) return { repeats: true, counted: event.animals };
  const found = [key, ...above].flatMap((name) => event.taxa.get(name) ?? []);
  return found.length === 0
    ? { repeats: false, alone: true }
    : { repeats: true, counted: found.reduce((sum, n) => sum + n, 0) };
}

/**
 * What earlier imports stored of events, so that their ids stay. Cameras are keys of makeCameraKey.
 */
export interface EarlierEvents {
  /** Cameras of the detections that have an event's id. */
  bursts: ReadonlyMap<string, ReadonlySet<string>>;
  /** Camera of a placeholder image row for an event or medium, by its path. */
  placeholders: ReadonlyMap<string, string>;
}

/** Ids and paths of events: an id that another camera has is never given to this one. */
export class EventIds {
  readonly #ids: PackageIds;
  readonly #earlier: EarlierEvents;
  readonly #cameras: ReadonlyMap<string, { key: string }>;
  readonly #bursts = new ByEvent<{ id?: string }>(() => ({}));
  /** Deployments and cameras whose ids and paths are made of an eventID alone in this package. */
  readonly #owners = { bursts: new Map<string, string>(), paths: new Map<string, string>() };

  /** @param cameras by deploymentID */
  constructor(ids: PackageIds, earlier: EarlierEvents, cameras: ReadonlyMap<string, { key: string }>) {
    this.#ids = ids;
    this.#earlier = earlier;
    this.#cameras = cameras;
  }

  /** One id for the detections of one event; null for a row without an eventID. */
  burst(row: Cells): string | null {
    if (row.eventID === undefined) return null;
    const burst = this.#bursts.get(row);
    burst.id ??= this.#makeBurst(row.deploymentID!, row.eventID);
    return burst.id;
  }

  #makeBurst(deployment: string, event: string): string {
    const short = this.#ids.row(event);
    const before = this.#earlier.bursts.get(short);
    const owner = this.#owners.bursts.get(short) ?? deployment;
    const isOurs =
      before === undefined ? owner === deployment : before.size === 1 && before.has(this.#camera(deployment));
    if (!isOurs) return this.#ids.named(JSON.stringify([deployment, event]));
    this.#owners.bursts.set(short, deployment);
    return short;
  }

  /**
   * Path of the placeholder image row for an event, or for a medium that the package does not
   * list, and the key that its id is made of.
   * @param lost mediaID of such a medium
   */
  placeholder(row: Cells, lost: string | undefined): { path: string; key: string } {
    const span = `${row.deploymentID!} ${row.eventStart!} ${row.eventEnd!}`;
    const short = lost ?? row.eventID ?? span;
    const path = makePlaceholderPath(this.#ids, lost === undefined ? 'event' : 'media', short);
    const camera = this.#camera(row.deploymentID!);
    const owner = this.#earlier.placeholders.get(path) ?? this.#owners.paths.get(path) ?? camera;
    if (owner === camera) {
      this.#owners.paths.set(path, camera);
      return { path, key: lost ?? `event:${short}` };
    }
    const full = JSON.stringify([row.deploymentID, lost ?? null, row.eventID ?? span]);
    return { path: `${placeholderPrefix(this.#ids.package)}event/${this.#ids.named(full)}`, key: `event:${full}` };
  }

  #camera(deployment: string): string {
    return this.#cameras.get(deployment)!.key;
  }
}
