// Calendar days (YYYY-MM-DD) and ISO weeks, on Temporal: no clock and no time zone is involved. An
// instant becomes a day only in a named time zone.
import { getISO } from 'temporal-polyfill/fns/Calendar';
import * as PlainDate from 'temporal-polyfill/fns/PlainDate';

const parse = (day: string): ReturnType<typeof PlainDate.fromString> => PlainDate.fromString(day, getISO);

/** Whether a text is a day that exists, in the years 1 to 9999: 2024-02-30 does not. */
export function isDay(text: string): boolean {
  if (!/^(?!0000)\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  // Of a day that does not exist a Date is invalid, or the next month's.
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** The day `days` after `day`. */
export const addDays = (day: string, days: number): string => PlainDate.toString(PlainDate.addDays(parse(day), days));

/** The first of the twelve months that end with `day`. */
export const beginYear = (day: string): string => addDays(PlainDate.toString(PlainDate.addYears(parse(day), -1)), 1);

/** Whole days from `from` to `to`: 0 for the same day, negative when `to` is earlier. */
export const daysBetween = (from: string, to: string): number => PlainDate.diffDays(parse(from), parse(to));

/** The Monday of the ISO week of a day. */
export const findMonday = (day: string): string => addDays(day, 1 - PlainDate.dayOfWeek(parse(day)));

/** The ISO week of a day, such as `2024-W05`; a week belongs to the year of its Thursday. */
export function formatIsoWeek(day: string): string {
  const date = parse(day);
  const [year, week] = [PlainDate.yearOfWeek(date)!, PlainDate.weekOfYear(date)!];
  return `${String(year).padStart(4, '0')}-W${String(week).padStart(2, '0')}`;
}

/** By time zone: making one takes 60 times as long as using it. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** The calendar day of an instant in an IANA time zone. */
export function dayIn(timeZone: string, instant: Date): string {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formats.set(timeZone, format);
  }
  return format.format(instant);
}
