// The study: everything that the analyses read, made once from a data set. Events, labels,
// searches, the grid of thresholds and the rates at any of them; or the reason why there is none.
import type { Dataset } from '../dataset/dataset.ts';
import { groupSearchEvents, type SearchEvents } from '../dataset/search-events.ts';
import { isSample } from '../evidence/weights.ts';
import type { ClusteredScores } from '../statistics/bound.ts';
import { dice } from '../statistics/random.ts';
import { DEFAULT_EVIDENCE, type Evidence, type Labels, labelEvents } from './evidence.ts';
import { measureGallery } from './gallery.ts';
import { makeGrid } from './grid.ts';
import { makeRateTable, type RateSources, type RateTable } from './rates.ts';
import { findRefusal } from './refusal.ts';
import { type EventScores, type Similarity, scoreEvents } from './scoring.ts';
import { runSearches, type Searches } from './searches.ts';

export interface StudyOptions {
  evidence?: readonly Evidence[];
  /** p0, the share of events of strangers, 0 to 1; absent: from weighted reviews, else unknown. */
  unknown_share?: number;
  /** How many events the rates count, drawn at random; absent: all. */
  sample?: number;
  seed?: number;
}

/** Nothing can be computed from this data set. */
export interface Refused {
  kind: 'refused';
  dataset: Dataset;
  /** A sentence without capital and period. */
  reason: string;
}

export interface Studied extends RateSources {
  kind: 'studied';
  evidence: readonly Evidence[];
  rates: RateTable;
}

export type Study = Refused | Studied;

const DEFAULT_SEED = 1;

/** Reports progress; the log writes it to stderr. */
export type Say = (step: string, fields?: Record<string, number | string>) => void;

/**
 * @param similarity the kernel; called with all detections against all profiles, a part at a time
 * @param say called once when the study is made
 * @throws as `similarity` does; a data set that cannot be studied is refused, not thrown
 */
export async function makeStudy(
  dataset: Dataset,
  similarity: Similarity,
  options: StudyOptions,
  say: Say = () => undefined,
): Promise<Study> {
  const reason = findRefusal(dataset);
  if (reason !== undefined) {
    say('study');
    return { kind: 'refused', dataset, reason };
  }
  const events = groupSearchEvents(dataset);
  const labels = labelEvents(dataset, events, options.evidence ?? DEFAULT_EVIDENCE);
  const study = studyScores(dataset, events, labels, await scoreEvents(similarity, dataset, events), options);
  say('study', { events: events.list.length, counted: study.counted.length });
  return study;
}

/**
 * The study of events, whatever scored them: every method of matching is judged by it.
 * @param events its source events are in no rate
 */
export function studyScores(
  dataset: Dataset,
  events: SearchEvents,
  labels: Labels,
  scores: EventScores,
  options: StudyOptions,
): Studied {
  const searches = runSearches(dataset, events, labels, scores);
  const open = events.list.flatMap((_, event) => (events.source[event] === 1 ? [] : [event]));
  const sampled = options.sample !== undefined && options.sample < open.length;
  const counted = sampled
    ? dice(options.seed ?? DEFAULT_SEED, 'sample')
        .draw(open, options.sample!)
        .sort((a, b) => a - b)
    : open;
  const counts = searches.mated.filter(({ weight }) => weight > 0);
  const sources: RateSources = {
    dataset,
    events,
    labels,
    searches,
    detectionTops: scores.tops,
    counted,
    sampled,
    grid: makeGrid(open.map((event) => searches.all[event]!.firstScore)),
    unknown: findUnknownShare(labels, options.unknown_share),
    mated:
      counts.length > 0
        ? { searches: counts, by: 'reviews' }
        : { searches: searches.matcher, by: searches.matcher.length > 0 ? 'matcher' : null },
    strangers: clusterStrangers(searches, labels),
    gallery: measureGallery(dataset, events, searches, counted),
  };
  const evidence = options.evidence ?? DEFAULT_EVIDENCE;
  return { kind: 'studied', ...sources, evidence, rates: makeRateTable(sources) };
}

/**
 * From reviews only when their events were drawn with known chances: whether a plain list of
 * reviews is random cannot be known.
 */
function findUnknownShare(labels: Labels, given: number | undefined): RateSources['unknown'] {
  if (given !== undefined) return { share: given, from: 'given' };
  const sum = (list: readonly { weight: number }[]): number => list.reduce((total, { weight }) => total + weight, 0);
  const [none, same] = [sum(labels.nonMated), sum(labels.mated)];
  if (!isSample(labels.weighting) || none + same === 0) return { share: null, from: null };
  return { share: none / (none + same), from: 'reviews' };
}

/** Searches of strangers with a name: the name tells which searches are of one animal. */
function clusterStrangers({ nonMated }: Searches, { chances }: Labels): ClusteredScores {
  const named = nonMated.filter(({ identity, weight }) => identity !== null && weight > 0);
  const numbers = new Map(
    [...new Set(named.map(({ identity }) => identity))].map((identity, index) => [identity, index]),
  );
  return {
    scores: named.map(({ topScore }) => topScore),
    cluster: named.map(({ identity }) => numbers.get(identity)!),
    weight: named.map(({ weight }) => weight),
    ...(chances?.strata == null ? {} : { stratum: named.map(({ event }) => chances.strata![event]!) }),
  };
}
