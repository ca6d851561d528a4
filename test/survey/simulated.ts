// Simulated herds whose size is known, looked at by a reviewer who misses: what the corrected
// counts are tried on.
import { boundChao, boundM0 } from '../../lib/survey/counts/bootstrap.ts';
import { correctChao, makeUnmixed } from '../../lib/survey/counts/corrected.ts';
import { boundSeen } from '../../lib/survey/counts/ghosts.ts';
import { chaoUnseen, chaoVariance, logNormalFactor } from '../../lib/survey/counts/models.ts';
import type { Interval } from '../../lib/survey/counts/types.ts';
import { type Cell, diceOf, simulateHerd } from './simulated-roster.ts';

interface Outcome {
  seen: number;
  chao: Interval;
  m0: Interval | null;
  /** null: the stated rate contradicts the data. */
  counted: { lower: number; upper: number } | null;
  naive: Interval;
}

/** One herd with its estimates. */
function tryHerd(cell: Cell, seed: number, draws: number): Outcome {
  const { histories, evidence, seen } = simulateHerd(diceOf(cell, seed), cell, seed);
  const un = correctChao(histories, evidence.rate, makeUnmixed());
  const { f, n, t } = histories;
  const f0 = Math.max(1e-9, chaoUnseen(f[1]!, f[2]!, t));
  const factor = logNormalFactor(f0, chaoVariance(f[1]!, f[2]!, t));
  return {
    seen,
    chao: boundChao(histories, un, evidence, { seed, draws }),
    m0: boundM0(histories, un, evidence, { seed, draws }),
    counted: boundSeen(histories, evidence),
    naive: { estimate: n + f0, lower: n + f0 / factor, upper: n + f0 * factor },
  };
}

interface Summary {
  /** Shares of herds. */
  below: number;
  inside: number;
  /** Relative to N. */
  bias: number;
  width: number;
  m0Inside: number;
  m0Bias: number;
  m0Width: number;
  /** The interval of U holds the animals seen. */
  seenInside: number;
  naiveBias: number;
  naiveInside: number;
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
};

function summarize({ N }: Cell, outcomes: readonly Outcome[]): Summary {
  const rate = (holds: (one: Outcome) => boolean): number => outcomes.filter(holds).length / outcomes.length;
  const holds = (interval: { lower: number; upper: number } | null, truth: number): boolean =>
    interval !== null && interval.lower <= truth + 1e-9 && interval.upper >= truth - 1e-9;
  const middle = (value: (one: Outcome) => number): number => median(outcomes.map(value));
  return {
    below: rate(({ chao }) => chao.lower <= N),
    inside: rate(({ chao }) => holds(chao, N)),
    bias: middle(({ chao }) => chao.estimate) / N - 1,
    width: middle(({ chao }) => chao.upper - chao.lower) / N,
    m0Inside: rate(({ m0 }) => holds(m0, N)),
    m0Bias: middle(({ m0 }) => m0?.estimate ?? Number.POSITIVE_INFINITY) / N - 1,
    m0Width: middle(({ m0 }) => (m0 === null ? Number.POSITIVE_INFINITY : m0.upper - m0.lower)) / N,
    seenInside: rate(({ counted, seen }) => holds(counted, seen)),
    naiveBias: middle(({ naive }) => naive.estimate) / N - 1,
    naiveInside: rate(({ naive }) => holds(naive, N)),
  };
}

/** Cells of the simulation: seeds 1 to HERDS in each, whatever comes of them. */
export const CELLS: readonly Cell[] = [0, 0.05, 0.1, 0.2].flatMap((e) =>
  [50, 200].flatMap((k) =>
    [20, 40].flatMap((N) =>
      [false, true].flatMap((unequal) =>
        ([1, 2] as const).map((perOccasion): Cell => ({ e, k, N, unequal, perOccasion })),
      ),
    ),
  ),
);

const BASE = { e: 0.1, k: 200, N: 40, unequal: false, perOccasion: 1 } as const;
const FLANKS = { ...BASE, e: 0.05, unequal: true } as const;
/** What breaks the model, and events that vary in number. */
export const BREAKS: readonly [what: string, cell: Cell][] = [
  ['nothing', BASE],
  ['one to four events an occasion', { ...BASE, perOccasion: 2.5 }],
  ...(['truth', undefined] as const).flatMap((judge): [string, Cell][] => {
    const how = judge === undefined ? 'repeats' : 'truth';
    const by = judge === undefined ? {} : { judge };
    return [
      [`half of the misses join an earlier ghost; e by ${how}`, { ...BASE, ...by, breaks: 'joins' }],
      [`the same, e .2; e by ${how}`, { ...BASE, ...by, e: 0.2, breaks: 'joins' }],
      ...[0.9, 0.8, 0.6].map((across): [string, Cell] => [
        `two flanks, links across .${across * 10}; e by ${how}`,
        { ...FLANKS, ...by, breaks: across },
      ]),
    ];
  }),
];

export const DRAWS = 300;

export const runCell = (cell: Cell, herds: number): Summary =>
  summarize(
    cell,
    Array.from({ length: herds }, (_, i) => tryHerd(cell, i + 1, DRAWS)),
  );

const percent = (value: number): string => `${Math.round(100 * value)}%`;
const signed = (value: number): string => `${value < 0 ? '' : '+'}${Math.round(100 * value)}%`;

/** A row of the table of docs/SURVEY.md. */
export function formatCell(cell: Cell, found: Summary): string {
  const of = [cell.e, cell.k, cell.N, cell.unequal ? 'unequal' : 'equal', cell.perOccasion];
  return `| ${[...of, ...formatSummary(found)].join(' | ')} |`;
}

export const formatSummary = (found: Summary): string[] => [
  ...[percent(found.below), percent(found.inside), signed(found.bias), found.width.toFixed(2)],
  ...[percent(found.m0Inside), signed(found.m0Bias), percent(found.seenInside)],
  ...[signed(found.naiveBias), percent(found.naiveInside)],
];
