// Which identities are counted: every identity has one sex, and nearly every event of the class has
// an identity. Pure.
import { SEXES } from '../../deer/class-gates.ts';
import type { NamedEvent } from './histories.ts';
import type { DayRange, HeadClass, HeadEvent, HeadInput } from './types.ts';

const VOTES: ReadonlySet<string> = new Set(SEXES);

/**
 * The sex of each identity: that of the deer, else the majority of those of its events that have
 * one; null on a tie.
 */
export function decideSexes({
  events,
  sexes,
}: Pick<HeadInput, 'sexes'> & { events: readonly Pick<HeadEvent, 'identity' | 'gate'>[] }): Map<string, string | null> {
  const votes = new Map<string, Map<string, number>>();
  for (const { identity, gate } of events) {
    if (identity === null) continue;
    const of = votes.get(identity) ?? new Map<string, number>();
    votes.set(identity, of);
    if (VOTES.has(gate)) of.set(gate, (of.get(gate) ?? 0) + 1);
  }
  return new Map(
    [...votes].map(([identity, of]) => {
      const [first, second] = [...of].sort((a, b) => b[1] - a[1]);
      const majority = first === undefined || first[1] === second?.[1] ? null : first[0];
      return [identity, sexes.get(identity) ?? majority];
    }),
  );
}

/** The events of one class: those of its identities, whatever their own class. */
export interface ClassEvents {
  named: NamedEvent[];
  /** Of the class, without an identity. */
  unnamed: HeadEvent[];
  /** Of unknown class, without an identity. */
  unknown: HeadEvent[];
  /** Identities with as many events of one sex as of another: in no count. */
  sexless: number;
  /** Events on days of no occasion: in no count. */
  offDays: number;
}

const isIn = (day: number, { from, to }: DayRange): boolean => day >= from && day <= to;

export function selectEvents(
  of: HeadClass,
  events: readonly HeadEvent[],
  sexes: ReadonlyMap<string, string | null>,
  window: DayRange,
): ClassEvents {
  const found: ClassEvents = { named: [], unnamed: [], unknown: [], sexless: 0, offDays: 0 };
  const sexless = new Set<string>();
  for (const event of events) {
    if (!isIn(event.day, window)) continue;
    const { identity, gate } = event;
    if (identity !== null) {
      const sex = sexes.get(identity) ?? null;
      if (sex === of) found.named.push(event as NamedEvent);
      else if (sex === null && (gate === of || gate === 'unknown')) sexless.add(identity);
    } else if (gate === of) found.unnamed.push(event);
    else if (gate === 'unknown') found.unknown.push(event);
  }
  found.sexless = sexless.size;
  return found;
}

/**
 * Those on days that belong to an occasion: what was seen and what there is are of the same events.
 * @param isCounted of a local day
 */
export function keepDays(found: ClassEvents, isCounted: (day: number) => boolean): ClassEvents {
  const keep = <E extends HeadEvent>(events: readonly E[]): E[] => events.filter(({ day }) => isCounted(day));
  const named = keep(found.named);
  const offDays = found.named.length - named.length;
  return { ...found, named, unnamed: keep(found.unnamed), unknown: keep(found.unknown), offDays };
}

/** Identities with two or more events. */
export function countKnown(named: readonly NamedEvent[]): number {
  const counts = new Map<string, number>();
  for (const { identity } of named) counts.set(identity, (counts.get(identity) ?? 0) + 1);
  return [...counts.values()].filter((events) => events > 1).length;
}

/** The identities with one event, each with that event: what a second look shows. */
export const listSingles = (named: readonly NamedEvent[]): NamedEvent[] =>
  [...Map.groupBy(named, ({ identity }) => identity).values()].flatMap((list) => (list.length === 1 ? list : []));
