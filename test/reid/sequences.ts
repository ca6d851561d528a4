// Sequences of draws on herds with a hidden truth: drawn, reviewed truthfully, and estimated as an
// analysis does after each draw.
import { drawEvents } from '../../lib/reid/analysis/draw.ts';
import type { Dataset } from '../../lib/reid/dataset/dataset.ts';
import type { Draw } from '../../lib/reid/dataset/draws.ts';
import type { Review } from '../../lib/reid/dataset/records.ts';
import { profileScores } from '../../lib/reid/kernel/index.ts';
import { dice } from '../../lib/reid/statistics/random.ts';
import type { Similarity } from '../../lib/reid/study/scoring.ts';
import { makeStudy, type Studied } from '../../lib/reid/study/study.ts';
import { generateHerd } from '../../localstack/herd/index.ts';
import { rawOf, review } from './brute.ts';
import { part, type World } from './other-herds.ts';

export function demoWorld(seed: number, detections: number): World {
  const herd = generateHerd({ seed, detections, reviewed: 0 });
  const { animal, animals } = herd.truth;
  return {
    raw: rawOf(herd, []),
    truth: new Map(herd.detections.map(({ id }, row) => [id, animals[animal[row]!]!])),
  };
}

/** Scores of one data set are the same in every study of it: computed once. */
function remember(): Similarity {
  const kept = new Map<string, Float32Array>();
  return async (rows, columns, dimensions) => {
    const key = `${rows.byteOffset} ${rows.length}`;
    if (!kept.has(key)) kept.set(key, await profileScores(rows, columns, dimensions, {}));
    return kept.get(key)!.slice();
  };
}

export interface Stage {
  dataset: Dataset;
  study(reviews: readonly Review[], draws: readonly Draw[]): Promise<Studied>;
}

export function makeStage(dataset: Dataset): Stage {
  const similarity = remember();
  return {
    dataset,
    study: async (reviews, draws) => {
      const studied = await makeStudy({ ...dataset, reviews: [...reviews], draws: [...draws] }, similarity, {});
      if (studied.kind === 'refused') throw new Error(studied.reason);
      return studied;
    },
  };
}

export interface Setting {
  world: World;
  all: Stage;
  /** The first part of the year. */
  early: Stage;
  /** One class. */
  some: Stage;
}

export function makeSetting(world: World): Setting {
  const times = world.raw.detections.map(({ at }) => at!).sort((a, b) => a - b);
  // Visits begin before or after it as a whole: bursts take minutes.
  const cut = times[Math.floor(0.65 * times.length)]!;
  const started = new Map<string, number>();
  for (const { burst, at } of world.raw.detections)
    started.set(burst!, Math.min(at!, started.get(burst!) ?? Number.POSITIVE_INFINITY));
  return {
    world,
    all: makeStage(part(world, () => true)),
    early: makeStage(part(world, ({ burst }) => started.get(burst!)! < cut)),
    some: makeStage(part(world, ({ label }) => label === 'doe')),
  };
}

/** What a person who knows every animal would say of an event. */
export function judge({ truth }: World, detections: readonly string[], at: number, unsure = false): Review[] {
  const { deer, name } = truth.get(detections[0]!)!;
  return detections.map((id) =>
    unsure
      ? review(id, { verdict: 'unsure', at })
      : review(id, { verdict: deer === null ? 'none' : 'same', deer, identity: deer === null ? name : null, at }),
  );
}

export interface Truth {
  wrong: number;
  n: number;
}

/** Over the events of strangers that some draw describes, or over all. */
export function truthAt(world: World, { events, dataset, searches, labels }: Studied, threshold: number): Truth {
  const found = { wrong: 0, n: 0 };
  events.list.forEach(({ rows }, event) => {
    if (events.source[event] === 1 || labels.chances?.pi[event] === 0) return;
    if (world.truth.get(dataset.detections[rows[0]!]!.id)!.deer !== null) return;
    found.n++;
    if (searches.all[event]!.firstScore >= threshold) found.wrong++;
  });
  return found;
}

/** The threshold of the grid whose true rate is nearest to 5%. */
export async function findThreshold({ world, all }: Setting): Promise<number> {
  const study = await all.study([], []);
  const off = (at: number): number => {
    const { wrong, n } = truthAt(world, study, at);
    return Math.abs(wrong / n - 0.05);
  };
  return study.grid.reduce((best, at) => (off(at) < off(best) ? at : best));
}

/**
 * plain: three draws of all events, all decided; some: the second of one class; unfinished: lists
 * that end somewhere; arriving: the first draw before a third of the events were there; banded: the
 * second and third by bands.
 */
export const KINDS = ['plain', 'some', 'unfinished', 'arriving', 'banded'] as const;
export type Kind = (typeof KINDS)[number];

export interface Estimate {
  truth: number;
  fpir: number;
  upper: number;
}

export interface Sequence {
  kind: Kind;
  seed: number;
  sample: number;
  threshold: number;
}

/** The estimates after each of three draws. */
export async function runSequence(setting: Setting, sequence: Sequence): Promise<Estimate[]> {
  const { kind, seed, sample, threshold } = sequence;
  const { world } = setting;
  const roll = dice(seed, `sequence ${kind}`);
  const reviews: Review[] = [];
  const draws: Draw[] = [];
  const estimates: Estimate[] = [];
  // What was studied after a draw is what the next one is made from.
  let last: { stage: Stage; study: Studied } | undefined;
  for (let k = 0; k < 3; k++) {
    const from =
      kind === 'some' && k === 1 ? setting.some : kind === 'arriving' && k === 0 ? setting.early : setting.all;
    const design = kind === 'banded' && k > 0 ? ('banded' as const) : ('plain' as const);
    const study = last?.stage === from ? last.study : await from.study(reviews, draws);
    const options = { threshold, sample, seed: seed * 10 + k, design };
    const { draw } = drawEvents(study, options);
    draws.push({ ...draw, id: k + 1 });
    const ends = kind === 'unfinished' ? Math.ceil((0.3 + 0.6 * roll.next()) * draw.taken.length) : draw.taken.length;
    for (const { detections } of draw.taken.slice(0, ends))
      reviews.push(...judge(world, detections, 2e12 + k, roll.next() < 0.02));
    // A few events are looked at out of order.
    for (const { detections } of draw.taken.slice(ends + 3, ends + 6))
      reviews.push(...judge(world, detections, 2e12 + k));
    const after = kind === 'arriving' && k === 0 ? setting.early : setting.all;
    const found = await after.study(reviews, draws);
    last = { stage: after, study: found };
    const { fpir, fpir_upper } = found.rates([threshold])[0]!;
    const { wrong, n } = truthAt(world, found, threshold);
    estimates.push({ truth: wrong / n, fpir: fpir!, upper: fpir_upper! });
  }
  return estimates;
}
