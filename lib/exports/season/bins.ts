// Days, ISO weeks and months of a period, empty ones included.
import { addDays, daysBetween, findMonday, formatIsoWeek } from '../../deer/calendar.ts';
import type { GroupBy } from '../shared/request.ts';

export interface Bin {
  /**
   * What date_trunc gives for a day of this bin: its first day, also when that lies before the
   * period.
   */
  floor: string;
  /** 2024-01-31, 2024-W05 or 2024-01. */
  key: string;
  /** First and last day inside the period. */
  from: string;
  to: string;
  /** Days of the bin inside the period; fewer than the calendar's at the edges. */
  days: number;
  partial: boolean;
}

export function floorOf(day: string, groupBy: GroupBy): string {
  if (groupBy === 'month') return `${day.slice(0, 8)}01`;
  return groupBy === 'week' ? findMonday(day) : day;
}

function nextFloor(floor: string, groupBy: GroupBy): string {
  if (groupBy === 'month') return floorOf(addDays(floor, 31), 'month');
  return addDays(floor, groupBy === 'week' ? 7 : 1);
}

export function keyOf(floor: string, groupBy: GroupBy): string {
  if (groupBy === 'month') return floor.slice(0, 7);
  return groupBy === 'week' ? formatIsoWeek(floor) : floor;
}

/** All bins that have a day in [start, end], in order. */
export function binsOf(start: string, end: string, groupBy: GroupBy): Bin[] {
  const bins: Bin[] = [];
  for (let floor = floorOf(start, groupBy); floor <= end; ) {
    const next = nextFloor(floor, groupBy);
    const last = addDays(next, -1);
    const from = floor < start ? start : floor;
    const to = last > end ? end : last;
    const partial = from !== floor || to !== last;
    bins.push({ floor, key: keyOf(floor, groupBy), from, to, days: daysBetween(from, to) + 1, partial });
    floor = next;
  }
  return bins;
}
