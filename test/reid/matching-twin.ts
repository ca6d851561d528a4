// The slow twins of the five methods, worked from the rows: double loops in float64.
import type { Dataset } from '../../lib/reid/dataset/dataset.ts';
import { passesGate, toGate } from '../../lib/reid/dataset/gates.ts';
import type { SearchEvents } from '../../lib/reid/dataset/search-events.ts';
import type { Method } from '../../lib/reid/matching/methods.ts';

const unit = (vector: readonly number[]): number[] => {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
};
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, d) => sum + value * b[d]!, 0);
const mean = (rows: readonly number[][]): number[] =>
  rows[0]!.map((_, d) => rows.reduce((sum, row) => sum + row[d]!, 0) / rows.length);

/** The templates of each profile, from `same` verdicts of events that are no source. */
export function templatesTwin(
  { profiles, detections }: Dataset,
  events: SearchEvents,
  same: ReadonlyMap<number, string>,
): number[][] {
  return profiles.map(({ id, source }) => {
    const own = events.list.findIndex(({ rows }) => rows.some((row) => detections[row]!.id === source));
    const confirmed = [...same].filter(([event, deer]) => deer === id && event !== own).map(([event]) => event);
    confirmed.sort(
      (a, b) => events.list[a]!.at! - events.list[b]!.at! || (events.list[a]!.id < events.list[b]!.id ? -1 : 1),
    );
    const visit = (event: number): string =>
      `${events.list[event]!.location} ${new Date(events.list[event]!.at!).toISOString().slice(0, 10)}`;
    const taken = own < 0 ? [] : [own];
    const begun = taken.length;
    for (const event of confirmed) {
      const full = taken.length - begun >= Math.min(4, Math.floor(confirmed.length / 2));
      if (!full && !taken.some((other) => visit(other) === visit(event))) taken.push(event);
    }
    return taken;
  });
}

export interface Best {
  profile: number;
  score: number;
}

/** The best profile of each event by a method. */
export function methodTwin(dataset: Dataset, events: SearchEvents, method: Method, templates: number[][]): Best[] {
  const { vectors, profileVectors, dimensions, profiles, detections } = dataset;
  const row = (of: Float32Array, i: number): number[] => [...of.subarray(i * dimensions, (i + 1) * dimensions)];
  const all = detections.map((_, i) => unit(row(vectors, i)));
  const center = method.centered ? mean(all) : new Array<number>(dimensions).fill(0);
  const off = (vector: readonly number[]): number[] => vector.map((value, d) => value - center[d]!);
  const averaged = events.list.map(({ rows }) => unit(mean(rows.map((i) => off(all[i]!)))));
  const made = profiles.map((_, p) => {
    const own = unit(off(unit(row(profileVectors, p))));
    if (!method.averaged) return own;
    const from = templates[p]!.slice(0, Math.max(1, method.templates));
    return from.length === 0 ? own : unit(mean(from.map((event) => averaged[event]!)));
  });
  return events.list.map(({ rows, gate }, event) => {
    const best: Best = { profile: -1, score: Number.NEGATIVE_INFINITY };
    profiles.forEach(({ label }, profile) => {
      if (!passesGate(gate, toGate(label))) return;
      const score = method.averaged
        ? dot(averaged[event]!, made[profile]!)
        : Math.max(...rows.map((i) => dot(all[i]!, made[profile]!)));
      if (score > best.score) Object.assign(best, { profile, score });
    });
    return best;
  });
}
