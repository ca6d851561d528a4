// Numbers and dates as the reader's browser writes them.
import { session, today } from './session.ts';

export const number = (value: number | null | undefined, digits = 0): string =>
  value === null || value === undefined
    ? '-'
    : value.toLocaleString(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** @param day YYYY-MM-DD */
export const day = (value: string): string =>
  new Date(`${value.slice(0, 10)}T12:00:00Z`).toLocaleDateString(undefined, {
    ...{ year: 'numeric', month: 'short', day: 'numeric' },
    timeZone: 'UTC',
  });

/** @param month YYYY-MM */
export const month = (value: string): string =>
  new Date(`${value.slice(0, 7)}-15T12:00:00Z`).toLocaleDateString(undefined, {
    ...{ year: '2-digit', month: 'short' },
    timeZone: 'UTC',
  });

/** An instant in the time zone of the service; the year is said where it is not this one. */
export const instant = (value: string): string =>
  new Date(value).toLocaleString(undefined, {
    ...(value.slice(0, 4) === today().slice(0, 4) ? {} : { year: 'numeric' }),
    ...{ month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' },
    timeZone: session.value?.time_zone ?? undefined,
  });

export const bytes = (value: number): string =>
  value < 1e6 ? `${number(value / 1e3, 0)} kB` : `${number(value / 1e6, 1)} MB`;
