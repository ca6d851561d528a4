// A person who names the animal of every event of a window, and misses some: a roster, its second
// look and repeats, as the files that are imported.
import type { ReviewFile } from '../../lib/data/reviews/import.ts';
import { dice } from '../../lib/reid/statistics/random.ts';
import type { Herd } from '../../localstack/herd/index.ts';

type Review = ReviewFile['reviews'][number];

interface Visit {
  detections: string[];
  animal: number;
}

/** The events of the window in order of time: a burst divided by who was in it. */
function listVisits(herd: Herd, since: string, until: string): Visit[] {
  const times = new Map(herd.images.map(({ id, at }) => [id, at]));
  const [from, to] = [Date.parse(`${since}T00:00:00Z`), Date.parse(`${until}T00:00:00Z`) + 86_400_000];
  const rows = herd.detections.flatMap(({ image, valid, duplicate }, row) => {
    const at = times.get(image)!;
    return valid && !duplicate && at >= from && at < to ? [{ row, at }] : [];
  });
  rows.sort((a, b) => a.at - b.at || a.row - b.row);
  const visits = Map.groupBy(rows, ({ row }) => `${herd.detections[row]!.burst} ${herd.truth.animal[row]}`);
  return [...visits.values()].map((list) => ({
    detections: list.map(({ row }) => herd.detections[row]!.id),
    animal: herd.truth.animal[list[0]!.row]!,
  }));
}

export interface RosterOptions {
  since: string;
  until: string;
  /** Chance to take a known animal for a new one. */
  missRate?: number;
  /** Events that are shown again. */
  repeats?: number;
  seed?: number;
}

export interface SimulatedRoster {
  file: string;
  /** By class, how many animals were there. */
  seen: Record<string, number>;
}

/** @returns a file for `npm run import -- --reviews`, and the truth */
export function nameEveryEvent(herd: Herd, options: RosterOptions): SimulatedRoster {
  const { since, until, missRate = 0, repeats = 0, seed = 1 } = options;
  const visits = listVisits(herd, since, until);
  const random = dice(seed, 'roster');
  const misses = (): boolean => random.next() < missRate;
  const { animals } = herd.truth;
  const reviews: Review[] = [];
  const say = ({ detections, animal }: Visit, purpose: string, ghost: string | null): void => {
    const { deer, name } = animals[animal]!;
    const verdict: Pick<Review, 'verdict' | 'deer_id' | 'identity'> =
      ghost === null && deer !== null
        ? { verdict: 'same', deer_id: deer }
        : { verdict: 'none', identity: ghost ?? name };
    const day = { roster: '01', second_look: '02', repeat: '03' }[purpose];
    reviews.push({ detections, purpose, ...verdict, reviewed_at: `2025-01-${day}T12:00:00Z` });
  };
  const met = new Set<number>();
  const once = new Map<string, Visit>();
  visits.forEach((visit, at) => {
    const name = animals[visit.animal]!.name;
    const ghost = met.has(visit.animal) && misses() ? `${name} again ${at}` : null;
    met.add(visit.animal);
    say(visit, 'roster', ghost);
    const key = ghost ?? name;
    if (ghost !== null) once.set(key, visit);
    else if (once.get(key) === undefined) once.set(key, visit);
    else once.set(key, { ...visit, animal: -1 });
  });
  for (const [name, visit] of once)
    if (visit.animal >= 0) say(visit, 'second_look', name !== animals[visit.animal]!.name && misses() ? name : null);
  // Who was met before can be missed again.
  for (const visit of random.draw(visits, Math.min(repeats, visits.length)))
    say(visit, 'repeat', misses() ? `${animals[visit.animal]!.name} anew` : null);
  const seen: Record<string, number> = {};
  for (const animal of met) seen[animals[animal]!.class] = (seen[animals[animal]!.class] ?? 0) + 1;
  return {
    file: JSON.stringify({ format: 'hoofprint-reviews', version: 1, reviewer: 'simulated', reviews }),
    seen,
  };
}
