// Pairs of detections whose animals are known without a review: different animals in one image or
// at one instant, the same animal in one burst.
import { overlap } from '../../deer/boxes.ts';
import { metersBetween } from '../../deer/coordinates.ts';
import { type Dataset, snapToOne } from '../dataset/dataset.ts';
import type { Location } from '../dataset/records.ts';
import type { SearchEvents } from '../dataset/search-events.ts';

/** Scores of pairs of detections; `capped` when there were more than MOST_PAIRS. */
export interface PairScores {
  scores: Float32Array;
  capped: boolean;
}

const MOST_PAIRS = 3_000_000;

function collectPairs(dataset: Dataset): { add(a: number, b: number): boolean; done(): PairScores } {
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
      scores[count++] = snapToOne(sum);
      return true;
    },
    done: () => ({ scores: scores.slice(0, count), capped }),
  };
}

/** Two non-overlapping detections of one image are different animals. */
export function findImagePairs(dataset: Dataset): PairScores {
  const { detections } = dataset;
  const pairs = collectPairs(dataset);
  for (const rows of Map.groupBy(detections.keys(), (row) => detections[row]!.image).values()) {
    for (const [i, a] of rows.entries()) {
      for (const b of rows.slice(i + 1)) {
        const [box, other] = [detections[a]!.box, detections[b]!.box];
        if (box !== null && other !== null && !overlap(box, other)) pairs.add(a, b);
      }
    }
  }
  return pairs.done();
}

/**
 * Detections at cameras further apart than 200 m + 15 m/s x (|dt| + 60 s) are different animals: no
 * deer runs that fast, and camera clocks differ by less.
 */
const SLACK_METERS = 200;
const METERS_PER_SECOND = 15;
const CLOCK_SECONDS = 60;

/**
 * For each two locations the longest |dt| in ms at which detections must be different animals, and
 * the longest of all. Negative or absent: never.
 */
function measureReach(locations: ReadonlyMap<string, Location>) {
  const reach = new Map<string, Map<string, number>>();
  let longest = -1;
  for (const a of locations.values()) {
    const row = new Map<string, number>();
    for (const b of locations.values()) {
      const meters = a.id === b.id ? undefined : metersBetween(a, b);
      if (meters === undefined) continue;
      const ms = 1_000 * ((meters - SLACK_METERS) / METERS_PER_SECOND - CLOCK_SECONDS);
      row.set(b.id, ms);
      longest = Math.max(longest, ms);
    }
    reach.set(a.id, row);
  }
  return { reach, longest };
}

/** Detections so close in time at cameras so far apart that they are different animals. */
export function findInstantPairs(dataset: Dataset): PairScores {
  const { detections, locations } = dataset;
  const pairs = collectPairs(dataset);
  const { reach, longest } = measureReach(locations);
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

/** Only the first detections of a longer event are paired. */
const MOST_OF_EVENT = 64;

/**
 * Pairs inside one event: the same animal a moment later, near-duplicates. They are shown apart and
 * never mixed with other evidence.
 */
export function findBurstPairs(dataset: Dataset, events: SearchEvents): PairScores {
  const pairs = collectPairs(dataset);
  for (const { rows } of events.list) {
    const some = rows.slice(0, MOST_OF_EVENT);
    for (const [i, a] of some.entries()) for (const b of some.slice(i + 1)) pairs.add(a, b);
  }
  return pairs.done();
}
