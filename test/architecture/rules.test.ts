// A rule is written once: what it is known by is in one file, and everything else asks that file.
import { code, text } from './source.ts';

const RULES: readonly [rule: string, sign: RegExp, file: string][] = [
  ['the final class', /coalesce\(nullif\([^`]*corrected_classification/i, 'lib/deer/detections.ts'],
  ['what is not valid', /is_valid IS /i, 'lib/deer/detections.ts'],
  ['what is a duplicate', /is_duplicate IS /i, 'lib/deer/detections.ts'],
  ['which image shows a person', /contains_human IS TRUE/, 'lib/deer/detections.ts'],
  ['the species that is a person', /'Homo sapiens'/, 'lib/deer/camtrap-dp.ts'],
  [
    'which words mean a person',
    /['"`](hunter|hiker|persons?|people)['"`]|\bhiker trespasser\b/,
    'lib/deer/class-words.ts',
  ],
  ['the sexes of deer', /SEXES\b.* = \[/, 'lib/deer/class-gates.ts'],
  ['the sexes of a head count', /\['buck', 'doe'\] as const|HeadClass\[\] = \[/, 'lib/survey/counts/types.ts'],
];

/** Words of a class that every database has, decided before its first statement. */
const USUAL = /^const USUAL = .*$/m;

test.each(RULES)('%s is decided in one file', (_, sign, file) => {
  const found = code.filter((each) => sign.test(text(each).replace(USUAL, '')));
  expect(found).toEqual([file]);
});
