// Events: what is searched as one. A burst at one gate class, its class, the bursts that cannot be
// told apart, and the events profiles were made from.
import { sexGate } from '../../deer/class-gates.ts';
import type { Box, Dataset, Detection } from './dataset.ts';

const gates = new Map<string, string>([['', 'unknown']]);

/**
 * What a class is compared as: a deer's sex class (every age class of males is a buck), any other
 * class as it is.
 */
export function gateOf(label: string): string {
  let gate = gates.get(label);
  if (gate === undefined) {
    gate = sexGate(label) ?? label;
    gates.set(label, gate);
  }
  return gate;
}

const DEER_GATES: ReadonlySet<string> = new Set(['buck', 'doe', 'fawn', 'unknown']);
export const isDeerGate = (gate: string): boolean => DEER_GATES.has(gate);

/**
 * 'unknown' passes the gate of every deer; a class that is no deer's passes only its own, also
 * where a profile's sex is unknown.
 */
export const passes = (one: string, other: string): boolean =>
  one === other || ((one === 'unknown' || other === 'unknown') && isDeerGate(one) && isDeerGate(other));

export interface Event {
  /**
   * The burst's id, with the gate class where the burst was split; the detection's id without a
   * burst.
   */
  id: string;
  /** Rows of Dataset.detections, in order of time. */
  rows: number[];
  /** Majority of the final classes by gate; 'unknown' on a tie or when all are. */
  gate: string;
  /** Its most frequent final class, for people. */
  label: string;
  /** Earliest capture, ms since 1970. */
  at: number | null;
  location: string | null;
}

export interface Events {
  /** In order of time, then id. */
  list: Event[];
  /** Event of each detection; -1 in a left-out burst. */
  of: Int32Array;
  /** Events that hold the detection a profile was made from: left out of every search. */
  source: Uint8Array;
  leftOut: {
    /** Bursts in which one image shows two animals of one gate class, and their detections. */
    bursts: number;
    detections: number;
  };
  /**
   * How many profiles have a known source, by the way it was found; the others may be running
   * means.
   */
  sources: { named: number; byScore: number; unknown: string[] };
  /** Profiles whose named source differs from them: cosine below 0.999. */
  unlike: { profile: string; cosine: number }[];
}

export const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Scores within a millionth of 1 are 1: equal vectors differ from it by rounding only. */
export const settled = (score: number): number => (score > 1 - 1e-6 ? 1 : score);

/**
 * Score of detection row and profile: the cosine of their vectors, which have length 1, or the
 * stored score; NaN where none is stored.
 */
export function scoreOf(
  { stored, vectors, profileVectors, dimensions }: Dataset,
  row: number,
  profile: number,
): number {
  if (stored !== null) {
    for (let i = stored.offsets[row]!; i < stored.offsets[row + 1]!; i++)
      if (stored.profile[i] === profile) return stored.score[i]!;
    return Number.NaN;
  }
  let sum = 0;
  for (let d = 0; d < dimensions; d++)
    sum += vectors[row * dimensions + d]! * profileVectors[profile * dimensions + d]!;
  return settled(sum);
}

export function eventsOf(dataset: Dataset): Events {
  const { detections } = dataset;
  const bursts = new Map<string, number[]>();
  const alone: number[][] = [];
  detections.forEach(({ burst }, row) => {
    const rows = burst === null ? undefined : bursts.get(burst);
    if (rows !== undefined) rows.push(row);
    else if (burst === null) alone.push([row]);
    else bursts.set(burst, [row]);
  });
  const list: Event[] = [];
  const leftOut = { bursts: 0, detections: 0 };
  for (const rows of [...bursts.values(), ...alone]) {
    const id = detections[rows[0]!]!.burst ?? detections[rows[0]!]!.id;
    const together = companions(detections, rows);
    if (together === 'none') list.push(eventFrom(detections, id, rows));
    else if (together === 'split') {
      for (const [gate, part] of Map.groupBy(rows, (row) => gateOf(detections[row]!.label))) {
        list.push(eventFrom(detections, `${id} ${gate}`, part));
      }
    } else {
      leftOut.bursts++;
      leftOut.detections += rows.length;
    }
  }
  list.sort((a, b) => (a.at ?? 0) - (b.at ?? 0) || (a.id < b.id ? -1 : 1));
  const of = new Int32Array(detections.length).fill(-1);
  list.forEach(({ rows }, event) => {
    for (const row of rows) of[row] = event;
  });
  return { list, of, leftOut, ...sourcesOf(dataset, of, list.length) };
}

/**
 * Whether a burst shows two animals in one image: none, of different gate classes (it can be
 * split), or of one (it cannot).
 */
function companions(detections: readonly Detection[], rows: readonly number[]): 'none' | 'split' | 'mixed' {
  const seen = new Map<string, string[]>();
  let found: 'none' | 'split' = 'none';
  for (const row of rows) {
    const { image, label } = detections[row]!;
    const gates = seen.get(image);
    const gate = gateOf(label);
    if (gates === undefined) seen.set(image, [gate]);
    else if (gates.includes(gate)) return 'mixed';
    else {
      gates.push(gate);
      found = 'split';
    }
  }
  return found;
}

function eventFrom(detections: readonly Detection[], id: string, rows: readonly number[]): Event {
  const ordered = rows.slice().sort((a, b) => (detections[a]!.at ?? 0) - (detections[b]!.at ?? 0) || a - b);
  const first = detections[ordered[0]!]!;
  const labels = ordered.map((row) => detections[row]!.label);
  return {
    id,
    rows: ordered,
    gate: majority(labels.map(gateOf)),
    label: majority(labels),
    at: first.at,
    location: first.location,
  };
}

/** The most frequent one; unknown ones do not vote; a tie is unknown. */
function majority(labels: readonly string[]): string {
  const votes = new Map<string, number>();
  for (const label of labels) if (label !== 'unknown' && label !== '') votes.set(label, (votes.get(label) ?? 0) + 1);
  const [first, second] = [...votes].sort((a, b) => b[1] - a[1]);
  return first === undefined || first[1] === second?.[1] ? 'unknown' : first[0];
}

/**
 * A profile that is some detection's vector agrees with it to rounding; 0.9999 is the limit where
 * the source is not named.
 */
const IS_SOURCE = 0.9999;
const IS_ALIKE = 0.999;

function sourcesOf(dataset: Dataset, of: Int32Array, count: number): Pick<Events, 'source' | 'sources' | 'unlike'> {
  const source = new Uint8Array(count);
  const sources: Events['sources'] = { named: 0, byScore: 0, unknown: [] };
  const unlike: Events['unlike'] = [];
  const rowOf = new Map(dataset.detections.map(({ id }, row) => [id, row]));
  const rowsOfDeer = Map.groupBy(dataset.detections.keys(), (row) => dataset.detections[row]!.deer);
  const leave = (row: number): void => {
    if (of[row]! >= 0) source[of[row]!] = 1;
  };
  dataset.profiles.forEach((profile, index) => {
    if (profile.source !== null) {
      sources.named++;
      const row = rowOf.get(profile.source);
      if (row === undefined) return;
      leave(row);
      const alike = scoreOf(dataset, row, index);
      if (alike < IS_ALIKE) unlike.push({ profile: profile.name, cosine: alike });
      return;
    }
    const rows = (rowsOfDeer.get(profile.id) ?? []).filter((row) => scoreOf(dataset, row, index) >= IS_SOURCE);
    rows.forEach(leave);
    if (rows.length > 0) sources.byScore++;
    else sources.unknown.push(profile.name);
  });
  return { source, sources, unlike };
}
