// What a recommendation is derived from.
import type { Weighting } from '../evidence/weights.ts';
import type { Gallery } from '../study/gallery.ts';
import type { ThresholdRow } from '../study/rates.ts';
import type { Asking } from './asking.ts';

export interface Grounds {
  /** Ascending grid. */
  grid: readonly ThresholdRow[];
  current: ThresholdRow;
  maxFpir: number;
  minAnimals: number;
  profiles: number;
  weighting: Weighting;
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
  asking: Asking;
}
