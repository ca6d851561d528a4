// Columns that several tables of a report share.
import { count, number } from '../../format.ts';
import type { RatedTally } from '../season/index.ts';
import { rate } from './labels.ts';
import { type Column, numeric } from './layout/table.ts';

/** Events, known deer, effort and the rate. */
export const MEASURES: readonly Column[] = ['Events', 'Known deer', 'Trap nights', 'Events / 100 TN'].map(numeric);

export const measureCells = (row: RatedTally): string[] => [
  number(row.events),
  number(row.individuals),
  number(row.nights, 1),
  rate(row.per100),
];

/** `3 independent events in 12.0 trap nights`. */
export const eventsInNights = (events: number, nights: number, noun = 'event'): string =>
  `${count(events, noun)} in ${number(nights, 1)} trap nights`;
