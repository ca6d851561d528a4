// The comparison of methods as an analysis: which one is used, what is safe with it, and what the
// others would have been.
import { createHash } from 'node:crypto';
import type { Grounds } from '../analysis/grounds.ts';
import {
  DEFAULT_MAX_FPIR,
  type DecisionOptions,
  describeRefused,
  describeStudied,
  makeGrounds,
  type Overview,
} from '../analysis/overview.ts';
import { type Recommendation, recommend } from '../analysis/recommend.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { measureSeparation } from '../statistics/rates.ts';
import type { ThresholdRow } from '../study/rates.ts';
import { findRefusal } from '../study/refusal.ts';
import type { Similarity } from '../study/scoring.ts';
import { collectPairScores, joinPairs } from '../study/searches.ts';
import type { Say, Studied } from '../study/study.ts';
import { type Choice, chooseMethod, type HalfRates, type Judged, listMated } from './choice.ts';
import { type CompareOptions, type Comparison, compareMethods } from './compare.ts';
import { METHODS, type MethodName } from './methods.ts';
import { foresee, type Outlook } from './outlook.ts';

export type MatchingOptions = DecisionOptions & Omit<CompareOptions, 'only' | 'center' | 'sample'>;

/** Detections and events that a method assigns at a threshold. */
export interface Assigned {
  detections: number;
  events: number;
  /** Without the events that profiles and templates come from. */
  other_detections: number;
  other_events: number;
}

export interface MethodRow {
  method: MethodName;
  label: string;
  /** Why it is not offered here; null where it is. */
  withheld: string | null;
  chosen: boolean;
  /** What the numbers are worth: only those of the chosen method carry a promise. */
  mark: 'chosen' | 'not chosen: no promise' | 'not offered';
  /** The lowest safe threshold by all strangers; null where none is. */
  threshold: number | null;
  /** Rates at that threshold. */
  rates: ThresholdRow | null;
  assigned: Assigned | null;
  /** What the choosing half says. */
  half: HalfRates | null;
  /** At every threshold of the method's own grid. */
  grid: GridRow[];
}

export type GridRow = Pick<ThresholdRow, 'threshold' | 'assignment_rate' | 'fpir' | 'fpir_upper' | 'fnir' | 'mis'>;

export interface MatchingFindings {
  methods: MethodRow[];
  choice: Choice;
  /** The set that judges all methods. */
  judged: {
    mated_searches: number;
    own_events: number;
    own_detections: number;
    template_events: number;
    unjudged: string[];
  };
  center: { n: number; hash: string } | null;
  /** Detections that can be searched: shares of detections are of these. */
  searchable: { detections: number; events: number };
  outlook: Outlook;
}

export interface Matching {
  overview: Overview;
  findings: MatchingFindings | null;
  comparison: Comparison | null;
}

/** @throws as `similarity` does; a data set that cannot be studied is refused, not thrown */
export async function analyzeMatching(
  dataset: Dataset,
  similarity: Similarity,
  options: MatchingOptions,
  say: Say = () => undefined,
): Promise<Matching> {
  const reason = findRefusal(dataset);
  if (reason !== undefined) {
    const overview = describeRefused({ kind: 'refused', dataset, reason }, options);
    return { overview, findings: null, comparison: null };
  }
  const comparison = await compareMethods(dataset, similarity, options, say);
  const { base, judged } = comparison;
  const choice = chooseMethod(judged, options.max_fpir ?? DEFAULT_MAX_FPIR, options.seed ?? 1);
  const [current] = base.rates([options.currentThreshold]);
  const decided = judged.map((method): Decided => decide(method, options, current!));
  const chosen = decided.find(({ method }) => method.name === choice.method)!;
  const separation = measureSeparation(collectPairScores(base.searches.mated), joinPairs(base.searches.nonMatedPairs));
  const overview = describeStudied(base, options, { grid: base.rates(base.grid), separation });
  const outlook = foresee(chosen.grounds, chosen.study.labels.counts.reviewedEvents);
  return {
    overview: { ...overview, recommendation: limitSetting(chosen, overview.recommendation.warnings) },
    findings: { ...describeSet(comparison), methods: describeMethods(comparison, decided, choice), choice, outlook },
    comparison,
  };
}

type Decided = Judged & { grounds: Grounds; recommendation: Recommendation };

function decide({ method, study }: Judged, options: MatchingOptions, current: ThresholdRow): Decided {
  const grounds = makeGrounds(study, options, { grid: study.rates(study.grid), current, auc: null });
  return { method, study, grounds, recommendation: recommend(grounds) };
}

/** REID_THRESHOLD is of the platform's own matcher, which compares single pictures. */
function limitSetting({ method, recommendation }: Decided, warnings: readonly string[]): Recommendation {
  return {
    ...recommendation,
    warnings: [...new Set([...recommendation.warnings, ...warnings])],
    setting: method.name === 'now' ? recommendation.setting : null,
  };
}

function describeMethods(
  { withheld, events }: Comparison,
  decided: readonly Decided[],
  { method: name, half }: Choice,
) {
  return METHODS.map((method): MethodRow => {
    const { label } = method;
    const at = decided.findIndex((made) => made.method === method);
    if (at < 0) {
      const reason = withheld.find((left) => left.method === method)!.reason;
      const nothing = { threshold: null, rates: null, assigned: null, half: null, grid: [] };
      return { method: method.name, label, withheld: reason, chosen: false, mark: 'not offered', ...nothing };
    }
    const { study, grounds, recommendation } = decided[at]!;
    const threshold = recommendation.qualifying_threshold;
    const chosen = method.name === name;
    return {
      ...{ method: method.name, label, withheld: null, chosen, threshold },
      mark: chosen ? 'chosen' : 'not chosen: no promise',
      rates: threshold === null ? null : study.rates([threshold])[0]!,
      assigned: threshold === null ? null : countAssigned(study, events.source, threshold),
      half: half[at]!,
      grid: grounds.grid.map(({ threshold: of, assignment_rate, fpir, fpir_upper, fnir, mis }) => ({
        ...{ threshold: of, assignment_rate, fpir, fpir_upper, fnir, mis },
      })),
    };
  });
}

/** @param own 1 for events that profiles and templates come from */
function countAssigned({ events, searches }: Studied, own: Uint8Array, threshold: number): Assigned {
  const found: Assigned = { detections: 0, events: 0, other_detections: 0, other_events: 0 };
  events.list.forEach(({ rows }, event) => {
    if (!(searches.all[event]!.firstScore >= threshold)) return;
    found.detections += rows.length;
    found.events++;
    if (own[event] === 1) return;
    found.other_detections += rows.length;
    found.other_events++;
  });
  return found;
}

function describeSet({ base, judged, events, templates, unjudged, center }: Comparison) {
  const { list, source } = events;
  const own = list.filter((_, event) => source[event] === 1);
  return {
    judged: {
      mated_searches: listMated(judged[0]!.study).length,
      own_events: own.length,
      own_detections: own.reduce((sum, { rows }) => sum + rows.length, 0),
      template_events: templates.marks.reduce((sum, is) => sum + is, 0),
      unjudged,
    },
    center: center === null ? null : { n: base.dataset.detections.length, hash: hashCenter(center) },
    searchable: { detections: base.dataset.detections.length, events: list.length },
  };
}

/** SHA-256 of its numbers as little-endian float64. */
export const hashCenter = (center: Float64Array): string =>
  createHash('sha256')
    .update(new Uint8Array(center.buffer, center.byteOffset, center.byteLength))
    .digest('hex');
