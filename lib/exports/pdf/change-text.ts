// A change of rates between two periods, in words.
import { count, percent } from '../../format.ts';
import type { Change } from '../season/index.ts';

/** Trap nights that differ by more than this share of the larger make counts incomparable. */
const SAME_EFFORT = 0.01;

/** Whether the efforts of two periods differ too much to compare counts. */
export const effortDiffers = (a: number, b: number): boolean => Math.abs(a - b) > SAME_EFFORT * Math.max(a, b);

/** `+25.0%` of 1.25. */
const signed = (ratio: number): string => `${ratio > 1 ? '+' : ''}${percent(ratio - 1, 1)}`;

/** Whether a change prints as 0.0%. */
const isNothing = (ratio: number): boolean => Math.abs(ratio - 1) < 0.0005;

/** No camera changed: an interval would say nothing. */
const isUnchanged = ({ ratio, interval }: Change): boolean =>
  isNothing(ratio) && (interval === undefined || interval.every(isNothing));

/** `+34.2%` with `-3.1 to +85.9%` below it; `-` when there is nothing to compare with. */
export function formatChange(change: Change | undefined): string {
  if (change === undefined) return '-';
  if (isUnchanged(change)) return 'unchanged';
  const { ratio, interval } = change;
  if (interval === undefined) return signed(ratio);
  return `${signed(ratio)}\n${signed(interval[0]).replace('%', '')} to ${signed(interval[1])}`;
}

/**
 * The same in parentheses for a sentence, with its basis; '' when there is nothing to compare with.
 */
export function explainChange(change: Change | undefined): string {
  if (change === undefined) return '';
  if (isUnchanged(change)) return ' (unchanged)';
  const { ratio, interval, noInterval, cameras } = change;
  if (interval === undefined) return ` (${signed(ratio)}${ratio === 0 ? '' : `; ${noInterval}`})`;
  const [low, high] = interval;
  const verdict = low <= 1 && high >= 1 && !isNothing(ratio) ? ', so it may be due to chance' : '';
  return ` (${signed(ratio)}; 95% interval ${signed(low)} to ${signed(high)} over ${count(cameras, 'camera')}${verdict})`;
}
