// Classes of people, vehicles and empty frames: one rule for every count, crop, picture, name list
// and observation. In doubt a name means a person, because the picture of a person that left cannot
// be taken back.

import { config } from '../config.ts';
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

/** What Camtrap DP calls each of them. 'unknown' is not here: it is an animal that nobody named. */
export type NonAnimal = 'human' | 'vehicle' | 'blank';

/** Letters that are one with a mark for the reader and not for Unicode. */
const LETTERS: Record<string, string> = {
  '\u00df': 'ss',
  '\u00e6': 'ae',
  '\u00f0': 'd',
  '\u00f8': 'o',
  '\u00fe': 'th',
  '\u0111': 'd',
  '\u0127': 'h',
  '\u0131': 'i',
  '\u0142': 'l',
  '\u0153': 'oe',
};
/** Greek and Cyrillic letters that look like Latin ones. */
const LOOKALIKES = new Map(
  [
    ...[
      '\u0430a',
      '\u0435e',
      '\u043eo',
      '\u0440p',
      '\u0441c',
      '\u0443y',
      '\u0445x',
      '\u0456i',
      '\u0455s',
      '\u0458j',
      '\u04bbh',
      '\u0501d',
    ],
    ...[
      '\u043cm',
      '\u043dh',
      '\u0442t',
      '\u043ak',
      '\u0432b',
      '\u03b1a',
      '\u03bfo',
      '\u03c1p',
      '\u03b9i',
      '\u03b7n',
      '\u03bak',
    ],
    ...['\u03bdv', '\u03c5u', '\u03b5e', '\u03c4t'],
  ].map((pair): [string, string] => [pair[0]!, pair[1]!]),
);
const MIXED =
  /\p{Script=Latin}.*[\p{Script=Cyrillic}\p{Script=Greek}]|[\p{Script=Cyrillic}\p{Script=Greek}].*\p{Script=Latin}/u;
/** Figures that are written for letters. */
const FIGURES: Record<string, string> = { '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't' };

/**
 * The words of a name, without what a reader does not see or does not mind: case, accents,
 * invisible characters, separators.
 */
export function wordsOf(name: string): string[] {
  const folded = name
    .normalize('NFKC')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .replace(/[\u00df\u00e6\u00f0\u00f8\u00fe\u0111\u0127\u0131\u0142\u0153]/g, (letter) => LETTERS[letter]!)
    .normalize('NFKD')
    .replace(/(?![\t\n\r])[\p{M}\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}]/gu, '');
  const spelled = folded.replace(/(?<=\p{L})[013457](?=\p{L})/gu, (figure) => FIGURES[figure]!);
  const found = spelled.match(/\p{L}+/gu) ?? [];
  // H.U.M.A.N is one word.
  const words = found.length > 2 && found.every((word) => /^\p{Script=Latin}$/u.test(word)) ? [found.join('')] : found;
  return words.map((word) =>
    MIXED.test(word) ? [...word].map((letter) => LOOKALIKES.get(letter) ?? letter).join('') : word,
  );
}

const folded = (names: readonly string[]): ReadonlySet<string> => new Set(names.map((name) => wordsOf(name).join(' ')));
const begins = (stems: readonly string[]): ((word: string) => boolean) => {
  const all = [...folded(stems)];
  return (word) => all.some((stem) => word.startsWith(stem));
};

const people = {
  begins: begins(HUMAN_STEMS),
  parts: [...folded(HUMAN_PARTS)],
  words: folded(HUMAN_WORDS),
  whole: folded(HUMAN_WHOLE),
};
const vehicles = { begins: begins(VEHICLE_STEMS), words: folded(VEHICLE_WORDS), whole: folded(VEHICLE_WHOLE) };
const blanks = folded(BLANK_WHOLE);

let added: string[] | undefined;
/** Phrases of HUMAN_CLASSES, each between blanks. */
const ours = (): readonly string[] => {
  added ??= config('HUMAN_CLASSES')
    .split(',')
    .map((name) => wordsOf(name).join(' '))
    .filter((phrase) => phrase !== '')
    .map((phrase) => ` ${phrase} `);
  return added;
};

function meansPerson(phrase: string): boolean {
  if (ours().some((own) => ` ${phrase} `.includes(own))) return true;
  const rest = ANIMALS.reduce((text, animal) => text.replace(animal, ' '), phrase);
  if (people.whole.has(rest)) return true;
  return rest
    .split(' ')
    .some(
      (word) =>
        people.words.has(word) ||
        /wom[ae]n$/.test(word) ||
        people.begins(word) ||
        people.parts.some((part) => word.includes(part)),
    );
}

function meaningOf(name: string): NonAnimal | undefined {
  const words = wordsOf(name);
  const phrase = words.join(' ');
  if (meansPerson(phrase)) return 'human';
  if (vehicles.whole.has(phrase) || words.some((word) => vehicles.words.has(word) || vehicles.begins(word)))
    return 'vehicle';
  return blanks.has(phrase) ? 'blank' : undefined;
}

/** A database has a few names; one with millions must not fill the memory. */
const MOST_KEPT = 10_000;
const kept = new Map<string, NonAnimal | undefined>();

/** What a class stands for when it is not an animal. */
export function nonAnimal(name: string): NonAnimal | undefined {
  if (kept.has(name)) return kept.get(name);
  const meaning = meaningOf(name);
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(name, meaning);
  return meaning;
}

/** Whether a class, a species or a type of observation means a person. */
export const isPerson = (name: unknown): boolean => typeof name === 'string' && nonAnimal(name) === 'human';

/** Names that have been decided: `apart` are those of them that are not animals. */
export interface Decided {
  apart: readonly string[];
  known: readonly string[];
}

const USUAL = [
  'buck',
  'doe',
  'fawn',
  'mature',
  'mid',
  'young',
  'unknown',
  'human',
  'person',
  'vehicle',
  'blank',
  'empty',
];

/**
 * Runs a statement whose counts depend on which classes are animals. PostgreSQL cannot apply the
 * rule: the statement takes the names decided so far and returns those that it met beside them;
 * while there are any they are decided and it runs again. A result never rests on a name that
 * nobody looked at.
 */
export async function whereDecided<T extends { strange: readonly { class: string }[] }>(
  ask: (decided: Decided) => Promise<T>,
): Promise<T> {
  const known = new Set([...USUAL, ...kept.keys()]);
  for (;;) {
    const names = [...known];
    const result = await ask({ known: names, apart: names.filter((name) => nonAnimal(name) !== undefined) });
    if (result.strange.length === 0) return result;
    for (const { class: name } of result.strange) known.add(name);
  }
}
