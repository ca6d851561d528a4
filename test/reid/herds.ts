// Herds with a hidden truth: reviews sampled in several ways, and the true error rates of what is
// then recommended.
import type { Dataset } from '../../lib/reid/dataset/dataset.ts';
import type { Review } from '../../lib/reid/dataset/records.ts';
import { profileScores } from '../../lib/reid/kernel/index.ts';
import { dice } from '../../lib/reid/statistics/random.ts';
import { makeStudy } from '../../lib/reid/study/study.ts';
import { generateHerd, type Herd } from '../../localstack/herd/index.ts';
import { thresholdsReport } from '../support/reid-reports.ts';
import { datasetOf } from './brute.ts';

export const SAMPLINGS = ['random events', '30 whole animals'] as const;
export type Sampling = (typeof SAMPLINGS)[number];

/**
 * Truthful reviews of every detection of the sampled visits. Whole animals: 30 that are not
 * enrolled, and 10 that are, without inclusion probability.
 */
export function reviewsOf(herd: Herd, sampling: Sampling, share: number): Review[] {
  const { animals, animal, visit } = herd.truth;
  const roll = dice(herd.seed, sampling);
  const visits = [...new Set(visit)];
  const chosen = new Set(roll.draw(visits, Math.round(share * visits.length)));
  const strangers = roll.draw(
    [...animals.keys()].filter((a) => animals[a]!.deer === null),
    30,
  );
  const whole = new Set([
    ...strangers,
    ...roll.draw(
      [...animals.keys()].filter((a) => animals[a]!.deer !== null),
      10,
    ),
  ]);
  return herd.detections.flatMap(({ id }, row): Review[] => {
    const who = animal[row]!;
    if (sampling === 'random events' ? !chosen.has(visit[row]!) : !whole.has(who)) return [];
    const { deer, name } = animals[who]!;
    const inclusion = sampling === 'random events' ? share : null;
    const at = Date.UTC(2025, 0, 1);
    return [
      {
        detection: id,
        deer,
        identity: deer === null ? name : null,
        verdict: deer === null ? 'none' : 'same',
        inclusion,
        at,
      },
    ];
  });
}

/** True FPIR by event and FNIR over all events of the herd, by the hidden truth. */
export async function truthAt(
  herd: Herd,
  dataset: Dataset,
  threshold: number,
): Promise<{ fpir: number; fnir: number }> {
  const study = await makeStudy(dataset, profileScores, {});
  if (study.kind === 'refused') throw new Error(study.reason);
  const animalOf = new Map(herd.detections.map(({ id }, row) => [id, herd.truth.animals[herd.truth.animal[row]!]!]));
  const [strangers, known] = [
    { n: 0, wrong: 0 },
    { n: 0, wrong: 0 },
  ];
  for (const event of study.counted) {
    const { firstScore, first } = study.searches.all[event]!;
    const { deer } = animalOf.get(dataset.detections[study.events.list[event]!.rows[0]!]!.id)!;
    const group = deer === null ? strangers : known;
    group.n++;
    if (deer === null ? firstScore >= threshold : firstScore < threshold || dataset.profiles[first]!.id !== deer)
      group.wrong++;
  }
  return { fpir: strangers.wrong / strangers.n, fnir: known.wrong / known.n };
}

export interface Outcome {
  seed: number;
  sampling: Sampling;
  threshold: number | null;
  fpir: number | null;
}

export async function trueFpirOverSeeds({
  seeds,
  detections,
  first = 1,
}: {
  seeds: number;
  detections: number;
  first?: number;
}): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let seed = first; seed < first + seeds; seed++) {
    const herd = generateHerd({ seed, detections, reviewed: 0 });
    for (const sampling of SAMPLINGS) {
      // A smaller herd needs a larger share for as many reviewed events.
      const dataset = datasetOf(herd, reviewsOf(herd, sampling, Math.min(0.6, (0.2 * 11_570) / detections)));
      const { recommendation } = await thresholdsReport(dataset);
      const { threshold } = recommendation;
      outcomes.push({
        seed,
        sampling,
        threshold,
        fpir: threshold === null ? null : (await truthAt(herd, dataset, threshold)).fpir,
      });
    }
  }
  return outcomes;
}

/** Share of herds in which the promise holds: no recommendation promises nothing. */
export const shareKept = (outcomes: readonly Outcome[]): number =>
  outcomes.filter(({ fpir }) => fpir === null || fpir <= 0.05).length / outcomes.length;
