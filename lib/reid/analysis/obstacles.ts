// Why no threshold can be recommended, and what would change that.
import { count, threshold as formatThreshold, number } from '../../format.ts';
import { searchesNeeded } from '../statistics/bound.ts';
import { type Gallery, LEAST_GALLERY } from '../study/gallery.ts';
import { ATTACH } from '../study/refusal.ts';
import type { Grounds } from './grounds.ts';
import { formatAgainst, formatLimit } from './words.ts';

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
      'some reviews have an inclusion probability and some do not, so reviews cannot be weighted',
      'give every review an inclusion_probability, or none',
    );
  }
  if (profiles === 1)
    return none('with a single profile, error rates of a gallery cannot be measured', 'enroll more deer');
  if (grid.length === 0)
    return none('no search event passes the gate of any profile', 'enroll deer of the classes that are detected');
  const { fpir_m: animals, fpir_n: searches } = grid[0]!;
  const review = (n: number): string =>
    `review events of ${number(n)} more ${n === 1 ? 'stranger' : 'strangers'} and give each animal a name`;
  if (searches === 0) {
    const matcher =
      matedBy === 'matcher' ? '; labels that the matcher wrote are not the truth and name no strangers' : '';
    const named =
      unnamed > 0
        ? `; ${count(unnamed, 'reviewed event')} ${unnamed === 1 ? 'says' : 'say'} "none" without a name for the animal`
        : '';
    return none(`no event of a named stranger was reviewed, so FPIR is unknown${named}${matcher}`, review(minAnimals));
  }
  if (animals < minAnimals) {
    return none(
      `only ${count(animals, 'stranger')} ${animals === 1 ? 'was' : 'were'} reviewed; at least ${number(minAnimals)} are needed`,
      review(minAnimals - animals),
    );
  }
  return checkGallery(gallery);
}

/** Strangers that did not meet the profiles that they could be taken for say too little. */
function checkGallery({ share, classes }: Gallery): Obstacle | undefined {
  const worst = classes[0];
  const ofClass =
    worst !== undefined && worst.share < LEAST_GALLERY
      ? ` (class ${worst.class}: ${formatAgainst(worst.share, LEAST_GALLERY)})`
      : '';
  if (share >= LEAST_GALLERY && ofClass === '') return undefined;
  return {
    reason: `the reviewed strangers were compared with only ${formatAgainst(share, LEAST_GALLERY)} of the profiles that they could be taken for${ofClass}; at least ${formatLimit(LEAST_GALLERY)} are needed`,
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
      `review about ${count(animals, 'more stranger')} (about ${count(events, 'more event')}). At least ${number(needed)} independent error-free searches are needed to support ${formatLimit(maxFpir)}; there are ${number(Math.floor(top.fpir_n_eff ?? 0))}`,
    );
  } else {
    change.push('strangers score as high as enrolled deer: enroll them, or allow a higher max_fpir');
  }
  return {
    reason: `the upper bound of FPIR never stays below ${formatLimit(maxFpir)} (lowest: ${formatAgainst(best.fpir_upper ?? 1, maxFpir)} at ${formatThreshold(best.threshold)})`,
    change,
  };
}
