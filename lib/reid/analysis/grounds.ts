// What a recommendation is derived from.
import type { Gallery } from '../study/gallery.ts';
import type { ThresholdRow } from '../study/rates.ts';

export interface Grounds {
  /** Ascending grid. */
  grid: readonly ThresholdRow[];
  current: ThresholdRow;
  maxFpir: number;
  minAnimals: number;
  profiles: number;
  weighting: 'given' | 'none' | 'mixed';
  /** Who labeled the mated searches. */
  matedBy: 'reviews' | 'matcher' | null;
  /** AUC of reviewed mated against non-mated comparisons. */
  auc: number | null;
  /** How much of the gallery the reviewed strangers met. */
  gallery: Gallery;
  /** The lowest stored score; null where scores are computed. */
  lowestStored: number | null;
  /** Reviews that say `none` without naming the animal. */
  unnamed: number;
}
