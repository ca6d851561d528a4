// A trial before a threshold is used: what it would change, for random events that a person can
// review.
import { scorePair } from '../dataset/dataset.ts';
import type { Draw } from '../dataset/draws.ts';
import { reviewedDetections } from '../evidence/chances.ts';
import type { Studied } from '../study/study.ts';
import { type Change, classifyChange, findPresentDeer } from './bands.ts';
import { type DrawOptions, drawEvents, findEvents } from './draw.ts';

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
  design: Draw['design'];
  /** Of the stored draw; null where it is not stored. */
  draw: number | null;
  /** Events that could be drawn: neither source events nor drawn before. */
  population: number;
  drawn_before: number;
  /** Drawn events that have a verdict already: decided at once. */
  decided_before: number;
  strata: { stratum: string; events: number; drawn: number; inclusion_probability: number }[];
  /** Events to review, in the order of the list. */
  rows: TrialRow[];
}

export interface DrawnTrial {
  trial: Trial;
  /** Draws that are to be stored, in order. */
  unstored: Draw[];
}

/** Draws events and tells what the threshold changes for each of them. */
export function drawTrial(study: Studied, options: DrawOptions): DrawnTrial {
  const { dataset } = study;
  const { draw, adopted, before } = drawEvents(study, options);
  const reviewed = reviewedDetections(dataset.reviews);
  const undecided = draw.taken.filter(({ detections }) => !detections.some((id) => reviewed.has(id)));
  const assigned: Assigned = Map.groupBy(dataset.detections.keys(), (row) => dataset.detections[row]!.deer);
  const numbers = findEvents(study);
  const chances = new Map(draw.strata.map(({ stratum, chance }) => [stratum, chance ?? 1]));
  const takenIn = Map.groupBy(draw.taken, ({ stratum }) => stratum);
  const strata = draw.strata.map(({ stratum }) => {
    const [drawn, chance] = [takenIn.get(stratum)?.length ?? 0, chances.get(stratum)!];
    return {
      ...{ stratum, events: drawn === 0 ? 0 : Math.round(drawn / chance), drawn, inclusion_probability: chance },
    };
  });
  const rows = undecided.flatMap(({ event, stratum }) => {
    const number = numbers.get(event);
    const chance = chances.get(stratum)!;
    return number === undefined ? [] : [makeRow(study, assigned, number, { ...options, stratum, chance })];
  });
  const trial: Trial = {
    ...{ threshold: options.threshold, seed: draw.seed, design: draw.design, draw: draw.id },
    ...{ population: draw.population.events - before, drawn_before: before },
    ...{ decided_before: draw.taken.length - undecided.length, strata, rows },
  };
  return { trial, unstored: draw.id !== null ? [] : adopted === null ? [draw] : [adopted, draw] };
}

interface Shown {
  threshold: number;
  stratum: string;
  chance: number;
}

/** Rows of detections by the deer that they are assigned to. */
type Assigned = ReadonlyMap<string | null, readonly number[]>;

function makeRow(study: Studied, assignedRows: Assigned, event: number, shown: Shown): TrialRow {
  const { threshold, stratum, chance } = shown;
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
    change: classifyChange(study, event, threshold),
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
