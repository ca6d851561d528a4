// The reviews of each search event become one verdict.
import { isUnnamed } from '../../deer/missing-values.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { Review } from '../dataset/records.ts';
import type { SearchEvents } from '../dataset/search-events.ts';

export type Verdict = {
  /** As imported; null where not recorded. */
  inclusion: number | null;
  /** When the event was last reviewed, ms since 1970. */
  reviewedAt: number | null;
  /** Only a roster says so: a fact, and no evidence unless a draw took the event. */
  roster: boolean;
  /** Deer that it is not. */
  not: string[];
} & (
  | { kind: 'same'; deer: string }
  | { kind: 'none'; identity: string | null; before: number | null }
  | { kind: 'different' | 'unsure' | 'contradicting' }
);

export interface GroupedReviews {
  /** By event. */
  events: Map<number, Review[]>;
  /** Of detections that are left out or outside the selection. */
  outside: number;
  /** Events that were shown again as new: no verdicts. */
  repeats: number;
}

export function groupReviews(dataset: Dataset, events: SearchEvents): GroupedReviews {
  const rows = new Map(dataset.detections.map(({ id }, row) => [id, row]));
  const grouped: GroupedReviews = { events: new Map(), outside: 0, repeats: 0 };
  for (const review of dataset.reviews) {
    const row = rows.get(review.detection);
    const event = row === undefined ? -1 : events.of[row]!;
    if (review.purpose === 'repeat') {
      grouped.repeats++;
      continue;
    }
    if (event < 0) {
      grouped.outside++;
      continue;
    }
    const list = grouped.events.get(event);
    if (list === undefined) grouped.events.set(event, [review]);
    else list.push(review);
  }
  // A second look takes the place of what the roster said first.
  for (const [event, list] of grouped.events)
    if (list.some(({ purpose }) => purpose === 'second_look'))
      grouped.events.set(
        event,
        list.filter(({ purpose }) => purpose !== 'roster'),
      );
  return grouped;
}

const listNames = (values: (string | null)[]): string[] => [...new Set(values.flatMap((value) => value?.trim() || []))];

/** The names that reviews give to an animal that is not enrolled; words for nobody are none. */
export const listIdentities = (reviews: readonly Review[]): string[] =>
  listNames(reviews.map(({ verdict, identity }) => (verdict === 'none' ? identity : null))).filter(
    (identity) => !isUnnamed(identity),
  );

/**
 * One verdict for all reviews of an event; those of a roster count only where there are no others.
 * They contradict when no single animal fits all of them, or when they carry several inclusion
 * probabilities.
 * @param drawn whether chances are those of stored draws, so that imported ones say nothing
 */
export function combineReviews(all: readonly Review[], drawn: boolean): Verdict {
  const evidence = all.filter(({ purpose }) => purpose !== 'roster' && purpose !== 'second_look');
  const reviews = evidence.length > 0 ? evidence : all;
  const having = (verdict: string): Review[] => reviews.filter((review) => review.verdict === verdict);
  const times = reviews.flatMap(({ at }) => at ?? []);
  const about = {
    inclusion: reviews[0]!.inclusion,
    reviewedAt: times.length > 0 ? Math.max(...times) : null,
    roster: evidence.length === 0,
  };
  const same = listNames(having('same').map(({ deer }) => deer));
  const not = listNames(having('different').map(({ deer }) => deer));
  const none = having('none');
  const identities = listIdentities(none);
  const contradicting =
    same.length > 1 ||
    identities.length > 1 ||
    (same.length > 0 && none.length > 0) ||
    same.some((deer) => not.includes(deer)) ||
    (!drawn && new Set(reviews.map(({ inclusion }) => inclusion)).size > 1);
  if (contradicting) return { ...about, kind: 'contradicting', not: [] };
  if (same.length === 1) return { ...about, kind: 'same', deer: same[0]!, not };
  if (none.length > 0) {
    // The earliest review knew the fewest profiles.
    const before = none.flatMap(({ at }) => at ?? []);
    return {
      ...about,
      ...{ kind: 'none', identity: identities[0] ?? null, not },
      before: before.length > 0 ? Math.min(...before) : null,
    };
  }
  return { ...about, kind: not.length > 0 ? 'different' : 'unsure', not };
}
