// Everything that both analyses stand on, made once from a data set: events, labels, searches, the
// grid, and the error rates at any threshold.

import type { Dataset } from '../dataset/dataset.ts';
import { type Events, eventsOf } from '../dataset/events.ts';
import { DEFAULT_SEED, type ScoresInput } from '../input.ts';
import { type Bound, boundsAt, type ClusteredScores } from '../statistics/bound.ts';
import { dice } from '../statistics/random.ts';
import { falseDiscovery, fpirFromFmr, type Tail, tailOf } from '../statistics/rates.ts';
import { DEFAULT_EVIDENCE, type Evidence, type Labels, makeShortNames } from './evidence.ts';
import { type Gallery, galleryOf } from './gallery.ts';
import { refusalOf } from './refusal.ts';
import { type MatedSearch, type Searches, type Similarity, scored, searchesOf } from './searches.ts';

export interface Study {
  dataset: Dataset;
  evidence: readonly Evidence[];
  events: Events;
  labels: Labels;
  searches: Searches;
  /** Best gated score of each detection. */
  detectionTops: Float64Array;
  /**
   * Events that rates of all events count: not source events and, where a sample was asked for,
   * drawn.
   */
  counted: number[];
  sampled: boolean;
  /** Ascending hundredths over the range of the events' best scores, one step beyond its end. */
  grid: number[];
  /** Share of events whose animal is not enrolled, and where it is from. */
  unknown: { share: number | null; from: 'given' | 'reviews' | null };
  /**
   * Mated searches that FNIR and MIS rest on, and who labelled them: reviews when there are any,
   * else the matcher when asked for.
   */
  mated: { searches: MatedSearch[]; by: 'reviews' | 'matcher' | null };
  /** Clusters of the FPIR bound. */
  strangers: ClusteredScores;
  /** How much of the gallery their searches met. */
  gallery: Gallery;
  /** Rates at given thresholds, in their order. */
  rows(thresholds: readonly number[]): ThresholdRow[];
}

/** Rates are shares (0-1); null where the evidence for them is missing. */
export interface ThresholdRow {
  threshold: number;
  assignment_rate: number | null;
  assigned_count: number;
  event_assignment_rate: number | null;
  fpir: number | null;
  /**
   * One-sided 95 %, for the whole gallery: the bound of the profiles met over the share met; null
   * without reviewed animals that are not enrolled.
   */
  fpir_upper: number | null;
  /** The same bound for the profiles that were met. */
  fpir_upper_met: number | null;
  fpir_n: number;
  fpir_m: number;
  fpir_errors: number;
  fpir_deff: number | null;
  fpir_n_eff: number | null;
  /** 1 - (1 - FMR)^N beside FPIR: what it would be if comparisons were independent. */
  fpir_from_fmr: number | null;
  /** Searches of enrolled animals with their own profile left out; never pooled with FPIR. */
  own_profile_out: number | null;
  fnir: number | null;
  mis: number | null;
  fmr: number | null;
  fnmr: number | null;
  fdp: number | null;
  fdp_upper: number | null;
}

/**
 * @throws nothing: what cannot be computed comes back as a sentence.
 * @param similarity the kernel; called with all detections against all profiles, so many at a time
 */
export async function studyOf(dataset: Dataset, similarity: Similarity, input: ScoresInput): Promise<Study | string> {
  const refusal = refusalOf(dataset);
  if (refusal !== undefined) return refusal;
  const evidence = input.evidence ?? DEFAULT_EVIDENCE;
  const events = eventsOf(dataset);
  const labels = makeShortNames(dataset, events, evidence);
  const scores = await scored(similarity, dataset, events);
  const searches = searchesOf(dataset, events, labels, scores);
  const open = events.list.flatMap((_, event) => (events.source[event] === 1 ? [] : [event]));
  const sampled = input.sample !== undefined && input.sample < open.length;
  const counted = sampled
    ? dice(input.seed ?? DEFAULT_SEED, 'sample')
        .draw(open, input.sample!)
        .sort((a, b) => a - b)
    : open;
  const made = {
    dataset,
    evidence,
    events,
    labels,
    searches,
    detectionTops: scores.tops,
    counted,
    sampled,
    grid: gridOver(open.map((event) => searches.all[event]!.firstScore)),
    unknown: unknownShare(labels, input.unknown_share),
    mated:
      searches.mated.length > 0
        ? { searches: searches.mated, by: 'reviews' as const }
        : { searches: searches.matcher, by: searches.matcher.length > 0 ? ('matcher' as const) : null },
    strangers: strangersOf(searches),
    gallery: galleryOf(dataset, events, searches, counted),
  };
  return { ...made, rows: rowMaker(made) };
}

/** Hundredths from the lowest to one step beyond the highest finite score, inside [-1, 1]. */
export function gridOver(scores: readonly number[]): number[] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const score of scores) {
    if (!Number.isFinite(score)) continue;
    low = Math.min(low, score);
    high = Math.max(high, score);
  }
  if (low > high) return [];
  const [from, to] = [Math.max(-100, Math.floor(low * 100)), Math.min(100, Math.floor(high * 100) + 1)];
  return Array.from({ length: to - from + 1 }, (_, i) => (from + i) / 100);
}

/**
 * From reviews only when their inclusion probabilities are told: whether a plain list of reviews is
 * random cannot be known.
 */
function unknownShare(labels: Labels, given: number | undefined): Study['unknown'] {
  if (given !== undefined) return { share: given, from: 'given' };
  const sum = (list: readonly { weight: number }[]): number => list.reduce((total, { weight }) => total + weight, 0);
  const [none, same] = [sum(labels.nonMated), sum(labels.mated)];
  if (labels.weighting !== 'given' || none + same === 0) return { share: null, from: null };
  return { share: none / (none + same), from: 'reviews' };
}

function strangersOf({ nonMated }: Searches): ClusteredScores {
  const known = nonMated.filter(({ identity }) => identity !== null);
  const numbers = new Map(
    [...new Set(known.map(({ identity }) => identity))].map((identity, index) => [identity, index]),
  );
  return {
    scores: known.map(({ topScore }) => topScore),
    cluster: known.map(({ identity }) => numbers.get(identity)!),
    weight: known.map(({ weight }) => weight),
  };
}

export const orNull = (value: number | null | undefined): number | null =>
  value === null || value === undefined || !Number.isFinite(value) ? null : value;

/** Tails of all score sets are sorted once; a row is then a few bisections. */
function rowMaker(study: Omit<Study, 'rows'>): Study['rows'] {
  const { dataset, events, labels, searches, counted, sampled, grid, strangers, unknown, gallery } = study;
  // Operation counts every detection, also those of source events and left-out bursts; a sample
  // counts those of its events.
  const tops = sampled
    ? Float64Array.from(counted.flatMap((event) => events.list[event]!.rows.map((row) => study.detectionTops[row]!)))
    : study.detectionTops;
  const of = sampled ? tops.length : dataset.total;
  const byDetection = tailOf(tops);
  const byEvent = tailOf(counted.map((event) => searches.all[event]!.firstScore));
  const usable = labels.weighting !== 'mixed';
  const mated = usable || study.mated.by === 'matcher' ? study.mated.searches : [];
  const tail = (score: (search: MatedSearch) => number): Tail =>
    tailOf(
      mated.map(score),
      mated.map(({ weight }) => weight),
    );
  const found = tail(({ first, mateScore }) => (first ? mateScore : Number.NEGATIVE_INFINITY));
  const mistaken = tail(({ first, topScore }) => (first ? Number.NEGATIVE_INFINITY : topScore));
  const others = tail(({ otherScore }) => otherScore);
  const compared = mated.filter(({ pairScore }) => pairScore !== null);
  const pairs = tailOf(
    compared.map(({ pairScore }) => pairScore!),
    compared.map(({ weight }) => weight),
  );
  const different = usable ? tailOf(searches.nonMatedPairs.scores, searches.nonMatedPairs.weights) : () => Number.NaN;
  const none: ClusteredScores = { scores: [], cluster: [], weight: [] };
  return (thresholds) => {
    const bounds: Bound[] = boundsAt(usable ? strangers : none, thresholds, grid);
    return thresholds.map((threshold, index): ThresholdRow => {
      const bound = bounds[index]!;
      const assigned = tops.length === 0 ? 0 : Math.round(byDetection(threshold) * tops.length);
      const [eventRate, mis, fmr] = [byEvent(threshold), mistaken(threshold), different(threshold)].map(orNull) as [
        number | null,
        number | null,
        number | null,
      ];
      const fnir = orNull(1 - found(threshold));
      const met = bound.n === 0 ? null : bound.upper;
      const upper = met === null ? null : Math.min(1, met / gallery.share);
      return {
        threshold,
        assignment_rate: of === 0 ? null : assigned / of,
        assigned_count: assigned,
        event_assignment_rate: eventRate,
        fpir: bound.p,
        fpir_upper: upper,
        fpir_upper_met: met,
        fpir_n: bound.n,
        fpir_m: bound.m,
        fpir_errors: bound.errors,
        fpir_deff: bound.deff,
        fpir_n_eff: bound.n === 0 ? null : bound.nEff,
        fpir_from_fmr: fmr === null ? null : fpirFromFmr(fmr, searches.openProfiles),
        own_profile_out: orNull(others(threshold)),
        fnir: fnir === null ? null : Math.max(0, fnir),
        mis,
        fmr,
        fnmr: orNull(1 - pairs(threshold)),
        fdp: falseDiscovery(unknown.share, bound.p, mis, eventRate),
        fdp_upper: falseDiscovery(unknown.share, upper, mis, eventRate),
      };
    });
  };
}
