// The chance of each search event to be drawn and decided by any of several draws. Only events of
// draws enter a rate: a verdict is a fact, and a draw gives it weight.
import type { Draw, TakenEvent } from '../dataset/draws.ts';
import type { Review } from '../dataset/records.ts';
import type { SearchEvent, SearchEvents } from '../dataset/search-events.ts';

export interface Chances {
  /**
   * By event: pi = sum over draws k of b_k times the product over earlier draws j of (1 - a_j). 0
   * where no draw has decided events like it, so that no rate describes it.
   */
  pi: Float64Array;
  /** 1 for events that count: taken by a draw, and decided without a gap before it. */
  counts: Uint8Array;
  /** 1 for events that a draw has taken, decided or not: no later draw takes them again. */
  drawn: Uint8Array;
  /** By event, the stratum that it was drawn in, for the variance; null with plain draws alone. */
  strata: Int32Array | null;
  /** Events of draws without known chances: each counts once. */
  standing: number;
}

/** Detections with a verdict; what was shown again as new decides nothing. */
export const reviewedDetections = (reviews: readonly Review[]): Set<string> =>
  new Set(reviews.flatMap(({ purpose, detection }) => (purpose === 'repeat' ? [] : [detection])));

/**
 * The ids that a draw may know an event by: a burst is divided by gate only where one image shows
 * two animals, so an analysis of some classes has it undivided.
 */
export function listKeys({ id, gate }: SearchEvent): string[] {
  const suffix = ` ${gate}`;
  return id.endsWith(suffix) ? [id, id.slice(0, -suffix.length)] : [id, `${id}${suffix}`];
}

interface Listed {
  /** a and b of each stratum; a is null where it is not known. */
  chances: Map<string, { a: number | null; b: number }>;
  stratum: Map<string, string>;
  /** Of each taken event: whether everything up to it is decided. */
  taken: Map<string, boolean>;
}

/** Lists are shown in random order: the first d decided without a gap are as random as the list. */
function readDraw(draw: Draw, isDecided: (event: TakenEvent) => boolean): Listed {
  const listed: Listed = { chances: new Map(), stratum: new Map(), taken: new Map() };
  const takenIn = Map.groupBy(draw.taken, ({ stratum }) => stratum);
  for (const { stratum, chance, events } of draw.strata) {
    const list = (takenIn.get(stratum) ?? []).toSorted((x, y) => x.place - y.place);
    const gap = list.findIndex((event) => !isDecided(event));
    const decided = gap < 0 ? list.length : gap;
    list.forEach(({ event }, i) => {
      listed.taken.set(event, i < decided);
    });
    for (const event of events) listed.stratum.set(event, stratum);
    const b = list.length === 0 ? 0 : ((chance ?? 1) * decided) / list.length;
    listed.chances.set(stratum, { a: chance, b });
  }
  return listed;
}

/** @param draws oldest first */
export function measureDraws(
  draws: readonly Draw[],
  { list, source }: SearchEvents,
  reviews: readonly Review[],
): Chances {
  const reviewed = reviewedDetections(reviews);
  const keys = list.map(listKeys);
  // Since its draw a profile was made from it: it is in no search any more, whatever it shows.
  const sources = new Set(keys.flatMap((ids, event) => (source[event] === 1 ? ids : [])));
  const isDecided = ({ event, detections, gone }: TakenEvent): boolean =>
    gone || sources.has(event) || detections.some((id) => reviewed.has(id));
  const n = list.length;
  const chances: Chances = {
    ...{ pi: new Float64Array(n), counts: new Uint8Array(n), drawn: new Uint8Array(n) },
    ...{ strata: draws.some(({ design }) => design === 'banded') ? new Int32Array(n) : null, standing: 0 },
  };
  const left = new Float64Array(n).fill(1);
  const stands = new Uint8Array(n);
  const numbers = new Map<string, number>();
  draws.forEach((draw, k) => {
    const listed = readDraw(draw, isDecided);
    for (let event = 0; event < n; event++) {
      const key = keys[event]!.find((id) => listed.stratum.has(id));
      if (key === undefined) continue;
      const stratum = listed.stratum.get(key)!;
      const { a, b } = listed.chances.get(stratum)!;
      const decided = listed.taken.get(key);
      if (decided !== undefined) chances.drawn[event] = 1;
      if (decided === true) {
        chances.counts[event] = 1;
        if (a === null) stands[event] = 1;
        if (chances.strata !== null && draw.design === 'banded') {
          const name = `${k} ${stratum}`;
          if (!numbers.has(name)) numbers.set(name, numbers.size + 1);
          chances.strata[event] = numbers.get(name)!;
        }
      }
      if (a === null) continue;
      chances.pi[event]! += b * left[event]!;
      left[event]! *= 1 - a;
    }
  });
  for (let event = 0; event < n; event++) {
    if (stands[event] === 0) continue;
    chances.pi[event] = 1;
    chances.standing++;
  }
  return chances;
}
