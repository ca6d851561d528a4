// When each animal walks past which camera, how long it stays in the picture, and what the
// classifier makes of it.
import { CLASSES, type Class, moment } from './activity.ts';
import type { Animal } from './animals.ts';
import { DAY_MS, DAYS, FIRST_DAY, OFFSET_MS, stayOn, walkMs } from './locations.ts';
import type { Random } from './random.ts';

export type Label = Class | 'unknown';

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
  sharedWith: number | undefined;
  burst: string;
  /** The classifier's answer, and the class that holds after a correction. */
  classified: Label;
  label: Label;
}

const LONGEST_VISIT = 12;

/** Geometric sizes of the recipe's mean, at most twelve, corrected to the exact total. */
export function drawSizes(dice: Random, count: number, total: number): number[] {
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
export const isTooLate = (day: number, hour: number): boolean => day === DAYS - 1 && hour > 17.9;

/** In ms since 1970, whole seconds, from a day of the herd's year and an hour of standard time. */
export const toInstant = (day: number, hour: number): number =>
  FIRST_DAY + day * DAY_MS + Math.floor(hour * 3_600) * 1_000 - OFFSET_MS;

/**
 * Draws of a moment until the animal was nowhere else; a herd of 100,000 detections needs a few.
 */
const MOST_DRAWS = 1_000;

type When = Pick<Visit, 'stay' | 'infrared' | 'start'>;
/** Whether an animal can be there then, if not for `instead`. */
type CanBe = (animal: number, when: Pick<Visit, 'stay' | 'start'>, instead?: Visit) => boolean;

function drawMoment(dice: Random, of: Class, camera: number): When {
  for (;;) {
    const { day, hour, infrared } = moment(dice, of, (at) => stayOn(camera, at) !== undefined);
    if (!isTooLate(day, hour)) return { stay: stayOn(camera, day)!, infrared, start: toInstant(day, hour) };
  }
}

/** @param again draws for moments that the animal cannot keep: they change no other draw. */
export function makeVisits(dice: Random, again: Random, animals: Animal[], sizes: number[]): Visit[] {
  const owners = dice.shuffled(animals.flatMap((animal, index) => Array.from({ length: animal.events }, () => index)));
  const visitsByAnimal = animals.map((): Visit[] => []);
  // An animal is at one location at a time, and has to walk from one to the next.
  const canBe: CanBe = (animal, { stay, start }, instead) =>
    visitsByAnimal[animal]!.every(
      (visit) => visit === instead || Math.abs(visit.start - start) >= walkMs(visit.stay, stay),
    );
  const visits = owners.map((animal, i): Visit => {
    const { class: of, range } = animals[animal]!;
    const camera = dice.weighted(range);
    let when = drawMoment(dice, of, camera);
    for (let draws = 0; !canBe(animal, when); draws++) {
      if (draws === MOST_DRAWS)
        throw new RangeError(`${animals.length} animals cannot make ${sizes.length} visits within a year`);
      when = drawMoment(again, of, camera);
    }
    const [size, burst] = [sizes[i]!, dice.uuid()];
    const labels = { classified: 'unknown', label: 'unknown' } as const;
    const visit: Visit = { animal, camera, ...when, size, sharedWith: undefined, burst, ...labels };
    visitsByAnimal[animal]!.push(visit);
    return visit;
  });
  shareImages(dice, animals, visits, canBe);
  return visits;
}

/** Three of a hundred visits are of a second animal in the same images; mostly a doe and a fawn. */
function shareImages(dice: Random, animals: Animal[], visits: Visit[], canBe: CanBe): void {
  const order = dice.shuffled(visits.map((_, index) => index));
  const leads = order.slice(0, Math.round(visits.length * 0.03));
  const rest = order.slice(leads.length);
  for (const lead of leads) {
    const first = visits[lead]!;
    const fits = (index: number): boolean => {
      const other = visits[index]!;
      return other.animal !== first.animal && canBe(other.animal, first, other);
    };
    const unlike = (index: number): boolean => animals[visits[index]!.animal]!.class !== animals[first.animal]!.class;
    const at = dice.next() < 0.9 ? rest.findIndex((index) => unlike(index) && fits(index)) : rest.findIndex(fits);
    if (at < 0) continue;
    const second = visits[rest.splice(at, 1)[0]!]!;
    const { camera, stay, infrared, start, burst } = first;
    Object.assign(second, { camera, stay, infrared, start, burst, sharedWith: lead });
  }
}

/**
 * Right 93%, unknown 4%, wrong 3% in the end; in two of a hundred visits a person had to correct
 * the classifier to get there.
 */
export function classify(dice: Random, animals: Animal[], visits: Visit[]): void {
  const drawOther = (not: Label): Class => {
    const rest = CLASSES.filter((of) => of !== not);
    return rest[dice.below(rest.length)]!;
  };
  for (const visit of visits) {
    const truth = animals[visit.animal]!.class;
    visit.label = ([truth, 'unknown', drawOther(truth)] as const)[dice.weighted([93, 4, 3])]!;
    visit.classified = visit.label;
    if (dice.next() < 0.02 && visit.label === truth)
      visit.classified = dice.next() < 0.5 ? 'unknown' : drawOther(truth);
  }
}
