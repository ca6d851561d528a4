// What would have happened: events in order of time, a gallery that begins empty and grows whenever
// nothing reaches the threshold.
import type { Dataset } from '../dataset/dataset.ts';
import { type Event, type Events, passes } from '../dataset/events.ts';
import type { Labels } from './evidence.ts';
import type { Similarity } from './searches.ts';

export interface Replay {
  threshold: number;
  events: number;
  assigned: number;
  new_profiles: number;
  /**
   * Of animals known from reviews: those whose reviewed events lie in several profiles, and the
   * surplus profiles.
   */
  known_animals: number;
  split_animals: number;
  splits: number;
  /** Profiles that hold reviewed events of several known animals, and the surplus animals. */
  merged_profiles: number;
  merges: number;
}

/**
 * Scores of each event against the founding detection of every earlier event; larger histories
 * would not fit into memory.
 */
export const MOST_REPLAYED = 6_000;
/**
 * Founding vectors scored at once: bounds the kernel's answer to 1,024 columns (47 MB on the demo
 * herd).
 */
const COLUMNS = 1_024;

/** Event i against the founder of event j in `scores[i * events + j]`, j < i. */
export interface ReplayScores {
  events: Event[];
  /** Number of each replayed event in Events.list. */
  numbers: number[];
  scores: Float32Array;
  /** Earlier events that were left out because there are more than MOST_REPLAYED. */
  skipped: number;
}

/** The founder of a profile is its event's most confident detection (tie: the earliest). */
function founderOf({ detections }: Dataset, { rows }: Event): number {
  let best = rows[0]!;
  for (const row of rows) if ((detections[row]!.confidence ?? 0) > (detections[best]!.confidence ?? 0)) best = row;
  return best;
}

/**
 * The newest MOST_REPLAYED of the numbered events (those with a time), scored once for all
 * thresholds.
 */
export async function replayScoresOf(
  dataset: Dataset,
  all: Events,
  counted: readonly number[],
  similarity: Similarity,
): Promise<ReplayScores> {
  const timed = counted.filter((number) => all.list[number]!.at !== null);
  const numbers = timed.slice(-MOST_REPLAYED);
  const events = numbers.map((number) => all.list[number]!);
  const { dimensions, vectors } = dataset;
  const n = events.length;
  const best = new Float32Array(n * n).fill(-2);
  // Events lie one after the other: whoever is searched against founder j is a tail of this.
  // Shared, so that no thread needs a copy.
  const searchers = events.flatMap(({ rows }) => rows);
  const searched = new Float32Array(new SharedArrayBuffer(searchers.length * dimensions * 4));
  searchers.forEach((row, i) => {
    searched.set(vectors.subarray(row * dimensions, (row + 1) * dimensions), i * dimensions);
  });
  let first = 0;
  let scores: Float32Array | undefined;
  for (let from = 0; from < n; from += COLUMNS) {
    const founders = events.slice(from, from + COLUMNS).map((event) => founderOf(dataset, event));
    const columns = new Float32Array(founders.length * dimensions);
    founders.forEach((row, i) => {
      columns.set(vectors.subarray(row * dimensions, (row + 1) * dimensions), i * dimensions);
    });
    // Only later events are searched against a founder.
    scores = await similarity(searched.subarray(first * dimensions), columns, dimensions, { room: scores });
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
 * Runs the history at one threshold; each event joins the profile it scores highest against, under
 * the gate of the profile's founding event.
 */
export function replayAt(
  { events, numbers, scores }: ReplayScores,
  labels: Labels,
  dataset: Dataset,
  threshold: number,
): Replay {
  const n = events.length;
  const gallery: number[] = [];
  const profileOf = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    let [best, score] = [-1, Number.NEGATIVE_INFINITY];
    for (const founder of gallery) {
      const found = scores[i * n + founder]!;
      if (found > score && passes(events[i]!.gate, events[founder]!.gate)) [best, score] = [founder, found];
    }
    if (score >= threshold) profileOf[i] = best;
    else {
      profileOf[i] = i;
      gallery.push(i);
    }
  }
  const known = new Map<number, string>();
  for (const { event, profile } of labels.mated) known.set(event, `deer ${dataset.profiles[profile]!.id}`);
  for (const { event, identity } of labels.nonMated) if (identity !== null) known.set(event, `identity ${identity}`);
  const profilesOfAnimal = new Map<string, Set<number>>();
  const animalsOfProfile = new Map<number, Set<string>>();
  numbers.forEach((number, i) => {
    const animal = known.get(number);
    if (animal === undefined) return;
    const profile = profileOf[i]!;
    profilesOfAnimal.set(animal, (profilesOfAnimal.get(animal) ?? new Set()).add(profile));
    animalsOfProfile.set(profile, (animalsOfProfile.get(profile) ?? new Set()).add(animal));
  });
  const surplus = (sets: Iterable<{ size: number }>): number => [...sets].reduce((sum, { size }) => sum + size - 1, 0);
  const several = (sets: Iterable<{ size: number }>): number => [...sets].filter(({ size }) => size > 1).length;
  return {
    threshold,
    events: n,
    assigned: n - gallery.length,
    new_profiles: gallery.length,
    known_animals: profilesOfAnimal.size,
    split_animals: several(profilesOfAnimal.values()),
    splits: surplus(profilesOfAnimal.values()),
    merged_profiles: several(animalsOfProfile.values()),
    merges: surplus(animalsOfProfile.values()),
  };
}
