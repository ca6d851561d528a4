// The weeks in which bucks move most, and how sure that is. Pure.
import { formatIsoWeek } from '../../deer/calendar.ts';
import { count } from '../../format.ts';
import { dice } from '../../reid/statistics/random.ts';
import { leastNights } from './effort.ts';
import type { Rut, RutWeek, SurveyData } from './types.ts';

/** Places that are resampled at least, buck events and weeks that name a peak. */
export const FEWEST_RESAMPLED = 8;
const FEWEST_EVENTS = 10;
const FEWEST_WEEKS = 3;
/** Share of the peaks that the set of weeks holds. */
const HELD = 0.95;

/** Buck events and trap nights of one place by week. */
interface ByWeek {
  events: Float64Array;
  nights: Float64Array;
}

function countByWeek({ events, places, weeks }: SurveyData): ByWeek[] {
  const at = new Map(places.map(({ id }, index) => [id, index]));
  const counts = places.map((place) => ({
    events: new Float64Array(weeks.length),
    nights: Float64Array.from(place.weeks, ({ nights }) => nights),
  }));
  for (const event of events) {
    const place = event.class !== 'buck' || event.place === null ? undefined : at.get(event.place);
    if (place !== undefined) counts[place]!.events[findWeek(event.local, weeks)]! += 1;
  }
  return counts;
}

/** The last Monday that is not after a day. */
function findWeek(local: string, weeks: readonly string[]): number {
  let [low, high] = [0, weeks.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (weeks[middle]! <= local.slice(0, 10)) low = middle;
    else high = middle;
  }
  return low;
}

/** Events per 100 trap nights of a week and its two neighbors; NaN for a week without effort. */
function threeWeeks({ events, nights }: ByWeek): Float64Array {
  return nights.map((own, week) => {
    if (own <= 0) return Number.NaN;
    let [seen, effort] = [0, 0];
    for (let i = Math.max(0, week - 1); i <= Math.min(nights.length - 1, week + 1); i++) {
      if (nights[i]! <= 0) continue;
      seen += events[i]!;
      effort += nights[i]!;
    }
    return (100 * seen) / effort;
  });
}

const addUp = (counts: readonly ByWeek[], weeks: number): ByWeek => {
  const sum: ByWeek = { events: new Float64Array(weeks), nights: new Float64Array(weeks) };
  for (const { events, nights } of counts) {
    for (let i = 0; i < weeks; i++) {
      sum.events[i]! += events[i]!;
      sum.nights[i]! += nights[i]!;
    }
  }
  return sum;
};

/**
 * The week with the highest mean, the earliest of equals; -1 where bucks were never seen.
 * @param able 1 for a week that may be named
 */
function findPeak(means: Float64Array, able: Uint8Array): number {
  let peak = -1;
  for (let i = 0; i < means.length; i++) if (able[i] === 1 && means[i]! > (peak < 0 ? 0 : means[peak]!)) peak = i;
  return peak;
}

/** The fewest weeks that hold 95% of the peaks, in order of time. */
function holdMost(peaks: readonly number[], weeks: number): number[] {
  const times = new Uint32Array(weeks);
  for (const peak of peaks) times[peak]! += 1;
  const ranked = [...times.keys()].sort((a, b) => times[b]! - times[a]! || a - b);
  const held: number[] = [];
  for (let sum = 0; sum < HELD * peaks.length; ) {
    const week = ranked[held.length]!;
    held.push(week);
    sum += times[week]!;
  }
  return held.sort((a, b) => a - b);
}

function refusePeak(events: number, weeksWithEffort: number): string | null {
  if (events < FEWEST_EVENTS)
    return `${count(events, 'buck event')} ${events === 1 ? 'is' : 'are'} too few to name a week: that needs at least ${FEWEST_EVENTS}.`;
  if (weeksWithEffort < FEWEST_WEEKS)
    return `${count(weeksWithEffort, 'week')} with camera effort ${weeksWithEffort === 1 ? 'is' : 'are'} too few to name the busiest: that needs at least ${FEWEST_WEEKS}.`;
  return null;
}

/**
 * Buck events per 100 trap nights by ISO week, the mean of three weeks (events and effort of all
 * three together, so that a week with little effort counts little), its peak, and from 8 places on
 * the weeks that hold 95% of the peaks when places are resampled with replacement. A week with less
 * than half of the usual effort, such as the one day in which a period begins, is never the peak.
 * Within the period: it says nothing of other years. Events without a place have no effort and are
 * not used.
 */
export function makeRut(data: SurveyData, draws: number, seed: number): Rut {
  const counts = countByWeek(data);
  const size = data.weeks.length;
  const all = addUp(counts, size);
  const means = threeWeeks(all);
  const least = leastNights(all.nights);
  const able = Uint8Array.from(all.nights, (nights) => Number(nights >= least));
  const weeks = data.weeks.map((monday, i): RutWeek => {
    const [events, nights] = [all.events[i]!, all.nights[i]!];
    return {
      ...{ monday, week: formatIsoWeek(monday), events, nights },
      ...{ rate: nights > 0 ? (100 * events) / nights : null, mean: nights > 0 ? means[i]! : null },
    };
  });
  const seen = weeks.reduce((sum, { events }) => sum + events, 0);
  const refused = refusePeak(seen, weeks.filter(({ nights }) => nights > 0).length);
  const running = counts.filter(({ nights }) => nights.some((n) => n > 0));
  const rut = { weeks, refused, places: running.length, draws, seed };
  if (refused !== null) return { ...rut, peak: null, likely: null, note: null };
  const peak = weeks[findPeak(means, able)] ?? null;
  if (running.length < FEWEST_RESAMPLED) {
    const note = `How certain this week is cannot be measured: that needs at least ${FEWEST_RESAMPLED} locations, and there ${running.length === 1 ? 'is' : 'are'} ${running.length}.`;
    return { ...rut, peak, likely: null, note };
  }
  const random = dice(seed, 'rut');
  const peaks: number[] = [];
  while (peaks.length < draws) {
    const drawn = running.map(() => running[Math.floor(random.next() * running.length)]!);
    peaks.push(Math.max(0, findPeak(threeWeeks(addUp(drawn, size)), able)));
  }
  return { ...rut, peak, likely: holdMost(peaks, size).map((i) => weeks[i]!.week), note: null };
}
