// Which method is used, chosen so that the promise still holds: one half of the reviewed animals
// chooses, and the bound of the method then comes from all strangers.
import { dice } from '../statistics/random.ts';
import { makeTail } from '../statistics/rates.ts';
import type { MatedSearch } from '../study/searches.ts';
import type { Studied } from '../study/study.ts';
import { FIXED_METHOD, type Method, type MethodName } from './methods.ts';

/** A method with the study of its scores. */
export interface Judged {
  method: Method;
  study: Studied;
}

/** What the half that chooses says of a method; null where it says nothing. */
export interface HalfRates {
  threshold: number | null;
  fpir: number | null;
  fnir: number | null;
}

export interface Choice {
  method: MethodName;
  /** halves: by the evidence; fixed: beforehand; only: there is no other. */
  by: 'halves' | 'fixed' | 'only';
  seed: number;
  /** Why it was not chosen by the evidence; a sentence without capital and period. */
  reason: string | null;
  /** Animals in all and in the half that chooses, and that half's searches for known deer. */
  strangers: number;
  choosing_strangers: number;
  deer: number;
  choosing_deer: number;
  choosing_mated: number;
  /** By method, in the order of the list. */
  half: HalfRates[];
}

const LEAST_STRANGERS = 60;
const LEAST_DEER = 5;
export const LEAST_MATED = 30;

/** Sorted, shuffled with the seed; the first half of them, rounded up. */
function chooseHalf(ids: Iterable<string>, seed: number): Set<string> {
  const sorted = [...new Set(ids)].sort();
  return new Set(
    dice(seed, 'half')
      .draw(sorted, sorted.length)
      .slice(0, Math.ceil(sorted.length / 2)),
  );
}

/** Searches for known deer that count in rates. */
export const listMated = ({ searches }: Studied): MatedSearch[] => searches.mated.filter(({ weight }) => weight > 0);

/**
 * The lowest threshold of the method's grid at which the half's own FPIR, without a bound, keeps
 * the limit, and the share of the half's searches for known deer that miss there.
 */
function rateHalf({ study }: Judged, half: Half, maxFpir: number): HalfRates {
  const strangers = study.searches.nonMated.filter(
    ({ identity, weight }) => weight > 0 && identity !== null && half.strangers.has(identity),
  );
  const mated = listMated(study).filter(({ profile }) => half.deer.has(study.dataset.profiles[profile]!.id));
  const weigh = (list: readonly { weight: number }[]): number[] => list.map(({ weight }) => weight);
  const wrong = makeTail(
    strangers.map(({ topScore }) => topScore),
    weigh(strangers),
  );
  const found = makeTail(
    mated.map(({ first, mateScore }) => (first ? mateScore : Number.NEGATIVE_INFINITY)),
    weigh(mated),
  );
  const threshold = study.grid.find((at) => wrong(at) <= maxFpir);
  if (threshold === undefined || mated.length === 0) return { threshold: null, fpir: null, fnir: null };
  return { threshold, fpir: wrong(threshold), fnir: Math.max(0, 1 - found(threshold)) };
}

interface Half {
  strangers: ReadonlySet<string>;
  deer: ReadonlySet<string>;
}

/**
 * @param list the methods that are offered, in order, all judged by the same searches
 * @param seed 1 unless another one was asked for: choosing the seed would be choosing the method
 */
export function chooseMethod(list: readonly Judged[], maxFpir: number, seed: number): Choice {
  const { searches, dataset, labels } = list[0]!.study;
  const counted = searches.nonMated.filter(({ weight }) => weight > 0);
  const identities = new Set(counted.flatMap(({ identity }) => identity ?? []));
  const searched = listMated(list[0]!.study);
  const deer = new Set(searched.map(({ profile }) => dataset.profiles[profile]!.id));
  const half = { strangers: chooseHalf(identities, seed), deer: chooseHalf(deer, seed) };
  const mated = searched.filter(({ profile }) => half.deer.has(dataset.profiles[profile]!.id)).length;
  const counts = {
    ...{ seed, strangers: identities.size, choosing_strangers: half.strangers.size },
    ...{ deer: deer.size, choosing_deer: half.deer.size, choosing_mated: mated },
  };
  const nothing = list.map((): HalfRates => ({ threshold: null, fpir: null, fnir: null }));
  if (list.length === 1) return { method: list[0]!.method.name, by: 'only', reason: null, ...counts, half: nothing };
  const lacks = [
    ...(identities.size < LEAST_STRANGERS ? [`${identities.size} of ${LEAST_STRANGERS} reviewed strangers`] : []),
    ...(half.deer.size < LEAST_DEER
      ? [`${half.deer.size} of ${LEAST_DEER} reviewed deer in the half that chooses`]
      : []),
    ...(mated < LEAST_MATED ? [`${mated} of ${LEAST_MATED} searches for known deer in the half that chooses`] : []),
    ...(labels.weighting === 'mixed' ? ['reviews that can be weighted'] : []),
  ];
  if (lacks.length > 0) {
    const reason = `too little evidence to choose by (${lacks.join(', ')})`;
    return { method: FIXED_METHOD, by: 'fixed', reason, ...counts, half: nothing };
  }
  const rates = list.map((judged) => rateHalf(judged, half, maxFpir));
  const best = Math.min(...rates.map(({ fnir }) => fnir ?? 1));
  // One search more or less decides nothing: the simpler method is earlier in the list.
  const chosen = rates.findIndex(({ fnir }) => (fnir ?? 1) <= best + 1 / mated + 1e-12);
  return { method: list[chosen]!.method.name, by: 'halves', reason: null, ...counts, half: rates };
}
