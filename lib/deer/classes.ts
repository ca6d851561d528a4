// What a class of a detection means, one rule for every count, crop, picture, name list, package
// and comparison: a deer, another animal, a person, a vehicle or an empty frame.
import { config } from '../config.ts';
import { SEX_AND_AGE_CLASSES, sexGate } from './class-gates.ts';
import { readings, splitWords } from './class-spelling.ts';
import {
  ANIMALS,
  BLANK_WHOLE,
  HUMAN_PARTS,
  HUMAN_STEMS,
  HUMAN_WHOLE,
  HUMAN_WORDS,
  VEHICLE_STEMS,
  VEHICLE_WHOLE,
  VEHICLE_WORDS,
} from './class-words.ts';
import { deerSpecies, isDeer } from './species.ts';

/** What Camtrap DP calls each of them. 'unknown' is not here: it is an animal that nobody named. */
export type NonAnimal = 'human' | 'vehicle' | 'blank';

const fold = (name: string): string => splitWords(name).join(' ');
const foldAll = (names: readonly string[]): ReadonlySet<string> => new Set(names.map(fold));

const people = {
  stems: [...foldAll(HUMAN_STEMS)],
  parts: [...foldAll(HUMAN_PARTS)],
  words: foldAll(HUMAN_WORDS),
  whole: foldAll(HUMAN_WHOLE),
};
const vehicles = {
  stems: [...foldAll(VEHICLE_STEMS)],
  words: foldAll(VEHICLE_WORDS),
  whole: foldAll(VEHICLE_WHOLE),
};
const blanks = foldAll(BLANK_WHOLE);

const beginsWithAny = (word: string, stems: readonly string[]): boolean => stems.some((stem) => word.startsWith(stem));

let configured: string[] | undefined;
/** Phrases of HUMAN_CLASSES, each between blanks. */
function readHumanClasses(): readonly string[] {
  configured ??= config('HUMAN_CLASSES')
    .split(',')
    .map(fold)
    .filter((phrase) => phrase !== '')
    .map((phrase) => ` ${phrase} `);
  return configured;
}

/** In doubt a name means a person: the picture of a person that left cannot be taken back. */
function meansPerson(phrase: string): boolean {
  if (readHumanClasses().some((human) => ` ${phrase} `.includes(human))) return true;
  const rest = ANIMALS.reduce((text, animal) => text.replace(animal, ' '), phrase);
  if (people.whole.has(rest)) return true;
  return rest
    .split(' ')
    .some(
      (word) =>
        people.words.has(word) ||
        /wom[ae]n$/.test(word) ||
        beginsWithAny(word, people.stems) ||
        people.parts.some((part) => word.includes(part)),
    );
}

function decide(name: string): NonAnimal | undefined {
  const words = splitWords(name);
  const phrase = words.join(' ');
  if (readings(name).some((read) => meansPerson(read.join(' ')))) return 'human';
  if (
    vehicles.whole.has(phrase) ||
    words.some((word) => vehicles.words.has(word) || beginsWithAny(word, vehicles.stems))
  )
    return 'vehicle';
  return blanks.has(phrase) ? 'blank' : undefined;
}

/** A database has a few names; one with millions must not fill the memory. */
const MOST_DECIDED = 10_000;
const decided = new Map<string, NonAnimal | undefined>();

/** What a class means when it is not an animal: a person, a vehicle or an empty frame. */
export function nonAnimal(name: string): NonAnimal | undefined {
  if (decided.has(name)) return decided.get(name);
  const meaning = decide(name);
  if (decided.size >= MOST_DECIDED) decided.clear();
  decided.set(name, meaning);
  return meaning;
}

/** Whether a class, a species or a type of observation means a person. */
export const isPerson = (name: unknown): boolean => typeof name === 'string' && nonAnimal(name) === 'human';

/** Class names that have been decided, as parameters of a statement. */
export interface DecidedClasses {
  /** JSON: by name, whether it is a deer class. */
  known: string;
  /** Those of them that are not animals. */
  nonAnimals: readonly string[];
}

/** Names that most databases have: decided before the first statement, so that it runs once. */
const USUAL = [...SEX_AND_AGE_CLASSES, 'human', 'person', 'vehicle', 'blank', 'empty'];

/**
 * Runs a statement whose counts depend on which classes are animals, and deer. PostgreSQL cannot
 * apply the rules: the statement gets the names decided so far and returns those that it met in
 * addition; while there are any, they are decided and it runs again. No result depends on a name
 * that was not decided.
 */
export async function decideClasses<T extends { undecided: readonly { class: string }[] }>(
  run: (decided: DecidedClasses) => Promise<T>,
): Promise<T> {
  const known = new Set([...USUAL, ...decided.keys()]);
  for (;;) {
    const names = [...known];
    const deer = Object.fromEntries(names.map((name) => [name, isDeerClass(name)]));
    const result = await run({
      known: JSON.stringify(deer),
      nonAnimals: names.filter((name) => nonAnimal(name) !== undefined),
    });
    if (result.undecided.length === 0) return result;
    for (const { class: name } of result.undecided) known.add(name);
  }
}

/**
 * Whether a class is one of a deer: buck, doe, fawn, unknown, mature, mid, young, deer, and species
 * of the deer family by common or scientific name. Case, blanks, underscores and hyphens do not
 * matter.
 */
export const isDeerClass = (name: string): boolean =>
  sexGate(name) !== undefined || deerSpecies(name) !== undefined || isDeer(name);
