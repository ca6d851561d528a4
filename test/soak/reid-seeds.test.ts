// The rule over many herds (npm run test:data): true FPIR at the recommended threshold is at most
// 5% in at least 95% of the seeds.
import { SAMPLINGS, shareKept, trueFpirOverSeeds } from '../reid/herds.ts';

const SEEDS = Number(process.env.HOOFPRINT_SOAK_SEEDS ?? 200);
const DETECTIONS = Number(process.env.HOOFPRINT_SOAK_DETECTIONS ?? 11_570);
const HOURS = 3_600_000;

test(
  `${SEEDS} herds, reviewed at random and as 30 whole animals`,
  async () => {
    const outcomes = await trueFpirOverSeeds({ seeds: SEEDS, detections: DETECTIONS });
    for (const sampling of SAMPLINGS) {
      const list = outcomes.filter((one) => one.sampling === sampling);
      const recommended = list.filter(({ threshold }) => threshold !== null);
      console.log(
        `${sampling}: ${list.length} herds, ${recommended.length} recommendations, kept in ${(100 * shareKept(list)).toFixed(1)}%, ` +
          `worst true FPIR ${Math.max(0, ...recommended.map(({ fpir }) => fpir!)).toFixed(4)}, ` +
          `median T ${recommended.map(({ threshold }) => threshold!).sort()[recommended.length >> 1]}`,
      );
      expect(shareKept(list)).toBeGreaterThanOrEqual(0.95);
      expect(recommended.length).toBeGreaterThan(0);
    }
  },
  2 * HOURS,
);
