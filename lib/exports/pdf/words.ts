// Numbers, days and bins as a reader expects them; the same on every host, whatever its locale.

import type { Bin } from '../season/index.ts';
import type { GroupBy } from '../shared/request.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** 11570 -> 11,570; with `digits` decimals. */
export const count = (value: number, digits = 0): string => value.toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

export const rate = (value: number | null): string => (value === null ? '-' : count(value, 1));

export const share = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;

/** `one` when n is 1. */
export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

/** 2023-09-01 -> 1 Sep 2023; a time after the day is kept. */
export function day(text: string): string {
  const [, year, month, date, time] = /^(\d{4})-(\d{2})-(\d{2})(?: (\d{2}:\d{2}))?/.exec(text) ?? [];
  return year === undefined
    ? text
    : `${Number(date)} ${MONTHS[Number(month) - 1]} ${year}${time === undefined ? '' : `, ${time}`}`;
}

const short = (text: string): string => `${Number(text.slice(8, 10))} ${MONTHS[Number(text.slice(5, 7)) - 1]}`;

/**
 * A bin in a table: `Sep 2023`, `2023-W36, from 4 Sep`, `Fri 1 Sep 2023`; a star marks a bin cut by
 * the period's edge.
 */
export function binLabel(bin: Bin, groupBy: GroupBy): string {
  const star = bin.partial ? ' *' : '';
  if (groupBy === 'month') return `${MONTHS[Number(bin.key.slice(5, 7)) - 1]} ${bin.key.slice(0, 4)}${star}`;
  if (groupBy === 'week') return `${bin.key}, from ${short(bin.from)}${star}`;
  return `${WEEKDAYS[new Date(`${bin.key}T00:00:00Z`).getUTCDay()]} ${day(bin.key)}`;
}

/** The same under an axis: short. */
export function tick(bin: Bin, groupBy: GroupBy): string {
  if (groupBy === 'month') return `${MONTHS[Number(bin.key.slice(5, 7)) - 1]} ${bin.key.slice(2, 4)}`;
  return groupBy === 'week' ? `W${bin.key.slice(6)}` : short(bin.key);
}

/** Instants in the report's zone, `1 Sep 2024, 14:05 America/Chicago`. */
export function moment(instant: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(instant);
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? '';
  return `${day(`${of('year')}-${of('month')}-${of('day')} ${of('hour')}:${of('minute')}`)} ${timeZone}`;
}
