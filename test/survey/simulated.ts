// Simulated herds whose size is known, looked at by a reviewer who misses: what the corrected
// counts are tried on.
import { dice } from '../../lib/reid/statistics/random.ts';
import { boundChao, boundM0 } from '../../lib/survey/counts/bootstrap.ts';
import { correctChao, type Histories, makeUnmixed } from '../../lib/survey/counts/corrected.ts';
import { boundSeen, type RateEvidence } from '../../lib/survey/counts/ghosts.ts';
import { chaoUnseen, chaoVariance, logNormalFactor } from '../../lib/survey/counts/models.ts';
import type { Interval } from '../../lib/survey/counts/types.ts';

type Uniform = () => number;

export interface Cell {
  /** Miss rate. */
  e: number;
  /** Repeats that it is measured on. */
  k: number;
  /** Animals. */
  N: number;
  unequal: boolean;
  /** Events of an animal on an occasion with any; 1.5: one or two, 2.5: one to four. */
  perOccasion: 1 | 1.5 | 2 | 2.5;
  /** What breaks the model; absent: nothing. */
  breaks?: 'joins' | number;
}

/** Occasions, and the mean chance of an animal to be seen on one. */
const OCCASIONS = 14;
const CHANCE = 0.15;
/** Unequal animals: standard deviation of the logarithm of their chances. */
const SPREAD = 0.5;

const normal = (next: Uniform): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

/** Events of one animal by occasion, empty occasions left out. */
function visit(next: Uniform, { unequal, perOccasion }: Cell): number[] {
  const p = unequal ? Math.min(0.9, CHANCE * Math.exp(SPREAD * normal(next) - (SPREAD * SPREAD) / 2)) : CHANCE;
  const most = 2 * perOccasion - 1;
  const events = (): number => (Number.isInteger(perOccasion) ? perOccasion : 1 + Math.floor(most * next()));
  return Array.from({ length: OCCASIONS }, () => (next() < p ? events() : 0)).filter((count) => count > 0);
}

/**
 * The identities that a reviewer makes of one animal: a list of events by occasion for each.
 * `breaks` "joins": half of the misses join an earlier ghost of the animal; a number: two flanks,
 * half of the events each, linked across with that chance.
 */
function review(next: Uniform, occasions: readonly number[], e: number, breaks: Cell['breaks']): Map<number, number>[] {
  const flanks = typeof breaks === 'number';
  interface Named {
    flank: number;
    cells: Map<number, number>;
    ghost: boolean;
  }
  const named: Named[] = [];
  const add = (to: Named, occasion: number): unknown => to.cells.set(occasion, (to.cells.get(occasion) ?? 0) + 1);
  const found = (flank: number, occasion: number, ghost: boolean): void => {
    const fresh = { flank, ghost, cells: new Map<number, number>() };
    add(fresh, occasion);
    named.push(fresh);
  };
  occasions.forEach((events, occasion) => {
    for (let i = 0; i < events; i++) {
      const flank = flanks ? Math.floor(2 * next()) : 0;
      const whole = named.filter(({ ghost }) => !ghost);
      const own =
        whole.find((one) => one.flank === flank) ?? (flanks && next() < (breaks as number) ? whole[0] : undefined);
      if (own === undefined) found(flank, occasion, false);
      else if (next() >= e) add(own, occasion);
      else {
        const ghosts = named.filter(({ ghost }) => ghost);
        if (breaks === 'joins' && ghosts.length > 0 && next() < 0.5)
          add(ghosts[Math.floor(next() * ghosts.length)]!, occasion);
        else found(flank, occasion, true);
      }
    }
  });
  return named.map(({ cells }) => cells);
}

/** One herd as histories, and how many of its animals were seen. */
function simulateHerd(next: Uniform, cell: Cell): { histories: Histories; seen: number } {
  const f = new Int32Array(OCCASIONS + 1);
  const repeats = new Int32Array(5);
  let [n, events, singles, seen] = [0, 0, 0, 0];
  for (let animal = 0; animal < cell.N; animal++) {
    const occasions = visit(next, cell);
    seen += Number(occasions.length > 0);
    for (const cells of review(next, occasions, cell.e, cell.breaks)) {
      const sizes = [...cells.values()];
      const sum = sizes.reduce((a, b) => a + b, 0);
      n++;
      events += sum;
      f[sizes.length]!++;
      if (sum === 1) singles++;
      else for (const size of sizes) repeats[size]!++;
    }
  }
  return { histories: { t: OCCASIONS, f, repeats, n, events, singles }, seen };
}

interface Outcome {
  seen: number;
  chao: Interval;
  m0: Interval | null;
  /** null: the stated rate contradicts the data. */
  counted: { lower: number; upper: number } | null;
  naive: Interval;
}

const binomial = (next: Uniform, n: number, p: number): number => {
  let hits = 0;
  for (let i = 0; i < n; i++) hits += Number(next() < p);
  return hits;
};

/** One herd with its estimates. */
function tryHerd(cell: Cell, seed: number, draws: number): Outcome {
  const { next } = dice(seed, JSON.stringify(cell));
  const { histories, seen } = simulateHerd(next, cell);
  const misses = binomial(next, cell.k, cell.e);
  const evidence: RateEvidence = { rate: misses / cell.k, misses, hits: cell.k - misses, lookedTwice: false };
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
/** What breaks the model, and events that vary in number. */
export const BREAKS: readonly [what: string, cell: Cell][] = [
  ['nothing', BASE],
  ['one to four events an occasion', { ...BASE, perOccasion: 2.5 }],
  ['half of the misses join an earlier ghost', { ...BASE, breaks: 'joins' }],
  ['the same, e .2', { ...BASE, e: 0.2, breaks: 'joins' }],
  ['two flanks, links across .9', { ...BASE, breaks: 0.9 }],
  ['two flanks, links across .8', { ...BASE, breaks: 0.8 }],
  ['two flanks, links across .6', { ...BASE, breaks: 0.6 }],
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
