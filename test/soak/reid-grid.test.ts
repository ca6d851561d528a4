// The promise over kinds of herds (npm run test:data): scores that lie close together get a
// recommendation, and the finer grid breaks no promise.
import { HERDS, type Outcome, outcome, REVIEWS } from '../reid/kinds.ts';

const SEEDS = Number(process.env.HOOFPRINT_SOAK_SEEDS ?? 60);
const DETECTIONS = Number(process.env.HOOFPRINT_SOAK_DETECTIONS ?? 11_570);
const HOURS = 3_600_000;

test(
  `${SEEDS} herds of three kinds, reviewed in three ways`,
  async () => {
    const outcomes = new Map(REVIEWS.map((reviews): [string, Outcome[]] => [reviews, []]));
    const kinds = Object.entries(HERDS);
    for (let seed = 1; seed <= SEEDS; seed++) {
      const [kind, make] = kinds[seed % kinds.length]!;
      const world = make(seed, DETECTIONS);
      for (const reviews of REVIEWS) outcomes.get(reviews)!.push(await outcome(world, kind, reviews, seed));
    }
    for (const [reviews, list] of outcomes) {
      const found = list.filter(({ threshold }) => threshold !== null);
      const over = found.filter(({ fpir }) => fpir! > 0.05);
      console.log(
        `${reviews}: ${found.length} of ${list.length} recommended, ${over.length} above 5%; ` +
          kinds.map(([name]) => `${name} ${found.filter(({ kind }) => kind === name).length}`).join(', '),
      );
      expect(found.length).toBeGreaterThanOrEqual(list.length / 2);
      expect(over.length).toBeLessThanOrEqual(Math.max(1, 0.05 * list.length));
    }
    const squeezed = [...outcomes.values()].flat().filter(({ kind }) => kind.includes('.90-.99'));
    expect(squeezed.some(({ threshold }) => threshold !== null && threshold > 0.9)).toBe(true);
  },
  2 * HOURS,
);
