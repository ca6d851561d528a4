// Everything for one page: scores, thresholds, all pairs of detections, and the replay.
import type { AllPairs } from '../study/all-pairs.ts';
import { type Replay, replayHistory, scoreReplay } from '../study/replay.ts';
import type { Similarity } from '../study/scoring.ts';
import type { Say, Studied, Study } from '../study/study.ts';
import { pauseWatched } from '../watch/index.ts';
import { analyze, type CommonFindings, type Result } from './findings.ts';
import { compareAll, makeScoreHistograms, type ScoreHistograms } from './scores.ts';
import { DEFAULT_THRESHOLDS, type ThresholdOptions, type ThresholdTable, tabulateThresholds } from './thresholds.ts';

export interface ReplayTable {
  /** One row per threshold, highest first. */
  rows: Replay[];
  /** Earlier events that are not replayed because there are too many. */
  skipped_events: number;
}

export type PlotFindings = CommonFindings &
  ScoreHistograms &
  ThresholdTable & { all_pairs: AllPairs | null; replay: ReplayTable | null };

/** @param similarity the kernel, for the replay */
export const analyzePlot = (
  study: Study,
  options: ThresholdOptions,
  similarity: Similarity,
  say: Say = () => undefined,
): Promise<Result<PlotFindings>> =>
  analyze(study, options, async (studied, common) => ({
    ...makeScoreHistograms(studied, common),
    ...tabulateThresholds(studied, options),
    replay: await replayThresholds(
      studied,
      [...(options.thresholds ?? DEFAULT_THRESHOLDS), ...common.at],
      similarity,
      say,
    ),
    all_pairs: await compareAll(studied, say),
  }));

/** The history at each of the thresholds; null without vectors. */
async function replayThresholds(
  { dataset, events, counted, labels }: Studied,
  thresholds: readonly number[],
  similarity: Similarity,
  say: Say,
): Promise<ReplayTable | null> {
  if (dataset.source === 'scores') return null;
  say('replaying the history');
  const scores = await scoreReplay(dataset, events, counted, similarity);
  const distinct = [...new Set(thresholds)].sort((a, b) => b - a);
  const rows: Replay[] = [];
  for (const threshold of distinct) {
    rows.push(replayHistory(scores, labels, dataset, threshold));
    await pauseWatched(rows.length / distinct.length);
  }
  return {
    rows,
    skipped_events: scores.skipped,
  };
}
