// The animals of the demo herd: twenty enrolled deer, eighty strangers, and how often each is seen.
import { CLASSES, type Class } from './activity.ts';
import { CAMERAS } from './locations.ts';
import type { Random } from './random.ts';

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

const NAMES = {
  buck: ['Atlas', 'Bramble', 'Cato', 'Drummer', 'Ember', 'Flint', 'Granite', 'Hickory'],
  doe: ['Alder', 'Birch', 'Clover', 'Dahlia', 'Elder', 'Fern', 'Ginger', 'Hazel', 'Iris'],
  fawn: ['Acorn', 'Button', 'Comet'],
} as const satisfies Record<Class, readonly string[]>;
const UNENROLLED: Record<Class, number> = { buck: 24, doe: 34, fawn: 22 };

/** The enrolled first; together they make exactly `visits` visits. */
export function makeAnimals(dice: Random, visits: number): Animal[] {
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
