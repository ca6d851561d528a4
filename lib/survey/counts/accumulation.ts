// How the list of animals grows with days of cameras, and how complete visits find it. Pure.
import { type Histories, spreadSeen, type Unmixed } from './corrected.ts';
import type { AccumulationPoint } from './types.ts';

/**
 * S(t) = S_obs - sum_i C(T - n_i, t) / C(T, t) (R. K. Colwell, C. X. Mao, J. Chang, Ecology 85
 * (2004) 2717-2727).
 * @param frequencies animals by the number of days they were seen on; index 0 is unused
 */
function rarefy(frequencies: ArrayLike<number>, T: number, t: number): number {
  let sum = 0;
  for (let k = 1; k < frequencies.length; k++) {
    if (frequencies[k] === 0) continue;
    let missed = 1;
    for (let i = 0; i < k; i++) missed *= Math.max(0, T - t - i) / (T - i);
    sum += frequencies[k]! * (1 - missed);
  }
  return sum;
}

/**
 * The curve after 1 to T days with a working camera: identities as they are, and animals from
 * frequencies with the ghosts taken out.
 * @param of histories of single days, t = T
 * @param un null where the miss rate is not known
 */
export function accumulateAnimals(of: Histories, un: Unmixed | null): AccumulationPoint[] {
  const x = un === null ? null : spreadSeen(of, un);
  return Array.from({ length: of.t }, (_, i) => ({
    days: i + 1,
    animals: x === null ? null : rarefy(x, of.t, i + 1),
    raw: rarefy(of.f, of.t, i + 1),
  }));
}

/**
 * Sample coverage: of further visits (animal and day), the share by an animal on the list, 1 - Q1/V
 * (T-1) Q1 / ((T-1) Q1 + 2 Q2) (A. Chao, L. Jost, Ecology 93 (2012) 2533-2547), with x_1 and x_2
 * for Q1 and Q2 where the miss rate is known.
 * @returns null without a visit
 */
export function measureCoverage(of: Histories, un: Unmixed | null): number | null {
  let visits = 0;
  for (let k = 1; k <= of.t; k++) visits += k * of.f[k]!;
  if (visits === 0) return null;
  const [q1, q2] = un === null ? [of.f[1]!, of.f[2] ?? 0] : [un.x1, un.x2];
  if (q1 <= 0) return 1;
  const again = (of.t - 1) * q1;
  return 1 - (q1 / visits) * (again + 2 * q2 === 0 ? 1 : again / (again + 2 * q2));
}
