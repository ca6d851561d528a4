// The gate: which classes may be the same animal, so that only those are compared. Pure.
import { sexGate } from '../../deer/class-gates.ts';

export { isDeerGate, passesGate } from '../../deer/class-gates.ts';

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
