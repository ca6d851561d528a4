// The two analyses as JSON: what each threshold would do and which to use (thresholds), and how the
// scores are distributed (scores).
import type { Dataset } from '../dataset/dataset.ts';
import { DEFAULT_THRESHOLDS, type ScoresInput, type ThresholdsInput } from '../input.ts';
import { type Density, densityOf, type Mixture, mixtureOf, valleyOf } from '../statistics/mixture.ts';
import { type Separation, type Spread, spreadOf, tailOf } from '../statistics/rates.ts';
import { burstPairs, imagePairs, instantPairs, type PairScores } from '../study/pairs.ts';
import { type Replay, replayAt, replayScoresOf } from '../study/replay.ts';
import { pairScoresOf, type Similarity } from '../study/searches.ts';
import { type AnimalRow, animalsOf, type Stratum, strataOf } from '../study/strata.ts';
import { type Study, studyOf, type ThresholdRow } from '../study/study.ts';
import { type Circumstances, makeOverview, type Overview } from './overview.ts';
import { type Trial, trialOf } from './trial.ts';

export type { Circumstances, EvidenceSummary, Overview } from './overview.ts';

export interface ThresholdAnalysis extends Overview {
  threshold_analysis: ThresholdRow[];
  /** The same rows at every hundredth over the range of the scores. */
  grid: ThresholdRow[];
  /** Reviewed mated against gated non-mated comparisons of events with profiles. */
  separation: Separation | null;
  natural_groups: NaturalGroups | null;
  /** `at` names the thresholds that the rates and counts of strata and animals are for. */
  at: number[];
  strata: Stratum[];
  animals: AnimalRow[];
  replay: { rows: Replay[]; skipped_events: number } | null;
  trial: Trial | null;
  /** Where the page lies; filled in by whoever writes it. */
  report: string | null;
}

export interface NaturalGroups {
  note: 'model-based, unverified';
  mixture: Mixture | null;
  valley: number | null;
}

/** Counts of scores in bins of 0.01: bin i holds from + i / 100 <= s < from + (i + 1) / 100. */
export interface Histogram {
  from: number;
  width: 0.01;
  counts: number[];
  spread: Spread;
}

export interface ScoreAnalysis extends Overview {
  /** Best gated score of each event and of each detection. */
  events_best: Histogram | null;
  detections_best: Histogram | null;
  mated: Histogram | null;
  non_mated: Histogram | null;
  /** Labelled by the matcher: not truth; null unless asked for. */
  matcher: Histogram | null;
  /**
   * Pairs of detections: same image and same instant are different animals, bursts the same animal
   * a moment later.
   */
  same_image: PairSummary | null;
  same_instant: PairSummary | null;
  bursts: PairSummary | null;
  separation: Separation | null;
  density: Density | null;
  natural_groups: NaturalGroups | null;
  grid: ThresholdRow[];
  at: number[];
  strata: Stratum[];
  animals: AnimalRow[];
  report: string | null;
}

export interface PairSummary extends Histogram {
  /** More pairs than could be kept. */
  capped: boolean;
  /** FMR of these pairs at the thresholds `at`; for bursts the share of pairs that would match. */
  match_rates: number[];
}

/**
 * What each threshold would do, and which one should be used. Pure but for `similarity`; the same
 * for the same input and seed.
 */
export async function analyseThresholds(
  dataset: Dataset,
  similarity: Similarity,
  input: ThresholdsInput,
  circumstances: Circumstances,
): Promise<ThresholdAnalysis> {
  const study = await studyOf(dataset, similarity, input);
  const made = makeOverview(dataset, study, input, circumstances);
  const empty = {
    threshold_analysis: [],
    grid: [],
    separation: null,
    natural_groups: null,
    at: [],
    strata: [],
    animals: [],
    replay: null,
    trial: null,
  };
  if (typeof study === 'string') return { ...made.head, ...empty, report: null };
  const at = decisive(made.head);
  const thresholds = input.thresholds ?? DEFAULT_THRESHOLDS;
  return {
    ...made.head,
    threshold_analysis: study.rows(thresholds),
    grid: made.grid,
    separation: made.separation,
    natural_groups: naturalGroups(eventTops(study)),
    at,
    strata: strataOf(study, at),
    animals: animalsOf(study, at),
    replay:
      circumstances.replay === true && dataset.source === 'vectors'
        ? await replayOf(study, similarity, [...thresholds, ...at])
        : null,
    trial: input.trial === undefined ? null : trialOf(study, input.trial),
    report: null,
  };
}

/** How scores are distributed and whether same-animal and different-animal scores separate. */
export async function analyseScores(
  dataset: Dataset,
  similarity: Similarity,
  input: ScoresInput,
  circumstances: Circumstances,
): Promise<ScoreAnalysis> {
  const study = await studyOf(dataset, similarity, input);
  const { head, grid, separation } = makeOverview(dataset, study, input, circumstances);
  if (typeof study === 'string') {
    const none = {
      events_best: null,
      detections_best: null,
      mated: null,
      non_mated: null,
      matcher: null,
      same_image: null,
      same_instant: null,
    };
    return {
      ...head,
      ...none,
      bursts: null,
      separation: null,
      density: null,
      natural_groups: null,
      grid: [],
      at: [],
      strata: [],
      animals: [],
      report: null,
    };
  }
  const at = decisive(head);
  const tops = eventTops(study);
  const rows = study.counted.flatMap((event) => study.events.list[event]!.rows);
  const has = (name: (typeof study.evidence)[number]): boolean => study.evidence.includes(name);
  /** Pairs of detections have scores only where there are vectors. */
  const paired = (name: (typeof study.evidence)[number]): boolean => dataset.source === 'vectors' && has(name);
  const summary = (pairs: PairScores): PairSummary => {
    const tail = tailOf(pairs.scores);
    return {
      ...histogramOf(pairs.scores),
      capped: pairs.capped,
      match_rates: pairs.scores.length === 0 ? [] : at.map(tail),
    };
  };
  return {
    ...head,
    events_best: histogramOf(tops),
    detections_best: histogramOf(rows.map((row) => study.detectionTops[row]!)),
    mated: histogramOf(pairScoresOf(study.searches.mated)),
    non_mated: histogramOf(study.searches.nonMatedPairs.scores),
    matcher: has('matcher') ? histogramOf(pairScoresOf(study.searches.matcher)) : null,
    same_image: paired('same_image') ? summary(imagePairs(dataset)) : null,
    same_instant: paired('same_instant') ? summary(instantPairs(dataset)) : null,
    bursts: paired('bursts') ? summary(burstPairs(dataset, study.events)) : null,
    separation,
    density: densityOf(tops),
    natural_groups: naturalGroups(tops),
    grid,
    at,
    strata: strataOf(study, at),
    animals: animalsOf(study, at),
    report: null,
  };
}

const eventTops = ({ counted, searches }: Study): number[] =>
  counted.map((event) => searches.all[event]!.firstScore).filter(Number.isFinite);

/**
 * Current and, where there is one, recommended (or at least qualifying) threshold: the two that
 * strata, animals and replay are told for.
 */
function decisive({ current_threshold, recommendation }: Overview): number[] {
  const other = recommendation.threshold ?? recommendation.qualifying_threshold;
  return other === null || other === current_threshold ? [current_threshold] : [current_threshold, other];
}

export function naturalGroups(scores: readonly number[]): NaturalGroups {
  return { note: 'model-based, unverified', mixture: mixtureOf(scores), valley: valleyOf(densityOf(scores)) };
}

/** Scores of -Infinity (no candidate) are not in it. */
export function histogramOf(scores: ArrayLike<number>): Histogram {
  const finite = Float64Array.from(scores).filter(Number.isFinite);
  // Half a billionth keeps a score such as 0.29, which is 28.999999999999996 hundredths, in its own
  // bin.
  const bins = Array.from(finite, (score) => Math.floor(score * 100 + 5e-10));
  const [low, high] = bins.reduce(([a, b], bin) => [Math.min(a, bin), Math.max(b, bin)] as [number, number], [
    0, -1,
  ] as [number, number]);
  const counts = new Array<number>(Math.max(0, high - low + 1)).fill(0);
  for (const bin of bins) counts[bin - low]! += 1;
  return { from: low / 100, width: 0.01, counts, spread: spreadOf(finite) };
}

async function replayOf(
  study: Study,
  similarity: Similarity,
  thresholds: number[],
): Promise<ThresholdAnalysis['replay']> {
  const scores = await replayScoresOf(study.dataset, study.events, study.counted, similarity);
  const asked = [...new Set(thresholds)].sort((a, b) => b - a);
  return {
    rows: asked.map((threshold) => replayAt(scores, study.labels, study.dataset, threshold)),
    skipped_events: scores.skipped,
  };
}
