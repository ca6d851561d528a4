// How often people miss a known animal: events that were shown again as new. Pure.
import { betaQuantile } from '../../distributions.ts';
import { computeBound } from '../../reid/statistics/bound.ts';
import { dice } from '../../reid/statistics/random.ts';
import type { RateEvidence } from './ghosts.ts';
import type { HeadEvent, MissRate, Repeat } from './types.ts';

/** The order in which events are taken to have been met: by time, then id. */
const byTime = (a: HeadEvent, b: HeadEvent): number => a.at - b.at || (a.id < b.id ? -1 : 1);

const firstName = ({ identity, firstIdentity }: HeadEvent): string | null =>
  firstIdentity === undefined ? identity : firstIdentity;

/** Place of the earliest event of each identity in the order of events. */
function findBeginnings(ordered: readonly HeadEvent[], name: (event: HeadEvent) => string | null): Map<string, number> {
  const beginnings = new Map<string, number>();
  ordered.forEach((event, place) => {
    const identity = name(event);
    if (identity !== null && !beginnings.has(identity)) beginnings.set(identity, place);
  });
  return beginnings;
}

export interface MeasuredRate {
  rate: Omit<MissRate, 'lookedTwice' | 'used'>;
  evidence: Omit<RateEvidence, 'lookedTwice' | 'rate'>;
}

/**
 * e = b / (a + b): a events that were linked to an animal both times, b only the second time, of
 * those that could be linked at all, because their animal had an earlier event: the first event of
 * an animal cannot be missed (SURVEY.md section 3; the capture-recapture of two readers, C. Chandra
 * Sekar, W. E. Deming, JASA 44 (1949) 101-115). k' is the effective number of lib/reid/statistics/
 * bound.ts with animals as clusters; misses = e k', hits = (1 - e) k'.
 * @param events all events of the period that are of the class or have one of its identities
 * @returns null where no event was linked the second time
 */
export function measureMissRate(events: readonly HeadEvent[], repeats: readonly Repeat[]): MeasuredRate | null {
  const ordered = events.toSorted(byTime);
  const places = new Map(ordered.map(({ id }, place) => [id, place]));
  const began = findBeginnings(ordered, firstName);
  // A second look may have emptied an identity that the first verdict made.
  const last = findBeginnings(ordered, ({ identity }) => identity);
  const clusters = new Map<string, number>();
  const [errors, cluster]: [number[], number[]] = [[], []];
  let elsewhere = 0;
  for (const { event, identity } of repeats) {
    const place = places.get(event);
    if (place === undefined || identity === null) continue;
    const earlier = Math.min(began.get(identity) ?? place, last.get(identity) ?? place) < place;
    if (!earlier) continue;
    const first = firstName(ordered[place]!);
    const linked = first !== null && began.get(first)! < place;
    if (!clusters.has(identity)) clusters.set(identity, clusters.size);
    errors.push(linked ? 0 : 1);
    cluster.push(clusters.get(identity)!);
    if (linked && first !== identity && ordered[place]!.identity !== identity) elsewhere++;
  }
  const k = errors.length;
  if (k === 0) return null;
  const linkedOnce = errors.reduce((sum, error) => sum + error, 0);
  const { nEff } = computeBound({ scores: errors, cluster, weight: errors.map(() => 1) }, 0.5);
  const rate = linkedOnce / k;
  const [misses, hits] = [rate * nEff, (1 - rate) * nEff];
  const upper = betaQuantile(0.975, misses + 0.5, hits + 0.5);
  return {
    rate: { rate, linkedTwice: k - linkedOnce, linkedOnce, k, effective: nEff, upper, elsewhere },
    evidence: { misses, hits },
  };
}

/**
 * The events to show again as new, in the order to show them until enough are linked: a seeded
 * random sample of the events of a class, those of animals with one event included.
 * @param events of one class with an identity
 * @returns ids of events
 */
export const listRepeats = (events: readonly HeadEvent[], seed: number): string[] => {
  const ids = events
    .filter(({ identity }) => identity !== null)
    .sort(byTime)
    .map(({ id }) => id);
  return dice(seed, 'repeats').draw(ids, ids.length);
};
