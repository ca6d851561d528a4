// Events become capture histories: which identity was seen on which occasion, and how often. Pure.
import type { Histories } from './corrected.ts';
import type { Tally } from './ghosts.ts';
import type { Frequencies } from './models.ts';
import type { DayRange, HeadEvent, WorkingDay } from './types.ts';

/** Events of one class with an identity. */
export type NamedEvent = HeadEvent & { identity: string };

/** n identities, their events, and how many of them have one. */
export function tallyEvents(events: readonly NamedEvent[]): Tally {
  const counts = new Map<string, number>();
  for (const { identity } of events) counts.set(identity, (counts.get(identity) ?? 0) + 1);
  let singles = 0;
  for (const count of counts.values()) if (count === 1) singles++;
  return { n: counts.size, events: events.length, singles };
}

export interface Occasions {
  /** t. */
  count: number;
  /** The occasion of each day from the first day of the window; -1: none. */
  of: Int32Array;
}

/**
 * Occasions of `length` days from the first day of the window; a last block that is not complete is
 * none, nor are days without a working camera, in a block with others too.
 */
export function cutOccasions({ from, to }: DayRange, length: number, days: readonly WorkingDay[]): Occasions {
  const working = new Set(days.flatMap(({ day, cameras }) => (cameras > 0 ? [day] : [])));
  const of = new Int32Array(to - from + 1).fill(-1);
  let count = 0;
  for (let start = from; start + length - 1 <= to; start += length) {
    const block = Array.from({ length }, (_, i) => start + i);
    if (!block.some((day) => working.has(day))) continue;
    for (const day of block) if (working.has(day)) of[day - from] = count;
    count++;
  }
  return { count, of };
}

export interface SeenHistories {
  histories: Histories;
  frequencies: Frequencies;
  /** Identities seen in the first and second half of the occasions, and in both. */
  halves: { first: number; second: number; both: number };
  /** By identity, the occasions on which it was seen. */
  occasions: Map<string, number>;
}

/** Histories of the events that lie on an occasion. */
export function makeHistories(
  events: readonly NamedEvent[],
  { from }: DayRange,
  { count: t, of }: Occasions,
): SeenHistories {
  const cells = new Map<string, Map<number, number>>();
  const seen = events.filter(({ day }) => (of[day - from] ?? -1) >= 0);
  for (const { identity, day } of seen) {
    const occasion = of[day - from]!;
    const row = cells.get(identity) ?? new Map<number, number>();
    cells.set(identity, row);
    row.set(occasion, (row.get(occasion) ?? 0) + 1);
  }
  const f = new Int32Array(t + 1);
  const [perOccasion, first] = [new Array<number>(t).fill(0), new Array<number>(t).fill(0)];
  const halves = { first: 0, second: 0, both: 0 };
  const pairs: number[] = [];
  for (const row of cells.values()) {
    f[row.size]!++;
    const sizes = [...row.values()];
    if (row.size > 1 || sizes[0]! > 1) pairs.push(...sizes);
    for (const occasion of row.keys()) perOccasion[occasion]!++;
    const earliest = Math.min(...row.keys());
    first[earliest]!++;
    const [early, late] = [earliest < t / 2, Math.max(...row.keys()) >= t / 2];
    halves.first += Number(early);
    halves.second += Number(late);
    halves.both += Number(early && late);
  }
  const repeats = new Int32Array(Math.max(1, ...pairs) + 1);
  for (const size of pairs) repeats[size]!++;
  return {
    histories: { t, f, repeats, ...tallyEvents(seen) },
    frequencies: { t, n: cells.size, f, perOccasion, first },
    halves,
    occasions: new Map([...cells].map(([identity, row]) => [identity, row.size])),
  };
}
