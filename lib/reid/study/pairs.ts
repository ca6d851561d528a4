// Pairs of detections whose animals are known without a review: one image, one instant, one burst
// (ranks 2 to 4 of REID.md).
import type { Dataset, Location } from '../dataset/dataset.ts';
import { type Events, overlap, settled } from '../dataset/events.ts';

/** Scores of pairs of detections; `capped` when there were more than could be kept. */
export interface PairScores {
  scores: Float32Array;
  capped: boolean;
}

const MOST_PAIRS = 3_000_000;

function collector(dataset: Dataset): { add(a: number, b: number): boolean; done(): PairScores } {
  const { vectors, dimensions } = dataset;
  let scores = new Float32Array(1_024);
  let count = 0;
  let capped = false;
  return {
    add: (a, b) => {
      if (count === MOST_PAIRS) {
        capped = true;
        return false;
      }
      if (count === scores.length) {
        const wider = new Float32Array(count * 2);
        wider.set(scores);
        scores = wider;
      }
      let sum = 0;
      for (let d = 0; d < dimensions; d++) sum += vectors[a * dimensions + d]! * vectors[b * dimensions + d]!;
      scores[count++] = settled(sum);
      return true;
    },
    done: () => ({ scores: scores.slice(0, count), capped }),
  };
}

/** Rank 2: two non-overlapping detections of one image are different animals. */
export function imagePairs(dataset: Dataset): PairScores {
  const { detections } = dataset;
  const pairs = collector(dataset);
  for (const rows of Map.groupBy(detections.keys(), (row) => detections[row]!.image).values()) {
    for (const [i, a] of rows.entries()) {
      for (const b of rows.slice(i + 1)) {
        const [one, other] = [detections[a]!.box, detections[b]!.box];
        if (one !== null && other !== null && !overlap(one, other)) pairs.add(a, b);
      }
    }
  }
  return pairs.done();
}

const EARTH_METRES = 6_371_000;

/** Great-circle distance in metres (haversine); undefined without coordinates. */
export function metresBetween(
  a: Pick<Location, 'lat' | 'lon'> | undefined,
  b: Pick<Location, 'lat' | 'lon'> | undefined,
): number | undefined {
  if (a?.lat == null || a.lon == null || b?.lat == null || b.lon == null) return undefined;
  const rad = Math.PI / 180;
  const [dLat, dLon] = [(b.lat - a.lat) * rad, (b.lon - a.lon) * rad];
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_METRES * Math.asin(Math.min(1, Math.sqrt(h)));
}

/**
 * Rank 3: cameras further apart than 200 m + 15 m/s (|dt| + 60 s): no deer runs that fast, and
 * clocks differ by less.
 */
const SLACK_METRES = 200;
const METRES_PER_SECOND = 15;
const CLOCK_SECONDS = 60;

/** Rank 3: detections so near in time at cameras so far apart that they are different animals. */
export function instantPairs(dataset: Dataset): PairScores {
  const { detections, locations } = dataset;
  const pairs = collector(dataset);
  // reach: the longest |dt| in ms at which two places still tell animals apart; negative or absent:
  // never.
  const reach = new Map<string, Map<string, number>>();
  let longest = -1;
  for (const a of locations.values()) {
    const row = new Map<string, number>();
    for (const b of locations.values()) {
      const metres = a.id === b.id ? undefined : metresBetween(a, b);
      if (metres === undefined) continue;
      const ms = 1_000 * ((metres - SLACK_METRES) / METRES_PER_SECOND - CLOCK_SECONDS);
      row.set(b.id, ms);
      longest = Math.max(longest, ms);
    }
    reach.set(a.id, row);
  }
  if (longest <= 0) return pairs.done();
  const rows = [...detections.keys()].filter(
    (row) => detections[row]!.at !== null && detections[row]!.location !== null,
  );
  rows.sort((a, b) => detections[a]!.at! - detections[b]!.at! || a - b);
  for (const [i, a] of rows.entries()) {
    const { at, location } = detections[a]!;
    for (let j = i + 1; j < rows.length; j++) {
      const other = detections[rows[j]!]!;
      const apart = other.at! - at!;
      if (apart >= longest) break;
      const limit = reach.get(location!)?.get(other.location!);
      if (limit !== undefined && apart < limit && !pairs.add(a, rows[j]!)) return pairs.done();
    }
  }
  return pairs.done();
}

/** An event longer than this contributes its first detections only. */
const MOST_OF_EVENT = 64;

/**
 * Rank 4: pairs inside one event: the same animal, near-duplicates, shown apart and never mixed
 * with other evidence.
 */
export function burstPairs(dataset: Dataset, events: Events): PairScores {
  const pairs = collector(dataset);
  for (const { rows } of events.list) {
    const some = rows.slice(0, MOST_OF_EVENT);
    for (const [i, a] of some.entries()) for (const b of some.slice(i + 1)) pairs.add(a, b);
  }
  return pairs.done();
}
