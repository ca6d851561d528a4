// What a threshold changes, by class: the strata of a banded draw.
import type { Studied } from '../study/study.ts';

export type Change = 'assigned anew' | 'assigned to another' | 'no longer assigned' | 'as before' | 'still none';

const CHANGED: readonly Change[] = ['assigned anew', 'assigned to another', 'no longer assigned'];
/**
 * Changes are what a person wants to see; the others are needed to estimate rates of all events.
 */
const CHANGED_SHARE = 0.5;

export interface Band {
  stratum: string;
  change: Change;
  events: number[];
}

export function groupByChange(study: Studied, open: readonly number[], threshold: number): Band[] {
  const groups = new Map<string, Band>();
  for (const event of open) {
    const change = classifyChange(study, event, threshold);
    const stratum = `${change}, ${study.events.list[event]!.gate}`;
    const group = groups.get(stratum) ?? { stratum, change, events: [] };
    groups.set(stratum, group);
    group.events.push(event);
  }
  return [...groups.values()].sort((a, b) => (a.stratum < b.stratum ? -1 : 1));
}

/** The deer most detections of an event are assigned to (tie: the first by id); null if none is. */
export function findPresentDeer({ dataset, events }: Studied, event: number): string | null {
  const votes = new Map<string, number>();
  for (const row of events.list[event]!.rows) {
    const { deer } = dataset.detections[row]!;
    if (deer !== null) votes.set(deer, (votes.get(deer) ?? 0) + 1);
  }
  return [...votes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0] ?? null;
}

export function classifyChange(study: Studied, event: number, threshold: number): Change {
  const { first, firstScore } = study.searches.all[event]!;
  const present = findPresentDeer(study, event);
  const proposed = firstScore >= threshold ? study.dataset.profiles[first]!.id : null;
  if (proposed === present) return present === null ? 'still none' : 'as before';
  if (present === null) return 'assigned anew';
  return proposed === null ? 'no longer assigned' : 'assigned to another';
}

/**
 * Numbers of events by stratum: one for each, changes first; then one at a time for the stratum
 * that is furthest below its share.
 */
export function allocate(strata: readonly { change: Change; events: readonly number[] }[], sample: number): number[] {
  const sizes = strata.map(() => 0);
  const total = strata.reduce((sum, { events }) => sum + events.length, 0);
  const isChanged = ({ change }: { change: Change }): boolean => CHANGED.includes(change);
  const changed = strata.reduce((sum, stratum) => sum + (isChanged(stratum) ? stratum.events.length : 0), 0);
  // If one half has too few events, the other half gets the rest.
  const share = strata.map((stratum) => {
    const [half, of] = isChanged(stratum) ? [CHANGED_SHARE, changed] : [1 - CHANGED_SHARE, total - changed];
    return (half * stratum.events.length) / of;
  });
  for (let left = Math.min(sample, total); left > 0; left--) {
    let best = -1;
    let furthest = Number.NEGATIVE_INFINITY;
    strata.forEach((stratum, i) => {
      if (sizes[i]! >= stratum.events.length) return;
      const empty = sizes[i] === 0 ? 1e9 + Number(isChanged(stratum)) * 1e9 : 0;
      const lack = empty + (share[i]! * sample - sizes[i]!) + share[i]!;
      if (lack > furthest) [best, furthest] = [i, lack];
    });
    sizes[best]! += 1;
  }
  return sizes;
}
