// Which labels count for what: reviews become mated and non-mated searches, images and instants
// become pairs of different animals. Ranks as in REID.md.
import { isUnnamed } from '../../deer/missing-values.ts';
import type { Dataset, Review } from '../dataset/dataset.ts';
import type { Events } from '../dataset/events.ts';

export const EVIDENCE = ['reviews', 'same_image', 'same_instant', 'bursts', 'matcher'] as const;
export type Evidence = (typeof EVIDENCE)[number];
/** Labels that the matcher wrote count only when asked for. */
export const DEFAULT_EVIDENCE: readonly Evidence[] = ['reviews', 'same_image', 'same_instant', 'bursts'];

/** An event of a known enrolled animal. */
export interface Mated {
  event: number;
  profile: number;
  weight: number;
}

/**
 * An event of an animal that was none of those enrolled before `before` (ms since 1970; null:
 * whenever).
 */
export interface NonMated {
  event: number;
  /** null: no cluster known, so it enters FMR and p0, never the bound. */
  identity: string | null;
  before: number | null;
  weight: number;
}

/** An event that is not this profile's animal. */
export interface Different {
  event: number;
  profile: number;
  weight: number;
}

export interface Labels {
  mated: Mated[];
  nonMated: NonMated[];
  different: Different[];
  /** Made by the matcher: never pooled with reviews. */
  matcher: Mated[];
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

/**
 * Turns reviews (and, when asked for, the matcher's own assignments) into labelled events; source
 * events are left out.
 */
export function makeShortNames(dataset: Dataset, events: Events, evidence: readonly Evidence[]): Labels {
  const rowOf = new Map(dataset.detections.map(({ id }, row) => [id, row]));
  const profileOf = new Map(dataset.profiles.map(({ id }, index) => [id, index]));
  const byEvent = new Map<number, Review[]>();
  const labels: Labels = {
    mated: [],
    nonMated: [],
    different: [],
    matcher: [],
    weighting: 'none',
    counts: {
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
    },
  };
  const { counts } = labels;
  if (evidence.includes('reviews')) {
    for (const review of dataset.reviews) {
      const row = rowOf.get(review.detection);
      const event = row === undefined ? -1 : events.of[row]!;
      counts.reviews++;
      if (event < 0) counts.outside++;
      else {
        const list = byEvent.get(event);
        if (list === undefined) byEvent.set(event, [review]);
        else list.push(review);
      }
    }
  }
  counts.reviewedEvents = byEvent.size;
  let [given, missing] = [0, 0];
  for (const [event, reviews] of [...byEvent].sort((a, b) => a[0] - b[0])) {
    if (events.source[event] === 1) {
      counts.sourceEvents++;
      continue;
    }
    const verdict = verdictOf(reviews);
    counts[verdict.kind]++;
    if (verdict.kind === 'contradicting' || verdict.kind === 'unsure') continue;
    if (verdict.inclusion === null) missing++;
    else given++;
    const weight = verdict.inclusion === null ? 1 : 1 / verdict.inclusion;
    for (const deer of verdict.not) {
      const profile = profileOf.get(deer);
      if (profile !== undefined) labels.different.push({ event, profile, weight });
    }
    if (verdict.kind === 'same') {
      const profile = profileOf.get(verdict.deer);
      if (profile === undefined) counts.withoutProfile++;
      else labels.mated.push({ event, profile, weight });
    } else if (verdict.kind === 'none') {
      if (verdict.identity !== null) counts.noneWithIdentity++;
      labels.nonMated.push({ event, identity: verdict.identity, before: verdict.before, weight });
    }
  }
  labels.weighting = given === 0 ? 'none' : missing === 0 ? 'given' : 'mixed';
  if (evidence.includes('matcher')) labels.matcher = matcherLabels(dataset, events, profileOf);
  return labels;
}

type Verdict = { inclusion: number | null; not: string[] } & (
  | { kind: 'same'; deer: string }
  | { kind: 'none'; identity: string | null; before: number | null }
  | { kind: 'different' | 'unsure' | 'contradicting' }
);

/**
 * One verdict for all reviews of an event; they contradict when no single animal fits all, or when
 * they carry several inclusion probabilities.
 */
function verdictOf(reviews: readonly Review[]): Verdict {
  const of = (verdict: string): Review[] => reviews.filter((review) => review.verdict === verdict);
  const named = (values: (string | null)[]): string[] => [...new Set(values.flatMap((value) => value?.trim() || []))];
  const inclusions = new Set(reviews.map(({ inclusion }) => inclusion));
  const inclusion = reviews[0]!.inclusion;
  const same = named(of('same').map(({ deer }) => deer));
  const not = named(of('different').map(({ deer }) => deer));
  const none = of('none');
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

/** Events whose detections the matcher gave to exactly one deer. */
function matcherLabels({ detections }: Dataset, events: Events, profileOf: Map<string, number>): Mated[] {
  return events.list.flatMap(({ rows }, event) => {
    const deer = new Set(rows.flatMap((row) => detections[row]!.deer ?? []));
    const profile = deer.size === 1 ? profileOf.get([...deer][0]!) : undefined;
    return profile === undefined || events.source[event] === 1 ? [] : [{ event, profile, weight: 1 }];
  });
}

/**
 * Labels for reducing all pairs of detections: group >= 0 is a known animal (equal: mated,
 * different: non-mated), -1 unknown; pairs of one burst are left out.
 */
export interface PairLabels {
  group: Int32Array;
  burst: Int32Array;
  groups: number;
}

/**
 * Animals known from reviews (never from the matcher), cross-event; detections of left-out bursts
 * and of unsure or contradicted events are unknown.
 */
export function pairLabelsOf(dataset: Dataset, events: Events, labels: Labels): PairLabels {
  const n = dataset.detections.length;
  const group = new Int32Array(n).fill(-1);
  const burst = new Int32Array(n);
  const numbers = new Map<string, number>();
  const number = (name: string): number => {
    const known = numbers.get(name) ?? numbers.size;
    numbers.set(name, known);
    return known;
  };
  const mark = (event: number, name: string): void => {
    for (const row of events.list[event]!.rows) group[row] = number(name);
  };
  for (const { event, profile } of labels.mated) mark(event, `deer ${dataset.profiles[profile]!.id}`);
  for (const { event, identity } of labels.nonMated) if (identity !== null) mark(event, `identity ${identity}`);
  const bursts = new Map<string, number>();
  dataset.detections.forEach(({ burst: id }, row) => {
    const key = id ?? `detection ${row}`;
    burst[row] = bursts.get(key) ?? bursts.size;
    bursts.set(key, burst[row]!);
  });
  return { group, burst, groups: numbers.size };
}
