// The head count of the demo herd: refused without a roster, and with a simulated one of 60 days
// from 1 October it holds the truth. `npm run test:data` tries 60 herds.
import { BUCKS, countDemo, type DemoCount, WHOLE } from './demo-roster.ts';
import { median } from './simulated.ts';

const SEEDS = process.env.HOOFPRINT_SOAK === '1' ? 60 : 4;
const REVIEWER = { e: 0.05, k: 100, secondLook: true };

test('without a roster it is refused, with the decisions that would mend it', () => {
  const { count } = countDemo(1, null);
  expect(count.refusal).toMatchObject({ kind: 'no roster', decisions: count.reviewed.events + count.reviewed.unknown });
  expect(count.refusal!.sentence).toMatch(
    /^None of the \d+ buck events in the window has a name, .* Name the animals: about 74 decisions\./,
  );
});

interface Held {
  seen: boolean;
  herd: boolean;
  /** Bucks that were only taken for another class are among those to be held. */
  strictly: boolean;
  widths: [number, number];
}

function judge({ count, photographed, inPictures }: DemoCount): Held | null {
  if (count.refusal !== null || 'sentence' in count.corrected) return null;
  const { seen, chao, rate } = count.corrected;
  if ('sentence' in chao || !rate.lookedTwice || rate.k < 100) return null;
  const holds = (n: number): boolean => seen.lower <= n && n <= seen.upper;
  return {
    ...{ seen: holds(photographed), strictly: holds(inPictures), herd: chao.lower <= BUCKS && BUCKS <= chao.upper },
    widths: [seen.upper - seen.lower, chao.upper - chao.lower],
  };
}

test(`with a roster of 60 days it holds the truth in ${SEEDS} herds`, () => {
  const found = Array.from({ length: SEEDS }, (_, i) => judge(countDemo(i + 1, REVIEWER, WHOLE)));
  const held = found.filter((one) => one !== null);
  const widths = [0, 1].map((i) => median(held.map(({ widths: both }) => both[i]!)));
  const count = (holds: (one: Held) => boolean): number => held.filter(holds).length;
  const parts = [count(({ seen }) => seen), count(({ strictly }) => strictly), count(({ herd }) => herd)];
  console.log(
    `${SEEDS} herds: U ${parts[0]} (with bucks taken for another class ${parts[1]}), Chao ${parts[2]}, widths ${widths}`,
  );
  expect(held).toHaveLength(SEEDS);
  // Of all bucks in pictures, those included that the roster was not asked for.
  expect(parts[1]).toBeGreaterThanOrEqual(Math.floor(0.9 * SEEDS));
  expect(parts[0]).toBeGreaterThanOrEqual(Math.floor(0.9 * SEEDS));
  expect(parts[2]).toBeGreaterThanOrEqual(Math.floor(0.9 * SEEDS));
  expect(widths[0]).toBeLessThanOrEqual(8);
  expect(widths[1]).toBeLessThanOrEqual(20);
}, 3_600_000);

test('the 14 best days are given as they are', () => {
  const { count, photographed } = countDemo(1, { ...REVIEWER, secondLook: false });
  expect(count.window).toMatchObject({ days: 14, asked: false });
  expect(judge({ count, photographed, inPictures: 0 })).toBeNull();
  expect(count.refusal).toBeNull();
  expect(count.sentences[0]).toMatch(/^Bucks seen: about \d+\.\d /);
  expect(count.sentences.join(' ')).toMatch(/compare each once more with all bucks: \d+ decisions\./);
});
