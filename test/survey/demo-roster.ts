// The demo herd as a head count reads it, with a simulated person who goes through all events: the
// truth is known, so the count can be judged.
import { addDays } from '../../lib/deer/calendar.ts';
import { groupBursts } from '../../lib/reid/dataset/search-events.ts';
import { dice } from '../../lib/reid/statistics/random.ts';
import { countHeads, parseDay } from '../../lib/survey/counts/index.ts';
import { listRepeats, measureMissRate } from '../../lib/survey/counts/miss-rate.ts';
import type { HeadCount, HeadEvent, HeadOptions } from '../../lib/survey/counts/types.ts';
import { assembleHeads } from '../../lib/survey/roster/index.ts';
import type { HeadRows, RosterReview } from '../../lib/survey/roster/rows.ts';
import { cameraName } from '../../localstack/herd/herd.ts';
import { DAY_MS, FIRST_DAY, OFFSET_MS, STAYS } from '../../localstack/herd/locations.ts';
import { type Plan, planHerd } from '../../localstack/herd/plan.ts';

export const SEASON = { start: '2023-10-01', end: addDays('2023-10-01', 59) };
const DETECTIONS = 11_570;
/** Bucks of the herd, photographed or not. */
export const BUCKS = 32;

/** Local standard time: the herd's own offset. */
const dayOf = (at: number): number => Math.floor((at + OFFSET_MS) / DAY_MS);
const isInSeason = (day: number): boolean => day >= parseDay(SEASON.start) && day <= parseDay(SEASON.end);
const clock = (day: number): string => new Date(FIRST_DAY + day * DAY_MS).toISOString().slice(0, 19).replace('T', ' ');

/** Rows as the database gives them, without reviews. */
function readPlan({ sightings, frames, visits }: Plan): { rows: HeadRows; animals: number[] } {
  const found = sightings
    .filter(({ valid, duplicate, frame }) => valid && !duplicate && isInSeason(dayOf(frames[frame]!.at)))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const detections = found.map(({ id, frame, visit, box }) => {
    const { at, id: image, stay } = frames[frame]!;
    const { label, burst } = visits[visit]!;
    return { id, image, at, box, label, burst, day: dayOf(at), deer: null, location: String(STAYS[stay]!.location) };
  });
  const images = new Map(
    frames.map(({ at, stay }) => {
      const one = { location: String(STAYS[stay]!.location), day: dayOf(at) };
      return [`${one.location} ${one.day}`, one];
    }),
  );
  const rows = { detections, reviews: [], deer: [], images: [...images.values()].filter(({ day }) => isInSeason(day)) };
  return { rows, animals: found.map(({ visit }) => visits[visit]!.animal) };
}

const spans = STAYS.map(({ camera, location, from, to }) => ({
  ...{ location_id: String(location), derived: false, camera: cameraName(camera) },
  ...{ from: clock(from), to: clock(to) },
}));

export interface Reviewer {
  /** Chance to miss an animal that is on the list. */
  e: number;
  /** Repeats until so many were linked. */
  k: number;
  secondLook: boolean;
}

interface Seen {
  id: string;
  detections: string[];
  animal: number;
  name: string | null;
}

/**
 * A person goes through the events of bucks and of unknown class in order of time, two animals in
 * one image each a separate event, links each to
 * the list or makes a new name; then shows each name with one event once more; then repeats.
 */
function review(
  rows: HeadRows,
  plan: Plan,
  animals: number[],
  seed: number,
  { e, k, secondLook }: Reviewer,
): RosterReview[] {
  const { next } = dice(seed, 'reviewer');
  const { list } = groupBursts(rows.detections, (row) => String(animals[row]));
  const events: Seen[] = list
    .filter(({ gate }) => gate === 'buck' || gate === 'unknown')
    .map(({ id, rows: of }) => ({
      id,
      detections: of.map((row) => rows.detections[row]!.id),
      animal: animals[of[0]!]!,
      name: null,
    }));
  const bucks = events.filter(({ animal }) => plan.animals[animal]!.class === 'buck');
  const reviews: RosterReview[] = [];
  for (const { detections, animal } of events) {
    const { class: of } = plan.animals[animal]!;
    if (of === 'buck') continue;
    for (const detection of detections)
      reviews.push({ detection, deer: null, identity: null, verdict: 'none', purpose: 'roster', at: 0, class: of });
  }
  const say = ({ detections }: Seen, purpose: RosterReview['purpose'], identity: string | null): void => {
    for (const detection of detections)
      reviews.push({ detection, deer: null, identity, verdict: 'none', purpose, at: reviews.length, class: 'buck' });
  };
  let names = 0;
  const known = (of: Seen): Seen | undefined =>
    bucks.find((other) => other !== of && other.animal === of.animal && other.name !== null);
  for (const event of bucks) {
    const other = known(event);
    event.name = other !== undefined && next() >= e ? other.name : `buck ${++names}`;
    say(event, 'roster', event.name);
  }
  const count = (name: string | null): number => bucks.filter((event) => event.name === name).length;
  // A sample is drawn of what the roster said, and shown as the roster was.
  const firsts = bucks.map((event) => ({ ...event }));
  if (secondLook)
    for (const event of bucks.filter(({ name }) => count(name) === 1)) {
      const others = bucks.filter((other) => other !== event && other.animal === event.animal);
      const best = others.sort((a, b) => count(b.name) - count(a.name))[0];
      if (best !== undefined && next() >= e) event.name = best.name;
      say(event, 'second_look', event.name);
    }
  const heads = (): HeadEvent[] =>
    bucks.map(({ id, name }, i) => ({
      id,
      at: i,
      day: 0,
      place: null,
      gate: 'buck',
      identity: name,
      firstIdentity: firsts[i]!.name,
    }));
  const repeats: { event: string; identity: string | null }[] = [];
  for (const id of listRepeats(heads(), seed)) {
    const event = bucks.find((one) => one.id === id)!;
    const others = bucks.filter((other) => other !== event && other.animal === event.animal);
    const best = others.sort((a, b) => count(b.name) - count(a.name))[0];
    const identity = best !== undefined && next() >= e ? best.name : null;
    say(event, 'repeat', identity);
    repeats.push({ event: id, identity });
    if (repeats.length >= k && (measureMissRate(heads(), repeats)?.rate.k ?? 0) >= k) break;
  }
  return reviews;
}

export interface DemoCount {
  count: HeadCount;
  /** Bucks with an event in the window that a roster asks for: of a buck, or of unknown class. */
  photographed: number;
  /** Those, and bucks that were only taken for another class. */
  inPictures: number;
}

/** The head count of the bucks of one herd over the season, or over the best days of it. */
export function countDemo(seed: number, reviewer: Reviewer | null, options: HeadOptions = {}): DemoCount {
  const plan = planHerd(seed, DETECTIONS);
  const { rows, animals } = readPlan(plan);
  const reviews = reviewer === null ? [] : review(rows, plan, animals, seed, reviewer);
  const { input } = assembleHeads({ ...rows, reviews }, spans, SEASON, 'roster');
  const count = countHeads('buck', input, { seed, draws: 300, ...options });
  const { from, to } = count.window!;
  const isInside = (row: number): boolean => rows.detections[row]!.day >= from && rows.detections[row]!.day <= to;
  const bucks = (found: readonly number[]): number =>
    new Set(
      found
        .filter(isInside)
        .map((row) => animals[row]!)
        .filter((animal) => plan.animals[animal]!.class === 'buck'),
    ).size;
  const asked = groupBursts(rows.detections, (row) => String(animals[row])).list.filter(
    ({ gate }) => gate === 'buck' || gate === 'unknown',
  );
  return { count, photographed: bucks(asked.flatMap(({ rows: of }) => of)), inPictures: bucks([...animals.keys()]) };
}

export const WHOLE: HeadOptions = { window: { from: parseDay(SEASON.start), to: parseDay(SEASON.end) } };
