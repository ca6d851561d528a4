// A herd whose size is known and a reviewer who misses: the roster, and the repeats that measure
// it, by the code that measures those of people.
import { dice } from '../../lib/reid/statistics/random.ts';
import type { Histories } from '../../lib/survey/counts/corrected.ts';
import type { RateEvidence } from '../../lib/survey/counts/ghosts.ts';
import { listRepeats, measureMissRate } from '../../lib/survey/counts/miss-rate.ts';
import type { HeadEvent, Repeat } from '../../lib/survey/counts/types.ts';

type Uniform = () => number;

export interface Cell {
  /** Miss rate. */
  e: number;
  /** Events linked when shown again that it is measured on. */
  k: number;
  /** Animals. */
  N: number;
  unequal: boolean;
  /** Events of an animal on an occasion with any; 1.5: one or two, 2.5: one to four. */
  perOccasion: 1 | 1.5 | 2 | 2.5;
  /**
   * What breaks the model; absent: nothing. "joins": half of the misses join an earlier ghost of
   * the animal; a number: two flanks, half of the events each, linked across with that chance.
   */
  breaks?: 'joins' | number;
  /**
   * "truth": k events are judged by one who knows the animals, so that every identity too many is a
   * miss; absent: by repeats, as in life.
   */
  judge?: 'truth';
}

/** Of the window that is counted, and the mean chance of an animal to be seen on one. */
export const OCCASIONS = 14;
const CHANCE = 0.15;
/** Unequal animals: standard deviation of the logarithm of their chances. */
const SPREAD = 0.5;
/** Windows of the season whose repeats may be pooled. */
const WINDOWS = 12;

const normal = (next: Uniform): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

interface Visit {
  occasion: number;
  flank: number;
}

/** Events of one animal over the season. */
function visit(next: Uniform, { unequal, perOccasion, breaks }: Cell): Visit[] {
  const p = unequal ? Math.min(0.9, CHANCE * Math.exp(SPREAD * normal(next) - (SPREAD * SPREAD) / 2)) : CHANCE;
  const most = 2 * perOccasion - 1;
  const count = (): number => (Number.isInteger(perOccasion) ? perOccasion : 1 + Math.floor(most * next()));
  return Array.from({ length: OCCASIONS * WINDOWS }, (_, occasion) =>
    Array.from({ length: next() < p ? count() : 0 }, () => ({
      occasion,
      flank: typeof breaks === 'number' ? Math.floor(2 * next()) : 0,
    })),
  ).flat();
}

/** An identity that the reviewer made of one animal. */
interface Named {
  name: string;
  flank: number;
  /** Made by a miss, not by a flank that was new. */
  ghost: boolean;
  /** Occasions of its events. */
  events: number[];
}

/** @returns the identity that the reviewer links an event to; null: it is taken for a new animal */
function link(next: Uniform, known: readonly Named[], flank: number, { e, breaks }: Cell): Named | null {
  const whole = known.filter(({ ghost }) => !ghost);
  const across = typeof breaks === 'number' && next() < breaks ? whole[0] : undefined;
  const own = whole.find((one) => one.flank === flank) ?? across;
  if (own === undefined) return null;
  if (next() >= e) return own;
  const ghosts = known.filter(({ ghost }) => ghost);
  return breaks === 'joins' && ghosts.length > 0 && next() < 0.5 ? ghosts[Math.floor(next() * ghosts.length)]! : null;
}

interface Seen {
  event: HeadEvent;
  flank: number;
  named: Named;
  /** All of its animal. */
  family: Named[];
}

/** The season as the reviewer named it, in order of time for each animal. */
function review(next: Uniform, cell: Cell): { seen: Seen[]; families: Named[][] } {
  const seen: Seen[] = [];
  const families = Array.from({ length: cell.N }, (_, animal) => {
    const family: Named[] = [];
    for (const { occasion, flank } of visit(next, cell)) {
      let named = link(next, family, flank, cell);
      if (named === null) {
        const ghost = family.some((one) => !one.ghost && one.flank === flank);
        named = { name: `${animal} ${family.length}`, flank, ghost, events: [] };
        family.push(named);
      }
      named.events.push(occasion);
      const at = occasion + seen.length / 1e6;
      const event = { id: String(seen.length), at, day: occasion, place: null, gate: 'buck', identity: named.name };
      seen.push({ event, flank, named, family });
    }
    return family;
  });
  return { seen, families };
}

/** Repeats of the first window, and of so many more as it takes until k were linked. */
function measureByRepeats(next: Uniform, all: readonly Seen[], cell: Cell, seed: number): RateEvidence {
  for (let windows = 1; ; windows++) {
    const until = windows * OCCASIONS;
    const seen = all.filter(({ event }) => event.day < until);
    const events = seen.map(({ event }) => event);
    const order = listRepeats(events, seed);
    const at = new Map(seen.map((one) => [one.event.id, one]));
    const repeats = order.map((id): Repeat => {
      const { flank, named, family } = at.get(id)!;
      // Its own identity is there only if it has another event.
      const known = family.filter(
        ({ events: of }) => of.filter((day) => day < until).length > Number(of === named.events),
      );
      return { event: id, identity: link(next, known, flank, cell)?.name ?? null };
    });
    let shown = Math.min(order.length, cell.k);
    let measured = measureMissRate(events, repeats.slice(0, shown));
    while ((measured?.rate.k ?? 0) < cell.k && shown < order.length) {
      shown = Math.min(order.length, shown + cell.k - (measured?.rate.k ?? 0));
      measured = measureMissRate(events, repeats.slice(0, shown));
    }
    if (measured !== null && (measured.rate.k >= cell.k || windows === WINDOWS))
      return { ...measured.evidence, rate: measured.rate.rate, lookedTwice: false };
  }
}

/** One herd as histories of the first window, what is known of the rate, and its animals seen. */
export function simulateHerd(
  next: Uniform,
  cell: Cell,
  seed: number,
): { histories: Histories; evidence: RateEvidence; seen: number } {
  const { seen: all, families } = review(next, cell);
  const inWindow = (days: readonly number[]): number[] => days.filter((day) => day < OCCASIONS);
  const f = new Int32Array(OCCASIONS + 1);
  const repeats = new Int32Array(5);
  let [n, events, singles] = [0, 0, 0];
  for (const { events: days } of families.flat()) {
    const own = inWindow(days);
    if (own.length === 0) continue;
    const sizes = [...Map.groupBy(own, (day) => day).values()].map(({ length }) => length);
    n++;
    events += own.length;
    f[sizes.length]!++;
    if (own.length === 1) singles++;
    else for (const size of sizes) repeats[size]!++;
  }
  const seen = families.filter((family) => family.some(({ events: days }) => inWindow(days).length > 0)).length;
  const histories = { t: OCCASIONS, f, repeats, n, events, singles };
  if (cell.judge === undefined) return { histories, seen, evidence: measureByRepeats(next, all, cell, seed) };
  const rate = (n - seen) / (events - seen);
  const misses = Array.from({ length: cell.k }, () => Number(next() < rate)).reduce((a, b) => a + b, 0);
  return { histories, seen, evidence: { rate: misses / cell.k, misses, hits: cell.k - misses, lookedTwice: false } };
}

/** Of one herd of a cell: the same for the same seed. */
export const diceOf = (cell: Cell, seed: number): Uniform => dice(seed, JSON.stringify(cell)).next;
