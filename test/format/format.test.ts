// Numbers, plurals, percentages, lists and days as every page and message prints them.
import { count, day, duration, listWords, number, percent, share, timeOfDay } from '../../lib/format.ts';

test('numbers have thousands separators, before the decimal point only', () => {
  expect([0, 999, 1_000, 11_570, 1_234_567].map((value) => number(value))).toEqual([
    '0',
    '999',
    '1,000',
    '11,570',
    '1,234,567',
  ]);
  expect([number(1_234.5, 1), number(0.12345, 5), number(-1_234.5678, 4)]).toEqual([
    '1,234.5',
    '0.12345',
    '-1,234.5678',
  ]);
});

test.each([
  [1, 'image', '1 image'],
  [2, 'image', '2 images'],
  [0, 'cell', '0 cells'],
  [1, 'deer', '1 deer'],
  [1_204, 'known deer', '1,204 known deer'],
  [2, 'more class', '2 more classes'],
  [3, 'box', '3 boxes'],
  [2, 'identity', '2 identities'],
  [3, 'day', '3 days'],
])('%d of "%s" are "%s"', (n, noun, text) => {
  expect(count(n, noun)).toBe(text);
});

test('a plural that no rule gives is named', () => {
  expect([count(1, 'index', 'indices'), count(2, 'index', 'indices')]).toEqual(['1 index', '2 indices']);
});

test('percentages have the decimals asked for, or two significant digits that never round to 0% or 100%', () => {
  expect([percent(0.05, 0), percent(0.12345, 1), percent(12.5, 0)]).toEqual(['5%', '12.3%', '1,250%']);
  expect([0, 0.0004, 0.05, 0.5, 0.995, 0.9995, 1].map((value) => percent(value))).toEqual([
    '0%',
    '0.04%',
    '5.0%',
    '50%',
    '99.5%',
    '99.95%',
    '100%',
  ]);
  expect([share(1, 8), share(3, 3), share(0, 0)]).toEqual(['12.5%', '100.0%', '-']);
});

test('lists read as a sentence and count what they do not name', () => {
  expect([listWords([]), listWords(['a']), listWords(['a', 'b']), listWords(['a', 'b', 'c'])]).toEqual([
    '',
    'a',
    'a and b',
    'a, b, and c',
  ]);
  expect(listWords(['a', 'b', 'c', 'd', 'e'], 2)).toBe('a, b, and 3 more');
  expect(listWords(['a', 'b'], 1)).toBe('a and 1 more');
  expect(listWords(['a', 'b', 'c', 'd'], 2, 'class')).toBe('a, b, and 2 more classes');
});

test('short times are in the unit that a person would use', () => {
  expect([0, 850, 1_000, 4_230, 25_000, 119_000, 150_000].map(duration)).toEqual([
    '0 ms',
    '850 ms',
    '1 s',
    '4.2 s',
    '25 s',
    '119 s',
    '2.5 min',
  ]);
});

test('days are written out, with the time where there is one; other text stays', () => {
  expect([day('2023-09-01'), day('2024-12-31 07:05'), day('someday')]).toEqual([
    '1 Sep 2023',
    '31 Dec 2024, 07:05',
    'someday',
  ]);
});

test('a time of day is given to the quarter of an hour; the last minutes of a day are midnight', () => {
  expect([17.8, 6, 0.1, 9.13, 23.9].map(timeOfDay)).toEqual(['17:45', '06:00', '00:00', '09:15', '00:00']);
});
