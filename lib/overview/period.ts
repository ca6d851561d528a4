// Which period a page shows: the one that it asks for, or the last twelve months with something in
// them.
import { beginYear, isDay } from '../deer/calendar.ts';
import { Fault } from '../errors.ts';
import { dateRules } from '../exports/shared/rules.ts';

export interface Period {
  start: string;
  end: string;
}

/** Of a request, decoded. */
export type Query = Readonly<Record<string, string | undefined>>;

/**
 * The period of a query; undefined when it names none.
 * @param today the calendar day of now in TIME_ZONE
 * @throws Fault `invalid` in the words of an export's rules
 */
export function readPeriod({ start_date: start, end_date: end }: Query, today: string): Period | undefined {
  if (start === undefined && end === undefined) return undefined;
  const problems = Object.entries({ start_date: start, end_date: end }).flatMap(([name, day]) =>
    day !== undefined && isDay(day) ? [] : [`${name} must be a date in YYYY-MM-DD format`],
  );
  const broken = dateRules(start, end, today).sort((a, b) => a.order - b.order);
  const [first] = [...problems, ...broken.map(({ detail }) => detail)];
  if (first !== undefined) throw new Fault('invalid', first);
  return { start: start!, end: end! };
}

/**
 * The twelve months up to today or, where nothing was detected in them, up to the last detection.
 * @param newest day of the last detection
 */
export function choosePeriod(today: string, newest: string | undefined): Period & { isShifted: boolean } {
  const start = beginYear(today);
  if (newest === undefined || newest >= start) return { start, end: today, isShifted: false };
  return { start: beginYear(newest), end: newest, isShifted: true };
}
