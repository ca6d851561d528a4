// Events of a package: (deploymentID, eventID), since cameras share ids; without an id, one
// deployment and one span of time.

import type { Cells } from './tables.ts';
import type { Taxa } from './taxa.ts';

export interface Event {
  /** Animals that its media-based observations count; 0 when there are none. */
  animals: number;
  /**
   * Taxa that its media-based animal observations name, with how many of each, by their keys (see
   * Taxa).
   */
  taxa: Map<string, number>;
  /** Keys of all taxa above those. */
  above: Set<string>;
  /**
   * mediaID that stands for it: the first one of its media-based observations, else the first one
   * taken within it.
   */
  first: string | undefined;
}

/** A medium by time within its deployment. */
interface Taken {
  id: string;
  at: number;
}

/** Cells are in the standard's form here, which Date.parse reads exactly. */
export const timeOf = (cell: string): number => Date.parse(cell);
const earlier = (a: Taken, b: Taken): number => a.at - b.at || (a.id < b.id ? -1 : Number(a.id > b.id));

function entry<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** One value for each event that rows belong to. */
export class ByEvent<Value> {
  readonly #deployments = new Map<string, { named: Map<string, Value>; timed: Map<string, Value> }>();

  of(row: Cells, make: () => Value): Value {
    const deployment = entry(this.#deployments, row.deploymentID!, () => ({ named: new Map(), timed: new Map() }));
    if (row.eventID !== undefined) return entry(deployment.named, row.eventID, make);
    return entry(deployment.timed, `${row.eventStart!} ${row.eventEnd!}`, make);
  }
}

/** The media of each deployment in order of time. */
export class Timeline {
  readonly #byDeployment: Map<string, Taken[]>;

  constructor(media: readonly Cells[]) {
    const all = media.map((row) => ({ deployment: row.deploymentID!, id: row.mediaID!, at: timeOf(row.timestamp!) }));
    this.#byDeployment = Map.groupBy(all, ({ deployment }) => deployment);
    for (const taken of this.#byDeployment.values()) taken.sort(earlier);
  }

  /** Index of the first medium of a deployment at or after a time. */
  #from(taken: readonly Taken[], at: number): number {
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
    const found = taken[this.#from(taken, start)];
    return found !== undefined && found.at <= end ? found : undefined;
  }

  /** Calls `onMedium` once for each medium within any of the spans of its deployment. */
  within(spans: ReadonlyMap<string, [start: number, end: number][]>, onMedium: (id: string) => void): void {
    for (const [deployment, all] of spans) {
      const taken = this.#byDeployment.get(deployment) ?? [];
      let next = 0;
      for (const [start, end] of all.sort((a, b) => a[0] - b[0])) {
        next = Math.max(next, this.#from(taken, start));
        for (; next < taken.length && taken[next]!.at <= end; next++) onMedium(taken[next]!.id);
      }
    }
  }
}

export const noEvent = (): Event => ({ animals: 0, taxa: new Map(), above: new Set(), first: undefined });

/** Media-based rows by event, with the medium that stands for each. */
export function eventsOf(
  observations: readonly Cells[],
  media: ReadonlyMap<string, Cells>,
  timeline: Timeline,
  taxa: Taxa,
): ByEvent<Event> {
  const events = new ByEvent<Event>();
  const of = (row: Cells): Event => events.of(row, noEvent);
  const firsts = new Map<Event, Taken>();
  for (const row of observations) {
    if (row.observationLevel !== 'media') continue;
    const event = of(row);
    if (row.observationType === 'animal') count(event, row, taxa);
    const medium = row.mediaID === undefined ? undefined : media.get(row.mediaID);
    if (medium?.deploymentID !== row.deploymentID) continue;
    const taken = { id: row.mediaID!, at: timeOf(medium!.timestamp!) };
    const known = firsts.get(event);
    if (known === undefined || earlier(taken, known) < 0) firsts.set(event, taken);
  }
  for (const row of observations) {
    if (row.observationLevel !== 'event') continue;
    const event = of(row);
    if (firsts.has(event)) continue;
    const found = timeline.firstWithin(row.deploymentID!, timeOf(row.eventStart!), timeOf(row.eventEnd!));
    if (found !== undefined) firsts.set(event, found);
  }
  for (const [event, { id }] of firsts) event.first = id;
  return events;
}

function count(event: Event, row: Cells, taxa: Taxa): void {
  const animals = Number(row.count ?? 1);
  event.animals += animals;
  if (row.scientificName === undefined) return;
  const { key, above } = taxa.of(row.scientificName);
  const before = event.taxa.get(key);
  event.taxa.set(key, (before ?? 0) + animals);
  if (before === undefined) for (const one of above) event.above.add(one);
}

/** What an event-based animal row adds to the media-based rows of its event. */
export type Said = { repeats: true; counted: number } | { repeats: false; alone: boolean };

/**
 * An event-based row repeats media-based animal rows of its event that have its species, or name
 * none, or where it names none itself; a name above a species, such as a genus or Animalia, names
 * none of the species below it. `alone`: its event has media-based animals, but not of its species.
 */
export function saidByMedia(row: Cells, event: Event, taxa: Taxa): Said {
  if (event.animals === 0) return { repeats: false, alone: false };
  if (event.taxa.size === 0 || row.scientificName === undefined) return { repeats: true, counted: event.animals };
  const { key, above } = taxa.of(row.scientificName);
  if (event.above.has(key)) return { repeats: true, counted: event.animals };
  const found = [key, ...above].flatMap((one) => event.taxa.get(one) ?? []);
  return found.length === 0
    ? { repeats: false, alone: true }
    : { repeats: true, counted: found.reduce((sum, n) => sum + n, 0) };
}
