// Search events: the detections of one burst and one gate, which are searched as one. Also the
// bursts that cannot be divided into animals, and the events that profiles were made from. Pure.
import { type Dataset, scorePair } from './dataset.ts';
import { toGate } from './gates.ts';
import type { Detection } from './records.ts';

export interface SearchEvent {
  /**
   * Id of the burst, followed by the gate if the burst was split; id of a detection without one.
   */
  id: string;
  /** Rows of Dataset.detections, in order of time. */
  rows: number[];
  /** Majority of the gates of its detections; 'unknown' on a tie or when all are. */
  gate: string;
  /** Its most frequent final class, for people. */
  label: string;
  /** Earliest capture, ms since 1970. */
  at: number | null;
  location: string | null;
}

export interface SearchEvents {
  /** In order of time, then id. */
  list: SearchEvent[];
  /** Number of the event of each detection; -1 in a burst that is left out. */
  of: Int32Array;
  /** 1 for events that hold the source detection of a profile: left out of every search. */
  source: Uint8Array;
  /** By profile, the event that it was made from; -1 where that is not known or left out. */
  profileSource: Int32Array;
  /** By profile, the events that a vector which Hoofprint wrote was made from. */
  madeFrom: number[][];
  leftOut: {
    /** Bursts in which one image shows two animals of one gate, and their detections. */
    bursts: number;
    detections: number;
  };
  /**
   * Number of profiles whose source is known, by the way it was found, and the names of the others:
   * their vectors may be running means.
   */
  sources: { named: number; byScore: number; unknown: string[] };
  /** Profiles whose named source differs from them: cosine below 0.999. */
  unlike: { profile: string; cosine: number }[];
}

export function groupSearchEvents(dataset: Dataset): SearchEvents {
  const grouped = groupBursts(dataset.detections);
  return { ...grouped, ...findSources(dataset, grouped.of, grouped.list.length) };
}

/** What an event needs of a detection. */
export type Grouped = Pick<Detection, 'id' | 'image' | 'location' | 'at' | 'label' | 'burst'>;

/** The animal that a person saw in a detection; null where nobody said. */
type FindName = (row: number) => string | null;

/**
 * The events of detections alone, for those who need no profile: what a survey counts.
 * @param findName names divide a burst that would be left out, where they tell its animals apart
 */
export function groupBursts(
  detections: readonly Grouped[],
  findName: FindName = () => null,
): Pick<SearchEvents, 'list' | 'of' | 'leftOut'> {
  const bursts = new Map<string, number[]>();
  const alone: number[][] = [];
  detections.forEach(({ burst }, row) => {
    const rows = burst === null ? undefined : bursts.get(burst);
    if (rows !== undefined) rows.push(row);
    else if (burst === null) alone.push([row]);
    else bursts.set(burst, [row]);
  });
  const list: SearchEvent[] = [];
  const leftOut = { bursts: 0, detections: 0 };
  for (const rows of [...bursts.values(), ...alone]) {
    const id = detections[rows[0]!]!.burst ?? detections[rows[0]!]!.id;
    const company = findCompany(detections, rows);
    if (company === 'none') list.push(makeEvent(detections, id, rows));
    else if (company === 'other gates') {
      for (const [gate, part] of Map.groupBy(rows, (row) => toGate(detections[row]!.label))) {
        list.push(makeEvent(detections, `${id} ${gate}`, part));
      }
    } else {
      const parts = divideByName(detections, rows, findName);
      for (const [part, of] of parts) list.push(makeEvent(detections, `${id} ${part}`, of));
      if (parts.size > 0) continue;
      leftOut.bursts++;
      leftOut.detections += rows.length;
    }
  }
  list.sort((a, b) => (a.at ?? 0) - (b.at ?? 0) || (a.id < b.id ? -1 : 1));
  const of = new Int32Array(detections.length).fill(-1);
  list.forEach(({ rows }, event) => {
    for (const row of rows) of[row] = event;
  });
  return { list, of, leftOut };
}

/**
 * Whether a burst shows two animals in one image: none, some of other gates (the burst can be
 * split), or two of one gate (it cannot).
 */
function findCompany(
  detections: readonly Grouped[],
  rows: readonly number[],
): 'none' | 'other gates' | 'the same gate' {
  const gatesOfImage = new Map<string, string[]>();
  let found: 'none' | 'other gates' = 'none';
  for (const row of rows) {
    const { image, label } = detections[row]!;
    const gates = gatesOfImage.get(image);
    const gate = toGate(label);
    if (gates === undefined) gatesOfImage.set(image, [gate]);
    else if (gates.includes(gate)) return 'the same gate';
    else {
      gates.push(gate);
      found = 'other gates';
    }
  }
  return found;
}

/**
 * The detections of each animal that has a name, and the others by gate.
 * @returns nothing where one image still shows two of one part
 */
function divideByName(
  detections: readonly Grouped[],
  rows: readonly number[],
  findName: FindName,
): Map<string, number[]> {
  const parts = Map.groupBy(rows, (row) => {
    const name = findName(row);
    return name === null ? toGate(detections[row]!.label) : `named ${name}`;
  });
  const apart = [...parts.values()].every((of) => new Set(of.map((row) => detections[row]!.image)).size === of.length);
  return apart ? parts : new Map();
}

function makeEvent(detections: readonly Grouped[], id: string, rows: readonly number[]): SearchEvent {
  const ordered = rows.slice().sort((a, b) => (detections[a]!.at ?? 0) - (detections[b]!.at ?? 0) || a - b);
  const first = detections[ordered[0]!]!;
  const labels = ordered.map((row) => detections[row]!.label);
  return {
    id,
    rows: ordered,
    gate: findMajority(labels.map(toGate)),
    label: findMajority(labels),
    at: first.at,
    location: first.location,
  };
}

/** The most frequent label; unknown ones do not vote, a tie is unknown. */
function findMajority(labels: readonly string[]): string {
  const votes = new Map<string, number>();
  for (const label of labels) if (label !== 'unknown' && label !== '') votes.set(label, (votes.get(label) ?? 0) + 1);
  const [first, second] = [...votes].sort((a, b) => b[1] - a[1]);
  return first === undefined || first[1] === second?.[1] ? 'unknown' : first[0];
}

/** A profile that is the vector of a detection has this cosine with it; rounding takes less. */
const SOURCE_SCORE = 0.9999;
/** Below this cosine, a profile is not the vector of the detection that it names. */
const ALIKE_SCORE = 0.999;

/**
 * The events that profiles were made from: by the source that the deer names, else by a detection
 * assigned to the deer whose vector is the profile.
 */
function findSources(
  dataset: Dataset,
  of: Int32Array,
  count: number,
): Pick<SearchEvents, 'source' | 'profileSource' | 'madeFrom' | 'sources' | 'unlike'> {
  const source = new Uint8Array(count);
  const profileSource = new Int32Array(dataset.profiles.length).fill(-1);
  const madeFrom: number[][] = dataset.profiles.map(() => []);
  const sources: SearchEvents['sources'] = { named: 0, byScore: 0, unknown: [] };
  const unlike: SearchEvents['unlike'] = [];
  const positions = new Map(dataset.detections.map(({ id }, row) => [id, row]));
  const assigned = Map.groupBy(dataset.detections.keys(), (row) => dataset.detections[row]!.deer);
  const mark = (row: number, profile: number): void => {
    if (of[row]! < 0) return;
    source[of[row]!] = 1;
    profileSource[profile] = of[row]!;
  };
  dataset.profiles.forEach((profile, index) => {
    if (profile.madeFrom !== undefined && profile.madeFrom.length > 0) {
      const written = profile.madeFrom.flatMap((id) => positions.get(id) ?? []);
      for (const row of written.toReversed()) mark(row, index);
      madeFrom[index] = [...new Set(written.map((row) => of[row]!))].filter((event) => event >= 0);
      sources.named++;
      return;
    }
    if (profile.source !== null) {
      sources.named++;
      const row = positions.get(profile.source);
      if (row === undefined) return;
      mark(row, index);
      const cosine = scorePair(dataset, row, index);
      if (cosine < ALIKE_SCORE) unlike.push({ profile: profile.name, cosine });
      return;
    }
    const rows = (assigned.get(profile.id) ?? []).filter((row) => scorePair(dataset, row, index) >= SOURCE_SCORE);
    for (const row of rows) mark(row, index);
    if (rows.length > 0) sources.byScore++;
    else sources.unknown.push(profile.name);
  });
  return { source, profileSource, madeFrom, sources, unlike };
}
