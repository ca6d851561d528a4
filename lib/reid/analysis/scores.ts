// How scores are distributed, and whether scores of the same animal and of different animals
// separate.
import { makeTail } from '../statistics/rates.ts';
import { type AllPairs, countAllPairs } from '../study/all-pairs.ts';
import type { Evidence } from '../study/evidence.ts';
import { findBurstPairs, findImagePairs, findInstantPairs, type PairScores } from '../study/known-pairs.ts';
import { collectPairScores, joinPairs } from '../study/searches.ts';
import type { Say, Studied, Study } from '../study/study.ts';
import { analyze, type CommonFindings, collectTops, type Result } from './findings.ts';
import { type Histogram, makeHistogram } from './histogram.ts';
import type { DecisionOptions } from './overview.ts';

export interface PairSummary extends Histogram {
  /** There were more pairs than could be kept. */
  capped: boolean;
  /**
   * Share of these pairs that match at each threshold of `at`: FMR of pairs of different animals;
   * for bursts the share that would match. Empty without pairs.
   */
  match_rates: number[];
}

export interface ScoreHistograms {
  /** Best gated score of each event and of each detection. */
  events_best: Histogram;
  detections_best: Histogram;
  mated: Histogram;
  non_mated: Histogram;
  /** Labeled by the matcher: not the truth; null unless asked for. */
  matcher: Histogram | null;
  /**
   * Pairs of detections: same image and same instant are different animals, bursts the same animal
   * a moment later. null without vectors, or where this evidence was not asked for.
   */
  same_image: PairSummary | null;
  same_instant: PairSummary | null;
  bursts: PairSummary | null;
}

export type ScoreFindings = CommonFindings & ScoreHistograms & { all_pairs: AllPairs | null };

export const analyzeScores = (
  study: Study,
  options: DecisionOptions,
  say: Say = () => undefined,
): Promise<Result<ScoreFindings>> =>
  analyze(study, options, async (studied, common) => ({
    ...makeScoreHistograms(studied, common),
    all_pairs: await compareAll(studied, say),
  }));

/** All pairs of detections by score; null without vectors. */
export function compareAll(study: Studied, say: Say): Promise<AllPairs> | null {
  if (study.dataset.source === 'scores') return null;
  say('scoring all pairs of detections');
  return countAllPairs(study.dataset, study.events, study.labels);
}

export function makeScoreHistograms(study: Studied, { at }: CommonFindings): ScoreHistograms {
  const { dataset, searches } = study;
  const detections = study.counted.flatMap((event) => study.events.list[event]!.rows);
  const uses = (evidence: Evidence): boolean => study.evidence.includes(evidence);
  const summarizePairs = (evidence: Evidence, find: () => PairScores): PairSummary | null => {
    if (dataset.source === 'scores' || !uses(evidence)) return null;
    const { scores, capped } = find();
    return { ...makeHistogram(scores), capped, match_rates: scores.length === 0 ? [] : at.map(makeTail(scores)) };
  };
  return {
    events_best: makeHistogram(collectTops(study)),
    detections_best: makeHistogram(detections.map((row) => study.detectionTops[row]!)),
    mated: makeHistogram(collectPairScores(searches.mated)),
    non_mated: makeHistogram(joinPairs(searches.nonMatedPairs)),
    matcher: uses('matcher') ? makeHistogram(collectPairScores(searches.matcher)) : null,
    same_image: summarizePairs('same_image', () => findImagePairs(dataset)),
    same_instant: summarizePairs('same_instant', () => findInstantPairs(dataset)),
    bursts: summarizePairs('bursts', () => findBurstPairs(dataset, study.events)),
  };
}
