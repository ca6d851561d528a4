// The interval of a ratio over simulated herds (npm run test:data): 200 herds of 9 places in each
// cell, seeds fixed beforehand; the interval over places holds the true ratio in at least 90%. The
// table is in docs/SURVEY.md.
import { type Dice, dice } from '../../lib/reid/statistics/random.ts';
import { type CompositionGroup, type HerdClass, makeComposition, type Ratio } from '../../lib/survey/herd/index.ts';
import { type EventOptions, survey, times } from '../survey/data.ts';

const HERDS = 200;
const PLACES = Array.from({ length: 9 }, (_, i) => ({ name: `P${i}` }));
/** For each doe. */
const TRUE = { fawn: 0.8, buck: 0.3 } as const;
/** How much places differ: standard deviation of the logarithm of a class's rate at a place. */
const SPREADS = [0.2, 0.4, 0.6] as const;
const DOES_AT_PLACE = 60;

const normal = (random: Dice): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
/** With a mean of 1. */
const logNormal = (random: Dice, sd: number): number => Math.exp(sd * normal(random) - (sd * sd) / 2);

/** By the product of uniforms (Knuth 1969), in parts, because exp(-mean) must not be 0. */
function poisson(random: Dice, mean: number): number {
  let count = 0;
  for (let rest = mean; rest > 0; rest -= 30) {
    const limit = Math.exp(-Math.min(30, rest));
    for (let product = random.next(); product > limit; product *= random.next()) count += 1;
  }
  return count;
}

/** Places differ in how many deer they see, and in which. */
function makeHerd(random: Dice, spread: number): CompositionGroup {
  const events = PLACES.flatMap(({ name }): EventOptions[] => {
    const busy = DOES_AT_PLACE * logNormal(random, 0.6);
    const see = (each: HerdClass, ratio: number): EventOptions[] =>
      times(poisson(random, busy * ratio * logNormal(random, spread)), { class: each, place: name });
    return [...see('doe', 1), ...see('fawn', TRUE.fawn), ...see('buck', TRUE.buck)];
  });
  return makeComposition(survey(PLACES, events)).groups[0]!;
}

const percent = (count: number): string => `${((100 * count) / HERDS).toFixed(1)}%`;
const holds = ({ low, high }: { low: number; high: number }, value: number): boolean => low <= value && value <= high;

test.each(SPREADS)('places that differ by %d: the interval over places holds the true ratio', (spread) => {
  const herds = Array.from({ length: HERDS }, (_, seed) => makeHerd(dice(seed + 1, `ratios ${spread}`), spread));
  for (const [name, each] of [
    ['fawns', 'fawn'],
    ['bucks', 'buck'],
  ] as const) {
    const ratios = herds.map((group): Ratio => group[name]!.events);
    const truth = 100 * TRUE[each];
    const kept = ratios.filter(({ interval }) => interval !== null && holds(interval, truth)).length;
    const wilson = ratios.filter((ratio) => holds(ratio.wilson, truth)).length;
    const widths = ratios.map(({ interval }) => interval!.high - interval!.low).sort((a, b) => a - b);
    const bias = ratios.reduce((sum, { per100 }) => sum + per100 / HERDS, 0) / truth - 1;
    console.log(
      `| ${spread} | ${name} | ${percent(kept)} | ${percent(wilson)} | ${widths[HERDS / 2]!.toFixed(1)} | ${(100 * bias).toFixed(1)}% |`,
    );
    expect(kept).toBeGreaterThanOrEqual(0.9 * HERDS);
  }
});
