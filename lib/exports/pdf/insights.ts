// What a season shows, in plain sentences, each with the numbers behind it.
import { count, day, listWords, number, share } from '../../format.ts';
import { leastNights } from '../../survey/herd/index.ts';
import {
  type BinTally,
  computeChange,
  GAP_DAYS,
  type PreviousPeriod,
  type RatedTally,
  type Season,
} from '../season/index.ts';
import { effortDiffers, explainChange } from './change-text.ts';
import { eventsInNights } from './columns.ts';
import { binLabel, rate } from './labels.ts';

const largest = <T>(rows: readonly T[], value: (row: T) => number): T | undefined =>
  rows.reduce<T | undefined>((top, row) => (top === undefined || value(row) > value(top) ? row : top), undefined);

/**
 * The row with the highest rate among those with enough effort; undefined unless every row with
 * events at known locations has effort.
 */
function highestRate<T extends RatedTally>(rows: readonly T[]): T | undefined {
  if (rows.some((row) => row.locatedEvents > 0 && row.nights === 0)) return undefined;
  const least = leastNights(rows.map(({ nights }) => nights));
  const top = largest(
    rows.filter((row) => row.nights > 0 && row.nights >= least),
    (row) => row.per100 ?? 0,
  );
  return top !== undefined && (top.per100 ?? 0) > 0 ? top : undefined;
}

function busiestBin({ bins, scope, total }: Season): string | undefined {
  if (bins.length <= 1) return undefined;
  const label = (row: BinTally): string => binLabel(row.bin, scope.groupBy).replace(' *', '');
  const busiest = highestRate(bins);
  const fullest = largest(bins, (row) => row.events);
  if (busiest !== undefined) {
    const counts = eventsInNights(busiest.locatedEvents, busiest.nights);
    const most =
      fullest !== undefined && fullest.events > busiest.events
        ? ` The most events, ${number(fullest.events)}, were in ${label(fullest)} (${number(fullest.nights, 1)} trap nights).`
        : '';
    return (
      `The busiest ${scope.groupBy} relative to effort was ${label(busiest)}: ${rate(busiest.per100)} events per 100 trap nights (${counts}), ` +
      `compared with ${rate(total.per100)} over the whole period.${most}`
    );
  }
  if (fullest === undefined) return undefined;
  return (
    `The most events, ${number(fullest.events)} from ${count(fullest.detections, 'detection')}, were in ${label(fullest)}. ` +
    `Effort is not known for every ${scope.groupBy} with events, so this compares counts, not rates.`
  );
}

/** The season and the period of equal length before it: by rates where both have effort. */
function comparePrevious(season: Season, previous: PreviousPeriod): string {
  const { total } = season;
  const start = `Compared with the previous period of equal length (${day(previous.start)} to ${day(previous.end)}):`;
  if (total.per100 === null || previous.per100 === null) {
    const period = total.per100 === null ? 'current' : 'previous';
    return (
      `${start} ${count(total.events, 'independent event')} now and ${number(previous.events)} then. ` +
      `Effort in the ${period} period is unknown, so these counts cannot be compared.`
    );
  }
  return [
    `${start} ${rate(total.per100)} events per 100 trap nights now and ${rate(previous.per100)} then` +
      `${explainChange(computeChange(season.cameras, previous.byLocation))}.`,
    `These rates are based on ${eventsInNights(total.locatedEvents, total.nights, 'independent event')} now and ` +
      `${number(previous.locatedEvents)} in ${number(previous.nights, 1)} then.`,
    ...(effortDiffers(total.nights, previous.nights) ? ['Effort differs, so the counts cannot be compared.'] : []),
    ...(season.derivedEffort || previous.derivedEffort ? ['Some effort is derived from images.'] : []),
  ].join(' ');
}

function silentBins({ bins, scope }: Season): string | undefined {
  const silent = bins.filter((row) => row.detections === 0 && row.nights > 0).length;
  if (silent === 0 || bins.length === 1) return undefined;
  return `In ${number(silent)} of ${count(bins.length, scope.groupBy)}, cameras were running but recorded nothing that is counted here.`;
}

/** Classes named with their share. */
const CLASSES_NAMED = 5;

function classShares({ classes, classTotals, total }: Season): string {
  const shares = classes.map(
    (name, index) => `${name} ${share(classTotals[index]?.detections ?? 0, total.detections)}`,
  );
  return `Share of detections by class: ${listWords(shares, CLASSES_NAMED, 'class')}.`;
}

function assignedDetections({ total }: Season): string {
  const all = count(total.detections, 'detection');
  if (total.assigned === 0) return `None of the ${all} is assigned to a known deer.`;
  const deer = count(total.individuals, 'known deer');
  return `${number(total.assigned)} of ${all} (${share(total.assigned, total.detections)}) ${total.assigned === 1 ? 'is' : 'are'} assigned to ${deer}.`;
}

function mostActiveCamera(season: Season): string | undefined {
  const cameras = season.cameras.filter((camera) => camera.id !== null && camera.per100 !== null);
  const active = highestRate(cameras);
  if (active === undefined || cameras.length <= 1) return undefined;
  const counts = eventsInNights(active.events, active.nights);
  return `The most active camera relative to effort was ${active.name}: ${rate(active.per100)} events per 100 trap nights (${counts}).`;
}

function busiestHour({ hours, scope, total }: Season): string {
  const byHour = Array.from({ length: 24 }, (_, hour) => hours.reduce((sum, line) => sum + (line[hour] ?? 0), 0));
  const detections = Math.max(...byHour);
  const hour = byHour.indexOf(detections);
  const clock = (at: number): string => `${String(at % 24).padStart(2, '0')}:00`;
  return `Most detections were between ${clock(hour)} and ${clock(hour + 1)} (${scope.timeZone}): ${number(detections)} (${share(detections, total.detections)}).`;
}

const firstAndLast = ({ total }: Season): string =>
  `The first counted detection is from ${day(total.first)}, the last from ${day(total.last)}.`;

function withoutLocation({ cameras, total }: Season): string | undefined {
  const unlocated = cameras.find((camera) => camera.id === null)?.detections ?? 0;
  if (unlocated === 0) return undefined;
  const are = unlocated === 1 ? 'has no location. It is' : 'have no location. They are';
  return `${count(unlocated, 'counted detection')} (${share(unlocated, total.detections)}) ${are} not included in rates, because camera effort is unknown.`;
}

function outsideDeployments({ cameras, total }: Season): string | undefined {
  const outside = cameras.reduce((sum, camera) => sum + camera.outside, 0);
  if (outside === 0) return undefined;
  const are =
    outside === 1 ? 'is dated outside every deployment of its' : 'are dated outside every deployment of their';
  return `${count(outside, 'counted detection')} (${share(outside, total.detections)}) ${are} camera. The effort is unknown, so rates are too high.`;
}

function camerasWithGaps({ cameras }: Season): string | undefined {
  const gaps = cameras.filter((camera) => camera.gaps.length > 0).length;
  if (gaps === 0) return undefined;
  return `${count(gaps, 'camera')} took no images for more than ${GAP_DAYS} days at least once. The section Gaps lists the dates.`;
}

/** At most twelve findings, the most important first; none of a season without detections. */
export function writeInsights(season: Season, previous?: PreviousPeriod): string[] {
  if (season.total.detections === 0) return [];
  return [
    busiestBin(season),
    previous && comparePrevious(season, previous),
    silentBins(season),
    classShares(season),
    assignedDetections(season),
    mostActiveCamera(season),
    busiestHour(season),
    firstAndLast(season),
    withoutLocation(season),
    outsideDeployments(season),
    camerasWithGaps(season),
  ].filter((sentence) => sentence !== undefined);
}
