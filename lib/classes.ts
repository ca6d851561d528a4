// Classes that are no animal: one definition for every count, crop, name list and observation.

export type NoAnimal = 'human' | 'vehicle' | 'blank';

/** By lower-case class; what Camtrap DP calls each of them. 'unknown' is not here: it is an animal that nobody named. */
const NO_ANIMAL: Readonly<Record<string, NoAnimal>> = {
  human: 'human',
  person: 'human',
  people: 'human',
  'homo sapiens': 'human',
  vehicle: 'vehicle',
  blank: 'blank',
  empty: 'blank',
};

/** What a class stands for when it is no animal. */
export function noAnimal(name: string): NoAnimal | undefined {
  const known = name.toLowerCase();
  return Object.hasOwn(NO_ANIMAL, known) ? NO_ANIMAL[known] : undefined;
}

const listed = (kinds: readonly NoAnimal[]): string =>
  Object.keys(NO_ANIMAL)
    .filter((name) => kinds.includes(NO_ANIMAL[name] as NoAnimal))
    .map((name) => `'${name}'`)
    .join(', ');

/** The same in SQL, for an expression that gives a class. The names are ASCII: the collation "C" folds them several times faster than a locale. */
export const isNoAnimal = (expression: string): string => `lower(${expression} COLLATE "C") IN (${listed(['human', 'vehicle', 'blank'])})`;
export const isHuman = (expression: string): string => `lower(${expression} COLLATE "C") IN (${listed(['human'])})`;
