// Searches: events against the gated profiles. Scores are maxima over an event's detections; the best candidate is the first one.
import type { Dataset } from './dataset.ts';
import { type Events, gateOf, passes } from './events.ts';
import type { Labels } from './evidence.ts';

/**
 * What a kernel gives: normalised cosines of `rows` (n x d) against `columns` (m x d), n x m, row after row. The answer may be written over `room`, an
 * earlier one that is no longer needed: a hundred of them would else wait for the garbage collector.
 */
export type Similarity = (
  rows: Float32Array,
  columns: Float32Array,
  dimensions: number,
  options?: { room?: Float32Array | undefined },
) => Promise<Float32Array>;

/** Best candidate and runner-up of one search; profile -1 and score -Infinity where no profile passes. */
export interface Candidates {
  first: number;
  firstScore: number;
  second: number;
  secondScore: number;
}

/** Scores made at a time, 32 MB: of 100,000 detections and 1,000 profiles they are never all in memory. */
const MOST_SCORES = 2 ** 23;

export interface Scored {
  /** Events x profiles, each the maximum over the event's detections. */
  events: Float32Array;
  /** Best score of each detection against the profiles that its own class passes: what operation assigns by. */
  tops: Float64Array;
}

/** @param similarity called with as many detections at a time as `most` scores allow */
export async function scoredBy(similarity: Similarity, dataset: Dataset, events: Events, most = MOST_SCORES): Promise<Scored> {
  const { detections, vectors, profiles, profileVectors, dimensions } = dataset;
  const [n, m] = [detections.length, profiles.length];
  const gates = profiles.map(({ label }) => gateOf(label));
  const found: Scored = { events: new Float32Array(events.list.length * m).fill(-2), tops: new Float64Array(n) };
  const step = Math.max(1, Math.floor(most / m));
  let scores: Float32Array | undefined;
  for (let from = 0; from < n; from += step) {
    const to = Math.min(n, from + step);
    scores = await similarity(vectors.subarray(from * dimensions, to * dimensions), profileVectors, dimensions, { room: scores });
    for (let row = from; row < to; row++) {
      const at = (row - from) * m;
      const gate = gateOf(detections[row]!.label);
      found.tops[row] = candidatesOf(scores, at, m, (p) => passes(gate, gates[p]!)).firstScore;
      const best = events.of[row]! * m;
      if (best < 0) continue;
      for (let p = 0; p < m; p++) if (scores[at + p]! > found.events[best + p]!) found.events[best + p] = scores[at + p]!;
    }
  }
  return found;
}

/** The best two of the profiles that pass; ties go to the first in order of id. `from` is where the search's row of scores begins. */
export function candidatesOf(scores: Float32Array, from: number, count: number, may: (profile: number) => boolean): Candidates {
  const found: Candidates = { first: -1, firstScore: Number.NEGATIVE_INFINITY, second: -1, secondScore: Number.NEGATIVE_INFINITY };
  for (let p = 0; p < count; p++) {
    const score = scores[from + p]!;
    if (score <= found.secondScore || !may(p)) continue;
    if (score > found.firstScore) {
      found.second = found.first;
      found.secondScore = found.firstScore;
      found.first = p;
      found.firstScore = score;
    } else {
      found.second = p;
      found.secondScore = score;
    }
  }
  return found;
}

export interface MatedSearch {
  event: number;
  profile: number;
  weight: number;
  /** Score against the mate; -Infinity where the gate keeps them apart. */
  mateScore: number;
  /** The mate's score without regard to the gate. */
  pairScore: number;
  first: boolean;
  top: number;
  topScore: number;
  /** Best score with the own profile left out. */
  otherScore: number;
}

export interface NonMatedSearch {
  event: number;
  identity: string | null;
  weight: number;
  top: number;
  topScore: number;
  /** Profiles it met. */
  profiles: number;
}

/** Gated comparisons of an event with a profile of another animal, for FMR. */
export interface PairList {
  scores: Float64Array;
  weights: Float64Array;
}

export interface Searches {
  /** Of every event, source events included (they are left out where rates are made). */
  all: Candidates[];
  mated: MatedSearch[];
  nonMated: NonMatedSearch[];
  matcher: MatedSearch[];
  /** Non-mated events that no profile enrolled before their review can meet: left out. */
  unmet: number;
  /** Non-mated searches that met fewer profiles than the gallery has for their class, because some were enrolled after the review. */
  narrowed: number;
  /** Mean number of gated profiles per search. */
  gatedProfiles: number;
  nonMatedPairs: PairList;
}

/** @param scores events x profiles */
export function searchesOf(dataset: Dataset, events: Events, labels: Labels, scores: Float32Array): Searches {
  const { profiles } = dataset;
  const m = profiles.length;
  const gates = profiles.map(({ label }) => gateOf(label));
  const open = (event: number) => (profile: number) => passes(events.list[event]!.gate, gates[profile]!);
  const all = events.list.map((_, event) => candidatesOf(scores, event * m, m, open(event)));
  const [pairs, weights]: [number[], number[]] = [[], []];
  const other = (event: number, profile: number, weight: number): void => {
    pairs.push(scores[event * m + profile]!);
    weights.push(weight);
  };

  const mate = ({ event, profile, weight }: { event: number; profile: number; weight: number }): MatedSearch => {
    const passable = open(event);
    const { first: top, firstScore: topScore } = all[event]!;
    const pairScore = scores[event * m + profile]!;
    const mateScore = passable(profile) ? pairScore : Number.NEGATIVE_INFINITY;
    const others = candidatesOf(scores, event * m, m, (p) => p !== profile && passable(p));
    return { event, profile, weight, mateScore, pairScore, first: top === profile, top, topScore, otherScore: others.firstScore };
  };
  const mated = labels.mated.map(mate);
  for (const { event, profile, weight } of labels.mated) {
    const passable = open(event);
    for (let p = 0; p < m; p++) if (p !== profile && passable(p)) other(event, p, weight);
  }
  let [unmet, narrowed] = [0, 0];
  const nonMated: NonMatedSearch[] = [];
  for (const { event, identity, before, weight } of labels.nonMated) {
    const passable = open(event);
    let [met, gated] = [0, 0];
    const known = (p: number): boolean => {
      const { enrolledAt } = profiles[p]!;
      return passable(p) && (enrolledAt === null || before === null || enrolledAt < before);
    };
    for (let p = 0; p < m; p++) {
      if (passable(p)) gated++;
      if (!known(p)) continue;
      met++;
      other(event, p, weight);
    }
    // A class without any profile is a search that can never err; one whose profiles are all younger than its review says nothing.
    if (met === 0 && gated > 0) {
      unmet++;
      continue;
    }
    if (met < gated) narrowed++;
    const { first: top, firstScore: topScore } = candidatesOf(scores, event * m, m, known);
    nonMated.push({ event, identity, weight, top, topScore, profiles: met });
  }
  for (const { event, profile, weight } of labels.different) if (open(event)(profile)) other(event, profile, weight);
  let gatedSum = 0;
  events.list.forEach((event) => {
    for (const gate of gates) gatedSum += Number(passes(event.gate, gate));
  });
  return {
    all,
    mated,
    nonMated,
    matcher: labels.matcher.map(mate),
    unmet,
    narrowed,
    gatedProfiles: events.list.length === 0 ? 0 : gatedSum / events.list.length,
    nonMatedPairs: { scores: Float64Array.from(pairs), weights: Float64Array.from(weights) },
  };
}
