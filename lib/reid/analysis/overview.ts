// What stands at the head of both analyses: counts, evidence, what weakens the numbers, and the
// recommendation.
import { alikeWarning } from '../../deer/names-alike.ts';
import type { Dataset, LeftOut, Source } from '../dataset/dataset.ts';
import type { StoredSummary } from '../dataset/stored.ts';
import { DEFAULT_MAX_FPIR, DEFAULT_MIN_ANIMALS, type ScoresInput } from '../input.ts';
import { separationOf } from '../statistics/rates.ts';
import type { Labels } from '../study/evidence.ts';
import { pairScoresOf } from '../study/searches.ts';
import type { Study } from '../study/study.ts';
import { notesOf } from './notes.ts';
import { type Recommendation, recommend } from './recommend.ts';

export interface Circumstances {
  /** REID_THRESHOLD. */
  currentThreshold: number;
  /**
   * The replay costs a search of every event against all earlier ones: done only when asked for.
   */
  replay?: boolean;
}

/** What stands at the head of both analyses. */
export interface Overview {
  current_threshold: number;
  current_assignment_rate: number | null;
  total_detections: number;
  assigned_detections: number;
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
  unknown_share: number | null;
  unknown_share_from: 'given' | 'reviews' | null;
};

/**
 * The head, the grid rows that charts are drawn from, and the separation of reviewed comparisons.
 */
export function makeOverview(
  dataset: Dataset,
  study: Study | string,
  input: ScoresInput,
  { currentThreshold }: Circumstances,
) {
  const refused = typeof study === 'string';
  const grid = refused ? [] : study.rows(study.grid);
  const current = refused ? null : study.rows([currentThreshold])[0]!;
  const mated = refused ? [] : pairScoresOf(study.searches.mated);
  const separation = refused ? null : separationOf(mated, study.searches.nonMatedPairs.scores);
  const recommendation = recommend({
    grid,
    current,
    maxFpir: input.max_fpir ?? DEFAULT_MAX_FPIR,
    minAnimals: input.min_animals ?? DEFAULT_MIN_ANIMALS,
    profiles: dataset.profiles.length,
    refusal: refused ? study : undefined,
    weighting: refused ? 'none' : study.labels.weighting,
    matedBy: refused ? null : study.mated.by,
    auc: separation?.auc ?? null,
    gallery: refused ? undefined : study.gallery,
    lowestStored: dataset.stored?.summary.lowest ?? null,
    unnamed: refused ? 0 : study.labels.counts.none - study.labels.counts.noneWithIdentity,
  });
  const alike = refused ? undefined : alikeWarning(study.labels.nonMated.flatMap(({ identity }) => identity ?? []));
  if (alike !== undefined) recommendation.warnings.push(alike);
  const head: Overview = {
    current_threshold: currentThreshold,
    current_assignment_rate: dataset.total === 0 ? null : dataset.assigned / dataset.total,
    total_detections: dataset.total,
    assigned_detections: dataset.assigned,
    deer_profiles: dataset.profiles.length,
    source: dataset.source,
    embedding_version: dataset.version,
    stored_scores: dataset.stored?.summary ?? null,
    left_out: {
      ...dataset.leftOut,
      bursts: refused ? 0 : study.events.leftOut.bursts,
      burst_detections: refused ? 0 : study.events.leftOut.detections,
    },
    events: refused ? 0 : study.events.list.length,
    source_events: refused ? 0 : study.events.source.reduce((sum, is) => sum + is, 0),
    searches: refused ? 0 : study.counted.length,
    sampled: refused ? false : study.sampled,
    notes: refused ? dataset.absent : notesOf(dataset, study, current, recommendation),
    evidence: refused ? null : evidenceOf(study),
    recommendation,
  };
  return { head, grid, separation };
}

function evidenceOf({ evidence, labels, searches, mated, unknown, strangers, gallery }: Study): EvidenceSummary {
  return {
    used: evidence,
    weighting: labels.weighting,
    ...labels.counts,
    mated_by: mated.by,
    mated_searches: searches.mated.length,
    matcher_searches: searches.matcher.length,
    non_mated_searches: strangers.scores.length,
    non_mated_animals: new Set(Array.from(strangers.cluster)).size,
    non_mated_pairs: searches.nonMatedPairs.scores.length,
    unmet: searches.unmet,
    narrowed: searches.narrowed,
    gallery_met: gallery.share,
    mate_newer: searches.mateNewer,
    mate_missing: searches.mateMissing,
    gated_profiles: searches.openProfiles,
    unknown_share: unknown.share,
    unknown_share_from: unknown.from,
  };
}
