// All pairs of detections, labeled by reviews, as counts over hundredths of the score.
import type { Dataset } from '../dataset/dataset.ts';
import type { SearchEvents } from '../dataset/search-events.ts';
import { allPairs } from '../kernel/index.ts';
import { type Labels, nameEvents } from './evidence.ts';

/**
 * Bin i counts the pairs with from + i width <= score < from + (i + 1) width; the last bin also
 * scores of 1.
 */
export interface AllPairs {
  from: -1;
  width: 0.01;
  /** Both detections of one animal known from reviews, in different bursts. */
  mated: number[];
  /** Of two different animals known from reviews. */
  non_mated: number[];
  /** At least one of an unknown animal. */
  unlabelled: number[];
  /** Inside one burst: near-duplicates. */
  burst: number[];
}

const BINS = 200;

/** n (n - 1) / 2 pairs of n detections. Needs vectors. */
export async function countAllPairs(dataset: Dataset, events: SearchEvents, labels: Labels): Promise<AllPairs> {
  const { groups, bursts } = labelPairs(dataset, events, labels);
  const found = await allPairs(dataset.vectors, dataset.dimensions, { groups, bursts, bins: BINS });
  return {
    from: -1,
    width: 0.01,
    mated: [...found.mated],
    non_mated: [...found.nonMated],
    unlabelled: [...found.unlabeled],
    burst: [...found.burst],
  };
}

/** Per detection: number of its animal (-1 unknown), and number of its burst. */
export interface PairLabels {
  groups: Int32Array;
  bursts: Int32Array;
}

/**
 * Animals known from reviews, never from the matcher. Detections in bursts that are left out, and
 * in events that are unsure or contradict themselves, are of unknown animals.
 */
export function labelPairs(dataset: Dataset, events: SearchEvents, labels: Labels): PairLabels {
  const n = dataset.detections.length;
  const [groups, bursts] = [new Int32Array(n).fill(-1), new Int32Array(n)];
  const animals = new Map<string, number>();
  for (const [event, name] of nameEvents(dataset, labels)) {
    const number = animals.get(name) ?? animals.size;
    animals.set(name, number);
    for (const row of events.list[event]!.rows) groups[row] = number;
  }
  const numbers = new Map<string, number>();
  dataset.detections.forEach(({ burst: id }, row) => {
    const key = id ?? `detection ${row}`;
    bursts[row] = numbers.get(key) ?? numbers.size;
    numbers.set(key, bursts[row]!);
  });
  return { groups, bursts };
}
