// The five methods on one data set: all judged by the same searches, each with its own grid.
import { count } from '../../format.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { groupSearchEvents, type SearchEvents } from '../dataset/search-events.ts';
import { DEFAULT_EVIDENCE, type Labels, labelEvents } from '../study/evidence.ts';
import { makeRateTable } from '../study/rates.ts';
import { type EventScores, type Similarity, scoreEvents } from '../study/scoring.ts';
import { type Say, type Studied, type StudyOptions, studyScores } from '../study/study.ts';
import { type Judged, LEAST_MATED } from './choice.ts';
import { METHODS, type Method, type MethodName } from './methods.ts';
import { scoreRows } from './scores.ts';
import { chooseTemplates, type Templates } from './templates.ts';
import { averageAll, averageEvents, averageProfiles, pointRows, type UnitRows } from './vectors.ts';

export interface CompareOptions extends StudyOptions {
  /** IANA zone of the days of templates. */
  timeZone: string;
  /** The center to use; absent: the mean of the data set. */
  center?: Float64Array | undefined;
  /** Only these methods; absent: all five. */
  only?: readonly MethodName[];
}

export interface Withheld {
  method: Method;
  /** Why it is not offered; a sentence without capital and period. */
  reason: string;
}

export interface Comparison {
  /** Operation as it is: single pictures, every event that is no source. */
  base: Studied;
  judged: Judged[];
  withheld: Withheld[];
  /** Events by which all methods are judged: `source` marks sources and templates. */
  events: SearchEvents;
  templates: Templates;
  /** Names of deer whose confirmed events all became templates or sources. */
  unjudged: string[];
  /** What `centered` methods take off; null where none is offered. */
  center: Float64Array | null;
}

const NO_VECTORS = 'it needs vectors; there are only stored scores';

/** @param similarity the kernel; it is called once with all detections, then with all events */
export async function compareMethods(
  dataset: Dataset,
  similarity: Similarity,
  options: CompareOptions,
  say: Say = () => undefined,
): Promise<Comparison> {
  const events = groupSearchEvents(dataset);
  const labels = labelEvents(dataset, events, options.evidence ?? DEFAULT_EVIDENCE);
  // Those of single pictures, which `now` needs and is judged first; then those of each method.
  let scores: EventScores = await scoreEvents(similarity, dataset, events);
  const base = studyScores(dataset, events, labels, scores, options);
  say('study', { events: events.list.length, counted: base.counted.length });
  const { templates, judgedBy, judging, unjudged, refused } = planJudging(dataset, events, labels, options.timeZone);
  const judged: Judged[] = [];
  const withheld: Withheld[] = [];
  let made: Averaged | undefined;
  let room: Float32Array | undefined;
  for (const method of METHODS) {
    const reason = dataset.stored !== null && method.averaged ? NO_VECTORS : method.templates > 0 ? refused : undefined;
    if (reason !== undefined) withheld.push({ method, reason });
    if (reason !== undefined || options.only?.includes(method.name) === false) continue;
    if (method.averaged) {
      made = advance(made, dataset, events, method, options.center);
      const { rows, center } = made;
      const profiles = averageProfiles(dataset, events, templates, method.templates, rows, center);
      ({ room, ...scores } = await scoreRows(similarity, dataset, events, { events: rows, profiles }, room));
    }
    judged.push({ method, study: assignWholeEvents(studyScores(dataset, judgedBy, judging, scores, options), base) });
    say('method', { method: method.name });
  }
  return { base, judged, withheld, events: judgedBy, templates, unjudged, center: made?.center ?? null };
}

/**
 * Error rates are by event, and so is assignment here: all pictures of an assigned event go to its
 * deer. Counted are detections that can be searched at all.
 */
function assignWholeEvents(study: Studied, { unknown }: Studied): Studied {
  const { dataset, events, searches } = study;
  const detectionTops = Float64Array.from(events.of, (event) =>
    event < 0 ? Number.NEGATIVE_INFINITY : searches.all[event]!.firstScore,
  );
  // The share of strangers is of all events, also of those that became templates.
  const whole = { ...study, unknown, dataset: { ...dataset, total: dataset.detections.length }, detectionTops };
  return { ...whole, rates: makeRateTable(whole) };
}

interface Averaged {
  rows: UnitRows;
  center: Float64Array | undefined;
}

/** The vectors of the events for a method, made from those of the method before it. */
function advance(
  before: Averaged | undefined,
  dataset: Dataset,
  events: SearchEvents,
  { centered }: Method,
  given: Float64Array | undefined,
): Averaged {
  if (before !== undefined && (before.center !== undefined) === centered) return before;
  // Made anew in the place of the vectors: a length that was scaled away cannot be undone.
  const means = averageEvents(dataset, events, before?.rows.vectors);
  const center = centered ? (given ?? averageAll(dataset)) : undefined;
  return { rows: pointRows(means, dataset.dimensions, center), center };
}

/**
 * Templates, and the events that judge: without sources and templates. Where too few searches for
 * known deer would be left, there are no templates.
 */
function planJudging(dataset: Dataset, events: SearchEvents, labels: Labels, timeZone: string) {
  const templates = chooseTemplates(dataset, events, labels, timeZone);
  const judging = leaveOut(labels, templates.marks);
  const counted = judging.mated.filter(({ weight }) => weight > 0);
  if (counted.length >= LEAST_MATED) {
    const source = events.source.map((is, event) => is | templates.marks[event]!);
    const profiles = new Set(counted.map(({ profile }) => profile));
    const unjudged = [...new Set(labels.mated.map(({ profile }) => profile))]
      .filter((profile) => !profiles.has(profile))
      .map((profile) => dataset.profiles[profile]!.name);
    return { templates, judgedBy: { ...events, source }, judging, unjudged, refused: undefined };
  }
  const refused = `without the pictures of templates ${count(counted.length, 'search')} for known deer would be left; ${LEAST_MATED} are needed`;
  const none = chooseTemplates(dataset, events, { mated: [] }, timeZone);
  return { templates: none, judgedBy: events, judging: labels, unjudged: [], refused };
}

/** Weights stay those of the whole: what is left out was reviewed, too. */
function leaveOut(labels: Labels, marks: Uint8Array): Labels {
  const others = <T extends { event: number }>(list: T[]): T[] => list.filter(({ event }) => marks[event] === 0);
  const { mated, different, matcher } = labels;
  return { ...labels, mated: others(mated), different: others(different), matcher: others(matcher) };
}
