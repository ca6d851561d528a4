// What people said of each event, also of those that profiles were made from.
import type { Dataset } from '../dataset/dataset.ts';
import type { SearchEvents } from '../dataset/search-events.ts';
import { combineReviews, groupReviews } from '../evidence/verdicts.ts';

export type Verdict =
  | { kind: 'same'; deer: string }
  | { kind: 'none' | 'contradicting' }
  /** Deer that it is not. */
  | { kind: 'open'; not: readonly string[] };

const OPEN: Verdict = { kind: 'open', not: [] };

/** Of an event without a verdict: open. */
export function findVerdicts(dataset: Dataset, events: SearchEvents): (event: number) => Verdict {
  const found = new Map(
    [...groupReviews(dataset, events).events].map(([event, list]) => [
      event,
      combineReviews(list, dataset.draws.length > 0),
    ]),
  );
  return (event) => {
    const verdict = found.get(event);
    if (verdict === undefined) return OPEN;
    if (verdict.kind === 'same') return { kind: 'same', deer: verdict.deer };
    if (verdict.kind === 'none' || verdict.kind === 'contradicting') return { kind: verdict.kind };
    return { kind: 'open', not: verdict.not };
  };
}
