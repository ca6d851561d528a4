// Rules across the fields of requests, without their schemas: the page holds requests to them too.
import type { Broken } from '../../contract.ts';
import { daysBetween, isDay } from '../../deer/calendar.ts';

export const GROUPINGS = ['day', 'week', 'month'] as const;
export type GroupBy = (typeof GROUPINGS)[number];

/** Longest span of one export: this many days between the first and the last. */
export const LONGEST_SPAN_DAYS = 365;

const isDate = (value: unknown): value is string => typeof value === 'string' && isDay(value);

/** Rules 2, 3 and 5 for one pair of dates; `prefix` names a period inside the request. */
export function dateRules(from: unknown, to: unknown, today: string, pointer = '', prefix = ''): Broken[] {
  const broken: Broken[] = [];
  const add = (order: number, field: string, detail: string): void => {
    broken.push({ order, pointer: `${pointer}/${field}`, detail: `${prefix}${detail}` });
  };
  if (isDate(from) && isDate(to)) {
    const span = daysBetween(from, to);
    if (span < 0) add(2, 'start_date', 'start_date must be before end_date');
    if (span > LONGEST_SPAN_DAYS) add(3, 'end_date', 'Date range cannot exceed 1 year');
  }
  if (isDate(from) && from > today) add(5, 'start_date', 'start_date cannot be in the future');
  return broken;
}
