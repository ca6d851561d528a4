// What an analysis gives: an overview always, findings only if the data could be studied. Here also
// the findings that all three analyses share.
import { type Density, estimateDensity } from '../statistics/mixture.ts';
import { measureSeparation, type Separation } from '../statistics/rates.ts';
import { type CoverageRow, tabulateCoverage } from '../study/coverage.ts';
import type { ThresholdRow } from '../study/rates.ts';
import { collectPairScores, joinPairs } from '../study/searches.ts';
import { type AnimalRow, type Stratum, stratify, tabulateAnimals } from '../study/strata.ts';
import type { Studied, Study } from '../study/study.ts';
import { findNaturalGroups, type NaturalGroups } from './histogram.ts';
import { type DecisionOptions, describeRefused, describeStudied, type Overview } from './overview.ts';

export type Result<Findings> =
  | { kind: 'refused'; overview: Overview }
  | { kind: 'studied'; overview: Overview; findings: Findings };

export interface CommonFindings {
  /** Rates at every threshold of the grid over the range of the scores. */
  grid: ThresholdRow[];
  /** Reviewed same-animal against gated different-animal comparisons of events with profiles. */
  separation: Separation;
  /** Of the best score of each event; null without spread. */
  density: Density | null;
  natural_groups: NaturalGroups;
  /** The thresholds that the rates and counts of strata and animals are for. */
  at: number[];
  strata: Stratum[];
  animals: AnimalRow[];
  /** Where and when strangers were reviewed, and where and when there are events. */
  coverage: CoverageRow[];
}

/** Best score of each counted event that has a candidate. */
export const collectTops = ({ counted, searches }: Studied): number[] =>
  counted.map((event) => searches.all[event]!.firstScore).filter(Number.isFinite);

/**
 * The findings of one analysis: the shared ones and what `find` adds. A refused study has none.
 * @throws as `find` does
 */
export async function analyze<Own>(
  study: Study,
  options: DecisionOptions,
  find: (study: Studied, common: CommonFindings) => Promise<Own> | Own,
): Promise<Result<CommonFindings & Own>> {
  if (study.kind === 'refused') return { kind: 'refused', overview: describeRefused(study, options) };
  const { overview, common } = analyzeCommon(study, options);
  return { kind: 'studied', overview, findings: { ...common, ...(await find(study, common)) } };
}

function analyzeCommon(study: Studied, options: DecisionOptions): { overview: Overview; common: CommonFindings } {
  const grid = study.rates(study.grid);
  const separation = measureSeparation(
    collectPairScores(study.searches.mated),
    joinPairs(study.searches.nonMatedPairs),
  );
  const overview = describeStudied(study, options, { grid, separation });
  const at = chooseThresholds(overview);
  const tops = collectTops(study);
  const density = estimateDensity(tops);
  return {
    overview,
    common: {
      grid,
      separation,
      density,
      natural_groups: findNaturalGroups(tops, density),
      at,
      strata: stratify(study, at),
      animals: tabulateAnimals(study, at),
      coverage: tabulateCoverage(study),
    },
  };
}

/** The current threshold and, where there is one, the recommended or at least a qualifying one. */
function chooseThresholds({ current_threshold, recommendation }: Overview): number[] {
  const other = recommendation.threshold ?? recommendation.qualifying_threshold;
  return other === null || other === current_threshold ? [current_threshold] : [current_threshold, other];
}
