// The JSON of the three functions: flat, and with the same fields whether or not the data could be
// studied. A field without a finding is null or empty.
import type { Density } from '../statistics/mixture.ts';
import type { Separation } from '../statistics/rates.ts';
import type { AllPairs } from '../study/all-pairs.ts';
import type { CoverageRow } from '../study/coverage.ts';
import type { ThresholdRow } from '../study/rates.ts';
import type { AnimalRow, Stratum } from '../study/strata.ts';
import type { Result } from './findings.ts';
import type { Histogram, NaturalGroups } from './histogram.ts';
import type { Overview } from './overview.ts';
import type { PlotFindings, ReplayTable } from './plot.ts';
import type { PairSummary, ScoreFindings } from './scores.ts';
import type { ThresholdFindings } from './thresholds.ts';
import type { Trial } from './trial.ts';

interface CommonReport extends Overview {
  separation: Separation | null;
  natural_groups: NaturalGroups | null;
  grid: ThresholdRow[];
  at: number[];
  strata: Stratum[];
  animals: AnimalRow[];
  coverage: CoverageRow[];
  /** Where the page is; the door sets it. */
  report: string | null;
}

export interface ScoresReport extends CommonReport {
  events_best: Histogram | null;
  detections_best: Histogram | null;
  mated: Histogram | null;
  non_mated: Histogram | null;
  matcher: Histogram | null;
  same_image: PairSummary | null;
  same_instant: PairSummary | null;
  bursts: PairSummary | null;
  density: Density | null;
  all_pairs: AllPairs | null;
}

export interface ThresholdsReport extends CommonReport {
  threshold_analysis: ThresholdRow[];
  replay: ReplayTable | null;
  trial: Trial | null;
}

export type PlotReport = ScoresReport & ThresholdsReport;

const NOTHING = {
  ...{ events_best: null, detections_best: null, mated: null, non_mated: null, matcher: null },
  ...{ same_image: null, same_instant: null, bursts: null, all_pairs: null },
  ...{ separation: null, density: null, natural_groups: null, grid: [], at: [], strata: [], animals: [], coverage: [] },
  ...{ threshold_analysis: [], replay: null, trial: null },
};

/** Without `all_pairs`, which comes last. */
function reportHistograms(result: Result<Omit<ScoreFindings, 'all_pairs'>>): Omit<ScoresReport, 'all_pairs'> {
  const found = result.kind === 'studied' ? result.findings : NOTHING;
  return {
    ...result.overview,
    events_best: found.events_best,
    detections_best: found.detections_best,
    mated: found.mated,
    non_mated: found.non_mated,
    matcher: found.matcher,
    same_image: found.same_image,
    same_instant: found.same_instant,
    bursts: found.bursts,
    separation: found.separation,
    density: found.density,
    natural_groups: found.natural_groups,
    grid: found.grid,
    at: found.at,
    strata: found.strata,
    animals: found.animals,
    coverage: found.coverage,
    report: null,
  };
}

export const reportScores = (result: Result<ScoreFindings>): ScoresReport => ({
  ...reportHistograms(result),
  all_pairs: result.kind === 'studied' ? result.findings.all_pairs : null,
});

export function reportThresholds(result: Result<ThresholdFindings>): ThresholdsReport {
  const found = result.kind === 'studied' ? result.findings : NOTHING;
  return {
    ...result.overview,
    threshold_analysis: found.threshold_analysis,
    grid: found.grid,
    separation: found.separation,
    natural_groups: found.natural_groups,
    at: found.at,
    strata: found.strata,
    animals: found.animals,
    coverage: found.coverage,
    replay: null,
    trial: found.trial?.trial ?? null,
    report: null,
  };
}

export function reportPlot(result: Result<PlotFindings>): PlotReport {
  const found = result.kind === 'studied' ? result.findings : NOTHING;
  return {
    ...reportHistograms(result),
    threshold_analysis: found.threshold_analysis,
    replay: found.replay,
    trial: found.trial?.trial ?? null,
    all_pairs: found.all_pairs,
  };
}
