// Kinds of herds and of reviews for the promise over seeds: what is recommended, and the true rate
// there.
import type { Dataset } from '../../lib/reid/dataset/dataset.ts';
import type { Review } from '../../lib/reid/dataset/records.ts';
import { groupSearchEvents } from '../../lib/reid/dataset/search-events.ts';
import { dice } from '../../lib/reid/statistics/random.ts';
import { thresholdsReport } from '../support/reid-reports.ts';
import { otherHerd, part, squeeze, type World } from './other-herds.ts';
import { demoWorld, judge, makeStage, truthAt } from './sequences.ts';

export const HERDS = {
  demo: (seed: number, detections: number): World => demoWorld(seed, detections),
  'demo squeezed to .90-.99': (seed: number, detections: number): World =>
    squeeze(demoWorld(seed, detections), 8, seed),
  'another squeezed': (seed: number): World => squeeze(otherHerd(seed), 8, seed),
};

export const REVIEWS = ['random events', 'whole animals', 'some cameras'] as const;
export type Reviews = (typeof REVIEWS)[number];

/** Truthful reviews: a fifth of the events, 60 whole animals, or a half of the cameras' events. */
export function reviewsOf(world: World, dataset: Dataset, reviews: Reviews, seed: number): Review[] {
  const { list, source } = groupSearchEvents(dataset);
  const roll = dice(seed, reviews);
  const open = list.filter((_, event) => source[event] === 0);
  const idsOf = ({ rows }: (typeof list)[number]): string[] => rows.map((row) => dataset.detections[row]!.id);
  const animalOf = (event: (typeof list)[number]): string => world.truth.get(idsOf(event)[0]!)!.name;
  const names = [...new Set(open.map(animalOf))];
  const strangers = names.filter((name) =>
    open.some((event) => animalOf(event) === name && world.truth.get(idsOf(event)[0]!)!.deer === null),
  );
  const whole = new Set([...roll.draw(strangers, 45), ...roll.draw(names, 15)]);
  const cameras = [...new Set(open.map(({ location }) => location))];
  const some = new Set(roll.draw(cameras, Math.ceil(cameras.length / 2)));
  const random = new Set(roll.draw(open, Math.round(0.2 * open.length)));
  const atCameras = open.filter(({ location }) => some.has(location));
  const here = new Set(roll.draw(atCameras, Math.round(0.4 * atCameras.length)));
  const taken = open.filter((event) =>
    reviews === 'random events'
      ? random.has(event)
      : reviews === 'whole animals'
        ? whole.has(animalOf(event))
        : here.has(event),
  );
  return taken.flatMap((event) =>
    judge(world, idsOf(event), 2e12).map((one) => ({ ...one, inclusion: reviews === 'random events' ? 0.2 : null })),
  );
}

export interface Outcome {
  kind: string;
  threshold: number | null;
  reason: string;
  /** True rate there. */
  fpir: number | null;
}

export async function outcome(world: World, kind: string, reviews: Reviews, seed: number): Promise<Outcome> {
  const all = makeStage(part(world, () => true));
  const given = reviewsOf(world, all.dataset, reviews, seed);
  const { recommendation } = await thresholdsReport({ ...all.dataset, reviews: given });
  const { threshold, reason } = recommendation;
  if (threshold === null) return { kind, threshold, reason, fpir: null };
  const { wrong, n } = truthAt(world, await all.study([], []), threshold);
  return { kind, threshold, reason, fpir: wrong / n };
}
