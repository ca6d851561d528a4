// What every analysis begins with: counts, evidence, what weakens the numbers, and the
// recommendation.
import { alikeWarning } from '../../deer/names-alike.ts';
import type { Dataset, LeftOut, Source } from '../dataset/dataset.ts';
import type { StoredSummary } from '../dataset/stored-scores.ts';
import type { Separation } from '../statistics/rates.ts';
import { bandUnsure, measureUndescribed, type Undescribed, type UnsureBand } from '../study/coverage.ts';
import type { Labels } from '../study/evidence.ts';
import type { ThresholdRow } from '../study/rates.ts';
import { countPairs } from '../study/searches.ts';
import type { Refused, Studied } from '../study/study.ts';
import { nextSeed } from './asking.ts';
import { warnOfTies } from './evidence-notes.ts';
import type { Grounds } from './grounds.ts';
import { writeNotes } from './notes.ts';
import { type Recommendation, recommend, refuse } from './recommend.ts';

export const DEFAULT_MAX_FPIR = 0.05;
export const DEFAULT_MIN_ANIMALS = 30;

export interface DecisionOptions {
  /** REID_THRESHOLD. */
  currentThreshold: number;
  /** The upper bound of FPIR must stay below it, 0 to 1. */
  max_fpir?: number;
  /** How many strangers must have been reviewed. */
  min_animals?: number;
}

export interface Overview {
  current_threshold: number;
  current_assignment_rate: number | null;
  total_detections: number;
  assigned_detections: number;
  /** Of these, by runs of `npm run reid -- apply`; and the share without them. */
  applied_detections: number;
  unapplied_assignment_rate: number | null;
  deer_profiles: number;
  /**
   * What scores were made from, of which embedding version (null: not recorded), and how complete
   * stored ones are.
   */
  source: Source;
  embedding_version: string | null;
  stored_scores: StoredSummary | null;
  left_out: { detections: LeftOut; profiles: LeftOut; bursts: number; burst_detections: number };
  events: number;
  source_events: number;
  /** Events that rates of all events count. */
  searches: number;
  sampled: boolean;
  /** What the reader must know before any number, in words. */
  notes: string[];
  evidence: EvidenceSummary | null;
  recommendation: Recommendation;
}

export type EvidenceSummary = Labels['counts'] & {
  used: readonly string[];
  weighting: Labels['weighting'];
  mated_by: 'reviews' | 'matcher' | null;
  mated_searches: number;
  matcher_searches: number;
  non_mated_searches: number;
  non_mated_animals: number;
  non_mated_pairs: number;
  unmet: number;
  narrowed: number;
  /** g: weighted share of the gallery that the named strangers met. */
  gallery_met: number;
  /**
   * Reviewed events of a deer without a stored score against it: left out, because the deer is
   * newer; counted as a miss.
   */
  mate_newer: number;
  mate_missing: number;
  gated_profiles: number;
  /** Events that no stored draw describes; null without stored draws. */
  undescribed: Undescribed | null;
  /** Reviewed events by their best score, and how many of each band nobody could decide. */
  unsure_by_score: UnsureBand[];
  unknown_share: number | null;
  unknown_share_from: 'given' | 'reviews' | null;
};

/** Counts of a data set, whether or not it could be studied. */
function describeDataset(dataset: Dataset, currentThreshold: number) {
  return {
    current_threshold: currentThreshold,
    current_assignment_rate: dataset.total === 0 ? null : dataset.assigned / dataset.total,
    total_detections: dataset.total,
    assigned_detections: dataset.assigned,
    applied_detections: dataset.applied,
    unapplied_assignment_rate: dataset.total === 0 ? null : (dataset.assigned - dataset.applied) / dataset.total,
    deer_profiles: dataset.profiles.length,
    source: dataset.source,
    embedding_version: dataset.version,
    stored_scores: dataset.stored?.summary ?? null,
  };
}

export const describeRefused = ({ dataset, reason }: Refused, { currentThreshold }: DecisionOptions): Overview => ({
  ...describeDataset(dataset, currentThreshold),
  left_out: { ...dataset.leftOut, bursts: 0, burst_detections: 0 },
  events: 0,
  source_events: 0,
  searches: 0,
  sampled: false,
  notes: dataset.absent,
  evidence: null,
  recommendation: refuse(reason),
});

/** What a recommendation of this study is derived from. */
export const makeGrounds = (
  { dataset, labels, mated, gallery }: Studied,
  options: DecisionOptions,
  { grid, current, auc }: Pick<Grounds, 'grid' | 'current' | 'auc'>,
): Grounds => ({
  grid,
  current,
  maxFpir: options.max_fpir ?? DEFAULT_MAX_FPIR,
  minAnimals: options.min_animals ?? DEFAULT_MIN_ANIMALS,
  profiles: dataset.profiles.length,
  weighting: labels.weighting,
  matedBy: mated.by,
  auc,
  gallery,
  lowestStored: dataset.stored?.summary.lowest ?? null,
  unnamed: labels.counts.none - labels.counts.noneWithIdentity,
  asking: { threshold: options.currentThreshold, seed: nextSeed(dataset.draws) },
});

/**
 * @param grid rates at every threshold of the study's grid
 * @param separation of the reviewed comparisons
 */
export function describeStudied(
  study: Studied,
  options: DecisionOptions,
  { grid, separation }: { grid: readonly ThresholdRow[]; separation: Separation },
): Overview {
  const { dataset, events, labels } = study;
  const current = study.rates([options.currentThreshold])[0]!;
  const recommendation = recommend(makeGrounds(study, options, { grid, current, auc: separation.auc }));
  const alike = alikeWarning(labels.nonMated.flatMap(({ identity }) => identity ?? []));
  if (alike !== undefined) recommendation.warnings.push(alike);
  recommendation.warnings.push(...warnOfTies(study));
  return {
    ...describeDataset(dataset, options.currentThreshold),
    left_out: { ...dataset.leftOut, bursts: events.leftOut.bursts, burst_detections: events.leftOut.detections },
    events: events.list.length,
    source_events: events.source.reduce((sum, is) => sum + is, 0),
    searches: study.counted.length,
    sampled: study.sampled,
    notes: writeNotes(study, current, recommendation),
    evidence: summarizeEvidence(study),
    recommendation,
  };
}

function summarizeEvidence(study: Studied): EvidenceSummary {
  const { evidence, labels, searches, mated, unknown, strangers, gallery } = study;
  return {
    used: evidence,
    weighting: labels.weighting,
    ...labels.counts,
    mated_by: mated.by,
    mated_searches: mated.by === 'reviews' ? mated.searches.length : 0,
    matcher_searches: searches.matcher.length,
    non_mated_searches: strangers.scores.length,
    non_mated_animals: new Set(Array.from(strangers.cluster)).size,
    non_mated_pairs: countPairs(searches.nonMatedPairs),
    unmet: searches.unmet,
    narrowed: searches.narrowed,
    gallery_met: gallery.share,
    mate_newer: searches.mateNewer,
    mate_missing: searches.mateMissing,
    gated_profiles: searches.openProfiles,
    undescribed: measureUndescribed(study),
    unsure_by_score: bandUnsure(study),
    unknown_share: unknown.share,
    unknown_share_from: unknown.from,
  };
}
