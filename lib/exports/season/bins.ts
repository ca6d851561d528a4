// Days, ISO weeks and months of a period, empty ones included.
import { addDays, findMonday, formatIsoWeek } from '../../deer/calendar.ts';
import type { GroupBy } from '../shared/rules.ts';

/** One day, ISO week or month of a period; all days are YYYY-MM-DD. */
export interface Bin {
  /** Its first day as date_trunc gives it; it may be before the period. */
  floor: string;
  /** 2024-01-31, 2024-W05 or 2024-01. */
  key: string;
  /** First and last day inside the period. */
  from: string;
  to: string;
  /** Whether only a part of the calendar day, week or month is in the period. */
  partial: boolean;
}

function findFloor(day: string, groupBy: GroupBy): string {
  if (groupBy === 'month') return `${day.slice(0, 8)}01`;
  return groupBy === 'week' ? findMonday(day) : day;
}

function findLastDay(floor: string, groupBy: GroupBy): string {
  if (groupBy === 'month') return addDays(findFloor(addDays(floor, 31), 'month'), -1);
  return groupBy === 'week' ? addDays(floor, 6) : floor;
}

function makeKey(floor: string, groupBy: GroupBy): string {
  if (groupBy === 'month') return floor.slice(0, 7);
  return groupBy === 'week' ? formatIsoWeek(floor) : floor;
}

/** All bins that have a day in [start, end], in order. */
export function listBins(start: string, end: string, groupBy: GroupBy): Bin[] {
  const bins: Bin[] = [];
  for (let floor = findFloor(start, groupBy); floor <= end; ) {
    const last = findLastDay(floor, groupBy);
    const from = floor < start ? start : floor;
    const to = last > end ? end : last;
    const partial = from !== floor || to !== last;
    bins.push({ floor, key: makeKey(floor, groupBy), from, to, partial });
    floor = addDays(last, 1);
  }
  return bins;
}
