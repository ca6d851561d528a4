// A herd worked by hand for tests of draws: 120 events, and draws of them in memory.
import { drawEvents } from '../../lib/reid/analysis/draw.ts';
import { assemble } from '../../lib/reid/dataset/assemble.ts';
import type { Draw } from '../../lib/reid/dataset/draws.ts';
import type { Review } from '../../lib/reid/dataset/records.ts';
import { groupSearchEvents } from '../../lib/reid/dataset/search-events.ts';
import { makeStudy, type Studied } from '../../lib/reid/study/study.ts';
import { thresholdsReport } from '../support/reid-reports.ts';
import { brute, review } from './brute.ts';
import { plane, same, stranger } from './plane.ts';

export const id = (i: number): string => `d${String(i).padStart(4, '0')}`;
export const population: Draw['population'] = {
  ...{ classes: null, locations: null, since: null, until: null, sample: null, threshold: null, events: 0 },
};

/** A draw by hand: strata of event numbers with a, and the taken ones in order. */
export const drawOf = (
  strata: { chance: number | null; events: number[]; taken: number[] }[],
  design: Draw['design'] = 'plain',
): Draw => ({
  ...{ id: 1, seed: 1, design, population },
  strata: strata.map(({ chance, events }, s) => ({ stratum: `s${s}`, chance, events: events.map(id) })),
  taken: strata.flatMap(({ taken }, s) =>
    taken.map((event, place) => ({
      ...{ event: id(event), stratum: `s${s}`, place, gone: false },
      detections: [id(event)],
    })),
  ),
});

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
export const eventsOf = (n: number) => groupSearchEvents(assemble(plane(range(n).map((i) => ({ degrees: i })))));
export const sums = (n: number) => expect.closeTo(n, 12);

/** 120 events: a third of two deer, the rest of 40 strangers, one in eight of which errs. */
export const herd = plane(
  range(120).map((i) => ({ degrees: i % 3 === 0 ? (i % 2) * 90 + (i % 40) : i % 8 === 1 ? -20 : -70 })),
);
export const said = (i: number): Partial<Review> => (i % 3 === 0 ? same(`p${(i % 2) + 1}`) : stranger(`x${i % 40}`));
export const judge = (events: readonly string[], more: Partial<Review> = {}): Review[] =>
  events.map((event) => review(event, { ...said(Number(event.slice(1))), ...more }));

export const study = async (reviews: readonly Review[], draws: readonly Draw[], raw = herd): Promise<Studied> => {
  const vectors = { ...raw.vectors, values: raw.vectors.values.slice() };
  const found = await makeStudy(assemble({ ...raw, vectors, reviews, draws }), brute, {});
  if (found.kind === 'refused') throw new Error(found.reason);
  return found;
};
export const report = (reviews: readonly Review[], draws: readonly Draw[], raw = herd) =>
  thresholdsReport(
    assemble({ ...raw, vectors: { ...raw.vectors, values: raw.vectors.values.slice() }, reviews, draws }),
    { thresholds: [0.9, 0.7, 0.5] },
    brute,
  );

/** Draws of these sizes one after another, all decided. */
export async function drawAll(sizes: readonly number[], seed = 1) {
  const [reviews, draws]: [Review[], Draw[]] = [[], []];
  for (const [k, sample] of sizes.entries()) {
    const { draw } = drawEvents(await study(reviews, draws), { threshold: 0.7, sample, seed: seed + k });
    draws.push({ ...draw, id: k + 1 });
    reviews.push(...judge(draw.taken.map(({ event }) => event)));
  }
  return { reviews, draws };
}
