// What each threshold would do, and which one should be used.
import type { ThresholdRow } from '../study/rates.ts';
import type { Studied, Study } from '../study/study.ts';
import type { DrawOptions } from './draw.ts';
import { analyze, type CommonFindings, type Result } from './findings.ts';
import type { DecisionOptions } from './overview.ts';
import { type DrawnTrial, drawTrial } from './trial.ts';

export const DEFAULT_THRESHOLDS: readonly number[] = [0.7, 0.65, 0.6, 0.55];

export interface ThresholdOptions extends DecisionOptions {
  thresholds?: readonly number[];
  trial?: DrawOptions;
}

export interface ThresholdTable {
  /** Rates at the thresholds asked for. */
  threshold_analysis: ThresholdRow[];
  trial: DrawnTrial | null;
}

export type ThresholdFindings = CommonFindings & ThresholdTable;

export const analyzeThresholds = (study: Study, options: ThresholdOptions): Promise<Result<ThresholdFindings>> =>
  analyze(study, options, (studied) => tabulateThresholds(studied, options));

export const tabulateThresholds = (
  study: Studied,
  { thresholds = DEFAULT_THRESHOLDS, trial }: ThresholdOptions,
): ThresholdTable => ({
  threshold_analysis: study.rates(thresholds),
  trial: trial === undefined ? null : drawTrial(study, trial),
});
