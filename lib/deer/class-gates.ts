// The classes of a deer's sex and age, and the sex class that each of them is compared as.
import { words } from './species.ts';

/** The sexes that a deer and its class can have; 'unknown' may be any of them. */
export const SEXES = ['buck', 'doe', 'fawn'] as const;

/** Classes that models of deer give: sex and age, older males by their age. */
export const SEX_AND_AGE_CLASSES = [...SEXES, 'mature', 'mid', 'young', 'unknown'] as const;

/**
 * The sex class of each. Males of an age class are bucks; 'unknown' and 'deer' are deer that nobody
 * named further, since this kind of database is about deer.
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

const DEER_GATES: ReadonlySet<string> = new Set([...SEXES, 'unknown']);
export const isDeerGate = (gate: string): boolean => DEER_GATES.has(gate);

/**
 * Whether two gates let a comparison through. 'unknown' passes the gate of every deer; a class that
 * is not of a deer passes only itself, even where the sex of a profile is unknown.
 */
export const passesGate = (a: string, b: string): boolean =>
  a === b || ((a === 'unknown' || b === 'unknown') && isDeerGate(a) && isDeerGate(b));
