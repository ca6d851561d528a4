// Head counts: how many animals were seen, ghosts taken out, and how many there are. Pure: no
// clock, no I/O; random numbers come from the seed. SURVEY.md sections 3 and 4.
import { accumulateAnimals, measureCoverage } from './accumulation.ts';
import { boundChao, boundM0 } from './bootstrap.ts';
import { correctChao, type Histories, makeUnmixed, type Unmixed } from './corrected.ts';
import { boundSeen, capRate, countGhosts, type RateEvidence, type Tally } from './ghosts.ts';
import { cutOccasions, makeHistories, type SeenHistories, tallyEvents } from './histories.ts';
import { type ClassEvents, countKnown, decideSexes, keepDays, listSingles, selectEvents } from './identities.ts';
import { KNOWN_ANIMALS, LEAST_OCCASIONS, MOST_SHOWN } from './limits.ts';
import { listRepeats, measureMissRate } from './miss-rate.ts';
import { estimateModels } from './models.ts';
import {
  ACROSS_ANTLERS,
  refuseIdentities,
  refuseKnown,
  refuseOccasions,
  refuseRate,
  refuseSeen,
  refuseWindow,
} from './refusals.ts';
import { sayCount } from './sentences.ts';
import type {
  DayRange,
  HeadClass,
  HeadCorrected,
  HeadCount,
  HeadCounted,
  HeadInput,
  HeadOptions,
  Interval,
  MissRate,
  Refusal,
  Window,
} from './types.ts';
import { chooseWindow, describeWindow, LENGTHS } from './window.ts';

export { indexByJacobson } from './jacobson.ts';
export { chooseWindow, formatDay, parseDay } from './window.ts';

const DRAWS = 1_000;

/** What is counted: options with their defaults, and the sex of each identity. */
interface Task {
  of: HeadClass;
  input: HeadInput;
  sexes: Map<string, string | null>;
  occasionDays: 1 | 3;
  seed: number;
  draws: number;
}

/**
 * The head count of one sex in one window.
 * @param of the sex that is counted
 * @param input every search event of the period with its identity, effort by day, repeats
 * @param options window (whole local days, at most 60; absent: chosen by effort), days of an
 *   occasion, seed, draws
 * @returns a refusal with its sentence, or the naive count with its models, the corrected count in
 *   animals (or why there is none), the accumulation curve and sentences. Never throws.
 */
export function countHeads(of: HeadClass, input: HeadInput, options: HeadOptions = {}): HeadCount {
  const { occasionDays = 1, seed = 1, draws = DRAWS } = options;
  const task: Task = { of, input, sexes: decideSexes(input), occasionDays, seed, draws };
  const asked = options.window;
  const unfit = asked === undefined ? null : refuseWindow(of, asked);
  // Of too many days, or of none, nothing else is said.
  if (unfit?.kind === 'window too long') return refuse(task, null, null, unfit);
  const range = asked ?? chooseDays(task);
  if (range === null) return refuse(task, null, null, ACROSS_ANTLERS);
  const window = describe(task, range, asked !== undefined);
  const found = select(task, range);
  const refusal = unfit ?? refuseIdentities(of, found, input.identities);
  if (refusal !== null) return refuse(task, window, found, refusal);
  return count(task, window, found);
}

/** Whether what a day shows is counted: it is a day of an occasion, where these are enough. */
function countsDay({ input, occasionDays }: Task, range: DayRange): (day: number) => boolean {
  const { count: occasions, of } = cutOccasions(range, occasionDays, input.days);
  const isInside = (day: number): boolean => day >= range.from && day <= range.to;
  return occasions < LEAST_OCCASIONS ? isInside : (day) => isInside(day) && of[day - range.from]! >= 0;
}

/** The events of a window, of the days that are counted. */
const select = (task: Task, range: DayRange): ClassEvents =>
  keepDays(selectEvents(task.of, task.input.events, task.sexes, range), countsDay(task, range));

/** 14 days; longer ones only where too few identities have two or more events. */
function chooseDays(task: Task): DayRange | null {
  const { of, input } = task;
  let last: DayRange | null = null;
  for (const length of LENGTHS) {
    const range = chooseWindow(of, input.period, length, input);
    if (range === null) break;
    last = range;
    const found = select(task, range);
    const refusal = refuseIdentities(of, found, input.identities);
    // More days mend nothing where people have not been through the events.
    if ((refusal !== null && refusal.kind !== 'no events') || countKnown(found.named) >= KNOWN_ANIMALS) break;
  }
  return last;
}

function describe({ of, input, occasionDays }: Task, range: DayRange, asked: boolean): Window {
  const inside = input.days.filter(({ day }) => day >= range.from && day <= range.to);
  const cameraDays = inside.reduce((sum, { withImages }) => sum + withImages, 0);
  return {
    ...range,
    days: range.to - range.from + 1,
    asked,
    cameraDays,
    workingDays: inside.filter(({ cameras }) => cameras > 0).length,
    occasionDays,
    occasions: cutOccasions(range, occasionDays, input.days).count,
    sentence: describeWindow(of, range, asked, cameraDays),
  };
}

const countReviewed = (found: ClassEvents | null): HeadCount['reviewed'] => ({
  events: (found?.named.length ?? 0) + (found?.unnamed.length ?? 0),
  unknown: found?.unknown.length ?? 0,
  identified: found?.named.length ?? 0,
});

function refuse(
  { of, input, seed }: Task,
  window: Window | null,
  found: ClassEvents | null,
  refusal: Refusal,
): HeadCount {
  return {
    ...{ class: of, identities: input.identities, window, reviewed: countReviewed(found), seed, refusal },
    sentences: [refusal.sentence, ...(window === null ? [] : [window.sentence])],
  };
}

/** A count that is not refused; its correction may be. */
function count(task: Task, window: Window, found: ClassEvents): HeadCounted {
  const { of, input, seed, occasionDays } = task;
  const { named } = found;
  const seen = makeHistories(named, window, cutOccasions(window, occasionDays, input.days));
  const isCounted = countsDay(task, window);
  const days = input.days.filter(({ day }) => isCounted(day));
  const daily = makeHistories(named, window, cutOccasions(window, 1, days));
  const tally = tallyEvents(named);
  const { corrected, evidence } = correct(task, window, found, tally, seen);
  const shown = new Set(input.repeats.map(({ event }) => event));
  const un = evidence === null ? null : correctChao(daily.histories, evidence.rate, makeUnmixed());
  const counted: Omit<HeadCounted, 'sentences'> = {
    ...{ class: of, identities: input.identities, window, reviewed: countReviewed(found), seed, refusal: null },
    naive: {
      ...{ identities: tally.n, events: tally.events, singles: tally.singles },
      models: window.occasions < LEAST_OCCASIONS ? [] : estimateModels(seen.frequencies, seen.halves),
      frequencies: Array.from(seen.histories.f).slice(1),
      perOccasion: [...seen.frequencies.perOccasion],
    },
    corrected,
    accumulation: accumulateAnimals(daily.histories, un),
    coverage: measureCoverage(daily.histories, un),
    singles: listSingles(named).map(({ identity, id, lookedTwice = false }) => ({ identity, event: id, lookedTwice })),
    showAgain: listRepeats(named, seed)
      .filter((id) => !shown.has(id))
      .slice(0, MOST_SHOWN),
    animals: listAnimals(found, seen),
  };
  const leftOut = (input.leftOut ?? []).filter(
    ({ day, gates }) => isCounted(day) && (gates.includes(of) || gates.includes('unknown')),
  );
  return { ...counted, sentences: sayCount(of, counted, found, leftOut.length) };
}

const listAnimals = ({ named }: ClassEvents, { occasions }: SeenHistories): HeadCounted['animals'] =>
  [...Map.groupBy(named, ({ identity }) => identity)]
    .map(([identity, { length: events }]) => ({ identity, events, occasions: occasions.get(identity) ?? 0 }))
    .sort((a, b) => b.events - a.events || (a.identity < b.identity ? -1 : 1));

interface Correction {
  corrected: HeadCorrected | Refusal;
  /** null where nothing is corrected. */
  evidence: RateEvidence | null;
}

function correct(task: Task, window: Window, found: ClassEvents, tally: Tally, seen: SeenHistories): Correction {
  const { of, input, sexes } = task;
  const known = refuseKnown(of, countKnown(found.named));
  // Windows of one season and class are pooled: the repeats of the whole period count.
  const measured = measureMissRate(selectEvents(of, input.events, sexes, input.period).named, input.repeats);
  const refusal = known ?? refuseRate(of, measured?.rate ?? null);
  if (refusal !== null || measured === null) return { corrected: refusal!, evidence: null };
  const lookedTwice = isLookedTwice(found);
  const { rate: e } = measured.rate;
  const rate: MissRate = { ...measured.rate, lookedTwice, used: lookedTwice ? e * e : e };
  const evidence: RateEvidence = { ...measured.evidence, lookedTwice, rate: rate.used };
  const capped = capRate(tally, rate.used);
  const ghosts = countGhosts(tally, capped);
  const interval = boundSeen(tally, evidence);
  const estimate = tally.n - ghosts;
  const unfit = refuseSeen(of, tally, e, { estimate, interval, together: largestGroup(task, window) });
  if (unfit !== null || interval === null) return { corrected: unfit!, evidence: null };
  const half = capRate(tally, e / 2);
  return {
    evidence,
    corrected: {
      ...{ rate, ghosts, seen: { estimate, ...interval }, capped: capped < rate.used },
      seenIfMissesRepeat: lookedTwice ? tally.n - countGhosts(tally, half) : null,
      ...estimateAll(task, window, seen.histories, evidence),
    },
  };
}

/** Every identity with one event was shown once more; where there is none, any second look. */
const isLookedTwice = ({ named }: ClassEvents): boolean =>
  named.some(({ lookedTwice }) => lookedTwice === true) &&
  listSingles(named).every(({ lookedTwice }) => lookedTwice === true);

function largestGroup(task: Task, window: DayRange): number {
  const isCounted = countsDay(task, window);
  return task.input.groups.reduce(
    (most, { day, gate, animals }) => (gate === task.of && isCounted(day) ? Math.max(most, animals) : most),
    0,
  );
}

/** How many there are: Chao with M0 as its companion. */
function estimateAll(
  { seed, draws }: Task,
  window: Window,
  histories: Histories,
  evidence: RateEvidence,
): Pick<HeadCorrected, 'chao' | 'm0' | 'completeness' | 'atLeast'> {
  if (window.occasions < LEAST_OCCASIONS) {
    const chao = refuseOccasions(window.occasions, LEAST_OCCASIONS);
    return { chao, m0: null, completeness: null, atLeast: false };
  }
  const un: Unmixed = correctChao(histories, evidence.rate, makeUnmixed());
  const chao = boundChao(histories, un, evidence, { seed, draws });
  const m0 = boundM0(histories, un, evidence, { seed, draws });
  return {
    chao,
    m0,
    completeness: un.seen > 0 ? completeness(un.seen, chao) : null,
    atLeast: m0 !== null && (m0.upper < chao.lower || chao.upper < m0.lower),
  };
}

/** U / N with N's interval; a list holds at most all. */
const completeness = (seen: number, { estimate, lower, upper }: Interval): Interval => ({
  estimate: Math.min(1, seen / estimate),
  lower: Math.min(1, seen / upper),
  upper: Math.min(1, seen / lower),
});
