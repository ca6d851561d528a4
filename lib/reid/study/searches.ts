// Searches: events against the gated profiles. Scores are maxima over an event's detections; the
// best candidate is the first one.
import type { Dataset } from '../dataset/dataset.ts';
import { type Events, gateOf, passes, settled } from '../dataset/events.ts';
import type { StoredScores } from '../dataset/stored.ts';
import type { Labels, Mated } from './evidence.ts';

/**
 * What a kernel gives: normalised cosines of `rows` (n x d) against `columns` (m x d), n x m, row
 * after row. The answer may be written over `room`, an earlier one that is no longer needed: a
 * hundred of them would else wait for the garbage collector.
 */
export type Similarity = (
  rows: Float32Array,
  columns: Float32Array,
  dimensions: number,
  options?: { room?: Float32Array | undefined },
) => Promise<Float32Array>;

/**
 * Best candidate and runner-up of one search; profile -1 and score -Infinity where no profile
 * passes.
 */
export interface Candidates {
  first: number;
  firstScore: number;
  second: number;
  secondScore: number;
}

/**
 * Scores made at a time, 32 MB: of 100,000 detections and 1,000 profiles they are never all in
 * memory.
 */
const MOST_SCORES = 2 ** 23;

/** One event against the profiles. */
export interface Search {
  /** By profile, each the maximum over the event's detections; NaN where no score is stored. */
  scores: ArrayLike<number>;
  /** Whether the search may find the profile: by the gate, or because a score is stored. */
  open(profile: number): boolean;
  /** Whether the gate lets the profile through, also where its score was never stored. */
  gated(profile: number): boolean;
}

export interface Scored {
  of(event: number): Search;
  /**
   * Best score of each detection against the profiles that its own class passes: what operation
   * assigns by. -Infinity where there is none.
   */
  tops: Float64Array;
}

/** Scores of events and detections: from the kernel, or as they were stored. */
export const scored = (similarity: Similarity, dataset: Dataset, events: Events): Promise<Scored> =>
  dataset.stored === null
    ? scoredBy(similarity, dataset, events)
    : Promise.resolve(scoredFrom(dataset, dataset.stored, events));

/** @param similarity called with as many detections at a time as `most` scores allow */
export async function scoredBy(
  similarity: Similarity,
  dataset: Dataset,
  events: Events,
  most = MOST_SCORES,
): Promise<Scored> {
  const { detections, vectors, profiles, profileVectors, dimensions } = dataset;
  const [n, m] = [detections.length, profiles.length];
  const gates = profiles.map(({ label }) => gateOf(label));
  const best = new Float32Array(events.list.length * m).fill(-2);
  const tops = new Float64Array(n);
  const step = Math.max(1, Math.floor(most / m));
  let scores: Float32Array | undefined;
  for (let from = 0; from < n; from += step) {
    const to = Math.min(n, from + step);
    scores = await similarity(vectors.subarray(from * dimensions, to * dimensions), profileVectors, dimensions, {
      room: scores,
    });
    for (let i = 0; i < (to - from) * m; i++) scores[i] = settled(scores[i]!);
    for (let row = from; row < to; row++) {
      const at = (row - from) * m;
      const gate = gateOf(detections[row]!.label);
      tops[row] = candidatesOf(scores.subarray(at, at + m), (p) => passes(gate, gates[p]!)).firstScore;
      const event = events.of[row]! * m;
      if (event < 0) continue;
      for (let p = 0; p < m; p++) if (scores[at + p]! > best[event + p]!) best[event + p] = scores[at + p]!;
    }
  }
  return {
    tops,
    of: (event) => {
      const { gate } = events.list[event]!;
      const open = (profile: number): boolean => passes(gate, gates[profile]!);
      return { scores: best.subarray(event * m, (event + 1) * m), open, gated: open };
    },
  };
}

/**
 * Made anew for each event, so that millions of stored rows need no table of events by profiles.
 */
function scoredFrom({ detections, profiles }: Dataset, stored: StoredScores, events: Events): Scored {
  const { offsets, profile, score } = stored;
  const tops = new Float64Array(detections.length).fill(Number.NEGATIVE_INFINITY);
  for (let row = 0; row < tops.length; row++) {
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) if (score[i]! > tops[row]!) tops[row] = score[i]!;
  }
  return {
    tops,
    of: (event) => {
      const { rows } = events.list[event]!;
      const scores = new Float64Array(profiles.length).fill(Number.NaN);
      for (const row of rows) {
        for (let i = offsets[row]!; i < offsets[row + 1]!; i++)
          if (!(scores[profile[i]!]! >= score[i]!)) scores[profile[i]!] = score[i]!;
      }
      const open = (of: number): boolean => !Number.isNaN(scores[of]!);
      return { scores, open, gated: (of) => open(of) || rows.some((row) => stored.gated(row, of)) };
    },
  };
}

/** The best two of the profiles that are open; ties go to the first in order of id. */
export function candidatesOf(scores: ArrayLike<number>, open: (profile: number) => boolean): Candidates {
  const found: Candidates = {
    first: -1,
    firstScore: Number.NEGATIVE_INFINITY,
    second: -1,
    secondScore: Number.NEGATIVE_INFINITY,
  };
  for (let p = 0; p < scores.length; p++) {
    const score = scores[p]!;
    if (score <= found.secondScore || !open(p)) continue;
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
  /** The mate's score without regard to the gate; null where none is stored. */
  pairScore: number | null;
  first: boolean;
  top: number;
  topScore: number;
  /** Best score with the own profile left out. */
  otherScore: number;
}

/** Scores of same-animal comparisons, where there is one. */
export const pairScoresOf = (searches: readonly MatedSearch[]): number[] =>
  searches.flatMap(({ pairScore }) => pairScore ?? []);

export interface NonMatedSearch {
  event: number;
  identity: string | null;
  weight: number;
  top: number;
  topScore: number;
}

/**
 * How much of the gallery a named non-mated event met: profiles that the gate lets through, and
 * those of them it was compared with.
 */
export interface Meeting {
  event: number;
  weight: number;
  gated: number;
  met: number;
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
  /**
   * Non-mated searches that met fewer profiles than the gallery has for their class: some are newer
   * than the review, or have no stored score.
   */
  narrowed: number;
  /** Of every non-mated event whose animal has a name, unmet ones included. */
  meetings: Meeting[];
  /**
   * Reviewed events of an enrolled deer without a stored score against it: left out (the deer is
   * newer than the event), or counted as a miss.
   */
  mateNewer: number;
  mateMissing: number;
  /** Mean number of open profiles per search. */
  openProfiles: number;
  nonMatedPairs: PairList;
}

export function searchesOf(dataset: Dataset, events: Events, labels: Labels, scored: Scored): Searches {
  const { profiles, stored } = dataset;
  const count = profiles.length;
  let openSum = 0;
  const all = events.list.map((_, event) => {
    const { scores, open } = scored.of(event);
    for (let p = 0; p < count; p++) openSum += Number(open(p));
    return candidatesOf(scores, open);
  });
  const [pairs, weights]: [number[], number[]] = [[], []];
  const other = ({ scores, open }: Search, profile: number, weight: number): void => {
    if (!open(profile)) return;
    pairs.push(scores[profile]!);
    weights.push(weight);
  };
  /** Whether every detection of the event is older than the deer. */
  const newer = (event: number, profile: number): boolean =>
    stored !== null && events.list[event]!.rows.every((row) => stored.younger(row, profile));

  let [mateNewer, mateMissing] = [0, 0];
  const mate = ({ event, profile, weight }: Mated): MatedSearch => {
    const { scores, open } = scored.of(event);
    const { first: top, firstScore: topScore } = all[event]!;
    const pairScore = Number.isNaN(scores[profile]!) ? null : scores[profile]!;
    const mateScore = pairScore !== null && open(profile) ? pairScore : Number.NEGATIVE_INFINITY;
    const others = candidatesOf(scores, (p) => p !== profile && open(p));
    return {
      event,
      profile,
      weight,
      mateScore,
      pairScore,
      first: top === profile,
      top,
      topScore,
      otherScore: others.firstScore,
    };
  };
  const mated: MatedSearch[] = [];
  for (const label of labels.mated) {
    const search = mate(label);
    if (search.pairScore === null && newer(label.event, label.profile)) mateNewer++;
    else {
      if (search.pairScore === null) mateMissing++;
      mated.push(search);
    }
    const found = scored.of(label.event);
    for (let p = 0; p < count; p++) if (p !== label.profile) other(found, p, label.weight);
  }
  let [unmet, narrowed] = [0, 0];
  const nonMated: NonMatedSearch[] = [];
  const meetings: Meeting[] = [];
  for (const { event, identity, before, weight } of labels.nonMated) {
    const search = scored.of(event);
    let [met, gated] = [0, 0];
    const known = (p: number): boolean => {
      const { enrolledAt } = profiles[p]!;
      // A stored score is a meeting, whatever the dates.
      return search.open(p) && (stored !== null || enrolledAt === null || before === null || enrolledAt < before);
    };
    for (let p = 0; p < count; p++) {
      if (search.gated(p)) gated++;
      if (!known(p)) continue;
      met++;
      other(search, p, weight);
    }
    if (identity !== null) meetings.push({ event, weight, gated, met });
    // A class without any profile is a search that can never err; one whose profiles are all newer
    // than its review says nothing.
    if (met === 0 && gated > 0) {
      unmet++;
      continue;
    }
    if (met < gated) narrowed++;
    const { first: top, firstScore: topScore } = candidatesOf(search.scores, known);
    nonMated.push({ event, identity, weight, top, topScore });
  }
  for (const { event, profile, weight } of labels.different) other(scored.of(event), profile, weight);
  return {
    all,
    mated,
    nonMated,
    matcher: labels.matcher.map(mate),
    unmet,
    narrowed,
    meetings,
    mateNewer,
    mateMissing,
    openProfiles: events.list.length === 0 ? 0 : openSum / events.list.length,
    nonMatedPairs: { scores: Float64Array.from(pairs), weights: Float64Array.from(weights) },
  };
}
