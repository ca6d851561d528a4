// Calendar days (YYYY-MM-DD) without clock or zone surprises; instants become days only through a
// named time zone.

const DAY = 86_400_000;

/** Days since 1970-01-01 of a date that exists (2024-02-30 does not), else undefined. */
export function dayNumber(text: string): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
    ? Math.round(date.getTime() / DAY)
    : undefined;
}

/** The date `days` after `date`. */
export function addDays(date: string, days: number): string {
  const at = dayNumber(date);
  if (at === undefined) throw new RangeError(`not a date: ${date}`);
  return new Date((at + days) * DAY).toISOString().slice(0, 10);
}

/** Whole days from `from` to `to`; 0 for the same day, negative when `to` is earlier. */
export function daysBetween(from: string, to: string): number {
  const [a, b] = [dayNumber(from), dayNumber(to)];
  if (a === undefined || b === undefined) throw new RangeError(`not a date: ${a === undefined ? from : to}`);
  return b - a;
}

/** The calendar day of an instant in an IANA time zone. */
export function dayIn(timeZone: string, instant: Date): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    instant,
  );
}
