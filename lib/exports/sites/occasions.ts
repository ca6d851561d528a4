// Occasions of an occupancy study: spans of equal length, one after the other, from the first day
// of the period.
import { addDays, daysBetween } from '../../deer/calendar.ts';

export interface Occasion {
  /** A column name that R takes as it is: `occasion_1`. */
  column: string;
  /** First and last calendar day. */
  from: string;
  to: string;
  days: number;
}

/** All days from `start` to `end`, both included; the last occasion may be shorter. */
export function splitPeriod(start: string, end: string, occasionDays: number): Occasion[] {
  const occasions: Occasion[] = [];
  for (let from = start; from <= end; from = addDays(from, occasionDays)) {
    const full = addDays(from, occasionDays - 1);
    const to = full > end ? end : full;
    occasions.push({ column: `occasion_${occasions.length + 1}`, from, to, days: daysBetween(from, to) + 1 });
  }
  return occasions;
}
