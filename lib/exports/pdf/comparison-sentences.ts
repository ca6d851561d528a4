// What a comparison says in sentences: warnings before anything is compared, then the differences.
import { daysBetween } from '../../deer/calendar.ts';
import { count, day, listWords, number, share } from '../../format.ts';
import { type ComparedPeriod, computeChange } from '../season/index.ts';
import { effortDiffers, explainChange } from './change-text.ts';
import { eventsInNights } from './columns.ts';
import { rate } from './labels.ts';

const quote = (period: ComparedPeriod): string => `"${period.label}"`;

/** Pairs of periods that share days: what is dated on them is on both sides of the comparison. */
function warnOfOverlaps(compared: readonly ComparedPeriod[]): string[] {
  return compared.flatMap((period, index) =>
    compared.slice(index + 1).flatMap((other) => {
      const [a, b] = [period.season.scope, other.season.scope];
      const [start, end] = [[a.start, b.start].sort()[1] as string, [a.end, b.end].sort()[0] as string];
      const both = `${quote(period)} and ${quote(other)}`;
      if (start > end) return [];
      if (a.start === b.start && a.end === b.end) return [`${both} are the same days, so there is nothing to compare.`];
      const days = count(daysBetween(start, end) + 1, 'day');
      return [`${both} overlap by ${days} (${day(start)} to ${day(end)}). Detections on these days count in both.`];
    }),
  );
}

function warnOfUnequalEffort(compared: readonly ComparedPeriod[]): string[] {
  const nights = compared.map((period) => period.season.total.nights);
  if (!effortDiffers(Math.min(...nights), Math.max(...nights))) return [];
  const listed = compared.map((period) => `${quote(period)} ${number(period.season.total.nights, 1)}`).join(', ');
  return [
    `Effort is unequal (trap nights: ${listed}). Compare events per 100 trap nights, not counts of detections, events or known deer.`,
  ];
}

/** Camera names in a warning. */
const CAMERAS_NAMED = 6;

function warnOfOtherCameras(compared: readonly ComparedPeriod[]): string[] {
  const running = compared.map(
    ({ season }) => new Set(season.cameras.filter((camera) => camera.nights > 0).map((camera) => camera.name)),
  );
  const all = [...new Set(running.flatMap((names) => [...names]))].sort();
  const partly = all.filter((name) => running.some((names) => names.size > 0 && !names.has(name)));
  if (partly.length === 0) return [];
  return [
    `${number(partly.length)} of ${count(all.length, 'camera')} ran in only some periods (${listWords(partly, CAMERAS_NAMED)}), so differences may be due to location.`,
  ];
}

/**
 * Why counts do not compare; empty when effort and cameras are the same. Part of every comparison.
 */
export const writeWarnings = (compared: readonly ComparedPeriod[]): string[] => [
  ...warnOfOverlaps(compared),
  ...warnOfUnequalEffort(compared),
  ...warnOfOtherCameras(compared),
  ...(compared.some(({ season }) => season.derivedEffort)
    ? [
        'Some effort is derived from the first and last images, because no deployment is recorded. Rates based on it are rough.',
      ]
    : []),
  ...compared
    .filter(({ season }) => season.total.detections === 0)
    .map((period) =>
      period.season.others.length > 0
        ? `No deer were detected in ${quote(period)}.`
        : `No detections were found in ${quote(period)}.`,
    ),
];

function compareRates(first: ComparedPeriod, other: ComparedPeriod): string {
  const [base, total] = [first.season.total, other.season.total];
  if (total.per100 === null || base.per100 === null) {
    const unknown = total.per100 === null ? other : first;
    return `${quote(other)} cannot be compared with ${quote(first)}, because the camera effort of ${quote(unknown)} is unknown.`;
  }
  return (
    `${quote(other)} has ${rate(total.per100)} events per 100 trap nights, ${quote(first)} ${rate(base.per100)}` +
    `${explainChange(computeChange(other.season.cameras, first.season.cameras))}. ` +
    `These rates are based on ${eventsInNights(total.locatedEvents, total.nights)} and ${number(base.locatedEvents)} in ${number(base.nights, 1)}.`
  );
}

function compareDeer(first: ComparedPeriod, other: ComparedPeriod): string | undefined {
  const known = new Set(first.season.deer.map((deer) => deer.id));
  if (known.size === 0 || other.season.deer.length === 0) return undefined;
  const again = other.season.deer.filter((deer) => known.has(deer.id)).length;
  return (
    `Of ${count(known.size, 'known deer')} in ${quote(first)}, ${number(again)} (${share(again, known.size)}) ` +
    `${again === 1 ? 'is' : 'are'} also among the ${number(other.season.deer.length)} in ${quote(other)}.`
  );
}

/** Every later period compared with the first one: rates, then known deer. */
export function writeDifferences([first, ...others]: readonly ComparedPeriod[]): string[] {
  if (first === undefined) return [];
  return [
    ...others.map((other) => compareRates(first, other)),
    ...others.map((other) => compareDeer(first, other)).filter((sentence) => sentence !== undefined),
  ];
}
