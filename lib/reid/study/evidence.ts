// Which labels count for what: reviews become mated and non-mated searches. Terms: ISO/IEC 19795-1
// (mated, non-mated) and the NIST FRTE 1:N reports.
import { isUnnamed } from '../../deer/missing-values.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { Review } from '../dataset/records.ts';
import type { SearchEvents } from '../dataset/search-events.ts';

/**
 * In order of trust: verdicts of people; two animals in one image; one instant at distant cameras;
 * detections of one burst; labels that the matcher wrote itself.
 */
export const EVIDENCE = ['reviews', 'same_image', 'same_instant', 'bursts', 'matcher'] as const;
export type Evidence = (typeof EVIDENCE)[number];
/** Labels of the matcher count only when the request names them. */
export const DEFAULT_EVIDENCE: readonly Evidence[] = ['reviews', 'same_image', 'same_instant', 'bursts'];

/** An event of a known deer. `weight` is 1 / inclusion probability. */
export interface MatedLabel {
  event: number;
  profile: number;
  weight: number;
}

/** An event of an animal that was none of the deer enrolled before `before`. */
export interface NonMatedLabel {
  event: number;
  /** null: the animal has no name, so the event counts for FMR and p0, never for the bound. */
  identity: string | null;
  /** ms since 1970; null: none of all deer. */
  before: number | null;
  weight: number;
}

/** An event that is not of this profile's animal. */
export interface DifferentLabel {
  event: number;
  profile: number;
  weight: number;
}

export interface Labels {
  mated: MatedLabel[];
  nonMated: NonMatedLabel[];
  different: DifferentLabel[];
  /** Written by the matcher: never pooled with reviews. */
  matcher: MatedLabel[];
  /** given: every review has an inclusion probability; none: no review has; mixed: refused. */
  weighting: 'given' | 'none' | 'mixed';
  counts: {
    reviews: number;
    reviewedEvents: number;
    same: number;
    none: number;
    noneWithIdentity: number;
    different: number;
    unsure: number;
    contradicting: number;
    /** Reviewed events that profiles were made from. */
    sourceEvents: number;
    /** `same` as a deer without a usable profile. */
    withoutProfile: number;
    /** Reviews of detections that are left out or outside the selection. */
    outside: number;
  };
}

const noCounts = (): Labels['counts'] => ({
  reviews: 0,
  reviewedEvents: 0,
  same: 0,
  none: 0,
  noneWithIdentity: 0,
  different: 0,
  unsure: 0,
  contradicting: 0,
  sourceEvents: 0,
  withoutProfile: 0,
  outside: 0,
});

/**
 * Turns reviews (and, if `evidence` names it, the matcher's own assignments) into labeled events;
 * source events are left out.
 */
export function labelEvents(dataset: Dataset, events: SearchEvents, evidence: readonly Evidence[]): Labels {
  const profiles = new Map(dataset.profiles.map(({ id }, index) => [id, index]));
  const labels: Labels = {
    mated: [],
    nonMated: [],
    different: [],
    matcher: evidence.includes('matcher') ? labelByMatcher(dataset, events, profiles) : [],
    weighting: 'none',
    counts: noCounts(),
  };
  const { counts } = labels;
  const reviewed = evidence.includes('reviews') ? groupReviews(dataset, events, counts) : new Map<number, Review[]>();
  counts.reviewedEvents = reviewed.size;
  let [given, missing] = [0, 0];
  for (const [event, reviews] of [...reviewed].sort((a, b) => a[0] - b[0])) {
    if (events.source[event] === 1) {
      counts.sourceEvents++;
      continue;
    }
    const verdict = combineReviews(reviews);
    counts[verdict.kind]++;
    if (verdict.kind === 'contradicting' || verdict.kind === 'unsure') continue;
    if (verdict.inclusion === null) missing++;
    else given++;
    addLabels(labels, event, verdict, profiles);
  }
  labels.weighting = given === 0 ? 'none' : missing === 0 ? 'given' : 'mixed';
  return labels;
}

function groupReviews(dataset: Dataset, events: SearchEvents, counts: Labels['counts']): Map<number, Review[]> {
  const rows = new Map(dataset.detections.map(({ id }, row) => [id, row]));
  const groups = new Map<number, Review[]>();
  for (const review of dataset.reviews) {
    const row = rows.get(review.detection);
    const event = row === undefined ? -1 : events.of[row]!;
    counts.reviews++;
    if (event < 0) {
      counts.outside++;
      continue;
    }
    const list = groups.get(event);
    if (list === undefined) groups.set(event, [review]);
    else list.push(review);
  }
  return groups;
}

type EventVerdict = { inclusion: number | null; not: string[] } & (
  | { kind: 'same'; deer: string }
  | { kind: 'none'; identity: string | null; before: number | null }
  | { kind: 'different' | 'unsure' | 'contradicting' }
);

function addLabels(labels: Labels, event: number, verdict: EventVerdict, profiles: ReadonlyMap<string, number>): void {
  const { counts } = labels;
  const weight = verdict.inclusion === null ? 1 : 1 / verdict.inclusion;
  for (const deer of verdict.not) {
    const profile = profiles.get(deer);
    if (profile !== undefined) labels.different.push({ event, profile, weight });
  }
  if (verdict.kind === 'same') {
    const profile = profiles.get(verdict.deer);
    if (profile === undefined) counts.withoutProfile++;
    else labels.mated.push({ event, profile, weight });
  } else if (verdict.kind === 'none') {
    if (verdict.identity !== null) counts.noneWithIdentity++;
    labels.nonMated.push({ event, identity: verdict.identity, before: verdict.before, weight });
  }
}

/**
 * One verdict for all reviews of an event. They contradict when no single animal fits all of them,
 * or when they carry several inclusion probabilities.
 */
function combineReviews(reviews: readonly Review[]): EventVerdict {
  const having = (verdict: string): Review[] => reviews.filter((review) => review.verdict === verdict);
  const named = (values: (string | null)[]): string[] => [...new Set(values.flatMap((value) => value?.trim() || []))];
  const inclusions = new Set(reviews.map(({ inclusion }) => inclusion));
  const inclusion = reviews[0]!.inclusion;
  const same = named(having('same').map(({ deer }) => deer));
  const not = named(having('different').map(({ deer }) => deer));
  const none = having('none');
  const identities = named(none.map(({ identity }) => identity)).filter((identity) => !isUnnamed(identity));
  const contradicting =
    same.length > 1 ||
    identities.length > 1 ||
    (same.length > 0 && none.length > 0) ||
    same.some((deer) => not.includes(deer));
  if (contradicting || inclusions.size > 1) return { kind: 'contradicting', inclusion, not: [] };
  if (same.length === 1) return { kind: 'same', deer: same[0]!, inclusion, not };
  if (none.length > 0) {
    // The earliest review knew the fewest profiles.
    const times = none.flatMap(({ at }) => at ?? []);
    return {
      kind: 'none',
      identity: identities[0] ?? null,
      before: times.length > 0 ? Math.min(...times) : null,
      inclusion,
      not,
    };
  }
  return { kind: not.length > 0 ? 'different' : 'unsure', inclusion, not };
}

/** Events whose detections the matcher assigned to exactly one deer. */
function labelByMatcher(
  { detections }: Dataset,
  events: SearchEvents,
  profiles: ReadonlyMap<string, number>,
): MatedLabel[] {
  return events.list.flatMap(({ rows }, event) => {
    const deer = new Set(rows.flatMap((row) => detections[row]!.deer ?? []));
    const profile = deer.size === 1 ? profiles.get([...deer][0]!) : undefined;
    return profile === undefined || events.source[event] === 1 ? [] : [{ event, profile, weight: 1 }];
  });
}

/** The animal of each event that a review names: `deer ID` or `identity NAME`. */
export function nameEvents({ profiles }: Dataset, { mated, nonMated }: Labels): Map<number, string> {
  const names = new Map<number, string>();
  for (const { event, profile } of mated) names.set(event, `deer ${profiles[profile]!.id}`);
  for (const { event, identity } of nonMated) if (identity !== null) names.set(event, `identity ${identity}`);
  return names;
}

/** What the reviews of each event come to, source events included. */
export const readVerdicts = (dataset: Dataset, events: SearchEvents): Map<number, EventVerdict> =>
  new Map([...groupReviews(dataset, events, noCounts())].map(([event, reviews]) => [event, combineReviews(reviews)]));
