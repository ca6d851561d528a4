// Scores of search events and detections against profiles: from the kernel, or as they were stored.
import { type Dataset, snapToOne } from '../dataset/dataset.ts';
import { passesGate, toGate } from '../dataset/gates.ts';
import type { SearchEvents } from '../dataset/search-events.ts';
import type { StoredScores } from '../dataset/stored-scores.ts';
import { pauseWatched } from '../watch/index.ts';

/**
 * A kernel: cosines of `rows` (n x d) with `columns` (m x d), n x m, row after row. The answer may
 * be written over `room`, an earlier answer that is no longer needed: a hundred of them would wait
 * for the garbage collector.
 */
export type Similarity = (
  rows: Float32Array,
  columns: Float32Array,
  dimensions: number,
  options?: { room?: Float32Array | undefined },
) => Promise<Float32Array>;

/** Best candidate and runner-up of a search; profile -1 and score -Infinity where there is none. */
export interface Candidates {
  first: number;
  firstScore: number;
  second: number;
  secondScore: number;
}

/** One search event against all profiles. */
export interface Search {
  /** By profile, each the best over the event's detections; NaN where no score is stored. */
  scores: ArrayLike<number>;
  /** Whether the search may match the profile: by the gate, or because a score is stored. */
  open(profile: number): boolean;
  /** Number of open profiles. */
  opened: number;
  /** Whether the gate lets the profile through, even where its score was never stored. */
  gated(profile: number): boolean;
}

export interface EventScores {
  search(event: number): Search;
  /**
   * Best score of each detection against the profiles that the gate of its class lets through,
   * which is what the matcher assigns by; -Infinity where there is none.
   */
  tops: Float64Array;
}

/**
 * Scores computed at a time, 64 MB: those of 100,000 detections and 1,000 profiles are never in
 * memory together.
 */
const MOST_SCORES = 2 ** 24;

export const scoreEvents = (similarity: Similarity, dataset: Dataset, events: SearchEvents): Promise<EventScores> =>
  dataset.stored === null
    ? scoreByKernel(similarity, dataset, events)
    : Promise.resolve(scoreFromRows(dataset, dataset.stored, events));

/** @param most scores that one call of `similarity` may return */
export async function scoreByKernel(
  similarity: Similarity,
  dataset: Dataset,
  events: SearchEvents,
  most = MOST_SCORES,
): Promise<EventScores> {
  const { detections, vectors, profiles, profileVectors, dimensions } = dataset;
  const [n, m] = [detections.length, profiles.length];
  const gates = profiles.map(({ label }) => toGate(label));
  const openTo = listOpenings(gates);
  const best = new Float32Array(events.list.length * m).fill(-2);
  const tops = new Float64Array(n);
  const step = Math.max(1, Math.floor(most / m));
  let scores: Float32Array | undefined;
  for (let from = 0; from < n; from += step) {
    await pauseWatched(from / n);
    const to = Math.min(n, from + step);
    scores = await similarity(vectors.subarray(from * dimensions, to * dimensions), profileVectors, dimensions, {
      room: scores,
    });
    for (let row = from; row < to; row++) {
      const at = (row - from) * m;
      let top = Number.NEGATIVE_INFINITY;
      for (const profile of openTo(detections[row]!.label))
        if (scores[at + profile]! > top) top = scores[at + profile]!;
      tops[row] = snapToOne(top);
      const event = events.of[row]! * m;
      if (event < 0) continue;
      for (let p = 0; p < m; p++) if (scores[at + p]! > best[event + p]!) best[event + p] = scores[at + p]!;
    }
  }
  // A score that is larger is so after rounding, too: the best are enough.
  for (let i = 0; i < best.length; i++) best[i] = snapToOne(best[i]!);
  return { tops, search: makeSearch(best, gates, events) };
}

/**
 * Searches by scores of events (events x profiles). Which profiles are open is the same for all
 * events of a gate.
 */
export function makeSearch(
  scores: Float32Array,
  gates: readonly string[],
  { list }: SearchEvents,
): EventScores['search'] {
  const m = gates.length;
  const openings = new Map<string, Omit<Search, 'scores'>>();
  const findOpening = (gate: string): Omit<Search, 'scores'> => {
    let found = openings.get(gate);
    if (found === undefined) {
      const passes = Uint8Array.from(gates, (other) => Number(passesGate(gate, other)));
      const open = (profile: number): boolean => passes[profile] === 1;
      found = { open, gated: open, opened: passes.reduce((sum, is) => sum + is, 0) };
      openings.set(gate, found);
    }
    return found;
  };
  return (event) => ({ scores: scores.subarray(event * m, (event + 1) * m), ...findOpening(list[event]!.gate) });
}

/** The open profiles of each class of detections. */
function listOpenings(gates: readonly string[]): (label: string) => Int32Array {
  const openings = new Map<string, Int32Array>();
  return (label) => {
    const gate = toGate(label);
    let found = openings.get(gate);
    if (found === undefined) {
      found = Int32Array.from([...gates.keys()].filter((profile) => passesGate(gate, gates[profile]!)));
      openings.set(gate, found);
    }
    return found;
  };
}

/**
 * A search is made anew whenever it is asked for, so that millions of stored rows need no table of
 * events by profiles.
 */
function scoreFromRows({ detections, profiles }: Dataset, stored: StoredScores, events: SearchEvents): EventScores {
  const { offsets, profile, score } = stored;
  const tops = new Float64Array(detections.length).fill(Number.NEGATIVE_INFINITY);
  for (let row = 0; row < tops.length; row++) {
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) if (score[i]! > tops[row]!) tops[row] = score[i]!;
  }
  return {
    tops,
    search: (event) => {
      const { rows } = events.list[event]!;
      const scores = new Float64Array(profiles.length).fill(Number.NaN);
      for (const row of rows) {
        for (let i = offsets[row]!; i < offsets[row + 1]!; i++)
          if (!(scores[profile[i]!]! >= score[i]!)) scores[profile[i]!] = score[i]!;
      }
      const open = (p: number): boolean => !Number.isNaN(scores[p]!);
      const opened = scores.reduce((sum, score) => sum + Number(!Number.isNaN(score)), 0);
      return { scores, open, opened, gated: (p) => open(p) || rows.some((row) => stored.gated(row, p)) };
    },
  };
}

/** The best two of the profiles that are open; ties go to the first in order of id. */
export function findCandidates(scores: ArrayLike<number>, open: (profile: number) => boolean): Candidates {
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
