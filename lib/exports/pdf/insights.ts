// What a season says in plain sentences. A sentence without a number from the data behind it is not
// written.

import { changeOf } from '../season/change.ts';
import type { Previous } from '../season/comparison.ts';
import { type BinRow, GAP_DAYS, type Rated, type Season } from '../season/index.ts';
import { toldChange, unequal } from './comparison.ts';
import { binLabel, count, day, plural, rate, share } from './words.ts';

/**
 * A share of the median effort below which a rate is left out of a contest: a few nights win it too
 * easily by chance.
 */
const ENOUGH = 0.5;

/**
 * The highest rate among rows with enough effort; undefined unless every row with events at known
 * places has effort.
 */
function highestRate<T extends Rated>(rows: readonly T[]): T | undefined {
  if (rows.some((row) => row.placed > 0 && row.nights === 0)) return undefined;
  const nights = rows.flatMap((row) => (row.nights > 0 ? [row.nights] : [])).sort((a, b) => a - b);
  const median =
    ((nights[Math.floor((nights.length - 1) / 2)] ?? 0) + (nights[Math.floor(nights.length / 2)] ?? 0)) / 2;
  const top = best(
    rows.filter((row) => row.nights > 0 && row.nights >= ENOUGH * median),
    (row) => row.per100 ?? 0,
  );
  return top !== undefined && (top.per100 ?? 0) > 0 ? top : undefined;
}

const best = <T>(rows: readonly T[], value: (row: T) => number): T | undefined =>
  rows.reduce<T | undefined>((top, row) => (top === undefined || value(row) > value(top) ? row : top), undefined);

/**
 * The season against the equally long time before it: by rates where both have effort, and with the
 * effort said.
 */
function againstPrevious(season: Season, previous: Previous): string {
  const { total } = season;
  const when = `${day(previous.start)} to ${day(previous.end)}`;
  if (total.per100 === null || previous.per100 === null) {
    const counts = `${plural(total.events, 'independent event')} now and ${count(previous.events)} then`;
    return `Against the period of equal length before (${when}): ${counts}; without known effort ${total.per100 === null ? 'now' : 'then'} these do not compare.`;
  }
  const counts = `${plural(total.placed, 'independent event')} now and ${count(previous.placed)} then`;
  const nights = `${count(total.nights, 1)} and ${count(previous.nights, 1)} trap nights`;
  return (
    `Against the period of equal length before (${when}): ${rate(total.per100)} events per 100 trap nights after ${rate(previous.per100)}` +
    `${toldChange(changeOf(season.cameras, previous.shares))}, from ${counts} in ${nights}` +
    `${unequal(total.nights, previous.nights) ? '; effort is unequal, so the counts themselves do not compare' : ''}` +
    `${season.derivedEffort || previous.derived ? '; some effort is derived from images' : ''}.`
  );
}

/** At most twelve sentences, the weightiest first; none of a season without detections. */
export function insightsOf(season: Season, previous?: Previous): string[] {
  const { total, scope } = season;
  const said: string[] = [];
  if (total.detections === 0) return said;

  const labelOf = (row: BinRow): string => binLabel(row.bin, scope.groupBy).replace(' *', '');
  const busiest = highestRate(season.bins);
  const fullest = best(season.bins, (row) => row.events);
  if (season.bins.length > 1 && busiest !== undefined) {
    said.push(
      `The busiest ${scope.groupBy} for its effort was ${labelOf(busiest)}: ${rate(busiest.per100)} events per 100 trap nights ` +
        `(${plural(busiest.placed, 'event')} in ${count(busiest.nights, 1)} trap nights) against ${rate(total.per100)} over the whole period` +
        `${fullest !== undefined && fullest.events > busiest.events ? `; most events, ${count(fullest.events)}, were in ${labelOf(fullest)} (${count(fullest.nights, 1)} trap nights)` : ''}.`,
    );
  } else if (season.bins.length > 1 && fullest !== undefined) {
    said.push(
      `Most events, ${count(fullest.events)} from ${plural(fullest.detections, 'detection')}, were in ${labelOf(fullest)}; ` +
        `not every ${scope.groupBy} with events has known effort, so this compares counts.`,
    );
  }
  if (previous !== undefined) said.push(againstPrevious(season, previous));
  const silent = season.bins.filter((row) => row.detections === 0 && row.nights > 0).length;
  if (silent > 0 && season.bins.length > 1) {
    said.push(
      `In ${plural(silent, scope.groupBy)} of ${count(season.bins.length)} the cameras stood but recorded nothing that counts here.`,
    );
  }

  const shares = season.classes.map(
    (name, index) => `${name} ${share(season.classTotals[index]?.detections ?? 0, total.detections)}`,
  );
  said.push(
    `Share of detections by class: ${shares.slice(0, 5).join(', ')}${shares.length > 5 ? `, ${shares.length - 5} more classes` : ''}.`,
  );
  said.push(
    total.assigned === 0
      ? `None of the ${plural(total.detections, 'detection')} is assigned to a known deer.`
      : `${count(total.assigned)} of ${plural(total.detections, 'detection')} (${share(total.assigned, total.detections)}) ` +
          `${total.assigned === 1 ? 'is' : 'are'} assigned to ${plural(total.individuals, 'known deer', 'known deer')}.`,
  );

  const placed = season.cameras.filter((camera) => camera.id !== null && camera.per100 !== null);
  const active = highestRate(placed);
  if (active !== undefined && placed.length > 1) {
    said.push(
      `The most active camera for its effort was ${active.name}: ${rate(active.per100)} events per 100 trap nights ` +
        `(${plural(active.events, 'event')} in ${count(active.nights, 1)} trap nights).`,
    );
  }

  const hours = Array.from({ length: 24 }, (_, hour) => season.hours.reduce((sum, line) => sum + (line[hour] ?? 0), 0));
  const top = hours.indexOf(Math.max(...hours));
  const two = (hour: number): string => `${String(hour % 24).padStart(2, '0')}:00`;
  said.push(
    `Most detections fell between ${two(top)} and ${two(top + 1)} (${scope.timeZone}): ${count(hours[top] ?? 0)} (${share(hours[top] ?? 0, total.detections)}).`,
  );
  said.push(`The first counted detection is of ${day(total.first)}, the last of ${day(total.last)}.`);

  const nowhere = season.cameras.find((camera) => camera.id === null)?.detections ?? 0;
  if (nowhere > 0) {
    said.push(
      `${plural(nowhere, 'counted detection')} (${share(nowhere, total.detections)}) ${nowhere === 1 ? 'has' : 'have'} no location: without effort, rates leave ${nowhere === 1 ? 'it' : 'them'} out.`,
    );
  }
  const outside = season.cameras.reduce((sum, camera) => sum + camera.outside, 0);
  if (outside > 0) {
    said.push(
      `${plural(outside, 'counted detection')} (${share(outside, total.detections)}) ${outside === 1 ? 'lies' : 'lie'} outside every deployment of ` +
        `${outside === 1 ? 'its' : 'their'} camera: seen without recorded effort, which makes rates too high.`,
    );
  }
  const gaps = season.cameras.filter((camera) => camera.gaps.length > 0);
  if (gaps.length > 0) {
    said.push(
      `${plural(gaps.length, 'camera')} took no image for more than ${GAP_DAYS} days at least once; section Cameras lists when.`,
    );
  }
  return said;
}
