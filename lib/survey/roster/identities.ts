// Verdicts become the identity of each search event: of people who went through all events, or the
// deer that the platform stored. Pure.
import { isUnnamed } from '../../deer/missing-values.ts';
import { fold } from '../../deer/names-alike.ts';
import { makeShortNames } from '../../deer/short-names.ts';
import { toGate } from '../../reid/dataset/gates.ts';
import { type Grouped, groupBursts, type SearchEvent, type SearchEvents } from '../../reid/dataset/search-events.ts';
import type { Repeat } from '../counts/types.ts';
import type { HeadDeer, HeadDetection, HeadRows, RosterReview, Verdicts } from './rows.ts';

/** What people or the platform say of one event. */
export interface EventIdentity {
  identity: string | null;
  firstIdentity?: string | null;
  lookedTwice?: boolean;
}

export interface Identities {
  /** By number of the event. */
  events: Map<number, EventIdentity>;
  repeats: Repeat[];
  /** By number of the event, the class that a reviewer saw. */
  gates: Map<number, string>;
  /** Events whose verdicts name two animals at once: without an identity. */
  contradicting: number;
}

export interface EventsOf {
  list: readonly SearchEvent[];
  of: ArrayLike<number>;
}

/** Two deer of one name are two animals: the id tells which. */
export function labelDeer(deer: readonly HeadDeer[]): Map<string, string> {
  const names = makeShortNames(deer);
  const uses = new Map<string, number>();
  for (const name of names.values()) uses.set(name, (uses.get(name) ?? 0) + 1);
  return new Map([...names].map(([id, name]) => [id, uses.get(name) === 1 ? name : `${name} (${id})`]));
}

/** The label of an animal that a verdict names; null where it names none. */
type Label = (review: Pick<RosterReview, 'verdict' | 'deer' | 'identity'>) => string | null;

/**
 * A stranger that was enrolled since is its deer: where the profile was made from an event with its
 * name, or where the deer has the name that people gave it (docs/REID_OPTIMIZATION_ANALYSIS.md).
 */
function makeLabels({ deer, reviews }: Verdicts): Label {
  const labels = labelDeer(deer);
  const named = Map.groupBy(deer, ({ name }) => fold(name ?? ''));
  const sources = new Map(deer.flatMap(({ id, source }) => (source === null ? [] : [[source, id] as const])));
  const enrolled = new Map<string, string>();
  for (const { detection, verdict, identity } of reviews) {
    const name = identity?.trim();
    if (verdict !== 'none' || !name || isUnnamed(name)) continue;
    const same = named.get(fold(name));
    const id = sources.get(detection) ?? (same?.length === 1 ? same[0]!.id : undefined);
    if (id !== undefined) enrolled.set(name, id);
  }
  return ({ verdict, deer: id, identity }) => {
    if (verdict === 'same') return id === null ? null : (labels.get(id) ?? id);
    const name = identity?.trim();
    if (verdict !== 'none' || !name || isUnnamed(name)) return null;
    const known = enrolled.get(name);
    return known === undefined ? name : (labels.get(known) ?? name);
  };
}

/**
 * Search events, with bursts divided by the names of a roster: two animals of one class in one
 * image are two events where a person has named them.
 */
export function groupNamed(
  detections: readonly Grouped[],
  verdicts: Verdicts,
): Pick<SearchEvents, 'list' | 'of' | 'leftOut'> {
  const label = makeLabels(verdicts);
  const names = new Map<string, string | null>();
  // In order of time: the newest word holds.
  for (const review of verdicts.reviews) if (review.purpose === 'roster') names.set(review.detection, label(review));
  return groupBursts(detections, (row) => names.get(detections[row]!.id) ?? null);
}

/** The newest verdict of a purpose: a person who corrects a verdict is believed. */
interface Newest {
  at: number;
  labels: Set<string | null>;
  unsure: boolean;
}

/** Reviews of the period as identities. */
export function readRoster(
  rows: Verdicts & { detections: readonly Pick<HeadDetection, 'id'>[] },
  events: EventsOf,
): Identities {
  const label = makeLabels(rows);
  const places = new Map(rows.detections.map(({ id }, row) => [id, row]));
  const gates = new Map<number, string>();
  const newest = new Map<number, Map<RosterReview['purpose'], Newest>>();
  for (const review of rows.reviews) {
    const row = places.get(review.detection);
    const event = row === undefined ? -1 : events.of[row]!;
    if (event < 0) continue;
    const by = newest.get(event) ?? new Map<RosterReview['purpose'], Newest>();
    newest.set(event, by);
    const last = by.get(review.purpose);
    const fresh: Newest = { at: review.at, labels: new Set(), unsure: false };
    const said = last === undefined || last.at < review.at ? fresh : last;
    said.labels.add(label(review));
    said.unsure ||= review.verdict === 'unsure';
    by.set(review.purpose, said);
    // Reviews are in order of time: the newest word holds.
    if (review.class !== null && review.purpose !== 'repeat') gates.set(event, toGate(review.class));
  }
  const found: Identities = { events: new Map(), repeats: [], gates, contradicting: 0 };
  const decide = (said: Newest | undefined): string | null => {
    if (said === undefined) return null;
    if (said.labels.size === 1) return [...said.labels][0]!;
    found.contradicting++;
    return null;
  };
  for (const [event, by] of newest) {
    const [first, second] = [decide(by.get('roster')), decide(by.get('second_look'))];
    const lookedTwice = by.has('second_look');
    if (by.has('roster') || lookedTwice)
      found.events.set(event, { identity: second ?? first, firstIdentity: first ?? second, lookedTwice });
    const repeat = by.get('repeat');
    // Who is unsure has not said that it is a new animal.
    if (repeat !== undefined && !repeat.unsure && repeat.labels.size === 1)
      found.repeats.push({ event: events.list[event]!.id, identity: decide(repeat) });
  }
  return found;
}

/** The stored deer of each event: of most of its detections; none on a tie. */
export function readPlatform(
  { deer }: HeadRows,
  detections: readonly HeadDetection[],
  { list }: EventsOf,
): Map<number, EventIdentity> {
  const labels = labelDeer(deer);
  const found = new Map<number, EventIdentity>();
  list.forEach(({ rows }, event) => {
    const votes = new Map<string, number>();
    for (const row of rows) {
      const id = detections[row]!.deer;
      if (id !== null) votes.set(id, (votes.get(id) ?? 0) + 1);
    }
    const [first, second] = [...votes].sort((a, b) => b[1] - a[1]);
    if (first !== undefined && first[1] !== second?.[1])
      found.set(event, { identity: labels.get(first[0]) ?? first[0] });
  });
  return found;
}
