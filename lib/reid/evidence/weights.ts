// Which verdicts enter a rate, and with which weight: those of stored draws; without them, those
// with an imported inclusion probability; without any, all that came from no roster.
import type { Dataset } from '../dataset/dataset.ts';
import type { Review } from '../dataset/records.ts';
import type { SearchEvents } from '../dataset/search-events.ts';
import { type Chances, measureDraws } from './chances.ts';
import { readImported } from './older.ts';
import { combineReviews, type Verdict } from './verdicts.ts';

/**
 * draws: 1 / chance over stored draws; given: every review has an inclusion probability; several:
 * they are of several draws, and only the newest one's count as such; none: no review has. No rate
 * comes from the others: mixed: some have; unclear: of several draws that cannot be kept apart.
 */
export type Weighting = 'draws' | 'given' | 'several' | 'none' | 'mixed' | 'unclear';

export const isWeighable = (weighting: Weighting): boolean => weighting !== 'mixed' && weighting !== 'unclear';

/** Whether the reviewed events speak for all events, by known chances. */
export const isSample = (weighting: Weighting): boolean => ['draws', 'given', 'several'].includes(weighting);

type Weigh = (event: number, verdict: Verdict) => number;

export interface WeighedVerdicts {
  /** By event, in order. */
  verdicts: Map<number, Verdict>;
  /** 0 for a verdict that counts for no rate. */
  weigh: Weigh;
  weighting: Weighting;
  chances: Chances | null;
}

/** @param reviewed events with their reviews, source events left out */
export function weighVerdicts(
  { draws, reviews }: Pick<Dataset, 'draws' | 'reviews'>,
  events: SearchEvents,
  reviewed: readonly (readonly [event: number, reviews: readonly Review[]])[],
): WeighedVerdicts {
  const drawn = measureDraws(draws, events, reviews);
  // Without a decided event there is nothing to weigh.
  const chances = drawn.counts.includes(1) ? drawn : null;
  const verdicts = new Map(reviewed.map(([event, list]) => [event, combineReviews(list, chances !== null)]));
  if (chances !== null) {
    const weigh: Weigh = (event) => (chances.counts[event] === 1 ? 1 / chances.pi[event]! : 0);
    return { verdicts, weigh, weighting: 'draws', chances };
  }
  return { verdicts, ...weighImported(events, verdicts), chances };
}

function weighImported(
  events: SearchEvents,
  verdicts: ReadonlyMap<number, Verdict>,
): Pick<WeighedVerdicts, 'weigh' | 'weighting'> {
  const counted = [...verdicts].filter(([, { roster, kind }]) => !roster && kind !== 'contradicting');
  const imported = counted.flatMap(([event, { inclusion, reviewedAt: at }]) =>
    inclusion === null ? [] : [{ event, inclusion, at }],
  );
  const decided = counted.filter(([, { kind }]) => kind !== 'unsure');
  const given = decided.filter(([, { inclusion }]) => inclusion !== null).length;
  const weigh: Weigh = (_, { roster, inclusion }) => (roster ? 0 : 1 / (inclusion ?? 1));
  if (given === 0) return { weigh, weighting: 'none' };
  if (given < decided.length) return { weigh, weighting: 'mixed' };
  const reading = readImported(imported, countEvents(events, imported));
  if (reading.kind === 'unclear') return { weigh, weighting: 'unclear' };
  if (reading.kind === 'single') return { weigh, weighting: 'given' };
  return {
    weigh: (event, verdict) => (reading.newest.has(event) || verdict.roster ? weigh(event, verdict) : 1),
    weighting: 'several',
  };
}

/** Search events that there were when the last of these was reviewed. */
export function countEvents({ list, source }: SearchEvents, reviewed: readonly { at: number | null }[]): number {
  const times = reviewed.flatMap(({ at }) => at ?? []);
  const last = times.length < reviewed.length ? Number.POSITIVE_INFINITY : Math.max(...times);
  return list.reduce((n, { at }, event) => n + Number(source[event] !== 1 && (at === null || at <= last)), 0);
}
