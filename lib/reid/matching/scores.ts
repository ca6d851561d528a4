// Scores of events against profiles, from one vector for each.

import type { Dataset } from '../dataset/dataset.ts';
import { snapToOne } from '../dataset/dataset.ts';
import { toGate } from '../dataset/gates.ts';
import type { SearchEvents } from '../dataset/search-events.ts';
import { type EventScores, makeSearch, type Similarity } from '../study/scoring.ts';
import type { UnitRows } from './vectors.ts';

/**
 * Events against profiles, one vector each.
 * @param room an earlier answer that is no longer needed
 */
export async function scoreRows(
  similarity: Similarity,
  { profiles, detections }: Dataset,
  events: SearchEvents,
  of: { events: UnitRows; profiles: UnitRows },
  room?: Float32Array,
): Promise<EventScores & { room: Float32Array }> {
  const m = profiles.length;
  const scores = await similarity(of.events.vectors, of.profiles.vectors, of.events.dimensions, { room });
  for (let i = 0; i < scores.length; i++) scores[i] = snapToOne(scores[i]!);
  for (const event of of.events.without) scores.fill(Number.NEGATIVE_INFINITY, event * m, (event + 1) * m);
  for (const profile of of.profiles.without)
    for (let at = profile; at < scores.length; at += m) scores[at] = Number.NEGATIVE_INFINITY;
  const gates = profiles.map(({ label }) => toGate(label));
  const search = makeSearch(scores, gates, events);
  return { search, tops: new Float64Array(detections.length), room: scores };
}
