// The gate: which classes may be the same animal, so that only those are compared. Pure.
import { SEXES, sexGate } from '../../deer/class-gates.ts';

const gates = new Map<string, string>([['', 'unknown']]);

/**
 * The gate of a class: the sex class of a deer (buck for every age class of males, doe, fawn or
 * unknown), any other class unchanged.
 */
export function toGate(label: string): string {
  let gate = gates.get(label);
  if (gate === undefined) {
    gate = sexGate(label) ?? label;
    gates.set(label, gate);
  }
  return gate;
}

const DEER_GATES: ReadonlySet<string> = new Set([...SEXES, 'unknown']);
export const isDeerGate = (gate: string): boolean => DEER_GATES.has(gate);

/**
 * Whether two gates let a comparison through. 'unknown' passes the gate of every deer; a class that
 * is not of a deer passes only itself, even where the sex of a profile is unknown.
 */
export const passesGate = (a: string, b: string): boolean =>
  a === b || ((a === 'unknown' || b === 'unknown') && isDeerGate(a) && isDeerGate(b));
