// The window of a head count: asked for, or chosen by effort and counts alone. Pure.
import { addDays, daysBetween } from '../../deer/calendar.ts';
import { count, day } from '../../format.ts';
import type { DayRange, HeadClass, HeadEvent, WorkingDay } from './types.ts';

export const MOST_DAYS = 60;
/** Shorter first, because every further event of a known animal adds ghosts. */
export const LENGTHS: readonly number[] = [14, 30, MOST_DAYS];

const EPOCH = '1970-01-01';
/** YYYY-MM-DD of a day. */
export const formatDay = (day: number): string => addDays(EPOCH, day);
/** The day of YYYY-MM-DD. */
export const parseDay = (day: string): number => daysBetween(EPOCH, day);

/** Whether a window holds days of both sides of 1 March, when bucks have shed their antlers. */
export function crossesMarch({ from, to }: DayRange): boolean {
  const [first, last] = [formatDay(from), formatDay(to)];
  const march = `${first.slice(0, 4)}-03-01`;
  const next = `${String(Number(first.slice(0, 4)) + 1).padStart(4, '0')}-03-01`;
  return (first < march && last >= march) || last >= next;
}

/** Sums of `value` by day, so that a window costs one subtraction. */
function sumByDay({ from, to }: DayRange, values: Iterable<readonly [day: number, value: number]>): Float64Array {
  const sums = new Float64Array(to - from + 2);
  for (const [day, value] of values) if (day >= from && day <= to) sums[day - from + 1]! += value;
  for (let i = 1; i < sums.length; i++) sums[i]! += sums[i - 1]!;
  return sums;
}

/**
 * The best-covered window of a length: most camera days with images; ties: most events of the
 * class, then the earliest. The whole period where it is shorter.
 * @param of null: of every class
 * @returns null where every window of a buck crosses 1 March
 */
export function chooseWindow(
  of: HeadClass | null,
  period: DayRange,
  length: number,
  { days, events }: { days: readonly WorkingDay[]; events: readonly Pick<HeadEvent, 'day' | 'gate'>[] },
): DayRange | null {
  const size = Math.min(length, period.to - period.from + 1);
  const covered = sumByDay(
    period,
    days.map(({ day, withImages }) => [day, withImages] as const),
  );
  const seen = sumByDay(
    period,
    events.flatMap(({ day, gate }) => (of === null || gate === of ? [[day, 1] as const] : [])),
  );
  let best: { range: DayRange; covered: number; seen: number } | null = null;
  for (let from = period.from; from + size - 1 <= period.to; from++) {
    const range = { from, to: from + size - 1 };
    if (of === 'buck' && crossesMarch(range)) continue;
    const at = from - period.from;
    const here = { range, covered: covered[at + size]! - covered[at]!, seen: seen[at + size]! - seen[at]! };
    const better =
      best === null || here.covered > best.covered || (here.covered === best.covered && here.seen > best.seen);
    if (better) best = here;
  }
  return best?.range ?? null;
}

/** Says which days are counted and why. */
export function describeWindow(of: HeadClass, { from, to }: DayRange, asked: boolean, cameraDays: number): string {
  const days = to - from + 1;
  const range = `${day(formatDay(from))} to ${day(formatDay(to))} (${count(days, 'day')})`;
  const effort = `${count(cameraDays, 'camera day')} with images`;
  return asked
    ? `Days for ${of}s: ${range}, as asked; ${effort}.`
    : `Days for ${of}s: ${range}, chosen by effort and number of events alone; ${effort}.`;
}
