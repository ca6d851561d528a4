// 50 downloads at once, over and over, of files just under and just over what the function serves
// itself: every byte right, memory bounded.
import { downloadsAtOnce, peakMemory, placeFile } from '../support/downloads.ts';

const service = process.env.HOOFPRINT_TEST_SERVICE!;
const pid = Number(process.env.HOOFPRINT_TEST_SERVICE_PID);

const ROUNDS = 14;
/**
 * Ten workers of the emulator (some 40 MB each, and the files in their hands), and every answer of
 * the last 15 s.
 */
const CEILING = 3 * 1024 ** 3;

test('fourteen rounds of 50 at once, ten of them slow and ten that hang up', async () => {
  const files = await Promise.all([placeFile(4_499_999), placeFile(4_500_001)]);
  const peaks: (number | undefined)[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const result = await downloadsAtOnce(service, files, { at: 50, slow: 10, broken: 10 });
    expect(result).toEqual({ whole: 40, wrong: [] });
    peaks.push(peakMemory(pid));
  }
  expect((await fetch(`${service}/health`)).status).toBe(200);
  console.log(
    `peak memory after each round: ${peaks.map((peak) => (peak === undefined ? '?' : `${Math.round(peak / 1024 ** 2)} MiB`)).join(', ')}`,
  );
  if (peaks[0] === undefined) return;
  expect(peaks.at(-1)).toBeLessThan(CEILING);
  // In the last third nothing more is kept than is let go.
  expect(peaks.at(-1)).toBeLessThan(1.2 * peaks[Math.floor((ROUNDS * 2) / 3)]!);
}, 600_000);
