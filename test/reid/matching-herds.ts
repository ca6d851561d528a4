// Herds of several kinds with a hidden truth: which method is chosen, and the true error rate at
// its threshold.
import type { Review } from '../../lib/reid/dataset/records.ts';
import { profileScores } from '../../lib/reid/kernel/index.ts';
import { analyzeMatching, type Matching, type MatchingOptions } from '../../lib/reid/matching/matching.ts';
import { dice } from '../../lib/reid/statistics/random.ts';
import { generateHerd, type Herd } from '../../localstack/herd/index.ts';
import { datasetOf } from './brute.ts';
import { reviewsOf } from './herds.ts';

/**
 * demo: as it is. narrow: one direction is common to all vectors, as in networks whose scores are
 * all between .80 and .99. blurred: noisier pictures, so that most deer are missed. cameras: each
 * camera adds much.
 */
export const KINDS = ['demo', 'narrow', 'blurred', 'cameras'] as const;
export type Kind = (typeof KINDS)[number];

const AT = { currentThreshold: 0.7, timeZone: 'UTC' };

/** A herd whose vectors are those of the kind. */
export function herdOf(kind: Kind, seed: number, detections = 11_570): Herd {
  const herd = generateHerd({ seed, detections });
  if (kind === 'demo') return herd;
  const size = herd.vectors.length / herd.detections.length;
  const roll = dice(seed, kind);
  // A sum of uniforms is normal enough, and a direction needs no more.
  const noise = (): number => roll.next() + roll.next() + roll.next() - 1.5;
  const direction = (): number[] => {
    const made = Array.from({ length: size }, noise);
    const length = Math.hypot(...made);
    return made.map((value) => value / length);
  };
  const common = direction();
  const cameras = new Map(herd.locations.map(({ id }) => [id, direction()]));
  const locationOf = new Map(herd.images.map(({ id, location }) => [id, location]));
  const vectors = herd.vectors.slice();
  herd.detections.forEach(({ image }, row) => {
    const camera = cameras.get(locationOf.get(image)!)!;
    for (let d = 0; d < size; d++) {
      const at = row * size + d;
      if (kind === 'narrow') vectors[at]! += 2.5 * common[d]!;
      else if (kind === 'cameras') vectors[at]! += 0.5 * camera[d]!;
      else vectors[at]! += (0.9 * noise()) / Math.sqrt(size / 4);
    }
  });
  return { ...herd, vectors };
}

export interface MatchingOutcome {
  kind: Kind;
  seed: number;
  method: string;
  by: string;
  threshold: number | null;
  assigned: number | null;
  /** True rates by event at the threshold; null without one. */
  fpir: number | null;
  fnir: number | null;
  /** FNIR of `now` at its own threshold, as measured. */
  fnirNow: number | null;
}

/** @param wholes that many strangers are reviewed whole, instead of a fifth of the events */
export async function matchHerd(kind: Kind, seed: number, wholes = 0): Promise<MatchingOutcome> {
  const herd = herdOf(kind, seed);
  const reviews = wholes === 0 ? reviewsOf(herd, 'random events', 0.2) : wholeStrangers(herd, wholes);
  const matching = await matchReviewed(herd, reviews);
  const { recommendation } = matching.overview;
  const { choice, methods } = matching.findings!;
  const { threshold, assignment_rate: assigned } = recommendation;
  return {
    ...{ kind, seed, method: choice.method, by: choice.by, threshold, assigned },
    ...(threshold === null ? { fpir: null, fnir: null } : trueRates(herd, matching, threshold)),
    fnirNow: methods[0]!.rates?.fnir ?? null,
  };
}

export const matchReviewed = (
  herd: Herd,
  reviews?: readonly Review[],
  options: Partial<MatchingOptions> = {},
): Promise<Matching> => analyzeMatching(datasetOf(herd, reviews), profileScores, { ...AT, ...options });

/** Every event of so many strangers, and of ten deer; without inclusion probability. */
function wholeStrangers(herd: Herd, wholes: number): Review[] {
  const { animals, animal } = herd.truth;
  const roll = dice(herd.seed, 'wholes');
  const having = (enrolled: boolean): number[] =>
    [...animals.keys()].filter((a) => (animals[a]!.deer !== null) === enrolled);
  const whole = new Set([...roll.draw(having(false), wholes), ...roll.draw(having(true), 10)]);
  return herd.detections.flatMap(({ id }, row): Review[] => {
    const who = animal[row]!;
    if (!whole.has(who)) return [];
    const { deer, name } = animals[who]!;
    const verdict = deer === null ? 'none' : 'same';
    return [{ detection: id, deer, identity: deer === null ? name : null, verdict, inclusion: null, at: 1.75e12 }];
  });
}

/** Over all events that are neither source nor template, by the hidden truth. */
function trueRates(herd: Herd, { comparison, findings }: Matching, threshold: number) {
  const { study } = comparison!.judged.find(({ method }) => method.name === findings!.choice.method)!;
  const { dataset, events, searches } = study;
  const animalOf = new Map(herd.detections.map(({ id }, row) => [id, herd.truth.animals[herd.truth.animal[row]!]!]));
  const [strangers, known] = [
    { n: 0, wrong: 0 },
    { n: 0, wrong: 0 },
  ];
  for (const event of study.counted) {
    const { first, firstScore } = searches.all[event]!;
    const { deer } = animalOf.get(dataset.detections[events.list[event]!.rows[0]!]!.id)!;
    const found = firstScore >= threshold ? dataset.profiles[first]!.id : null;
    const group = deer === null ? strangers : known;
    group.n++;
    if (found !== deer) group.wrong++;
  }
  return { fpir: strangers.wrong / strangers.n, fnir: known.wrong / known.n };
}
