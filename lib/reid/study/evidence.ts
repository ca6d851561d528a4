// Which labels count for what: reviews become mated and non-mated searches. Terms: ISO/IEC 19795-1
// (mated, non-mated) and the NIST FRTE 1:N reports.
import type { Dataset } from '../dataset/dataset.ts';
import type { SearchEvents } from '../dataset/search-events.ts';
import type { Chances } from '../evidence/chances.ts';
import { nameProfiles, wasThere } from '../evidence/grown.ts';
import { type GroupedReviews, groupReviews, type Verdict } from '../evidence/verdicts.ts';
import { type Weighting, weighVerdicts } from '../evidence/weights.ts';

/**
 * In order of trust: verdicts of people; two animals in one image; one instant at distant cameras;
 * detections of one burst; labels that the matcher wrote itself.
 */
export const EVIDENCE = ['reviews', 'same_image', 'same_instant', 'bursts', 'matcher'] as const;
export type Evidence = (typeof EVIDENCE)[number];
/** Labels of the matcher count only when the request names them. */
export const DEFAULT_EVIDENCE: readonly Evidence[] = ['reviews', 'same_image', 'same_instant', 'bursts'];

/**
 * An event of a known deer. `weight` is 1 / inclusion probability, or 0 where the verdict is a fact
 * that counts for no rate.
 */
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
  /** Events that a person could not decide. */
  unsure: { event: number; weight: number }[];
  /** Written by the matcher: never pooled with reviews. */
  matcher: MatedLabel[];
  weighting: Weighting;
  /** Of stored draws, where a drawn event is decided. */
  chances: Chances | null;
  /** By profile, the names that its animal has among the reviews. */
  names: readonly ReadonlySet<string>[];
  /** Deer that may be a named stranger: the verdicts say no, their source or name says yes. */
  ties: { identity: string; deer: string }[];
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
    /** Reviewed events that no draw took: names and pairs, in no rate. */
    uncounted: number;
    /** Second looks. */
    repeats: number;
    /** Events of strangers that were enrolled since: mated searches now. */
    enrolledSince: number;
  };
}

const noCounts = (): Labels['counts'] => ({
  ...{ reviews: 0, reviewedEvents: 0, same: 0, none: 0, noneWithIdentity: 0, different: 0, unsure: 0 },
  ...{ contradicting: 0, sourceEvents: 0, withoutProfile: 0, outside: 0 },
  ...{ uncounted: 0, repeats: 0, enrolledSince: 0 },
});

const NO_REVIEWS: GroupedReviews = { events: new Map(), outside: 0, repeats: 0 };

/**
 * Turns reviews (and, if `evidence` names it, the matcher's own assignments) into labeled events;
 * source events are left out.
 */
export function labelEvents(dataset: Dataset, events: SearchEvents, evidence: readonly Evidence[]): Labels {
  const profiles = new Map(dataset.profiles.map(({ id }, index) => [id, index]));
  const used = evidence.includes('reviews');
  const grouped = used ? groupReviews(dataset, events) : NO_REVIEWS;
  const { verdicts, weigh, weighting, chances } = weighVerdicts(
    used ? dataset : { ...dataset, draws: [], reviews: [] },
    events,
    [...grouped.events].filter(([event]) => events.source[event] !== 1).sort((a, b) => a[0] - b[0]),
  );
  const labels: Labels = {
    ...{ mated: [], nonMated: [], different: [], unsure: [], ties: [], weighting, chances },
    matcher: evidence.includes('matcher') ? labelByMatcher(dataset, events, profiles) : [],
    names: nameProfiles(dataset, events, grouped.events),
    counts: {
      ...noCounts(),
      reviews: used ? dataset.reviews.length : 0,
      reviewedEvents: grouped.events.size,
      ...{ outside: grouped.outside, repeats: grouped.repeats },
      sourceEvents: grouped.events.size - verdicts.size,
    },
  };
  for (const [event, verdict] of verdicts) {
    labels.counts[verdict.kind]++;
    if (verdict.kind === 'contradicting') continue;
    const weight = weigh(event, verdict);
    if (weight === 0) labels.counts.uncounted++;
    if (verdict.kind === 'unsure') labels.unsure.push({ event, weight });
    else addLabels(labels, { event, weight }, verdict, profiles);
  }
  labels.nonMated = labels.nonMated.flatMap((label) => followEnrollment(dataset, labels, label));
  return labels;
}

interface Weighed {
  event: number;
  weight: number;
}

function addLabels(labels: Labels, weighed: Weighed, verdict: Verdict, profiles: ReadonlyMap<string, number>): void {
  const { counts } = labels;
  for (const deer of verdict.not) {
    const profile = profiles.get(deer);
    if (profile !== undefined) labels.different.push({ ...weighed, profile });
  }
  if (verdict.kind === 'same') {
    const profile = profiles.get(verdict.deer);
    if (profile === undefined) counts.withoutProfile++;
    else labels.mated.push({ ...weighed, profile });
  } else if (verdict.kind === 'none') {
    const { identity, before } = verdict;
    if (identity !== null) counts.noneWithIdentity++;
    labels.nonMated.push({ ...weighed, identity, before });
  }
}

/**
 * A stranger that was enrolled after its review is searched for from then on. One that a review
 * keeps apart from a deer of its name is only warned of: verdicts on other events may be wrong.
 */
function followEnrollment({ profiles }: Dataset, labels: Labels, label: NonMatedLabel): NonMatedLabel[] {
  const { event, identity, before, weight } = label;
  if (identity === null) return [label];
  for (const [profile, names] of labels.names.entries()) {
    if (!names.has(identity)) continue;
    const { name: deer } = profiles[profile]!;
    if (!wasThere(profiles[profile]!, before)) {
      labels.mated.push({ event, profile, weight });
      labels.counts.enrolledSince++;
      return [];
    }
    if (!labels.ties.some((tie) => tie.identity === identity && tie.deer === deer))
      labels.ties.push({ identity, deer });
  }
  return [label];
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
