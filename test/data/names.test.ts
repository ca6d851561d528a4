// Names that look alike, words for nobody, and text for a person's screen: the three rules that
// every reader of names uses.

import { isMissing, isUnnamed } from '../../lib/deer/missing-values.ts';
import { alike, alikeWarning, fold } from '../../lib/deer/names-alike.ts';
import { forTerminal, visible } from '../../lib/plain-text.ts';

describe('names that look alike', () => {
  test.each([
    ['Buck 1', 'buck 1'],
    ['Buck 1', 'Buck1'],
    ['Buck 1', 'Buck\u00a01'],
    ['Buck  1', ' Buck 1\t'],
    ['B\u00e4r', 'Ba\u0308r'],
    ['Stra\u00dfe', 'STRASSE'],
    ['\u03c3\u03bf\u03c6\u03cc\u03c2', '\u03a3\u039f\u03a6\u038c\u03a3'],
    ['\u0130nci', 'inci'],
    ['Ada', 'A\u200bda'],
    ['Ada', '\ufeffAda'],
    ['Ada', 'A\u00adda'],
    ['Ada', 'Ada\ufe0f'],
    ['Ada', '\uff21da'],
  ])('%j and %j fold to one text and are found', (a, b) => {
    expect(fold(a)).toBe(fold(b));
    expect(alike([a, b, a])).toMatchObject({ count: 1, examples: [[a, b]] });
  });

  test.each([
    ['Buck 1', 'Buck 2'],
    ['B\u00e4r', 'Bar'],
    ['B-1', 'B1'],
    ['B_1', 'B 1'],
    ['\u5c71', '\u5ddd'],
  ])('%j and %j do not', (a, b) => {
    expect(fold(a)).not.toBe(fold(b));
    expect(alikeWarning([a, b])).toBeUndefined();
  });

  test('the warning counts pairs, gives examples in which the difference can be seen, and is bounded', () => {
    expect(alikeWarning(['q0', 'Q0', 'x'])).toMatch(
      /^1 pair of identities differs only in case or blanks: "q0" and "Q0"\. They are kept apart/,
    );
    const many = Array.from({ length: 160 }, (_, i) => [`q${i}`, `Q${i}`]).flat();
    expect(alikeWarning(many)).toMatch(
      /^160 pairs of identities differ only in case or blanks: "q0" and "Q0", .*"Q4", and 155 more\./,
    );
    expect(alikeWarning(['a', 'a\u200b', 'Ba\u0308r', 'B\u00e4r'])).toMatch(
      /^2 pairs of identities differ only in case or blanks, or in characters .*: "a" and "a\\u200b", "Ba\\u0308r" and "B\u00e4r"\./,
    );
    expect(alike(['ab', 'Ab', 'AB'])).toMatchObject({ count: 3 });
  });

  test('ten times the names take some ten times as long, not a hundred', () => {
    const time = (count: number): number => {
      const [pairs, blanks] = [
        Array.from({ length: count }, (_, i) => (i % 2 === 0 ? `deer ${i >> 1}` : `DEER ${i >> 1}`)),
        Array.from({ length: count }, (_, i) => `a${' '.repeat(i % 17)}${i}`),
      ];
      const begin = performance.now();
      expect(alike(pairs).count).toBe(count / 2);
      expect(alike(blanks).count).toBe(0);
      return performance.now() - begin;
    };
    time(10_000);
    const fewest = Math.min(...Array.from({ length: 3 }, () => time(10_000)));
    expect(time(100_000) / fewest).toBeLessThan(50);
  });
});

describe('words for nobody', () => {
  const missing = [
    '',
    ' ',
    'NA',
    'na',
    'N/A',
    'n.a.',
    '#N/A',
    '<NA>',
    'NaN',
    'nan',
    'NULL',
    'null',
    'NaT',
    'nil',
    'None',
    ' none ',
    '\\N',
    '-',
    '--',
  ];
  test.each([...missing, '?', '??', '---', '\u2014', '\u200b'])('%j is a missing value and no name', (word) => {
    expect([isMissing(word), isUnnamed(word)]).toEqual([true, true]);
  });
  const nobody = [
    'unknown',
    'UNKNOWN',
    ' Unknown\u00a0',
    '(unknown)',
    'unknown?',
    'Unidentified',
    'nobody',
    'No one',
    'N.N.',
    'n.n',
  ];
  test.each([
    ...nobody,
    'no ID',
    'new_individual',
    'Unknown buck',
    'unknown_deer',
    'unbekannt',
    'Ok\u00e4nd',
    'un\u00adknown',
  ])('%j names no animal', (word) => {
    expect([isMissing(word), isUnnamed(word)]).toEqual([false, true]);
  });
  test.each([
    'Unknown 12',
    'Nat',
    'Nil',
    'Nana',
    'Anna',
    'Nanette',
    'B-1',
    '0',
    '-1',
    'Nobody-7',
    'U',
    'x',
    '\u{1f98c}',
    '\u5c71',
  ])('%j is a name', (word) => {
    expect([isMissing(word), isUnnamed(word)]).toEqual([false, false]);
  });
});

test('nothing steers a terminal, and what cannot be seen is written out', () => {
  expect(forTerminal('a\u001b[31mb\rc\u009bd\u202ee\n\tf \u0000')).toBe(
    'a\\u001b[31mb\\u000dc\\u009bd\\u202ee\n\tf \\u0000',
  );
  expect(visible('a "b"\n\u200b\u00a0')).toBe('"a \\"b\\"\\u000a\\u200b\\u00a0"');
  expect(visible('x'.repeat(200))).toHaveLength(85);
  expect(visible('B\u00e4r \u5c71')).toBe('"B\u00e4r \u5c71"');
});
