// Searches of labeled events: did a search for a known deer find it, did a search for a stranger
// match a deer?
import type { Dataset } from '../dataset/dataset.ts';
import type { SearchEvents } from '../dataset/search-events.ts';
import { wasThere } from '../evidence/grown.ts';
import type { WeightedScores } from '../statistics/rates.ts';
import type { Labels, MatedLabel } from './evidence.ts';
import { type Candidates, type EventScores, findCandidates, type Search } from './scoring.ts';

export interface MatedSearch {
  event: number;
  profile: number;
  weight: number;
  /** Score against the own profile; -Infinity where the gate keeps them apart. */
  mateScore: number;
  /** The same without regard to the gate; null where none is stored. */
  pairScore: number | null;
  /** Whether the own profile is the best candidate. */
  first: boolean;
  topScore: number;
  /** Best score with the own profile left out. */
  otherScore: number;
}

export interface NonMatedSearch {
  event: number;
  identity: string | null;
  weight: number;
  topScore: number;
}

/**
 * How much of the gallery the event of a named stranger met: how many profiles the gate lets
 * through, and how many of those it was compared with.
 */
export interface Meeting {
  event: number;
  weight: number;
  gated: number;
  met: number;
}

/** Gated comparisons of an event with a profile of another animal, for FMR: by weight. */
export type PairList = WeightedScores[];

/** Their scores, whatever they weigh. */
export function joinPairs(pairs: PairList): Float64Array {
  if (pairs.length === 1) return pairs[0]!.scores;
  const all = new Float64Array(countPairs(pairs));
  let at = 0;
  for (const { scores } of pairs) {
    all.set(scores, at);
    at += scores.length;
  }
  return all;
}

export const countPairs = (pairs: PairList): number => pairs.reduce((sum, { scores }) => sum + scores.length, 0);

export interface Searches {
  /** Of every event, source events included (they are left out of the rates). */
  all: Candidates[];
  mated: MatedSearch[];
  nonMated: NonMatedSearch[];
  matcher: MatedSearch[];
  /** Non-mated events that can meet no profile enrolled before their review: left out. */
  unmet: number;
  /**
   * Non-mated searches that met fewer profiles than the gallery has for their class: some are newer
   * than the review, or have no stored score.
   */
  narrowed: number;
  /** Of every non-mated event whose animal has a name, unmet ones included. */
  meetings: Meeting[];
  /** Profiles that some of these events could be taken for and were not compared with. */
  missed: number[];
  /**
   * Reviewed events of a deer without a stored score against it: left out (the deer is newer than
   * the event), or counted as a miss.
   */
  mateNewer: number;
  mateMissing: number;
  /** Mean number of open profiles per search. */
  openProfiles: number;
  nonMatedPairs: PairList;
}

/** Scores of same-animal comparisons, where there are any. */
export const collectPairScores = (searches: readonly MatedSearch[]): number[] =>
  searches.flatMap(({ pairScore }) => pairScore ?? []);

export function runSearches(dataset: Dataset, events: SearchEvents, labels: Labels, scores: EventScores): Searches {
  const { all, openProfiles } = searchAll(events, scores);
  const pairs = new PairCollector();
  const mated = searchMated(dataset, events, labels.mated, scores, all, pairs);
  const nonMated = searchNonMated(dataset, labels, scores, pairs);
  for (const { event, profile, weight } of labels.different) pairs.add(scores.search(event), weight, [profile]);
  return {
    all,
    ...mated,
    ...nonMated,
    matcher: labels.matcher.map((label) => searchMate(label, scores, all)),
    openProfiles,
    nonMatedPairs: pairs.list(),
  };
}

function searchAll(events: SearchEvents, eventScores: EventScores): Pick<Searches, 'all' | 'openProfiles'> {
  let sum = 0;
  const all = events.list.map((_, event) => {
    const { scores, open, opened } = eventScores.search(event);
    sum += opened;
    return findCandidates(scores, open);
  });
  return { all, openProfiles: events.list.length === 0 ? 0 : sum / events.list.length };
}

/** Scores in room that grows, apart by weight, of which there are few: there may be millions. */
class PairCollector {
  readonly #byWeight = new Map<number, { room: Float64Array; count: number }>();

  /** The search against those of the profiles that are open to it. */
  add({ scores, open, opened }: Search, weight: number, profiles: Iterable<number>): void {
    const held = this.#byWeight.get(weight) ?? { room: new Float64Array(1_024), count: 0 };
    if (held.count + opened > held.room.length) {
      const wider = new Float64Array(2 * (held.count + opened));
      wider.set(held.room.subarray(0, held.count));
      held.room = wider;
    }
    const { room } = held;
    let { count } = held;
    for (const profile of profiles) if (open(profile)) room[count++] = scores[profile]!;
    held.count = count;
    if (count > 0) this.#byWeight.set(weight, held);
  }

  list(): PairList {
    return [...this.#byWeight].map(([weight, { room, count }]) => ({ weight, scores: room.subarray(0, count) }));
  }
}

function searchMate(
  { event, profile, weight }: MatedLabel,
  eventScores: EventScores,
  all: readonly Candidates[],
): MatedSearch {
  const { scores, open } = eventScores.search(event);
  const { first, firstScore: topScore } = all[event]!;
  const pairScore = Number.isNaN(scores[profile]!) ? null : scores[profile]!;
  const others = findCandidates(scores, (p) => p !== profile && open(p));
  return {
    event,
    profile,
    weight,
    mateScore: pairScore !== null && open(profile) ? pairScore : Number.NEGATIVE_INFINITY,
    pairScore,
    first: first === profile,
    topScore,
    otherScore: others.firstScore,
  };
}

function searchMated(
  { profiles, stored }: Dataset,
  events: SearchEvents,
  labels: readonly MatedLabel[],
  scores: EventScores,
  all: readonly Candidates[],
  pairs: PairCollector,
): Pick<Searches, 'mated' | 'mateNewer' | 'mateMissing'> {
  /** Whether the deer is newer than every detection of the event. */
  const newer = ({ event, profile }: MatedLabel): boolean =>
    stored !== null && events.list[event]!.rows.every((row) => stored.younger(row, profile));
  const every = [...profiles.keys()];
  const mated: MatedSearch[] = [];
  let [mateNewer, mateMissing] = [0, 0];
  for (const label of labels) {
    const search = searchMate(label, scores, all);
    if (search.pairScore === null && newer(label)) mateNewer += Number(label.weight > 0);
    else {
      if (search.pairScore === null) mateMissing += Number(label.weight > 0);
      mated.push(search);
    }
    const others = every.filter((p) => p !== label.profile);
    pairs.add(scores.search(label.event), label.weight, others);
  }
  return { mated, mateNewer, mateMissing };
}

function searchNonMated(
  { profiles, stored }: Dataset,
  labels: Pick<Labels, 'nonMated' | 'names'>,
  scores: EventScores,
  pairs: PairCollector,
): Pick<Searches, 'nonMated' | 'meetings' | 'missed' | 'unmet' | 'narrowed'> {
  const nonMated: NonMatedSearch[] = [];
  const meetings: Meeting[] = [];
  const missed = new Set<number>();
  let [unmet, narrowed] = [0, 0];
  for (const { event, identity, before, weight } of labels.nonMated) {
    const search = scores.search(event);
    let gated = 0;
    const met: number[] = [];
    // A stored score is a meeting, whatever the dates. A deer that was enrolled later is another
    // animal if the reviews know it by another name.
    const known = (p: number): boolean =>
      search.open(p) &&
      (stored !== null || wasThere(profiles[p]!, before) || (identity !== null && labels.names[p]!.size > 0));
    for (let p = 0; p < profiles.length; p++) {
      if (search.gated(p)) {
        gated++;
        if (!known(p) && weight > 0) missed.add(p);
      }
      if (known(p)) met.push(p);
    }
    pairs.add(search, weight, met);
    if (identity !== null && weight > 0) meetings.push({ event, weight, gated, met: met.length });
    // A class without any profile is a search that can never be wrong; one whose profiles are all
    // newer than its review says nothing.
    if (met.length === 0 && gated > 0) {
      if (weight > 0) unmet++;
      continue;
    }
    if (met.length < gated && weight > 0) narrowed++;
    nonMated.push({ event, identity, weight, topScore: findCandidates(search.scores, known).firstScore });
  }
  return { nonMated, meetings, missed: [...missed].sort((a, b) => a - b), unmet, narrowed };
}
