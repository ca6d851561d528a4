// Which classes of a detection are a deer's, and which of them may be one animal: one definition
// for counts, reports, packages and Re-ID.
import { DEER_GENERA, DEER_WORDS, deerSpecies, isDeer, words } from './species.ts';

/**
 * Sex classes that exclude one another; a class with `unknown` may be any deer. A man of some age
 * is a class of its own. 'unknown' is a deer that nobody named further: this kind of database is
 * about deer.
 */
const GATES: Readonly<Record<string, string>> = {
  buck: 'buck',
  mature: 'buck',
  mid: 'buck',
  young: 'buck',
  doe: 'doe',
  fawn: 'fawn',
  unknown: 'unknown',
  deer: 'unknown',
};

/**
 * The sex class that a word names: buck, doe, fawn or unknown; undefined for a species and for
 * everything else. Case and separators do not matter.
 */
export function sexGate(name: string): string | undefined {
  const folded = words(name);
  return Object.hasOwn(GATES, folded) ? GATES[folded] : undefined;
}

/**
 * Whether a class is one of a deer: buck, doe, fawn, unknown, mature, mid, young, deer, and species
 * of the deer family by common or scientific name. Case, blanks, underscores and hyphens do not
 * matter.
 */
export const isDeerClass = (name: string): boolean =>
  sexGate(name) !== undefined || deerSpecies(name) !== undefined || isDeer(name);

const listed = (names: Iterable<string>): string => [...names].map((name) => `'${name}'`).join(', ');

/**
 * The same in SQL, for an expression that gives a class. It costs a regular expression: ask it of
 * distinct classes, not of every detection.
 */
export function isDeerClassSql(expression: string): string {
  const folded = `btrim(regexp_replace(regexp_replace(lower(${expression} COLLATE "C"), '[\\s_.,/-]+', ' ', 'g'), '[^a-z ]', '', 'g'))`;
  const names = listed([...Object.keys(GATES), ...DEER_WORDS]);
  const genus = `split_part(translate(btrim(${expression}, E' \\t\\n\\r'), '_', ' '), ' ', 1)`;
  return `(${folded} IN (${names}) OR regexp_replace(${folded}, 's$', '') IN (${listed(DEER_WORDS)}) OR lower(${genus} COLLATE "C") IN (${listed([...DEER_GENERA].map((name) => name.toLowerCase()))}))`;
}
