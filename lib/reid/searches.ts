// Searches: events against the gated profiles. Scores are maxima over an event's detections; the best candidate is the first one.
import type { Dataset } from './dataset.ts';
import { type Event, type Events, gateOf, passes } from './events.ts';
import type { Labels } from './evidence.ts';

/** What a kernel gives: normalised cosines of `rows` (n x d) against `columns` (m x d), n x m, row after row. */
export type Similarity = (rows: Float32Array, columns: Float32Array, dimensions: number) => Promise<Float32Array>;

/** Best candidate and runner-up of one search; profile -1 and score -Infinity where no profile passes. */
export interface Candidates {
  first: number;
  firstScore: number;
  second: number;
  secondScore: number;
}

/** Scores of all events: events x profiles, each the maximum over the event's detections. */
export function eventScores(scores: Float32Array, profiles: number, events: readonly Event[]): Float32Array {
  const best = new Float32Array(events.length * profiles).fill(-2);
  events.forEach(({ rows }, event) => {
    for (const row of rows) {
      for (let p = 0; p < profiles; p++) {
        const score = scores[row * profiles + p]!;
        if (score > best[event * profiles + p]!) best[event * profiles + p] = score;
      }
    }
  });
  return best;
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

/** Best score of each detection against the profiles that its own class passes: what operation assigns by. */
export function detectionTops(dataset: Dataset, scores: Float32Array): Float64Array {
  const m = dataset.profiles.length;
  const gates = dataset.profiles.map(({ label }) => gateOf(label));
  return Float64Array.from(dataset.detections, ({ label }, row) => {
    const gate = gateOf(label);
    return candidatesOf(scores, row * m, m, (p) => passes(gate, gates[p]!)).firstScore;
  });
}
