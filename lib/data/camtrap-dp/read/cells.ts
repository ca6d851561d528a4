// What a cell says under its rule: its value in the form of the standard, also where the cell is
// written in another form whose meaning is certain.
import { MISSING_VALUES } from '../../../deer/camtrap-dp.ts';
import type { Rule } from '../../../deer/camtrap-dp-columns.ts';
import { isMissing } from '../../../deer/missing-values.ts';
import { visible } from '../../../plain-text.ts';
import { withoutDot } from './ids.ts';

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

/** Words for no value are short: a long cell is not compared with them. */
const mayBeMissing = (cell: string): boolean => cell.length < 20;

function readText(rule: Rule & { is: 'text' }, cell: string): Reading {
  const { choices, matches, form, longest, inPackage } = rule;
  const plain = inPackage === true ? withoutDot(cell) : cell;
  if (plain !== cell) {
    const read = readText(rule, plain);
    return 'why' in read ? read : { value: read.value, differs: ['./ at its start'] };
  }
  if (longest !== undefined && cell.length > longest)
    return { why: `is ${visible(cell, 60)}, longer than ${longest} characters` };
  if (choices !== undefined) return readChoice(choices, cell);
  return matches === undefined || matches.test(cell)
    ? { value: cell }
    : { why: `is ${visible(cell, 60)}, must be ${form}` };
}

/** Earlier versions of the standard had "unknown" among the sexes and life stages. */
const NOT_KNOWN = new Set(['unknown', 'undetermined', 'unidentified']);

function readChoice(choices: readonly string[], cell: string): Reading {
  if (choices.includes(cell)) return { value: cell };
  const word = cell.trim().toLowerCase();
  const meant = choices.find((choice) => choice.toLowerCase() === word);
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
  ].filter((way) => way !== false);
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

export interface Instant {
  /** `YYYY-MM-DDTHH:MM:SS` with Z or an offset such as +02:00. */
  text: string;
  /** ms since 1970. */
  at: number;
  /**
   * How the cell differs from the form of the standard, in words for a note; empty when it does
   * not.
   */
  differs: string[];
}

const DATE = String.raw`(?<year>\d{4})(?:(?<between>[-/.])(?<month>\d{1,2})\k<between>(?<day>\d{1,2})|(?<plainMonth>\d{2})(?<plainDay>\d{2}))`;
const TIME = String.raw`(?<hour>\d{1,2}):?(?<minute>\d{2})(?::?(?<second>\d{2})(?:[.,](?<fraction>\d*))?)?`;
const ZONE = String.raw`(?<zone>Z|UTC|GMT|(?:UTC|GMT)?[+\-\u2212]\d{1,2}(?::?\d{2})?)(?<named>\[[\w/+-]+\])?`;
const FORM = new RegExp(String.raw`^${DATE}(?<parting>[Tt]|\s+|_)${TIME}\s*${ZONE}$`, 'i');

/** The form of the standard, of which there is nothing to note; an offset may lack its colon. */
const PLAIN = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:?\d{2})$/;

/** The form of most cells. */
const USUAL = /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

/**
 * Years that a database and every program can hold; a camera whose clock was reset says 1970 or
 * 2000, not the year 1.
 */
const [FIRST_YEAR, LAST_YEAR] = [1800, 2999];
const DAY = 86_400_000;
const isYear = (year: string): boolean => Number(year) >= FIRST_YEAR && Number(year) <= LAST_YEAR;

const pad = (n: number): string => String(n).padStart(2, '0');

/**
 * A date and time in the form of the standard, or in another form whose instant is certain.
 * @returns undefined for a day or time that does not exist, has no offset or can be read in two
 * ways (03/04/2024).
 */
export function readInstant(cell: string): Instant | undefined {
  if (USUAL.test(cell) && isDay(cell.slice(0, 10)) && isYear(cell.slice(0, 4)))
    return { text: cell, at: Date.parse(cell), differs: [] };
  const match = FORM.exec(cell.trim());
  if (match === null) return undefined;
  const { year, between = '', parting, hour, minute, second = '00', fraction, zone, named, ...days } = match.groups!;
  const [month, day] = [pad(Number(days.month ?? days.plainMonth)), pad(Number(days.day ?? days.plainDay))];
  const offset = readOffset(zone!);
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  const midnight = hours === 24 && minutes === 0 && seconds === 0 && Number(fraction ?? 0) === 0;
  if (
    offset === undefined ||
    (hours > 23 && !midnight) ||
    minutes > 59 ||
    seconds > 59 ||
    !isDay(`${year}-${month}-${day}`)
  )
    return undefined;
  if (!isYear(year!)) return undefined;
  const written = `${year}-${month}-${day}`;
  const date = midnight ? new Date(Date.parse(`${written}T00:00:00Z`) + DAY).toISOString().slice(0, 10) : written;
  const text = `${date}T${pad(midnight ? 0 : hours)}:${pad(minutes)}:${pad(seconds)}${offset}`;
  if (PLAIN.test(cell) && !midnight) return { text, at: Date.parse(text), differs: [] };
  const differs = [
    fraction !== undefined && 'fractions of seconds, rounded down',
    !/^t$/i.test(parting!) && 'a blank for T',
    match.groups!.second === undefined && 'no seconds',
    midnight && '24:00, the midnight that ends the day',
    (between !== '-' ||
      /^t$/.test(parting!) ||
      hour!.length < 2 ||
      days.month!.length < 2 ||
      days.day!.length < 2 ||
      !cell.includes(':')) &&
      'another form of the date or time',
    !/^(Z|[+-]\d{2}:?\d{2})$/.test(zone!) && 'another form of the offset',
    named !== undefined && 'the name of a time zone behind the offset',
    cell !== cell.trim() && 'blanks around it',
  ].filter((way) => way !== false);
  return { text, at: Date.parse(text), differs: differs.length === 0 ? ['another form'] : differs };
}

function readOffset(zone: string): string | undefined {
  if (/^(Z|UTC|GMT)$/i.test(zone)) return 'Z';
  const [, sign, hours, minutes = '00'] = /([+\-\u2212])(\d{1,2}?):?(\d{2})?$/.exec(zone) as unknown as string[];
  return Number(hours) > 14 || Number(minutes) > 59
    ? undefined
    : `${sign === '+' ? '+' : '-'}${pad(Number(hours))}:${minutes}`;
}

/** A YYYY-MM-DD that exists; by our own arithmetic, because a package has a million such cells. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8))];
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}
