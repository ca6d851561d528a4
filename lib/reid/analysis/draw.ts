// Draws of events for review: each event of a stratum that no draw has taken before has the same
// chance. Pure; what is drawn is stored elsewhere.
import type { Draw, DrawStratum, Population, TakenEvent } from '../dataset/draws.ts';
import type { SearchEvent } from '../dataset/search-events.ts';
import { listKeys, measureDraws } from '../evidence/chances.ts';
import { combineReviews, groupReviews } from '../evidence/verdicts.ts';
import { countEvents } from '../evidence/weights.ts';
import { dice } from '../statistics/random.ts';
import type { Studied } from '../study/study.ts';
import { allocate, groupByChange } from './bands.ts';

/** plain is the default: it carried a recommendation in more herds than bands did. */
export const TRIAL_DESIGNS = ['plain', 'banded'] as const;
export type TrialDesign = (typeof TRIAL_DESIGNS)[number];

export interface DrawOptions {
  /** A banded draw is stratified by what this threshold changes. */
  threshold: number;
  /** How many events to draw at most. */
  sample: number;
  seed?: number;
  design?: TrialDesign;
}

export interface Drawing {
  /** Stored before where its id is known. */
  draw: Draw;
  /** Earlier reviews as a draw, to be stored first; null where there are none, or draws already. */
  adopted: Draw | null;
  /** Events that an earlier draw has taken. */
  before: number;
}

/** Every event that may be searched for a profile that was not made from it. */
const listOpen = ({ events }: Studied): number[] =>
  events.list.flatMap((_, event) => (events.source[event] === 1 ? [] : [event]));

/**
 * Draws at most `sample` events, repeatable for a seed: a draw of this seed, design, size and
 * selection that is stored already is that draw.
 */
export function drawEvents(study: Studied, options: DrawOptions): Drawing {
  const { dataset, events } = study;
  const { threshold, sample, seed = 1, design = 'plain' } = options;
  const population: Population = {
    ...dataset.selection,
    sample,
    threshold: design === 'banded' ? threshold : null,
    events: 0,
  };
  const same = dataset.draws.find(
    (draw) => draw.seed === seed && draw.design === design && isSamePopulation(draw.population, population),
  );
  const adopted = dataset.draws.length === 0 ? adoptReviews(study) : null;
  const drawn = measureDraws(adopted === null ? dataset.draws : [adopted], events, dataset.reviews).drawn;
  const all = listOpen(study);
  const before = all.filter((event) => drawn[event] === 1).length;
  if (same !== undefined) return { draw: same, adopted: null, before: before - same.taken.length };
  const groups =
    design === 'banded'
      ? groupByChange(study, all, threshold)
      : [{ stratum: 'all', change: 'as before' as const, events: all }];
  const open = groups.map((group) => ({ ...group, events: group.events.filter((event) => drawn[event] !== 1) }));
  const sizes = allocate(open, sample);
  const roll = dice(seed, 'trial');
  const taken = open.flatMap(({ stratum, events: list }, i) =>
    roll.draw(list, sizes[i]!).map((event) => ({ stratum, event })),
  );
  const draw: Draw = {
    ...{ id: null, seed, design, population: { ...population, events: all.length } },
    strata: groups.map(({ stratum, events: list }, i): DrawStratum => {
      const chance = open[i]!.events.length === 0 ? 0 : sizes[i]! / open[i]!.events.length;
      return { stratum, chance, events: list.map((event) => events.list[event]!.id) };
    }),
    // One order for all strata: who stops early has decided a random part of each.
    taken: roll
      .draw(taken, taken.length)
      .map(({ stratum, event }, place) => takeEvent(study, events.list[event]!, stratum, place)),
  };
  return { draw, adopted, before };
}

const takeEvent = ({ dataset }: Studied, { id, rows }: SearchEvent, stratum: string, place: number): TakenEvent => ({
  ...{ event: id, stratum, place, gone: false },
  detections: rows.map((row) => dataset.detections[row]!.id),
});

const isSamePopulation = (a: Population, b: Population): boolean =>
  a.sample === b.sample &&
  a.threshold === b.threshold &&
  a.since === b.since &&
  a.until === b.until &&
  JSON.stringify([a.classes, a.locations]) === JSON.stringify([b.classes, b.locations]);

/** The reviewed events fit their chance if they are so many of all, within a tenth. */
const FITTING = 0.1;

/**
 * Reviews that carry inclusion probabilities from before draws were stored. One probability for all
 * is that of every event; of several, those of the events that were not taken are not known.
 */
function adoptReviews(study: Studied): Draw | null {
  const { dataset, events } = study;
  const imported = [...groupReviews(dataset, events).events].flatMap(([event, list]) => {
    const { roster, inclusion, reviewedAt } = combineReviews(list, true);
    return roster || inclusion === null || events.source[event] === 1 ? [] : [{ event, inclusion, at: reviewedAt }];
  });
  if (imported.length === 0) return null;
  const last = imported.every(({ at }) => at !== null)
    ? Math.max(...imported.map(({ at }) => at!))
    : Number.POSITIVE_INFINITY;
  const there = listOpen(study).filter((event) => (events.list[event]!.at ?? last) <= last);
  const [chance, ...others] = new Set(imported.map(({ inclusion }) => inclusion));
  const fits = Math.abs(imported.length / (chance! * countEvents(events, imported)) - 1) <= FITTING;
  const plain = others.length === 0 && fits;
  const reviewed = imported.map(({ event }) => event).sort((a, b) => a - b);
  return {
    ...{ id: null, seed: 0, design: plain ? 'imported' : 'older' },
    population: { ...dataset.selection, sample: null, threshold: null, events: there.length },
    strata: [
      {
        stratum: 'all',
        chance: plain ? chance! : null,
        events: (plain ? there : reviewed).map((event) => events.list[event]!.id),
      },
    ],
    taken: reviewed.map((event, place) => takeEvent(study, events.list[event]!, 'all', place)),
  };
}

/** Events by the ids that a draw may know them by. */
export function findEvents({ events }: Studied): Map<string, number> {
  const found = new Map<string, number>();
  events.list.forEach((event, number) => {
    for (const key of listKeys(event).slice(1)) found.set(key, number);
  });
  events.list.forEach(({ id }, number) => {
    found.set(id, number);
  });
  return found;
}
