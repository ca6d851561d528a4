// The reports of the Re-ID functions for a data set in memory, at a current threshold of 0.70.
import { analyzePlot } from '../../lib/reid/analysis/plot.ts';
import {
  type PlotReport,
  reportPlot,
  reportScores,
  reportThresholds,
  type ScoresReport,
  type ThresholdsReport,
} from '../../lib/reid/analysis/reports.ts';
import { analyzeScores } from '../../lib/reid/analysis/scores.ts';
import { analyzeThresholds } from '../../lib/reid/analysis/thresholds.ts';
import type { Dataset } from '../../lib/reid/dataset/dataset.ts';
import type { ThresholdsInput } from '../../lib/reid/input.ts';
import { profileScores } from '../../lib/reid/kernel/index.ts';
import type { Similarity } from '../../lib/reid/study/scoring.ts';
import { makeStudy } from '../../lib/reid/study/study.ts';

const CURRENT = { currentThreshold: 0.7 };

export const scoresReport = async (
  dataset: Dataset,
  input: ThresholdsInput = {},
  similarity: Similarity = profileScores,
): Promise<ScoresReport> =>
  reportScores(await analyzeScores(await makeStudy(dataset, similarity, input), { ...input, ...CURRENT }));

export const thresholdsReport = async (
  dataset: Dataset,
  input: ThresholdsInput = {},
  similarity: Similarity = profileScores,
): Promise<ThresholdsReport> =>
  reportThresholds(await analyzeThresholds(await makeStudy(dataset, similarity, input), { ...input, ...CURRENT }));

export const plotReport = async (
  dataset: Dataset,
  input: ThresholdsInput = {},
  similarity: Similarity = profileScores,
): Promise<PlotReport> =>
  reportPlot(await analyzePlot(await makeStudy(dataset, similarity, input), { ...input, ...CURRENT }, similarity));
