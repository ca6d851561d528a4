// What a cell says under its rule: its value in the standard's own form, also where the cell is
// written in another form whose meaning is certain.
import { MISSING_VALUES } from '../../deer/camtrap-dp.ts';
import type { Rule } from '../../deer/camtrap-dp-columns.ts';
import { isMissing } from '../../deer/missing-values.ts';
import { visible } from '../../deer/plain-text.ts';
import { readInstant } from './instants.ts';
import { withoutDot } from './paths.ts';

/**
 * `value` undefined: the cell has none. `differs`: what to note of the form, for a cell that is not
 * in the standard's.
 */
export type Reading = { value: string | undefined; differs?: readonly string[] } | { why: string };

const NO_VALUE: Reading = { value: undefined };
const ANOTHER_MISSING: Reading = { value: undefined, differs: ['another word for no value'] };

/** @param declared cells that the package itself says have no value. */
export function readCell(rule: Rule, cell: string, declared: ReadonlySet<string>): Reading {
  if (MISSING_VALUES.has(cell) || declared.has(cell)) return NO_VALUE;
  if (cell.includes('\0')) return { why: 'holds a NUL character' };
  const free = rule.is === 'text' && rule.free === true;
  if (free ? cell.trim() === '' : mayBeMissing(cell) && isMissing(cell)) {
    // A key may be any word: whether a dash or NULL is one is not certain.
    if (rule.unique !== true || cell.trim() === '') return cell.trim() === '' ? NO_VALUE : ANOTHER_MISSING;
  }
  switch (rule.is) {
    case 'text':
      return readText(rule, cell);
    case 'instant': {
      const instant = readInstant(cell);
      if (instant === undefined)
        return {
          why: `is ${visible(cell, 60)}, must be a date and time with offset, such as 2020-05-30T04:57:37+02:00`,
        };
      return { value: instant.text, differs: instant.differs };
    }
    case 'boolean':
      return readFlag(cell);
    default:
      return readNumber(rule, cell);
  }
}

/** The words for no value are short; long cells are not looked at for it. */
const mayBeMissing = (cell: string): boolean => cell.length < 20;

function readText(rule: Rule & { is: 'text' }, cell: string): Reading {
  const { oneOf, matches, form, longest, inPackage } = rule;
  const plain = inPackage === true ? withoutDot(cell) : cell;
  if (plain !== cell) {
    const read = readText(rule, plain);
    return 'why' in read ? read : { value: read.value, differs: ['./ at its start'] };
  }
  if (longest !== undefined && cell.length > longest)
    return { why: `is ${visible(cell, 60)}, longer than ${longest} characters` };
  if (oneOf !== undefined) return readChoice(oneOf, cell);
  return matches === undefined || matches.test(cell)
    ? { value: cell }
    : { why: `is ${visible(cell, 60)}, must be ${form}` };
}

/** Earlier versions of the standard had "unknown" among the sexes and life stages. */
const NOT_KNOWN = new Set(['unknown', 'undetermined', 'unidentified']);

function readChoice(choices: readonly string[], cell: string): Reading {
  if (choices.includes(cell)) return { value: cell };
  const word = cell.trim().toLowerCase();
  const meant = choices.find((one) => one.toLowerCase() === word);
  if (meant !== undefined) return { value: meant, differs: ['another case or blanks around it'] };
  if (NOT_KNOWN.has(word)) return ANOTHER_MISSING;
  return { why: `is ${visible(cell, 60)}, must be one of: ${choices.join(', ')}` };
}

const PLAIN_FLAGS: Record<string, string> = {
  true: 'true',
  True: 'true',
  TRUE: 'true',
  1: 'true',
  false: 'false',
  False: 'false',
  FALSE: 'false',
  0: 'false',
};
const FLAGS: Record<string, string> = {
  true: 'true',
  false: 'false',
  t: 'true',
  f: 'false',
  yes: 'true',
  no: 'false',
  y: 'true',
  n: 'false',
  '1.0': 'true',
  '0.0': 'false',
  1: 'true',
  0: 'false',
};

function readFlag(cell: string): Reading {
  if (Object.hasOwn(PLAIN_FLAGS, cell)) return { value: PLAIN_FLAGS[cell] };
  const word = cell.trim().toLowerCase();
  if (Object.hasOwn(FLAGS, word)) return { value: FLAGS[word], differs: ['another word for true or false'] };
  return { why: `is ${visible(cell, 60)}, must be true or false` };
}

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;
const WITH_COMMA = /^[-+]?\d+,\d+$/;

function readNumber(rule: Rule & { is: 'number' | 'integer' }, cell: string): Reading {
  const bare = cell.trim();
  const commas = WITH_COMMA.test(bare) && isDecimalComma(rule, bare);
  const digits = commas ? bare.replace(',', '.') : bare;
  const value = Number(digits);
  const kind = rule.is === 'integer' ? 'a whole number' : 'a number';
  if (!NUMBER.test(digits) || !Number.isFinite(value) || (rule.is === 'integer' && !Number.isInteger(value)))
    return { why: `is ${visible(cell, 60)}, must be ${kind}` };
  if (rule.least !== undefined && value < rule.least)
    return { why: `is ${visible(cell, 60)}, must be at least ${rule.least}` };
  if (rule.most !== undefined && value > rule.most)
    return { why: `is ${visible(cell, 60)}, must be at most ${rule.most}` };
  const differs = [
    commas && 'a decimal comma',
    rule.is === 'integer' && !/^[-+]?\d+$/.test(bare) && !commas && 'a whole number written with decimals, such as 1.0',
    bare !== cell && 'blanks around it',
  ].filter((one): one is string => one !== false);
  return { value: rule.is === 'integer' ? String(value) : digits, differs };
}

/**
 * 51,123 is fifty-one only where fifty-one thousand cannot be meant; 0,5 and 51,5 are no thousands
 * anyway.
 */
function isDecimalComma({ most }: Rule & { is: 'number' | 'integer' }, cell: string): boolean {
  const [whole, decimals] = cell.replace(/^[-+]/, '').split(',') as [string, string];
  const thousands = decimals.length === 3 && whole.length <= 3 && !whole.startsWith('0');
  return !thousands || (most !== undefined && Number(whole + decimals) > most);
}
