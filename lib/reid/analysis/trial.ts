// A trial before a threshold is used: what it would change, for a random stratified sample of
// events that a person can review.
import { scorePair } from '../dataset/dataset.ts';
import { dice } from '../statistics/random.ts';
import type { Studied } from '../study/study.ts';

export interface TrialOptions {
  threshold: number;
  /** How many events to draw at most. */
  sample: number;
  seed?: number;
}

export type Change = 'assigned anew' | 'assigned to another' | 'no longer assigned' | 'as before' | 'still none';

export interface TrialRow {
  event: string;
  change: Change;
  class: string;
  captured_at: string | null;
  location: string | null;
  /** Every detection of the event, and the detection with the best score. */
  detections: string[];
  detection: string;
  present_deer: string | null;
  present_deer_id: string | null;
  /** What the threshold would assign; null below it. */
  proposed_deer: string | null;
  proposed_deer_id: string | null;
  /**
   * The best candidate, also below the threshold, its source detection and score; null where no
   * profile passes the gate.
   */
  candidate_deer: string | null;
  candidate_deer_id: string | null;
  candidate_source: string | null;
  /**
   * A detection that shows the candidate: its source or, where that is not known, the best one of
   * another event that is assigned to it; null without one.
   */
  candidate_picture: string | null;
  score: number | null;
  runner_up_deer: string | null;
  runner_up_score: number | null;
  stratum: string;
  inclusion_probability: number;
}

export interface Trial {
  threshold: number;
  seed: number;
  /** Events that could be drawn: neither source events nor reviewed before. */
  population: number;
  already_reviewed: number;
  strata: { stratum: string; events: number; drawn: number; inclusion_probability: number }[];
  rows: TrialRow[];
}

const CHANGED: readonly Change[] = ['assigned anew', 'assigned to another', 'no longer assigned'];
/**
 * Changes are what a person wants to see; the others are needed to estimate rates of all events.
 */
const CHANGED_SHARE = 0.5;

interface Group {
  stratum: string;
  change: Change;
  events: number[];
}

/**
 * Draws at most `sample` events. A stratum is a kind of change in a gate class; all events of a
 * stratum have the same known chance, and every stratum gets at least one event while there are
 * enough. Repeatable for a seed.
 */
export function drawTrial(study: Studied, { threshold, sample, seed = 1 }: TrialOptions): Trial {
  const { counted, dataset } = study;
  const reviewed = findReviewed(study);
  const open = counted.filter((event) => !reviewed.has(event));
  const groups = groupByChange(study, open, threshold);
  const sizes = allocate(groups, sample);
  const roll = dice(seed, 'trial');
  const assigned: Assigned = Map.groupBy(dataset.detections.keys(), (row) => dataset.detections[row]!.deer);
  const strata: Trial['strata'] = [];
  const rows: TrialRow[] = [];
  groups.forEach(({ stratum, change, events }, index) => {
    const drawn = roll.draw(events, sizes[index]!).sort((a, b) => a - b);
    const chance = drawn.length / events.length;
    strata.push({ stratum, events: events.length, drawn: drawn.length, inclusion_probability: chance });
    for (const event of drawn) rows.push(makeRow(study, assigned, event, { change, threshold, stratum, chance }));
  });
  return {
    threshold,
    seed,
    population: open.length,
    already_reviewed: counted.length - open.length,
    strata,
    rows,
  };
}

/** Events with a review of any of their detections. */
function findReviewed({ dataset, events }: Studied): Set<number> {
  const rows = new Map(dataset.detections.map(({ id }, row) => [id, row]));
  return new Set(
    dataset.reviews.flatMap(({ detection }) => {
      const row = rows.get(detection);
      return row === undefined ? [] : [events.of[row]!];
    }),
  );
}

function groupByChange(study: Studied, open: readonly number[], threshold: number): Group[] {
  const groups = new Map<string, Group>();
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
function findPresentDeer({ dataset, events }: Studied, event: number): string | null {
  const votes = new Map<string, number>();
  for (const row of events.list[event]!.rows) {
    const { deer } = dataset.detections[row]!;
    if (deer !== null) votes.set(deer, (votes.get(deer) ?? 0) + 1);
  }
  return [...votes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0] ?? null;
}

function classifyChange(study: Studied, event: number, threshold: number): Change {
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
function allocate(strata: readonly { change: Change; events: readonly number[] }[], sample: number): number[] {
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

interface Drawn {
  change: Change;
  threshold: number;
  stratum: string;
  chance: number;
}

/** Rows of detections by the deer that they are assigned to. */
type Assigned = ReadonlyMap<string | null, readonly number[]>;

function makeRow(study: Studied, assignedRows: Assigned, event: number, drawn: Drawn): TrialRow {
  const { change, threshold, stratum, chance } = drawn;
  const { dataset, events, searches } = study;
  const { id, rows, label, at, location } = events.list[event]!;
  const { first, firstScore, second, secondScore } = searches.all[event]!;
  const present = findPresentDeer(study, event);
  const nameDeer = (deer: string | null): string | null => (deer === null ? null : (dataset.names.get(deer) ?? deer));
  const candidate = first < 0 ? null : dataset.profiles[first]!;
  const assigned = candidate !== null && firstScore >= threshold ? candidate : null;
  let best = rows[0]!;
  for (const row of rows) if (study.detectionTops[row]! > study.detectionTops[best]!) best = row;
  return {
    event: id,
    change,
    class: label,
    captured_at: at === null ? null : new Date(at).toISOString(),
    location: location === null ? null : (dataset.locations.get(location)?.name ?? location),
    detections: rows.map((row) => dataset.detections[row]!.id),
    detection: dataset.detections[best]!.id,
    present_deer: nameDeer(present),
    present_deer_id: present,
    proposed_deer: assigned?.name ?? null,
    proposed_deer_id: assigned?.id ?? null,
    candidate_deer: candidate?.name ?? null,
    candidate_deer_id: candidate?.id ?? null,
    candidate_source: candidate?.source ?? null,
    candidate_picture: candidate === null ? null : (candidate.source ?? findPicture(study, assignedRows, first, event)),
    score: candidate === null ? null : firstScore,
    runner_up_deer: second < 0 ? null : dataset.profiles[second]!.name,
    runner_up_score: second < 0 ? null : secondScore,
    stratum,
    inclusion_probability: chance,
  };
}

/**
 * The best-scored detection of another event that is assigned to the deer, to look at: the matcher
 * may be wrong. null without one.
 */
function findPicture({ dataset, events }: Studied, assigned: Assigned, profile: number, event: number): string | null {
  let [best, most]: [string | null, number] = [null, Number.NEGATIVE_INFINITY];
  for (const row of assigned.get(dataset.profiles[profile]!.id) ?? []) {
    if (events.of[row] === event) continue;
    const score = scorePair(dataset, row, profile);
    if (best === null || score > most) [best, most] = [dataset.detections[row]!.id, Number.isNaN(score) ? most : score];
  }
  return best;
}

/**
 * Columns of the CSV, in order; a list of detections is joined by spaces. The writer of the file
 * disarms cells that a spreadsheet would run.
 */
export const TRIAL_COLUMNS = [
  'event',
  'change',
  'class',
  'captured_at',
  'location',
  'detection',
  'detections',
  'present_deer',
  'proposed_deer',
  'candidate_deer',
  'candidate_deer_id',
  'score',
  'runner_up_deer',
  'runner_up_score',
  'stratum',
  'inclusion_probability',
] as const satisfies readonly (keyof TrialRow)[];

/** Rows of cells under TRIAL_COLUMNS. */
export const trialCells = ({ rows }: Trial): string[][] =>
  rows.map((row) => TRIAL_COLUMNS.map((column) => formatCell(row[column])));

function formatCell(cell: TrialRow[keyof TrialRow]): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return cell;
  return typeof cell === 'number' ? String(Number(cell.toFixed(6))) : cell.join(' ');
}
