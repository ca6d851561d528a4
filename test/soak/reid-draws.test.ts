// Several draws over many herds (npm run test:data): the estimates are right on average after each
// draw, and the bound holds.
import { otherHerd } from '../reid/other-herds.ts';
import { demoWorld, type Estimate, findThreshold, KINDS, makeSetting, runSequence } from '../reid/sequences.ts';

const HERDS = Number(process.env.HOOFPRINT_SOAK_HERDS ?? 24);
const SEQUENCES = Number(process.env.HOOFPRINT_SOAK_SEQUENCES ?? 20);
const DETECTIONS = Number(process.env.HOOFPRINT_SOAK_DETECTIONS ?? 11_570);
const HOURS = 3_600_000;

test(
  `${HERDS} herds of two kinds, ${SEQUENCES} sequences of three draws each`,
  async () => {
    const found: { kind: string; world: string; estimates: Estimate[] }[] = [];
    for (let herd = 1; herd <= HERDS; herd++) {
      const world = herd % 2 === 0 ? 'other' : 'demo';
      const setting = makeSetting(world === 'other' ? otherHerd(herd) : demoWorld(herd, DETECTIONS));
      const threshold = await findThreshold(setting);
      for (let seed = 1; seed <= SEQUENCES; seed++) {
        const kind = KINDS[seed % KINDS.length]!;
        const estimates = await runSequence(setting, { kind, seed, sample: 200, threshold });
        found.push({ kind, world, estimates });
      }
    }
    const summarize = (list: typeof found, k: number) => {
      const sum = (value: (estimate: Estimate) => number): number =>
        list.reduce((total, { estimates }) => total + value(estimates[k]!), 0);
      const below = sum(({ upper, truth }) => Number(upper < truth));
      return { ratio: sum(({ fpir }) => fpir) / sum(({ truth }) => truth), below: below / list.length };
    };
    for (const [name, list] of [
      ['all', found] as const,
      ...Map.groupBy(found, ({ kind, world }) => `${world} ${kind}`),
    ])
      console.log(
        `${name} (${list.length}): ${[0, 1, 2]
          .map((k) => summarize(list, k))
          .map(({ ratio, below }) => `${ratio.toFixed(3)}, bound below ${(100 * below).toFixed(1)}%`)
          .join('; ')}`,
      );
    for (const k of [0, 1, 2]) {
      const { ratio, below } = summarize(found, k);
      expect(ratio).toBeGreaterThan(0.95);
      expect(ratio).toBeLessThan(1.05);
      expect(below).toBeLessThanOrEqual(0.05);
    }
  },
  2 * HOURS,
);
