// Why no threshold can be recommended, and what would change that.
import { searchesNeeded } from '../statistics/bound.ts';
import { type Gallery, LEAST_GALLERY } from '../study/gallery.ts';
import { ATTACH } from '../study/refusal.ts';
import type { Grounds } from './grounds.ts';
import { against, percent } from './words.ts';

export interface Obstacle {
  /** A sentence without capital and period. */
  reason: string;
  change: string[];
}

export function findObstacle({
  weighting,
  grid,
  profiles,
  minAnimals,
  matedBy,
  unnamed,
  gallery,
}: Grounds): Obstacle | undefined {
  const none = (why: string, ...change: string[]): Obstacle => ({
    reason: why,
    change,
  });
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
  return checkGallery(gallery);
}

/** Strangers that did not meet the profiles they could be taken for say too little about them. */
function checkGallery({ share, classes }: Gallery): Obstacle | undefined {
  const worst = classes[0];
  const ofClass =
    worst !== undefined && worst.share < LEAST_GALLERY
      ? ` (class ${worst.class}: ${against(worst.share, LEAST_GALLERY)})`
      : '';
  if (share >= LEAST_GALLERY && ofClass === '') return undefined;
  return {
    reason: `the reviewed strangers were compared with only ${against(share, LEAST_GALLERY)} of the profiles that they could be taken for${ofClass}, at least ${percent(LEAST_GALLERY)} are needed`,
    change: [
      `let the platform score the reviewed detections against every profile of their class, or attach vectors: ${ATTACH}`,
    ],
  };
}

export function explainBound({ grid, maxFpir }: Grounds): Obstacle {
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
    reason: `the upper bound of FPIR never stays below ${percent(maxFpir)} (lowest: ${against(best.fpir_upper ?? 1, maxFpir)} at ${best.threshold.toFixed(2)})`,
    change,
  };
}
