// How a report prints rates, bins and instants.
import { daysBetween, findMonday } from '../../deer/calendar.ts';
import { localTimeWriter } from '../../deer/local-time.ts';
import { day, number } from '../../format.ts';
import type { Bin } from '../season/index.ts';
import type { GroupBy } from '../shared/rules.ts';

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Events per 100 trap nights; `-` without effort. */
export const rate = (value: number | null): string => (value === null ? '-' : number(value, 1));

/** `4 Sep` of `2023-09-04`. */
const dayOfMonth = (date: string): string => day(date).slice(0, -5);
/** `Sep 2023` of `2023-09-01`. */
const monthOfYear = (date: string): string => day(date).replace(/^\d+ /, '');

/**
 * A bin in a table: `Sep 2023`, `2023-W36, from 4 Sep` or `Fri 1 Sep 2023`. An asterisk marks a bin
 * of which only a part is in the period.
 */
export function binLabel(bin: Bin, groupBy: GroupBy): string {
  if (groupBy === 'day') return `${WEEKDAYS[daysBetween(findMonday(bin.key), bin.key)]} ${day(bin.key)}`;
  const label = groupBy === 'month' ? monthOfYear(bin.floor) : `${bin.key}, from ${dayOfMonth(bin.from)}`;
  return `${label}${bin.partial ? ' *' : ''}`;
}

/** The same under an axis: `Sep 23`, `W36` or `1 Sep`. */
export function axisLabel(bin: Bin, groupBy: GroupBy): string {
  if (groupBy === 'day') return dayOfMonth(bin.key);
  return groupBy === 'month' ? monthOfYear(bin.floor).replace(/ \d\d/, ' ') : `W${bin.key.slice(6)}`;
}

/** An instant in a time zone: `1 Sep 2024, 14:05 America/Chicago`. */
export function moment(instant: Date, timeZone: string): string {
  const local = localTimeWriter(timeZone)(instant);
  return `${day(local.slice(0, 16).replace('T', ' '))} ${timeZone}`;
}
