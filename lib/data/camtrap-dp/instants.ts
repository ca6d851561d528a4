// Dates and times: the form of the standard, and the other forms whose instant is certain.

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

/**
 * The form of the standard: nothing to say about it. An offset without a colon is as old as this
 * import.
 */
const PLAIN = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:?\d{2})$/;

/** Most cells: nothing of them needs another look. */
const USUAL = /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

/**
 * Years that a database and every program can hold; cameras with a reset clock say 1970 or 2000,
 * not the year 1.
 */
const [FIRST_YEAR, LAST_YEAR] = [1800, 2999];
const DAY = 86_400_000;
const isYear = (year: string): boolean => Number(year) >= FIRST_YEAR && Number(year) <= LAST_YEAR;

const two = (n: number): string => String(n).padStart(2, '0');

/**
 * @returns undefined for a day or time that does not exist, has no offset or can be read in two
 * ways (03/04/2024).
 */
export function readInstant(cell: string): Instant | undefined {
  if (USUAL.test(cell) && isDay(cell.slice(0, 10)) && isYear(cell.slice(0, 4)))
    return { text: cell, at: Date.parse(cell), differs: [] };
  const match = FORM.exec(cell.trim());
  if (match === null) return undefined;
  const { year, between = '', parting, hour, minute, second = '00', fraction, zone, named, ...days } = match.groups!;
  const [month, day] = [two(Number(days.month ?? days.plainMonth)), two(Number(days.day ?? days.plainDay))];
  const offset = offsetOf(zone!);
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
  const text = `${date}T${two(midnight ? 0 : hours)}:${two(minutes)}:${two(seconds)}${offset}`;
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
  ].filter((one): one is string => one !== false);
  return { text, at: Date.parse(text), differs: differs.length === 0 ? ['another form'] : differs };
}

function offsetOf(zone: string): string | undefined {
  if (/^(Z|UTC|GMT)$/i.test(zone)) return 'Z';
  const [, sign, hours, minutes = '00'] = /([+\-\u2212])(\d{1,2}?):?(\d{2})?$/.exec(zone) as unknown as string[];
  return Number(hours) > 14 || Number(minutes) > 59
    ? undefined
    : `${sign === '+' ? '+' : '-'}${two(Number(hours))}:${minutes}`;
}

/** Milliseconds since 1970; undefined when the text is no certain date and time. */
export const instantOf = (cell: string): number | undefined => readInstant(cell)?.at;

/** A YYYY-MM-DD that exists. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8))];
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}
