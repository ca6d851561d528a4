// Who walked past which camera when: everything of the demo herd except its embeddings. Cheap (some
// 60 ms), so that a process without a database can make it again to draw a frame.
import { CLASSES, type Class, moment } from './activity.ts';
import { type Box, boxesFor } from './boxes.ts';
import { CAMERAS, DAY_MS, DAYS, FIRST_DAY, OFFSET_MS, STAYS, stayOn, walkMs } from './places.ts';
import { type Random, random } from './random.ts';

export type Label = Class | 'unknown';

export interface Animal {
  class: Class;
  enrolled: boolean;
  /** A name for an enrolled deer, a reviewer's label for any other. */
  name: string;
  events: number;
  /** Index of the enrolled animal that it is kin of. */
  kin: number | undefined;
  /** Relative use of each camera. */
  range: number[];
}

/** One visit of one animal: one to twelve detections of one class. */
export interface Visit {
  animal: number;
  camera: number;
  stay: number;
  infrared: boolean;
  /** Start in ms since 1970, whole seconds. */
  start: number;
  size: number;
  /** Index of the visit whose images it shares (two animals at once), else undefined. */
  beside: number | undefined;
  burst: string;
  /** What the classifier said, and what holds after a correction. */
  said: Label;
  label: Label;
}

export interface Frame {
  id: string;
  camera: number;
  stay: number;
  infrared: boolean;
  at: number;
  /** Animals as they really are, whatever the classifier said. */
  animals: { class: Class; box: Box; facing: 1 | -1; pose: number }[];
}

export interface Sighting {
  id: string;
  frame: number;
  visit: number;
  box: Box;
  confidence: number;
  valid: boolean;
  duplicate: boolean;
}

export interface Plan {
  seed: number;
  animals: Animal[];
  visits: Visit[];
  frames: Frame[];
  /** In order of time; exactly as many as asked for. */
  sightings: Sighting[];
}

const NAMES = {
  buck: ['Atlas', 'Bramble', 'Cato', 'Drummer', 'Ember', 'Flint', 'Granite', 'Hickory'],
  doe: ['Alder', 'Birch', 'Clover', 'Dahlia', 'Elder', 'Fern', 'Ginger', 'Hazel', 'Iris'],
  fawn: ['Acorn', 'Button', 'Comet'],
} as const satisfies Record<Class, readonly string[]>;
const UNENROLLED: Record<Class, number> = { buck: 24, doe: 34, fawn: 22 };

/** Mean number of detections of a visit in the recipe: 11,570 / 2,895. */
const MEAN_VISIT = 11_570 / 2_895;
const LONGEST_VISIT = 12;

/**
 * @throws RangeError when there are too few detections for 100 animals with several visits each.
 */
export function planHerd(seed: number, detections: number): Plan {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff)
    throw new RangeError('seed must be a whole number from 0 to 4294967295');
  if (!Number.isInteger(detections) || detections < 800 || detections > 0xfffffff) {
    throw new RangeError('detections must be a whole number from 800 to 268435455');
  }
  const count = Math.round(detections / MEAN_VISIT);
  const animals = makeAnimals(random(seed, 'animals'), count);
  const visits = makeVisits(
    random(seed, 'visits'),
    random(seed, 'elsewhere'),
    animals,
    sizes(random(seed, 'sizes'), count, detections),
  );
  label(random(seed, 'labels'), animals, visits);
  return { seed, animals, visits, ...makeFrames(random(seed, 'frames'), seed, detections, animals, visits) };
}

function makeAnimals(dice: Random, visits: number): Animal[] {
  const animals: Animal[] = [];
  const add = (of: Class, enrolled: boolean, name: string): void => {
    const home = dice.below(CAMERAS);
    const range = Array.from({ length: CAMERAS }, (_, camera) =>
      camera === home ? 1 : Math.exp(dice.normal() * 0.9 - 1.6),
    );
    animals.push({ class: of, enrolled, name, events: 0, kin: undefined, range });
  };
  for (const of of CLASSES) for (const name of NAMES[of]) add(of, true, name);
  const enrolled = animals.length;
  for (const of of CLASSES) {
    for (let i = 1; i <= UNENROLLED[of]; i++) add(of, false, `${of} U${String(i).padStart(2, '0')}`);
  }
  const strangers = animals.slice(enrolled);
  const kin = dice.shuffled(strangers).slice(0, Math.round(0.15 * strangers.length));
  for (const animal of kin) {
    const same = animals.flatMap((other, index) => (other.enrolled && other.class === animal.class ? [index] : []));
    animal.kin = same[dice.below(same.length)];
  }
  const theirs = Math.round(0.55 * visits);
  apportion(dice, animals.slice(0, enrolled), theirs, 0.5, 3);
  apportion(dice, strangers, visits - theirs, 0.9, 2);
  return animals;
}

/**
 * Deals visits to animals in proportion to lognormal weights, at least `wanted` to each (fewer in
 * herds too small for that), to exactly `total`.
 */
function apportion(dice: Random, animals: Animal[], total: number, sigma: number, wanted: number): void {
  const least = Math.min(wanted, Math.floor(total / animals.length));
  const weights = animals.map(() => Math.exp(sigma * dice.normal()));
  const sum = weights.reduce((a, b) => a + b, 0);
  const free = total - least * animals.length;
  let left = free;
  animals.forEach((animal, i) => {
    const share = Math.floor((free * weights[i]!) / sum);
    animal.events = least + share;
    left -= share;
  });
  for (; left > 0; left--) animals[dice.weighted(weights)]!.events += 1;
}

/** Geometric sizes of the recipe's mean, at most twelve, corrected to the exact total. */
function sizes(dice: Random, count: number, total: number): number[] {
  const made = Array.from({ length: count }, () =>
    Math.min(LONGEST_VISIT, 1 + Math.floor(Math.log(1 - dice.next()) / Math.log(0.75))),
  );
  let sum = made.reduce((a, b) => a + b, 0);
  while (sum !== total) {
    const at = dice.below(count);
    const step = sum < total ? 1 : -1;
    if (made[at]! + step < 1 || made[at]! + step > LONGEST_VISIT) continue;
    made[at]! += step;
    sum += step;
  }
  return made;
}

/**
 * The last evening is left out so that the herd's year holds every image in UTC as well as in local
 * time.
 */
const late = (day: number, hour: number): boolean => day === DAYS - 1 && hour > 17.9;

/**
 * Draws of a moment until the animal was nowhere else; a herd of 100,000 detections needs a few.
 */
const MOST_DRAWS = 1_000;

function makeVisits(dice: Random, again: Random, animals: Animal[], lengths: number[]): Visit[] {
  const owners = dice.shuffled(animals.flatMap((animal, index) => Array.from({ length: animal.events }, () => index)));
  const visitsOf = animals.map((): Visit[] => []);
  /** An animal is at one place at a time, and has to walk from one to the next. */
  const couldBe = (animal: number, { stay, start }: Pick<Visit, 'stay' | 'start'>, instead?: Visit): boolean =>
    visitsOf[animal]!.every((visit) => visit === instead || Math.abs(visit.start - start) >= walkMs(visit.stay, stay));
  const visits = owners.map((animal, i): Visit => {
    const camera = dice.weighted(animals[animal]!.range);
    const draw = (by: Random): Pick<Visit, 'stay' | 'infrared' | 'start'> => {
      for (;;) {
        const { day, hour, infrared } = moment(by, animals[animal]!.class, (at) => stayOn(camera, at) !== undefined);
        const start = FIRST_DAY + day * DAY_MS + Math.floor(hour * 3_600) * 1_000 - OFFSET_MS;
        if (!late(day, hour)) return { stay: stayOn(camera, day)!, infrared, start };
      }
    };
    let when = draw(dice);
    for (let draws = 0; !couldBe(animal, when); draws++) {
      if (draws === MOST_DRAWS)
        throw new RangeError(`${animals.length} animals cannot make ${lengths.length} visits within a year`);
      when = draw(again);
    }
    const [size, burst] = [lengths[i]!, dice.uuid()];
    const visit: Visit = { animal, camera, ...when, size, beside: undefined, burst, said: 'unknown', label: 'unknown' };
    visitsOf[animal]!.push(visit);
    return visit;
  });
  // Three of a hundred visits are of a second animal in the same images; mostly a doe and a fawn.
  const order = dice.shuffled(visits.map((_, index) => index));
  const leads = order.slice(0, Math.round(visits.length * 0.03));
  const rest = order.slice(leads.length);
  for (const lead of leads) {
    const first = visits[lead]!;
    const fits = (index: number): boolean => {
      const other = visits[index]!;
      return other.animal !== first.animal && couldBe(other.animal, first, other);
    };
    const unlike = (index: number): boolean => animals[visits[index]!.animal]!.class !== animals[first.animal]!.class;
    const at = dice.next() < 0.9 ? rest.findIndex((index) => unlike(index) && fits(index)) : rest.findIndex(fits);
    if (at < 0) continue;
    const second = visits[rest.splice(at, 1)[0]!]!;
    const { camera, stay, infrared, start, burst } = first;
    Object.assign(second, { camera, stay, infrared, start, burst, beside: lead });
  }
  return visits;
}

/**
 * Right 93 %, unknown 4 %, wrong 3 % in the end; in two of a hundred visits a person had to correct
 * the classifier to get there.
 */
function label(dice: Random, animals: Animal[], visits: Visit[]): void {
  const other = (not: Label): Class => {
    const rest = CLASSES.filter((of) => of !== not);
    return rest[dice.below(rest.length)]!;
  };
  for (const visit of visits) {
    const truth = animals[visit.animal]!.class;
    visit.label = ([truth, 'unknown', other(truth)] as const)[dice.weighted([93, 4, 3])]!;
    visit.said = visit.label;
    if (dice.next() < 0.02 && visit.label === truth) visit.said = dice.next() < 0.5 ? 'unknown' : other(truth);
  }
}

function makeFrames(dice: Random, seed: number, detections: number, animals: Animal[], visits: Visit[]) {
  interface Draft extends Frame {
    seen: { visit: number; of: number }[];
  }
  const drafts: Draft[] = [];
  const firstOf: number[] = [];
  const draft = (visit: Pick<Visit, 'camera' | 'stay' | 'infrared'>, at: number): Draft => {
    const made: Draft = {
      id: '',
      camera: visit.camera,
      stay: visit.stay,
      infrared: visit.infrared,
      at,
      animals: [],
      seen: [],
    };
    drafts.push(made);
    return made;
  };
  const together = new Set(visits.flatMap((visit) => (visit.beside === undefined ? [] : [visit.beside])));
  const byLead = visits
    .map((_, index) => index)
    .sort((a, b) => Number(visits[a]!.beside !== undefined) - Number(visits[b]!.beside !== undefined));
  for (const index of byLead) {
    const visit = visits[index]!;
    const lead = visit.beside === undefined ? undefined : visits[visit.beside]!;
    const half = lead !== undefined ? 'right' : together.has(index) ? 'left' : 'whole';
    const { boxes, facing } = boxesFor(dice, animals[visit.animal]!.class, visit.size, half);
    const from = lead === undefined ? drafts.length : firstOf[visit.beside!]!;
    firstOf[index] = from;
    let at = visit.start;
    boxes.forEach((box, i) => {
      const frame = lead !== undefined && i < lead.size ? drafts[from + i]! : draft(visit, at);
      frame.animals.push({ class: animals[visit.animal]!.class, box, facing, pose: dice.next() });
      frame.seen.push({ visit: index, of: frame.animals.length - 1 });
      at = frame.at + 1_000 * (1 + dice.below(3));
    });
  }
  // Grass in the wind and timed test shots: images without an animal, one for every eleven
  // detections.
  for (let i = Math.round(detections / 11); i > 0; ) {
    const camera = dice.below(CAMERAS);
    const day = dice.below(DAYS);
    const stay = stayOn(camera, day);
    if (stay === undefined) continue;
    const hour = 24 * dice.next();
    if (late(day, hour)) continue;
    draft(
      { camera, stay, infrared: hour < 6 || hour > 18.5 },
      FIRST_DAY + day * DAY_MS + Math.floor(hour * 3_600) * 1_000 - OFFSET_MS,
    );
    i--;
  }
  drafts.sort((a, b) => a.at - b.at || a.camera - b.camera);
  const sightings: Sighting[] = [];
  drafts.forEach((frame, index) => {
    frame.id = frameId(dice, seed, detections, index);
    for (const { visit, of } of frame.seen) {
      const confidence =
        Math.round((0.985 - 0.4 * dice.next() ** 2.5 - (visits[visit]!.said === 'unknown' ? 0.1 : 0)) * 10_000) /
        10_000;
      const luck = dice.next();
      sightings.push({
        id: dice.uuid(),
        frame: index,
        visit,
        box: frame.animals[of]!.box,
        confidence,
        valid: luck >= 0.001,
        duplicate: luck >= 0.001 && luck < 0.0035,
      });
    }
  });
  const frames = drafts.map(({ seen: _, ...frame }): Frame => frame);
  return { frames, sightings };
}

/**
 * The UUID (version 8: custom) of a frame says which herd it belongs to and where, so that its
 * picture can be drawn from its path alone: seed 32 bits, number of detections 28, index 24, random
 * 36.
 */
function frameId(dice: Random, seed: number, detections: number, index: number): string {
  const [s, d, i] = [
    seed.toString(16).padStart(8, '0'),
    detections.toString(16).padStart(7, '0'),
    index.toString(16).padStart(6, '0'),
  ];
  return `${s}-${d.slice(0, 4)}-8${d.slice(4)}-8${i.slice(0, 3)}-${i.slice(3)}${dice.uuid().slice(0, 8)}0`;
}

/** What a frame's id says, or undefined when it is no id of a demo frame. */
export function readFrameId(id: string): { seed: number; detections: number; index: number } | undefined {
  const match = /^([0-9a-f]{8})-([0-9a-f]{4})-8([0-9a-f]{3})-8([0-9a-f]{3})-([0-9a-f]{3})[0-9a-f]{9}$/.exec(id);
  if (match === null) return undefined;
  const hex = (...groups: number[]): number => Number.parseInt(groups.map((group) => match[group]).join(''), 16);
  return { seed: hex(1), detections: hex(2, 3), index: hex(4, 5) };
}

/** Where and when a frame was taken, for people: stays and places are in places.ts. */
export const placeOf = (frame: Pick<Frame, 'stay'>): number => STAYS[frame.stay]!.place;
