// What a deer without a name is called on a page.
import { makeShortNames, trimName } from '../../lib/deer/short-names.ts';

const id = (head: string, tail = '000000000001'): string => `${head.padEnd(8, '0')}-1111-4111-8111-${tail}`;
const labels = (...deer: [id: string, name: string | null][]): string[] => {
  const found = makeShortNames(deer.map(([one, name]) => ({ id: one, name })));
  return deer.map(([one]) => found.get(one) ?? '');
};

test('a name is a name; null, blank and invisible text is none', () => {
  expect(labels([id('3fa9c2d1'), 'Atlas'], [id('aaaa'), '  Big Joe '])).toEqual(['Atlas', 'Big Joe']);
  for (const none of [null, undefined, '', '  ', '\t\n', '\u00a0', '\u200b\u200d', '\u2060'])
    expect(trimName(none)).toBeUndefined();
  expect(labels([id('3fa9c2d1'), null])).toEqual(['deer 3fa9']);
});

test('ids that begin alike are lengthened, only those', () => {
  expect(labels([id('3fa9c2d1'), ''], [id('3fa9c7aa'), null], [id('77e0aaaa'), ' '])).toEqual([
    'deer 3fa9c2',
    'deer 3fa9c7',
    'deer 77e0',
  ]);
});

test('ids that a program has numbered are told apart by their last digits', () => {
  expect(labels([id('2', '000000000001'), null], [id('2', '000000000020'), null])).toEqual(['deer 0001', 'deer 0020']);
  expect(labels([id('2', '000000010001'), null], [id('2', '000000020001'), null])).toEqual([
    'deer 10001',
    'deer 20001',
  ]);
});

test('a deer that is named like a short id keeps its name', () => {
  expect(labels([id('3fa9c2d1'), null], [id('bbbb'), 'Deer 3FA9'])).toEqual(['deer 3fa9c', 'Deer 3FA9']);
});

test('a thousand deer have a thousand labels, whatever their ids', () => {
  const random = Array.from({ length: 1_000 }, (_, at) =>
    id(((at * 2_654_435_761) >>> 0).toString(16).padStart(8, '0')),
  );
  const numbered = Array.from({ length: 1_000 }, (_, at) => id('2', String(at).padStart(12, '0')));
  for (const ids of [random, numbered]) {
    const found = labels(...ids.map((one): [string, null] => [one, null]));
    expect(new Set(found).size).toBe(1_000);
    expect(Math.max(...found.map((label) => label.length))).toBeLessThanOrEqual('deer 12345678'.length);
  }
});
