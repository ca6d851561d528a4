// A season as a head count takes it, with known identities and repeats.
import { parseDay } from '../../lib/survey/counts/index.ts';
import type { HeadEvent, HeadInput, Repeat } from '../../lib/survey/counts/types.ts';

export const FIRST = parseDay('2023-10-01');

interface Wanted {
  /** Events of each identity, in days of the period. */
  animals: readonly (readonly number[])[];
  gate?: string;
  from?: number;
  length?: number;
  /** Repeats found again; the others are found only the second time. */
  hits?: number;
  misses?: number;
}

/** A period with two cameras; identities "a0", "a1", ... with an event on each given day. */
export function make({ animals, gate = 'buck', from = FIRST, length = 14, hits = 0, misses = 0 }: Wanted): HeadInput {
  const events = animals.flatMap((days, animal) =>
    days.map(
      (day, i): HeadEvent => ({
        ...{
          id: `e${animal}.${i}`,
          at: 1_000 * day + animal,
          day: from + day,
          place: 'p',
          gate,
          identity: `a${animal}`,
        },
      }),
    ),
  );
  const again = events.filter(({ id }) => !id.endsWith('.0'));
  const repeats = again.slice(0, hits).map(({ id, identity }): Repeat => ({ event: id, identity }));
  // Singles that are linked to the animal with the earliest event.
  const single = events.filter(({ identity }) => events.filter((other) => other.identity === identity).length === 1);
  const missed = single.slice(0, misses).map(({ id }): Repeat => ({ event: id, identity: 'a0' }));
  return {
    period: { from, to: from + length - 1 },
    events,
    days: Array.from({ length }, (_, day) => ({ day: from + day, cameras: 2, withImages: 2 })),
    groups: [],
    repeats: [...repeats, ...missed],
    sexes: new Map(),
    identities: 'roster',
  };
}
