// Head counts at their edges: windows of odd lengths, days without a camera, limits met by a hair.
import { countHeads, formatDay, parseDay } from '../../lib/survey/counts/index.ts';
import { listRepeats } from '../../lib/survey/counts/miss-rate.ts';
import type { HeadCount, HeadCounted, HeadEvent, HeadInput } from '../../lib/survey/counts/types.ts';
import { sayHeads } from '../../lib/survey/sentences.ts';
import { FIRST, make } from './roster.ts';

/** Twelve animals of six events, and six of one. */
const ANIMALS = [
  ...Array.from({ length: 12 }, (_, i) => [0, 1, 3, 5, 8, 11].map((day) => (day + i) % 14).sort((a, b) => a - b)),
  ...Array.from({ length: 6 }, (_, i) => [13 - i]),
];
const good = (from = FIRST, length = 14): HeadInput => make({ animals: ANIMALS, hits: 47, misses: 3, from, length });
const count = (input: HeadInput, options = {}): HeadCount => countHeads('buck', input, { draws: 50, ...options });
const counted = (found: HeadCount): HeadCounted => {
  expect(found.refusal).toBeNull();
  return found as HeadCounted;
};
const within = (from: string, to: string) => ({ window: { from: parseDay(from), to: parseDay(to) } });
const reason = ({ refusal, ...rest }: HeadCount): string =>
  refusal?.kind ?? ('corrected' in rest && 'kind' in rest.corrected ? rest.corrected.kind : 'none');

test.each([
  ['2023-10-10', '2023-10-01', 'window too long'],
  ['2023-10-10', '2023-10-09', 'window too long'],
  ['2023-10-05', '2023-10-05', 'few known animals'],
  ['2023-10-01', '2023-11-29', 'none'],
  ['2023-10-01', '2023-11-30', 'window too long'],
  ['0001-01-01', '9999-12-31', 'window too long'],
  ['2033-10-01', '2033-10-14', 'no events'],
  ['1999-10-01', '1999-10-14', 'no events'],
])('a window from %s to %s: %s', (from, to, kind) => {
  expect(reason(count(good(), within(from, to)))).toBe(kind);
});

test.each([
  ['2024-02-16', '2024-02-29'],
  ['2024-03-01', '2024-03-14'],
  ['2023-12-25', '2024-01-07'],
])('from %s to %s a count is that of any fourteen days', (from, to) => {
  const [here, there] = [count(good(parseDay(from)), within(from, to)), count(good(), {})].map(counted);
  expect(here!.window).toMatchObject({ days: 14, occasions: 14 });
  expect([here!.naive, here!.corrected]).toEqual([there!.naive, there!.corrected]);
});

test('a window grows where its best-covered days show no event of the class', () => {
  const late = make({ animals: ANIMALS.map((days) => days.map((day) => day + 40)), length: 60, hits: 47, misses: 3 });
  const days = late.days.map((one) => ({ ...one, withImages: one.day < FIRST + 14 ? 2 : 1 }));
  const found = counted(count({ ...late, days }));
  expect([formatDay(found.window!.from), found.window!.days, found.naive.identities]).toEqual(['2023-10-01', 60, 18]);
  expect(count({ ...late, days, events: [] }).refusal).toMatchObject({ kind: 'no events' });
});

test('nine of ten events with an identity are enough, and a share just below is not printed as 90%', () => {
  const { events, ...rest } = good();
  const of = (named: number, all: number): HeadInput => ({
    ...rest,
    events: Array.from({ length: all }, (_, i): HeadEvent => {
      const event = events[i % events.length]!;
      return { ...event, id: `n${i}`, identity: i < named ? event.identity : null };
    }),
  });
  expect(count(of(900, 1_000)).refusal).toBeNull();
  expect(count(of(899, 1_000)).refusal!.sentence).toMatch(/^Only 89\.9% of the buck events .* about 101 decisions\./);
  expect(count(of(78, 87)).refusal!.sentence).toMatch(/^Only 89\.7% of the buck events/);
});

test.each([
  [24, 'few repeats'],
  [25, 'rate too uncertain'],
  [49, 'none'],
  [50, 'none'],
])('%d events linked when shown again, none missed: %s', (k, kind) => {
  const found = count(make({ animals: ANIMALS, hits: k }));
  expect(reason(found)).toBe(kind);
  if (kind === 'none') expect(counted(found).corrected).toMatchObject({ ghosts: 0, seen: { estimate: 18, upper: 18 } });
});

test.each([
  [9, 'few known animals'],
  [10, 'none'],
])('%d identities with two or more events: %s', (known, kind) => {
  expect(reason(count(make({ animals: ANIMALS.slice(12 - known), hits: 45 })))).toBe(kind);
});

test('a day without a camera within an occasion of three days is in no number; the curve ends at what was seen', () => {
  const long = make({ animals: ANIMALS, hits: 47, misses: 3, length: 17 });
  const stray: HeadEvent = { ...long.events[0]!, id: 'stray', identity: 'stray', day: FIRST + 4 };
  const days = long.days.filter(({ day }) => day !== FIRST + 4);
  const input = { ...long, days, events: [...long.events, stray] };
  const found = counted(count(input, { window: { from: FIRST, to: FIRST + 16 }, occasionDays: 3 }));
  expect(found.window).toMatchObject({ occasions: 5, workingDays: 16 });
  expect(found.animals.map(({ identity }) => identity)).not.toContain('stray');
  expect(found.sentences.join(' ')).toMatch(/\d+ buck events on days that do not count/);
  const last = found.accumulation.at(-1)!;
  // Of 17 days two are in no block, and one had no camera.
  expect([last.days, last.raw]).toEqual([14, expect.closeTo(found.naive.identities, 9)]);
  const { corrected } = found;
  expect(last.animals).toBeCloseTo('seen' in corrected ? corrected.seen.estimate : Number.NaN, 9);
});

test('what one image shows on a day of no occasion bounds nothing', () => {
  const input = good(FIRST, 15);
  const days = input.days.filter(({ day }) => day !== FIRST + 14);
  const groups = [{ day: FIRST + 14, gate: 'buck', animals: 17 }];
  const window = { from: FIRST, to: FIRST + 14 };
  expect(reason(count({ ...input, days, groups }, { window }))).toBe('none');
  expect(reason(count({ ...input, groups }, { window }))).toBe('more in one image');
});

test('of bursts that are no event those of the class in the window are said', () => {
  const leftOut = [
    { day: FIRST, gates: ['buck'] },
    { day: FIRST + 1, gates: ['unknown', 'raccoon'] },
    { day: FIRST + 2, gates: ['doe'] },
    { day: FIRST + 40, gates: ['buck'] },
  ];
  expect(counted(count({ ...good(), leftOut })).sentences.at(-1)).toBe(
    '2 bursts of bucks or of unknown class with two animals of one class in one image are left out until each animal in them has a name.',
  );
  expect(counted(count({ ...good(), leftOut: leftOut.slice(2) })).sentences.join(' ')).not.toContain('left out');
});

test('only a class that says a sex votes for the sex of an animal', () => {
  const input = good();
  const events = input.events.map((event) =>
    event.identity === 'a0' && event.id !== 'e0.0' ? { ...event, gate: event.day % 2 ? 'raccoon' : 'elk' } : event,
  );
  expect(counted(count({ ...input, events })).naive).toMatchObject({ identities: 18, events: 78 });
});

test('an animal with as many events of a buck as of a doe is in no count, and that is said', () => {
  const input = good();
  const events = input.events.map((event) =>
    event.identity === 'a0' ? { ...event, gate: Number(event.id.split('.')[1]) % 2 ? 'doe' : 'buck' } : event,
  );
  const found = counted(count({ ...input, events }));
  expect(found.naive).toMatchObject({ identities: 17, events: 72 });
  expect(found.sentences).toContain('1 name with as many events of one sex as of another is not counted.');
});

test('limits are rounded outward wherever they are said', () => {
  const found = counted(count(good()));
  const corrected = { ...found.corrected, chao: { estimate: 20.4, lower: 18.6, upper: 33.2 } } as never;
  expect(sayHeads([{ ...found, corrected }])).toMatch(/ about 20 \(95% interval 18 to 34\) use these camera sites\.$/);
});

test('repeats are drawn from all events with an identity, in an order that the seed fixes', () => {
  const { events } = good();
  expect(listRepeats(events, 3)).toEqual(listRepeats(events.toReversed(), 3));
  expect(listRepeats(events, 3)).not.toEqual(listRepeats(events, 4));
  expect(listRepeats(events, 3).toSorted()).toEqual(events.map(({ id }) => id).toSorted());
});

test('a count lists the events to show again next, without those that were', () => {
  const input = { ...good(), repeats: [] };
  const { showAgain } = counted(count(input));
  expect(showAgain).toEqual(listRepeats(input.events, 1));
  const [first, second, ...others] = showAgain;
  const repeats = [first!, second!].map((event) => ({ event, identity: null }));
  expect(counted(count({ ...input, repeats })).showAgain).toEqual(others);
});
