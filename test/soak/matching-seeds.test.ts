// The promise of the chosen method over many herds of several kinds (npm run test:data): the true
// FPIR at its threshold is above 5% in at most 3 of 60 herds of a kind.
import { KINDS, type MatchingOutcome, matchHerd } from '../reid/matching-herds.ts';

const SEEDS = Number(process.env.HOOFPRINT_SOAK_SEEDS ?? 60);
const HOUR = 3_600_000;
const MOST = 0.05;

async function overSeeds(match: (seed: number) => Promise<MatchingOutcome>): Promise<MatchingOutcome[]> {
  const outcomes: MatchingOutcome[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) outcomes.push(await match(seed));
  return outcomes;
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);

function describeOutcomes(outcomes: readonly MatchingOutcome[]): string {
  const promised = outcomes.filter(({ threshold }) => threshold !== null);
  const above = promised.filter(({ fpir }) => fpir! > MOST);
  const chosen = [...Map.groupBy(outcomes, ({ method, by }) => `${method} (${by})`)].map(
    ([name, { length }]) => `${name} ${length}`,
  );
  return [
    `${outcomes.length} herds, ${promised.length} recommendations, ${above.length} above 5%`,
    `worst true FPIR ${Math.max(0, ...promised.map(({ fpir }) => fpir!)).toFixed(4)}`,
    `true FNIR ${mean(promised.map(({ fnir }) => fnir!)).toFixed(3)}`,
    `assigned ${mean(promised.map(({ assigned }) => assigned!)).toFixed(3)}`,
    chosen.join(', '),
  ].join('; ');
}

test.each(KINDS)(
  `%s: ${SEEDS} herds, a fifth of the events reviewed`,
  async (kind) => {
    const outcomes = await overSeeds((seed) => matchHerd(kind, seed));
    console.log(`${kind}: ${describeOutcomes(outcomes)}`);
    const above = outcomes.filter(({ fpir }) => fpir !== null && fpir > MOST);
    expect(above.length).toBeLessThanOrEqual((3 * SEEDS) / 60);
    if (kind === 'demo') expect(mean(outcomes.slice(0, 20).map(({ assigned }) => assigned ?? 0))).toBeGreaterThan(0.48);
  },
  HOUR,
);

test(
  `demo: ${SEEDS} herds with 35 strangers reviewed whole, too few to choose by: printed`,
  async () => {
    const outcomes = await overSeeds((seed) => matchHerd('demo', seed, 35));
    console.log(`35 whole strangers: ${describeOutcomes(outcomes)}`);
    expect(new Set(outcomes.map(({ by, method }) => `${by} ${method}`))).toEqual(new Set(['fixed centered']));
  },
  HOUR,
);
