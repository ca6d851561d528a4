// The numbers that are looked at first, in one list: each with its interval.
import type { HeadCount, HeadCounted } from './counts/types.ts';
import type { CompositionGroup, Ratio } from './herd/index.ts';
import { findLimits, isRefusal, NAMES, whereBait } from './sentences.ts';
import type { Survey } from './survey.ts';

/** What the interval of a number knows. */
export type NumberBasis =
  /** 95%, with the measured miss rate. */
  | 'corrected'
  /** No interval: every miss is counted as an animal. */
  | 'naive'
  /** 95%, with how much places differ. */
  | 'places'
  /** 95%, of counting error alone. */
  | 'counting';

export interface SurveyNumber {
  /** Such as `bucks_seen`, the same in every survey. */
  name: string;
  label: string;
  estimate: number;
  /** null: no interval, or no limit. */
  lower: number | null;
  upper: number | null;
  basis: NumberBasis;
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function headNumbers(count: HeadCounted): SurveyNumber[] {
  const names = NAMES[count.class];
  const { corrected, naive } = count;
  if (isRefusal(corrected))
    return [
      {
        ...{ name: `${names}_named`, label: `${names} as named (naive)`, estimate: naive.identities },
        ...{ lower: null, upper: null, basis: 'naive' },
      },
    ];
  const { seen, chao } = corrected;
  const numbers: SurveyNumber[] = [
    { name: `${names}_seen`, label: `${names} photographed`, ...seen, basis: 'corrected' },
  ];
  if (!isRefusal(chao))
    numbers.push({
      ...{ name: `${names}_in_all`, label: `${names} that use these sites`, ...chao, basis: 'corrected' },
      upper: finite(chao.upper),
    });
  return numbers;
}

const ratioNumber = (name: string, label: string, ratio: Ratio): SurveyNumber => {
  const { low, high } = findLimits(ratio);
  return {
    ...{ name, label, estimate: ratio.per100, lower: low, upper: finite(high) },
    basis: ratio.interval === null ? 'counting' : 'places',
  };
};

const END = { yes: '_baited', no: '_without_bait', unknown: '_bait_unknown' } as const;

function ratioNumbers({ fawns, bucks, headline, bait }: CompositionGroup): SurveyNumber[] {
  if (fawns === null || bucks === null) return [];
  const end = bait === null ? '' : END[bait];
  return [
    ratioNumber(`fawns_per_100_does${end}`, `fawns for each 100 does${whereBait(bait)}`, fawns[headline]),
    ratioNumber(`bucks_per_100_does${end}`, `bucks for each 100 does${whereBait(bait)}`, bucks[headline]),
  ];
}

const isCounted = (count: HeadCount): count is HeadCounted => count.refusal === null;

/** Head counts first, then ratios; what is refused is not there. */
export const listNumbers = ({ heads, herd }: Survey): SurveyNumber[] => [
  ...heads.filter(isCounted).flatMap(headNumbers),
  ...herd.composition.groups.flatMap(ratioNumbers),
];
