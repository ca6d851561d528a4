// Error rates and assignment rates of a study at any threshold. Terms and formulas: ISO/IEC 19795-1
// and the NIST FRTE 1:N reports (see docs/REID_OPTIMIZATION_ANALYSIS.md).
import type { Dataset } from '../dataset/dataset.ts';
import type { SearchEvents } from '../dataset/search-events.ts';
import { isWeighable } from '../evidence/weights.ts';
import { type Bound, type ClusteredScores, computeBounds } from '../statistics/bound.ts';
import { estimateFpir, falseDiscovery, makeTail, makeWeightedTail, type Tail } from '../statistics/rates.ts';
import type { Labels } from './evidence.ts';
import type { Gallery } from './gallery.ts';
import type { MatedSearch, Searches } from './searches.ts';

/** Rates are shares (0 to 1); null where the evidence for them is missing. */
export interface ThresholdRow {
  threshold: number;
  assignment_rate: number | null;
  assigned_count: number;
  /** Of these, detections of events that profiles were made from; and the rate without them. */
  assigned_sources: number;
  assignment_rate_without_sources: number | null;
  event_assignment_rate: number | null;
  fpir: number | null;
  /**
   * One-sided 95% bound for the whole gallery: the bound for the profiles that were met, divided by
   * the share met; null without reviewed strangers.
   */
  fpir_upper: number | null;
  /** The same bound for the profiles that were met. */
  fpir_upper_met: number | null;
  fpir_n: number;
  fpir_m: number;
  fpir_errors: number;
  fpir_deff: number | null;
  fpir_n_eff: number | null;
  /** 1 - (1 - FMR)^N: what FPIR would be if comparisons were independent. */
  fpir_from_fmr: number | null;
  /** Searches of enrolled deer with their own profile left out; never pooled with FPIR. */
  own_profile_out: number | null;
  fnir: number | null;
  mis: number | null;
  fmr: number | null;
  fnmr: number | null;
  fdp: number | null;
  fdp_upper: number | null;
}

/** What rates are computed from. */
export interface RateSources {
  dataset: Dataset;
  events: SearchEvents;
  labels: Labels;
  searches: Searches;
  /** Best gated score of each detection. */
  detectionTops: Float64Array;
  /**
   * Events that rates of all events count: no source events and, where a sample was asked for, only
   * those drawn.
   */
  counted: number[];
  sampled: boolean;
  /** Ascending, over the range of the events' best scores, one step beyond its end (grid.ts). */
  grid: number[];
  /** p0: share of events of strangers, and where that share is from. */
  unknown: { share: number | null; from: 'given' | 'reviews' | null };
  /**
   * Mated searches that FNIR and MIS are computed from, and who labeled them: reviews when there
   * are any, else the matcher when the request names it.
   */
  mated: { searches: MatedSearch[]; by: 'reviews' | 'matcher' | null };
  /** Searches of named strangers, one cluster each, for the bound of FPIR. */
  strangers: ClusteredScores;
  gallery: Gallery;
}

/** Rates at given thresholds, in their order. */
export type RateTable = (thresholds: readonly number[]) => ThresholdRow[];

const NO_SCORES: ClusteredScores = { scores: [], cluster: [], weight: [] };

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** What a row is computed from is made once, when the first row is asked for. */
export function makeRateTable(sources: RateSources): RateTable {
  const { grid, strangers, unknown, gallery, searches, labels } = sources;
  const bounded = isWeighable(labels.weighting) ? strangers : NO_SCORES;
  let made: { assignment: AssignmentRates; errors: ErrorRates } | undefined;
  return (thresholds) => {
    made ??= { assignment: makeAssignmentRates(sources), errors: makeErrorRates(sources) };
    const { assignment, errors } = made;
    const bounds: Bound[] = computeBounds(bounded, thresholds, grid);
    return thresholds.map((threshold, index): ThresholdRow => {
      const bound = bounds[index]!;
      const { assigned, assignmentRate, eventRate, ...sources } = assignment(threshold);
      const { fnir, mis, fmr, fnmr, ownProfileOut } = errors(threshold);
      const met = bound.n === 0 ? null : bound.upper;
      const upper = met === null ? null : Math.min(1, met / gallery.share);
      return {
        threshold,
        assignment_rate: assignmentRate,
        assigned_count: assigned,
        ...sources,
        event_assignment_rate: eventRate,
        fpir: bound.p,
        fpir_upper: upper,
        fpir_upper_met: met,
        fpir_n: bound.n,
        fpir_m: bound.m,
        fpir_errors: bound.errors,
        fpir_deff: bound.deff,
        fpir_n_eff: bound.n === 0 ? null : bound.nEff,
        fpir_from_fmr: fmr === null ? null : estimateFpir(fmr, searches.openProfiles),
        own_profile_out: ownProfileOut,
        fnir,
        mis,
        fmr,
        fnmr,
        fdp: falseDiscovery(unknown.share, bound.p, mis, eventRate),
        fdp_upper: falseDiscovery(unknown.share, upper, mis, eventRate),
      };
    });
  };
}

type AssignmentRates = ReturnType<typeof makeAssignmentRates>;
type ErrorRates = ReturnType<typeof makeErrorRates>;

/**
 * By detection as the matcher counts: every detection, also those of source events and of bursts
 * that are left out; where events were sampled, those of the sampled events.
 */
function makeAssignmentRates({ dataset, events, searches, counted, sampled, detectionTops }: RateSources) {
  const tops = sampled
    ? Float64Array.from(counted.flatMap((event) => events.list[event]!.rows.map((row) => detectionTops[row]!)))
    : detectionTops;
  const total = sampled ? tops.length : dataset.total;
  const byDetection = makeTail(tops);
  const own = Float64Array.from(
    sampled
      ? []
      : events.list.flatMap(({ rows }, event) =>
          events.source[event] === 1 ? rows.map((row) => detectionTops[row]!) : [],
        ),
  );
  const byOwn = makeTail(own);
  const byEvent = makeTail(counted.map((event) => searches.all[event]!.firstScore));
  return (threshold: number) => {
    const assigned = tops.length === 0 ? 0 : Math.round(byDetection(threshold) * tops.length);
    const sources = own.length === 0 ? 0 : Math.round(byOwn(threshold) * own.length);
    return {
      assigned_sources: sources,
      assignment_rate_without_sources: total === own.length ? null : (assigned - sources) / (total - own.length),
      assigned,
      assignmentRate: total === 0 ? null : assigned / total,
      eventRate: finiteOrNull(byEvent(threshold)),
    };
  };
}

/** Reviews that cannot be weighted give no rate. */
function makeErrorRates({ labels, searches, mated: { searches: all, by } }: RateSources) {
  const usable = isWeighable(labels.weighting);
  const mated = usable || by === 'matcher' ? all : [];
  const weigh = (list: readonly MatedSearch[], score: (search: MatedSearch) => number): Tail =>
    makeTail(
      list.map(score),
      list.map(({ weight }) => weight),
    );
  const found = weigh(mated, ({ first, mateScore }) => (first ? mateScore : Number.NEGATIVE_INFINITY));
  const mistaken = weigh(mated, ({ first, topScore }) => (first ? Number.NEGATIVE_INFINITY : topScore));
  const others = weigh(mated, ({ otherScore }) => otherScore);
  const same = weigh(
    mated.filter(({ pairScore }) => pairScore !== null),
    ({ pairScore }) => pairScore!,
  );
  const different = makeWeightedTail(usable ? searches.nonMatedPairs : []);
  return (threshold: number) => {
    const fnir = finiteOrNull(1 - found(threshold));
    return {
      // Sums of weights may leave a rounding error below 0.
      fnir: fnir === null ? null : Math.max(0, fnir),
      mis: finiteOrNull(mistaken(threshold)),
      fmr: finiteOrNull(different(threshold)),
      fnmr: finiteOrNull(1 - same(threshold)),
      ownProfileOut: finiteOrNull(others(threshold)),
    };
  };
}
