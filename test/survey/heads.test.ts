// The head count as a whole: its window, what it says, and each refusal by its sentence.
import { countHeads, formatDay, indexByJacobson, parseDay } from '../../lib/survey/counts/index.ts';
import type {
  HeadClass,
  HeadCorrected,
  HeadCount,
  HeadCounted,
  HeadEvent,
  HeadInput,
  Repeat,
} from '../../lib/survey/counts/types.ts';
import { FIRST, make } from './roster.ts';

/** Twelve animals of six events, and some of one. */
const herd = (singles: number): number[][] => [
  ...Array.from({ length: 12 }, (_, i) => [0, 1, 3, 5, 8, 11].map((day) => (day + i) % 14).sort((a, b) => a - b)),
  ...Array.from({ length: singles }, (_, i) => [13 - (i % 6)]),
];
const good = (): HeadInput => make({ animals: herd(6), hits: 47, misses: 3 });
const count = (input: HeadInput, options = {}, of: HeadClass = 'buck'): HeadCount =>
  countHeads(of, input, { draws: 50, ...options });
const counted = (found: HeadCount): HeadCounted => {
  expect(found.refusal).toBeNull();
  return found as HeadCounted;
};
const corrected = (found: HeadCount): HeadCorrected => {
  const { corrected: value } = counted(found);
  expect(value).not.toHaveProperty('sentence');
  return value as HeadCorrected;
};
const sentence = (found: HeadCount): string => {
  if (found.refusal !== null) return found.refusal.sentence;
  return 'sentence' in found.corrected ? found.corrected.sentence : '';
};

describe('a head count', () => {
  test('takes the ghosts out, and says the numbers first', () => {
    const found = corrected(count(good()));
    // e = 3 / 50, c_E 78, n 18: G = .06 60 / .94.
    expect(found.rate).toMatchObject({ rate: 0.06, linkedTwice: 47, linkedOnce: 3, k: 50 });
    expect(found.ghosts).toBeCloseTo((0.06 * 60) / 0.94, 9);
    expect(found.seen.estimate).toBeCloseTo(18 - (0.06 * 60) / 0.94, 9);
    expect(found.seen.lower).toBeGreaterThanOrEqual(12);
    expect(found.seen.upper).toBeLessThanOrEqual(18);
    const chao = found.chao as { estimate: number; lower: number; upper: number };
    expect(chao.lower).toBeLessThan(chao.estimate);
    expect(found.completeness!.estimate).toBeCloseTo(found.seen.estimate / chao.estimate, 9);
    const { sentences, singles, naive } = counted(count(good()));
    expect(sentences[0]).toMatch(/^Bucks seen: about 14\.2 \(95% interval \d+ to \d+\)/);
    expect(sentences.join(' ')).toContain('A miss that people would make twice (other flank, shed antlers)');
    expect(sentences.join(' ')).toContain('Second names are looked for among the 6 buck names with one event.');
    expect(singles.map(({ event }) => event)).toEqual(['e12.0', 'e13.0', 'e14.0', 'e15.0', 'e16.0', 'e17.0']);
    expect(naive).toMatchObject({ identities: 18, events: 78, singles: 6 });
    expect(naive.models).toHaveLength(8);
  });

  test('is the same for one seed, and another for another', () => {
    expect(count(good(), { seed: 5 })).toEqual(count(good(), { seed: 5 }));
    expect(corrected(count(good(), { seed: 5 })).chao).not.toEqual(corrected(count(good(), { seed: 6 })).chao);
    expect(count(good(), { seed: 6 }).seed).toBe(6);
  });

  test('uses e^2 once every identity with one event was looked at twice, and says half of e', () => {
    const input = good();
    const looked = input.events.map((event) =>
      Number(event.identity!.slice(1)) >= 12 ? { ...event, lookedTwice: true } : event,
    );
    const found = corrected(count({ ...input, events: looked }));
    expect(found.rate).toMatchObject({ lookedTwice: true, used: 0.06 ** 2 });
    expect(found.ghosts).toBeCloseTo((0.0036 * 60) / 0.9964, 9);
    expect(found.seenIfMissesRepeat).toBeCloseTo(18 - (0.03 * 60) / 0.97, 9);
    // A single look is missing.
    const part = looked.map((event) => (event.id === 'e17.0' ? { ...event, lookedTwice: false } : event));
    expect(corrected(count({ ...input, events: part })).rate.lookedTwice).toBe(false);
  });

  test('counts an identity with its sex, whatever the class of its events; the deer says the sex first', () => {
    const input = good();
    const events = input.events.map((event) => (event.id === 'e0.0' ? { ...event, gate: 'doe' } : event));
    expect(counted(count({ ...input, events })).naive.events).toBe(78);
    const sexes = new Map([['a1', 'doe' as const]]);
    expect(counted(count({ ...input, sexes })).naive).toMatchObject({ identities: 17, events: 72 });
  });

  test('the accumulation curve ends at what was seen, ghosts taken out and raw', () => {
    const found = counted(count(good()));
    expect(found.accumulation).toHaveLength(14);
    const last = found.accumulation.at(-1)!;
    expect(last.raw).toBeCloseTo(18, 9);
    expect(last.animals).toBeCloseTo((found.corrected as HeadCorrected).seen.estimate, 9);
    // One day: the mean number seen on a day.
    expect(found.accumulation[0]!.raw).toBeCloseTo(78 / 14, 9);
    expect(found.coverage).toBeGreaterThan(0.9);
  });

  test('occasions of three days; a last block that is not complete is none', () => {
    const found = counted(count(good(), { occasionDays: 3 }));
    expect(found.window).toMatchObject({ occasions: 4, occasionDays: 3 });
    const few = corrected(count(good(), { occasionDays: 3 }));
    expect(few.chao).toMatchObject({ kind: 'few occasions' });
    expect(found.sentences.join(' ')).toContain(
      'The window has 4 days or blocks of days with a working camera. An estimate of how many animals there are needs at least 5.',
    );
  });

  test('days of no occasion count in nothing, and that is said: what there is holds what was seen', () => {
    const long = make({ animals: herd(6), hits: 47, misses: 3, length: 17 });
    const last = (animal: number): HeadEvent => ({
      ...long.events[0]!,
      id: `late${animal}`,
      identity: `late${animal}`,
      day: FIRST + 16,
    });
    const input = { ...long, events: [...long.events, ...Array.from({ length: 9 }, (_, animal) => last(animal))] };
    const window = { from: FIRST, to: FIRST + 16 };
    const found = counted(count(input, { window, occasionDays: 3 }));
    expect(found.naive.identities).toBe(counted(count(long, { window, occasionDays: 3 })).naive.identities);
    expect(found.sentences.join(' ')).toMatch(
      / (9|1\d) buck events on days that do not count \(without a working camera/,
    );
    expect(counted(count(input, { window })).naive.identities).toBe(27);
    // A day without a working camera, and an event on it.
    const days = input.days.map((day) => (day.day === FIRST + 16 ? { ...day, cameras: 0, withImages: 0 } : day));
    const off = counted(count({ ...input, days }, { window }));
    expect([off.naive.identities, off.window?.occasions]).toEqual([18, 16]);
    expect(off.sentences).toContain(
      '9 buck events on days that do not count (without a working camera, or left over at the end of the window) are left out.',
    );
  });

  test('events of unknown class that nobody has named are said', () => {
    const input = good();
    const unknown: HeadEvent = { ...input.events[0]!, id: 'u', gate: 'unknown', identity: null };
    const found = counted(count({ ...input, events: [...input.events, unknown] }));
    expect(found.sentences).toContain('1 event of unknown class has no name: a buck in it is not counted.');
    expect(counted(count(good())).sentences.join(' ')).not.toContain('of unknown class');
  });

  test('a day without a working camera is no occasion', () => {
    const input = good();
    const days = input.days.map((day) => (day.day === FIRST + 4 ? { ...day, cameras: 0, withImages: 0 } : day));
    expect(count({ ...input, days }).window).toMatchObject({ occasions: 13, workingDays: 13 });
  });
});

describe('the window', () => {
  test('is the best-covered 14 days: most camera days, then most events, then the earliest', () => {
    const input = make({ animals: herd(0).map((days) => days.map((day) => day + 20)), length: 60, hits: 50 });
    const days = input.days.map((one) => ({
      ...one,
      withImages: one.day >= FIRST + 20 && one.day < FIRST + 40 ? 2 : 1,
    }));
    const found = count({ ...input, days }).window!;
    expect([formatDay(found.from), found.days, found.asked]).toEqual(['2023-10-21', 14, false]);
    expect(found.sentence).toBe(
      'Days for bucks: 21 Oct 2023 to 3 Nov 2023 (14 days), chosen by effort and number of events alone; 28 camera days with images.',
    );
    const flat = make({ animals: herd(0), length: 60, hits: 50 });
    expect(formatDay(count(flat).window!.from)).toBe('2023-10-01');
  });

  test('grows to 30 and 60 days where fewer than ten identities have two events', () => {
    const rare = Array.from({ length: 12 }, (_, i) => [i, i + 35]);
    expect(count(make({ animals: rare, length: 60 })).window!.days).toBe(60);
    const some = Array.from({ length: 12 }, (_, i) => [i, i + 15]);
    expect(count(make({ animals: some, length: 60 })).window!.days).toBe(30);
  });

  test("a bucks' window never crosses 1 March, a does' may", () => {
    const animals = herd(0).map((days) => days.map((day) => day + 53));
    const from = parseDay('2024-01-01');
    const bucks = count(make({ animals, from, length: 80, hits: 50 })).window!;
    expect(formatDay(bucks.to) < '2024-03-01' || formatDay(bucks.from) >= '2024-03-01').toBe(true);
    const does = count(make({ animals, from, length: 80, hits: 50, gate: 'doe' }), {}, 'doe').window!;
    expect([formatDay(does.from), formatDay(does.to)]).toEqual(['2024-02-23', '2024-03-07']);
  });
});

describe('is refused', () => {
  const window = (from: string, to: string) => ({ window: { from: parseDay(from), to: parseDay(to) } });

  test.each([
    [
      'identities of a part',
      () => {
        const input = good();
        const events = input.events.map((event, i) => (i % 5 === 0 ? { ...event, identity: null } : event));
        const unknown: HeadEvent = { ...events[0]!, id: 'u', gate: 'unknown' };
        return count({ ...input, events: [...events, unknown] });
      },
      /^Only 79% of the buck events in the window have a name, too few to count bucks\. Name the animals of the rest: about 17 decisions\./,
    ],
    [
      'no roster',
      () => count({ ...good(), events: good().events.map((event) => ({ ...event, identity: null })) }),
      /^None of the 78 buck events .* about 78 decisions\. Names that the software wrote say .* a review of only some events gives no count\.$/,
    ],
    ['no event', () => count(good(), {}, 'doe'), /^There is no doe event in the window\.$/],
    [
      'a window that is too long',
      () => count(good(), window('2023-10-01', '2023-12-01')),
      /^A head count takes a window of 1 to 60 days, not 62:/,
    ],
    [
      'a window across 1 March',
      () => count(good(), window('2024-02-20', '2024-03-05')),
      /^The window crosses 1 March: bucks shed their antlers/,
    ],
    [
      'a rate that is not measured',
      () => count(make({ animals: herd(6) })),
      /^The miss rate of bucks is not measured: that needs at least 25 .* Show about 50 more\. Only the number as named/,
    ],
    [
      'few repeats',
      () => count(make({ animals: herd(6), hits: 20, misses: 2 })),
      /^The miss rate of bucks is measured on 22 events: that needs at least 25 .* Show about 28 more\./,
    ],
    [
      'a rate that may be above 30%',
      () => count(make({ animals: herd(9), hits: 21, misses: 9 })),
      /^The miss rate of bucks is 30% and may be \d\d%, above 30%, so the count is not corrected\./,
    ],
    [
      'few known animals',
      () => count(make({ animals: herd(6).slice(4), hits: 40 })),
      /^8 named bucks have two or more events in the window, fewer than 10, so the count is not corrected\./,
    ],
    [
      'more animals in one image',
      () =>
        count({
          ...good(),
          groups: [
            { day: FIRST, gate: 'buck', animals: 15 },
            { day: FIRST, gate: 'doe', animals: 20 },
          ],
        }),
      /^One image shows 15 different bucks, more than the 14\.2 that the correction leaves/,
    ],
  ] as const)('%s', (_, make_, words) => {
    expect(sentence(make_())).toMatch(words);
  });

  test('a rate that the data contradict', () => {
    // Twelve animals of 40 events, none with one: a tenth of misses would show.
    const animals = Array.from({ length: 12 }, () =>
      Array.from({ length: 40 }, (_, i) => i % 14).sort((a, b) => a - b),
    );
    const input = make({ animals: [...animals, [13]], hits: 460, misses: 1 });
    const wrong = input.events.filter(({ id }) => /\.[1-6]$/.test(id)).map(({ id }) => id);
    // The first verdicts were misses which a second look has mended in part.
    const events = input.events.map((event) =>
      wrong.includes(event.id) ? { ...event, firstIdentity: `ghost ${event.id}` } : event,
    );
    expect(sentence(count({ ...input, events }))).toMatch(
      /^A miss rate of \d.*% contradicts the data \(13 names from 481 events, 1 of them with one event\)/,
    );
  });

  test("Jacobson's index without an interval of bucks, with its reason; with one it is carried", () => {
    const events = { bucks: 78, does: 156, fawns: 39 };
    expect(indexByJacobson(count(make({ animals: herd(6) })), events)).toMatchObject({
      kind: 'few repeats',
      sentence: expect.stringMatching(/^Jacobson's index needs the number of bucks with its interval\. The miss rate/),
    });
    const found = indexByJacobson(count(good()), events);
    const { seen } = corrected(count(good()));
    expect(found).toMatchObject({ does: { estimate: 2 * seen.estimate, upper: 2 * seen.upper } });
    expect(indexByJacobson(count(good()), { ...events, does: 0 })).toMatchObject({ kind: 'no events' });
  });
});

test('the first event of an animal cannot be missed: it enters no rate, nor does one that is found by nobody', () => {
  const input = make({ animals: herd(6), hits: 47, misses: 3 });
  const first: Repeat[] = [
    { event: 'e2.0', identity: 'a2' },
    { event: 'e3.1', identity: null },
    { event: 'gone', identity: 'a2' },
  ];
  expect(corrected(count({ ...input, repeats: [...input.repeats, ...first] })).rate).toMatchObject({
    k: 50,
    linkedOnce: 3,
  });
});
