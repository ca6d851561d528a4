// The recommendation: the lowest threshold that a bound supports, or the reason why none can be
// recommended and what would change that.
import { count, threshold as formatThreshold, percent } from '../../format.ts';
import { LEAST_STORED } from '../study/gallery.ts';
import type { ThresholdRow } from '../study/rates.ts';
import type { Grounds } from './grounds.ts';
import { explainBound, findObstacle } from './obstacles.ts';
import { formatAgainst, formatLimit, formatScore } from './words.ts';

/** A miss rate above this makes a threshold useless, however safe it is. */
const USELESS_FNIR = 0.9;

export interface Recommendation {
  threshold: number | null;
  /** The lowest threshold that keeps the bound, also where it is useless; null when none does. */
  qualifying_threshold: number | null;
  reason: string;
  what_would_change: string[];
  warnings: string[];
  /** The line that a person may set after review; nothing here sets it. */
  setting: string | null;
  assignment_rate: number | null;
  event_assignment_rate: number | null;
  fpir: number | null;
  fpir_upper: number | null;
  fnir: number | null;
  mis: number | null;
  fdp: number | null;
  fdp_upper: number | null;
  /** Against the current threshold. */
  improvement: { assigned_detections: number; relative: number | null; fnir: number | null } | null;
}

/** Where low scores were not kept, nothing below the lowest stored one can be judged. */
const findFloor = ({ gallery, lowestStored }: Grounds): number =>
  gallery.stored !== null && gallery.stored < LEAST_STORED && lowestStored !== null
    ? lowestStored
    : Number.NEGATIVE_INFINITY;

/** Begins every reason why there is no recommendation. */
export const NO_THRESHOLD = 'no threshold can be recommended: ';

/** Of data that could not be studied. */
export const refuse = (reason: string): Recommendation => ({
  ...compare(undefined, null),
  threshold: null,
  qualifying_threshold: null,
  reason: `${NO_THRESHOLD}${reason}`,
  what_would_change: [],
  warnings: [],
  setting: null,
});

/**
 * The lowest threshold of the grid such that the upper bound of FPIR stays below `maxFpir` there
 * and at every higher threshold.
 */
export function recommend(grounds: Grounds): Recommendation {
  const warnings = writeWarnings(grounds);
  const obstacle = findObstacle(grounds);
  const qualifying =
    obstacle === undefined ? findQualifying(grounds.grid, grounds.maxFpir, findFloor(grounds)) : undefined;
  const figures = compare(qualifying, grounds.current);
  if (qualifying === undefined) {
    const { reason, change } = obstacle ?? explainBound(grounds);
    return {
      ...figures,
      threshold: null,
      qualifying_threshold: null,
      reason: `${NO_THRESHOLD}${reason}`,
      what_would_change: change,
      warnings,
      setting: null,
    };
  }
  const { threshold, fnir } = qualifying;
  const safe = describeBound(qualifying, grounds);
  if (fnir !== null && fnir > USELESS_FNIR) {
    return {
      ...figures,
      threshold: null,
      qualifying_threshold: threshold,
      reason: `${NO_THRESHOLD}${safe}, but there ${percent(fnir)} of the searches for known deer miss the deer${describeOverlap(grounds.auc)}`,
      what_would_change: [
        'use embeddings that separate animals better or better profile images, or allow a higher max_fpir',
      ],
      warnings,
      setting: null,
    };
  }
  if (fnir === null)
    warnings.push(
      'FNIR is unknown, because no event of a known deer was reviewed: how many known deer are missed cannot be estimated',
    );
  return {
    ...figures,
    threshold,
    qualifying_threshold: threshold,
    reason: `the lowest safe threshold: ${safe}`,
    what_would_change: [],
    warnings,
    setting: `REID_THRESHOLD=${formatThreshold(threshold)}`,
  };
}

const describeBound = (row: ThresholdRow, grounds: Grounds): string =>
  `at ${formatThreshold(row.threshold)} and above, the upper bound of FPIR stays below ${formatLimit(grounds.maxFpir)} (${formatAgainst(row.fpir_upper!, grounds.maxFpir)} from ${count(row.fpir_n, 'search')} for ${count(row.fpir_m, 'stranger')}${describeMet(row, grounds)})${describeFloor(row, grounds)}`;

/** With an AUC below this, scores hardly separate animals. */
const LEAST_AUC = 0.65;
const describeOverlap = (auc: number | null): string =>
  auc !== null && auc < LEAST_AUC
    ? `; scores of the same animal and of different animals hardly differ (AUC ${auc.toFixed(2)})`
    : '';

/**
 * For strangers that met a part of the gallery, the bound for that part is divided by its share.
 */
const describeMet = ({ fpir_upper_met: met }: ThresholdRow, { gallery }: Grounds): string =>
  gallery.share >= 1
    ? ''
    : `; they met ${formatAgainst(gallery.share, 1)} of the profiles, so their bound of ${percent(met!)} is divided by ${gallery.share.toFixed(3)}`;

/**
 * For a threshold that is the lowest that stored scores allow to judge, not the lowest safe one.
 */
function describeFloor({ threshold }: ThresholdRow, grounds: Grounds): string {
  const floor = findFloor(grounds);
  const below = grounds.grid.findLast((row) => row.threshold < threshold);
  return below !== undefined && below.threshold < floor && (below.fpir_upper ?? 1) < grounds.maxFpir
    ? `; scores below ${formatScore(floor)} were not kept, so lower thresholds cannot be judged`
    : '';
}

/** The lowest T, not below `floor`, such that it and every higher T of the grid keep the bound. */
function findQualifying(grid: readonly ThresholdRow[], maxFpir: number, floor: number): ThresholdRow | undefined {
  let lowest: ThresholdRow | undefined;
  for (let i = grid.length - 1; i >= 0; i--) {
    const row = grid[i]!;
    if (row.threshold < floor || row.fpir_upper === null || !(row.fpir_upper < maxFpir)) break;
    lowest = row;
  }
  return lowest;
}

function writeWarnings({ weighting, matedBy, grid }: Grounds): string[] {
  const warnings: string[] = [];
  if (matedBy === 'matcher') {
    warnings.push(
      'FNIR, MIS and FNMR are computed from labels that the matcher itself wrote. Deer that it split are missing and deer that it merged confirm themselves: these labels are not the truth',
    );
  }
  if (weighting === 'none' && (grid[0]?.fpir_n ?? 0) > 0)
    warnings.push('this assumes that reviews are a random sample: no review has an inclusion probability');
  return warnings;
}

/** The rates at the qualifying threshold, and what changes against the current one. */
function compare(row: ThresholdRow | undefined, current: ThresholdRow | null) {
  const relative =
    row?.assignment_rate != null && current?.assignment_rate ? row.assignment_rate / current.assignment_rate - 1 : null;
  return {
    assignment_rate: row?.assignment_rate ?? null,
    event_assignment_rate: row?.event_assignment_rate ?? null,
    fpir: row?.fpir ?? null,
    fpir_upper: row?.fpir_upper ?? null,
    fnir: row?.fnir ?? null,
    mis: row?.mis ?? null,
    fdp: row?.fdp ?? null,
    fdp_upper: row?.fdp_upper ?? null,
    improvement:
      row === undefined || current === null
        ? null
        : {
            assigned_detections: row.assigned_count - current.assigned_count,
            relative,
            fnir: row.fnir === null || current.fnir === null ? null : row.fnir - current.fnir,
          },
  };
}
