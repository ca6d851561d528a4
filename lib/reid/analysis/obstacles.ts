// Why no threshold can be recommended, and what would change that.
import { count, threshold as formatThreshold, number } from '../../format.ts';
import { searchesNeeded } from '../statistics/bound.ts';
import { type Gallery, LEAST_GALLERY } from '../study/gallery.ts';
import { ATTACH } from '../study/refusal.ts';
import { askForEvents, LOAD_REVIEWS } from './asking.ts';
import type { Grounds } from './grounds.ts';
import { askForNames, describeLater } from './later.ts';
import { formatAgainst, formatLimit } from './words.ts';

/** Reviewed events for each new stranger, where nothing is known yet. */
const EVENTS_PER_STRANGER = 5;

export interface Obstacle {
  /** A sentence without capital and period. */
  reason: string;
  change: string[];
}

const none = (reason: string, ...change: string[]): Obstacle => ({ reason, change });

function checkWeights({ weighting }: Grounds): Obstacle | undefined {
  if (weighting === 'mixed')
    return none(
      'some reviews have an inclusion probability and some do not, so reviews cannot be weighted',
      `give every review an inclusion_probability, or none; mark verdicts that are no sample with "purpose": "roster", then load them: ${LOAD_REVIEWS}`,
    );
  if (weighting === 'unclear')
    return none(
      'the inclusion probabilities of the reviews add up to more events than there are, so they are of several draws, and which reviews are of the newest draw cannot be seen',
      `load the reviews of the newest draw only, or give the others "inclusion_probability": 1: ${LOAD_REVIEWS}`,
    );
  return undefined;
}

export function findObstacle(grounds: Grounds): Obstacle | undefined {
  const { grid, profiles, minAnimals, matedBy, unnamed, gallery, asking } = grounds;
  const unweighted = checkWeights(grounds);
  if (unweighted !== undefined) return unweighted;
  if (profiles === 1)
    return none('with a single profile, error rates of a gallery cannot be measured', 'enroll more deer');
  if (grid.length === 0)
    return none('no search event passes the gate of any profile', 'enroll deer of the classes that are detected');
  const { fpir_m: animals, fpir_n: searches } = grid[0]!;
  const review = (n: number): string =>
    `review events of ${number(n)} more ${n === 1 ? 'stranger' : 'strangers'} and give each animal a name: ${askForEvents(asking, (n * Math.max(searches, EVENTS_PER_STRANGER)) / Math.max(1, animals))}`;
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
function checkGallery(gallery: Gallery): Obstacle | undefined {
  const { share, classes, stored } = gallery;
  const worst = classes[0];
  const ofClass =
    worst !== undefined && worst.share < LEAST_GALLERY
      ? ` (class ${worst.class}: ${formatAgainst(worst.share, LEAST_GALLERY)})`
      : '';
  if (share >= LEAST_GALLERY && ofClass === '') return undefined;
  const reason = `the reviewed strangers were compared with only ${formatAgainst(share, LEAST_GALLERY)} of the profiles that they could be taken for${ofClass}; at least ${formatLimit(LEAST_GALLERY)} are needed`;
  if (stored !== null)
    return none(
      reason,
      `let the platform score the reviewed detections against every profile of their class, or attach vectors: ${ATTACH}`,
    );
  return none(`${reason}. ${describeLater(gallery)}`, askForNames(gallery));
}

export function explainBound({ grid, maxFpir, asking }: Grounds): Obstacle {
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
      `review about ${count(animals, 'more stranger')} (about ${count(events, 'more event')}). At least ${number(needed)} independent error-free searches are needed to support ${formatLimit(maxFpir)}; there are ${number(Math.floor(top.fpir_n_eff ?? 0))}. To review more, ${askForEvents(asking, 2 * events)}`,
    );
  } else {
    change.push('strangers score as high as enrolled deer: enroll them, or allow a higher max_fpir');
  }
  return {
    reason: `the upper bound of FPIR never stays below ${formatLimit(maxFpir)} (lowest: ${formatAgainst(best.fpir_upper ?? 1, maxFpir)} at ${formatThreshold(best.threshold)})`,
    change,
  };
}
