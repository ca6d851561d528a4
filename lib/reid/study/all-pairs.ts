// All pairs of detections, labelled by reviews, as counts over hundredths of the score.
import type { Dataset } from '../dataset/dataset.ts';
import { eventsOf } from '../dataset/events.ts';
import { allPairs } from '../kernel/index.ts';
import { DEFAULT_EVIDENCE, type Evidence, makeShortNames, pairLabelsOf } from './evidence.ts';
import { refusalOf } from './refusal.ts';

/**
 * Bin i holds the pairs with from + i width <= score < from + (i + 1) width; the last also a score
 * of 1.
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

/**
 * n (n - 1) / 2 pairs of n detections; null where there are no vectors or they cannot be compared.
 */
export async function allPairsOf(
  dataset: Dataset,
  { evidence = DEFAULT_EVIDENCE }: { evidence?: readonly Evidence[] },
): Promise<AllPairs | null> {
  if (dataset.source === 'scores' || refusalOf(dataset) !== undefined) return null;
  const events = eventsOf(dataset);
  const { group: groups, burst: bursts } = pairLabelsOf(dataset, events, makeShortNames(dataset, events, evidence));
  const found = await allPairs(dataset.vectors, dataset.dimensions, { groups, bursts, bins: BINS });
  const [mated, nonMated, unlabelled, burst] = [found.mated, found.nonMated, found.unlabelled, found.burst].map(
    (counts) => [...counts],
  );
  return { from: -1, width: 0.01, mated: mated!, non_mated: nonMated!, unlabelled: unlabelled!, burst: burst! };
}
