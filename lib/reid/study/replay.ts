// Replay: the events in order of time, searched in a gallery that starts empty and gains a profile
// whenever no score reaches the threshold.
import type { Dataset } from '../dataset/dataset.ts';
import { passesGate } from '../dataset/gates.ts';
import type { SearchEvent, SearchEvents } from '../dataset/search-events.ts';
import { pauseWatched } from '../watch/index.ts';
import { type Labels, nameEvents } from './evidence.ts';
import type { Similarity } from './scoring.ts';

export interface Replay {
  threshold: number;
  events: number;
  assigned: number;
  new_profiles: number;
  /**
   * Animals known from reviews; those whose reviewed events are in several profiles; the surplus
   * profiles.
   */
  known_animals: number;
  split_animals: number;
  splits: number;
  /** Profiles that hold reviewed events of several known animals, and the surplus animals. */
  merged_profiles: number;
  merges: number;
}

/** Scores of every two events are kept, 4 bytes each: more events would not fit into memory. */
const MOST_REPLAYED = 6_000;
/** Founders scored at a time: the kernel's answer has so many columns (47 MB on the demo herd). */
const COLUMNS = 1_024;

/** Event i against the founder of event j is `scores[i * events.length + j]`, j < i. */
export interface ReplayScores {
  events: SearchEvent[];
  /** Number of each replayed event in SearchEvents.list. */
  numbers: number[];
  scores: Float32Array;
  /** Earlier events that were left out because there are more than MOST_REPLAYED. */
  skipped: number;
}

/** A new profile is made from its event's most confident detection (tie: the earliest). */
function findFounder({ detections }: Dataset, { rows }: SearchEvent): number {
  let best = rows[0]!;
  for (const row of rows) if ((detections[row]!.confidence ?? 0) > (detections[best]!.confidence ?? 0)) best = row;
  return best;
}

/** The vectors of these detections, row after row, in memory that threads can share. */
function gatherVectors({ vectors, dimensions }: Dataset, rows: readonly number[]): Float32Array {
  const gathered = new Float32Array(new SharedArrayBuffer(rows.length * dimensions * 4));
  rows.forEach((row, i) => {
    gathered.set(vectors.subarray(row * dimensions, (row + 1) * dimensions), i * dimensions);
  });
  return gathered;
}

/** Scores the newest MOST_REPLAYED of the counted events that have a time, for all thresholds. */
export async function scoreReplay(
  dataset: Dataset,
  { list }: SearchEvents,
  counted: readonly number[],
  similarity: Similarity,
): Promise<ReplayScores> {
  const timed = counted.filter((number) => list[number]!.at !== null);
  const numbers = timed.slice(-MOST_REPLAYED);
  const events = numbers.map((number) => list[number]!);
  const { dimensions } = dataset;
  const n = events.length;
  const best = new Float32Array(n * n).fill(-2);
  // In order of event, so that the events searched against a founder are a tail of this array.
  const searched = gatherVectors(
    dataset,
    events.flatMap(({ rows }) => rows),
  );
  let first = 0;
  let scores: Float32Array | undefined;
  for (let from = 0; from < n; from += COLUMNS) {
    await pauseWatched(from / n);
    const founders = events.slice(from, from + COLUMNS).map((event) => findFounder(dataset, event));
    // Only later events are searched against a founder.
    scores = await similarity(searched.subarray(first * dimensions), gatherVectors(dataset, founders), dimensions, {
      room: scores,
    });
    let at = 0;
    for (let i = from; i < n; i++) {
      for (let r = 0; r < events[i]!.rows.length; r++, at++) {
        for (let j = 0; j < founders.length; j++) {
          const score = scores[at * founders.length + j]!;
          if (score > best[i * n + from + j]!) best[i * n + from + j] = score;
        }
      }
    }
    for (const { rows } of events.slice(from, from + COLUMNS)) first += rows.length;
  }
  return { events, numbers, scores: best, skipped: timed.length - n };
}

/**
 * The history at one threshold: each event joins the profile that it scores highest against, under
 * the gate of the event that founded the profile.
 */
export function replayHistory(replay: ReplayScores, labels: Labels, dataset: Dataset, threshold: number): Replay {
  const { profiles, founders } = assignEvents(replay, threshold);
  const names = nameEvents(dataset, labels);
  const profilesOfAnimal = new Map<string, Set<number>>();
  const animalsOfProfile = new Map<number, Set<string>>();
  replay.numbers.forEach((number, i) => {
    const animal = names.get(number);
    if (animal === undefined) return;
    const profile = profiles[i]!;
    profilesOfAnimal.set(animal, (profilesOfAnimal.get(animal) ?? new Set()).add(profile));
    animalsOfProfile.set(profile, (animalsOfProfile.get(profile) ?? new Set()).add(animal));
  });
  const surplus = (sets: Iterable<{ size: number }>): number => [...sets].reduce((sum, { size }) => sum + size - 1, 0);
  const several = (sets: Iterable<{ size: number }>): number => [...sets].filter(({ size }) => size > 1).length;
  return {
    threshold,
    events: profiles.length,
    assigned: profiles.length - founders,
    new_profiles: founders,
    known_animals: profilesOfAnimal.size,
    split_animals: several(profilesOfAnimal.values()),
    splits: surplus(profilesOfAnimal.values()),
    merged_profiles: several(animalsOfProfile.values()),
    merges: surplus(animalsOfProfile.values()),
  };
}

/** The founding event of each event's profile, and how many events founded one. */
function assignEvents({ events, scores }: ReplayScores, threshold: number): { profiles: Int32Array; founders: number } {
  const n = events.length;
  const founders: number[] = [];
  const profiles = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    let [best, score] = [-1, Number.NEGATIVE_INFINITY];
    for (const founder of founders) {
      const found = scores[i * n + founder]!;
      if (found > score && passesGate(events[i]!.gate, events[founder]!.gate)) [best, score] = [founder, found];
    }
    if (score >= threshold) profiles[i] = best;
    else {
      profiles[i] = i;
      founders.push(i);
    }
  }
  return { profiles, founders: founders.length };
}
