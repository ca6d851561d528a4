// The recommendation: the lowest threshold that a bound supports, or the reason why none can be
// recommended and what would change that.
import { searchesNeeded } from '../statistics/bound.ts';
import { type Gallery, LEAST_GALLERY, LEAST_STORED } from '../study/gallery.ts';
import { ATTACH } from '../study/refusal.ts';
import type { ThresholdRow } from '../study/study.ts';

/** A miss rate above this makes a threshold useless, however safe it is. */
export const USELESS_FNIR = 0.9;

export interface Grounds {
  /** Ascending grid. */
  grid: readonly ThresholdRow[];
  current: ThresholdRow | null;
  maxFpir: number;
  minAnimals: number;
  profiles: number;
  /** Why nothing was computed. */
  refusal?: string;
  weighting: 'given' | 'none' | 'mixed';
  /** Who labelled the mated searches. */
  matedBy: 'reviews' | 'matcher' | null;
  /** AUC of reviewed mated against non-mated comparisons. */
  auc: number | null;
  /** How much of the gallery the reviewed strangers met; absent where nothing was computed. */
  gallery?: Gallery | undefined;
  /** The lowest stored score; null where scores are computed. */
  lowestStored?: number | null;
  /** Reviews that say `none` without naming the animal. */
  unnamed: number;
}

export interface Recommendation {
  threshold: number | null;
  /** The lowest threshold that keeps the bound, also where it is useless; null when none does. */
  qualifying_threshold: number | null;
  reason: string;
  what_would_change: string[];
  warnings: string[];
  /** The line a person would set after looking; nothing here sets it. */
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

export const percent = (rate: number): string => `${(100 * rate).toFixed(rate < 0.0995 ? 1 : 0)} %`;

/** As percent, in as many decimals as it takes to differ from the limit that it is held against. */
function against(rate: number, limit: number): string {
  let text = percent(rate);
  for (
    let digits = 1;
    digits <= 6 && rate !== limit && Number.parseFloat(text) === Number.parseFloat(percent(limit));
    digits++
  )
    text = `${(100 * rate).toFixed(digits)} %`;
  return text;
}

/** A stored score, in as many decimals as it has. */
export const lowest = (score: number | null): string =>
  score === null ? '-' : Number(score.toFixed(4)).toFixed(Math.max(2, decimals(score)));
const decimals = (score: number): number => String(Number(score.toFixed(4))).split('.')[1]?.length ?? 0;

/** Where low scores were not kept, nothing below the lowest stored one can be judged. */
const floorOf = ({ gallery, lowestStored = null }: Grounds): number =>
  gallery?.stored != null && gallery.stored < LEAST_STORED && lowestStored !== null
    ? lowestStored
    : Number.NEGATIVE_INFINITY;

/** The rule of REID.md. Pure; the rows carry all the numbers. */
export function recommend(grounds: Grounds): Recommendation {
  const warnings = warningsOf(grounds);
  const obstacle = obstacleOf(grounds);
  const qualifying =
    obstacle === undefined ? lowestQualifying(grounds.grid, grounds.maxFpir, floorOf(grounds)) : undefined;
  if (qualifying === undefined) {
    const { reason, change } = obstacle ?? tooHigh(grounds);
    return {
      ...numbers(undefined, grounds),
      threshold: null,
      qualifying_threshold: null,
      reason,
      what_would_change: change,
      warnings,
      setting: null,
    };
  }
  const { threshold, fpir_upper, fpir_n, fpir_m, fnir } = qualifying;
  const safe = `at ${threshold.toFixed(2)} and above the upper bound of FPIR stays below ${percent(grounds.maxFpir)} (${against(fpir_upper!, grounds.maxFpir)} from ${fpir_n} searches of ${fpir_m} animals${metOf(qualifying, grounds)})${notKept(qualifying, grounds)}`;
  if (fnir !== null && fnir > USELESS_FNIR) {
    const alike =
      grounds.auc !== null && grounds.auc < 0.65
        ? `; same-animal and different-animal scores hardly differ (AUC ${grounds.auc.toFixed(2)})`
        : '';
    return {
      ...numbers(qualifying, grounds),
      threshold: null,
      qualifying_threshold: threshold,
      reason: `no threshold can be recommended: ${safe}, but there ${percent(fnir)} of the searches of enrolled animals miss their profile${alike}`,
      what_would_change: ['embeddings that separate the animals better, better profile pictures, or a higher max_fpir'],
      warnings,
      setting: null,
    };
  }
  if (fnir === null)
    warnings.push(
      'FNIR is unknown: no event of an enrolled animal was reviewed, so how many animals are missed cannot be said',
    );
  return {
    ...numbers(qualifying, grounds),
    threshold,
    qualifying_threshold: threshold,
    reason: `the lowest threshold that is safe: ${safe}`,
    what_would_change: [],
    warnings,
    setting: `REID_THRESHOLD=${threshold.toFixed(2)}`,
  };
}

/** Strangers that met only a part of the gallery: the bound is that of the part over the share. */
const metOf = ({ fpir_upper_met: met }: ThresholdRow, { gallery }: Grounds): string =>
  gallery === undefined || gallery.share >= 1
    ? ''
    : `; they met ${against(gallery.share, 1)} of the profiles, so their bound of ${percent(met!)} is divided by ${gallery.share.toFixed(3)}`;

/**
 * Said where the threshold is the lowest that stored scores can be judged at, not the lowest that
 * is safe.
 */
function notKept({ threshold }: ThresholdRow, grounds: Grounds): string {
  const floor = floorOf(grounds);
  const below = grounds.grid.findLast((row) => row.threshold < threshold);
  return below !== undefined && below.threshold < floor && (below.fpir_upper ?? 1) < grounds.maxFpir
    ? `; scores below ${lowest(floor)} were not kept, so lower thresholds cannot be judged`
    : '';
}

/** The lowest T, not below `floor`, such that it and every higher T of the grid keep the bound. */
function lowestQualifying(grid: readonly ThresholdRow[], maxFpir: number, floor: number): ThresholdRow | undefined {
  let lowest: ThresholdRow | undefined;
  for (let i = grid.length - 1; i >= 0; i--) {
    const row = grid[i]!;
    if (row.threshold < floor || row.fpir_upper === null || !(row.fpir_upper < maxFpir)) break;
    lowest = row;
  }
  return lowest;
}

interface Obstacle {
  reason: string;
  change: string[];
}

function obstacleOf({
  refusal,
  weighting,
  grid,
  profiles,
  minAnimals,
  matedBy,
  unnamed,
  gallery,
}: Grounds): Obstacle | undefined {
  const none = (why: string, ...change: string[]): Obstacle => ({
    reason: `no threshold can be recommended: ${why}`,
    change,
  });
  if (refusal !== undefined) return none(refusal);
  if (weighting === 'mixed') {
    return none(
      'some reviews carry an inclusion probability and some do not, so they cannot be weighed against each other',
      'give every review its inclusion_probability, or none of them',
    );
  }
  if (profiles === 1)
    return none('with a single profile no error rate of a gallery can be measured', 'enrol more animals');
  if (grid.length === 0)
    return none('no event passes the gate to any profile', 'enrol animals of the classes that are seen');
  const { fpir_m: animals, fpir_n: searches } = grid[0]!;
  const review = (count: number): string =>
    `review events of ${count} more animals that are not enrolled, giving each animal a name`;
  if (searches === 0) {
    const matcher =
      matedBy === 'matcher' ? '; labels made by the matcher are not truth and hold no animal that is not enrolled' : '';
    const named = unnamed > 0 ? `; ${unnamed} reviewed events say "none" without naming the animal` : '';
    return none(
      `no reviewed event of a named animal that is not enrolled, so FPIR is unknown${named}${matcher}`,
      review(minAnimals),
    );
  }
  if (animals < minAnimals) {
    return none(
      `only ${animals} animals that are not enrolled were reviewed, at least ${minAnimals} are needed`,
      review(minAnimals - animals),
    );
  }
  return gallery === undefined ? undefined : galleryTooSmall(gallery);
}

/** Strangers that did not meet the profiles they could be taken for say too little about them. */
function galleryTooSmall({ share, classes }: Gallery): Obstacle | undefined {
  const worst = classes[0];
  const ofClass =
    worst !== undefined && worst.share < LEAST_GALLERY
      ? ` (class ${worst.class}: ${against(worst.share, LEAST_GALLERY)})`
      : '';
  if (share >= LEAST_GALLERY && ofClass === '') return undefined;
  return {
    reason: `no threshold can be recommended: the reviewed strangers were compared with only ${against(share, LEAST_GALLERY)} of the profiles that they could be taken for${ofClass}, at least ${percent(LEAST_GALLERY)} are needed`,
    change: [
      `let the platform score the reviewed detections against every profile of their class, or attach vectors: ${ATTACH}`,
    ],
  };
}

function tooHigh({ grid, maxFpir }: Grounds): Obstacle {
  const best = grid.reduce((a, b) => ((b.fpir_upper ?? 1) < (a.fpir_upper ?? 1) ? b : a));
  const needed = searchesNeeded(maxFpir);
  const top = grid.at(-1)!;
  const change: string[] = [];
  // An error-free bound shrinks with the effective number of searches, and that grows with the
  // animals at the same number of searches for each.
  if (top.fpir_errors === 0 && (top.fpir_n_eff ?? 0) < needed) {
    const factor = needed / Math.max(1, top.fpir_n_eff ?? 1);
    const [animals, events] = [
      Math.ceil(top.fpir_m * factor) - top.fpir_m,
      Math.ceil(top.fpir_n * factor) - top.fpir_n,
    ];
    change.push(
      `review about ${animals} more animals that are not enrolled (about ${events} more events): ${needed} effectively independent searches without error are the least for ${percent(maxFpir)}, there are ${Math.floor(top.fpir_n_eff ?? 0)}`,
    );
  } else {
    change.push('animals that are not enrolled score as high as enrolled ones: enrol them, or allow a higher max_fpir');
  }
  return {
    reason: `no threshold can be recommended: the upper bound of FPIR never stays below ${percent(maxFpir)} (lowest: ${against(best.fpir_upper ?? 1, maxFpir)} at ${best.threshold.toFixed(2)})`,
    change,
  };
}

function warningsOf({ weighting, matedBy, grid }: Grounds): string[] {
  const warnings: string[] = [];
  if (matedBy === 'matcher') {
    warnings.push(
      'FNIR, MIS and FNMR rest on labels that the matcher itself wrote: animals it split are missing and animals it merged confirm themselves; this is not truth',
    );
  }
  if (weighting === 'none' && (grid[0]?.fpir_n ?? 0) > 0)
    warnings.push('assumes reviews are a random sample: none carries an inclusion probability');
  return warnings;
}

function numbers(row: ThresholdRow | undefined, { current }: Grounds) {
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
