// The three sentences that a person reads first: how many, what the ratios are, when they move.
import { day, listWords, number, timeOfDay } from '../format.ts';
import { formatDay } from './counts/index.ts';
import { capital, sayRange } from './counts/sentences.ts';
import type { HeadClass, HeadCount, HeadCounted, Interval as HeadInterval, Refusal } from './counts/types.ts';
import type { ClassActivity, CompositionGroup, Interval, Ratio, Rut } from './herd/index.ts';
import type { Survey } from './survey.ts';

export const NAMES: Readonly<Record<HeadClass, string>> = { buck: 'bucks', doe: 'does' };

/** Whether something is not given; its `sentence` says why. */
export const isRefusal = (found: object): found is Refusal => 'sentence' in found;

const whole = (value: number): string => number(Math.round(value));

/** `23 (95% interval 21 to 26)` */
const formatHeads = (heads: HeadInterval): string => `${whole(heads.estimate)} (95% interval ${sayRange(heads)})`;

/** A limit of a ratio; a ratio to very few does may have none above. */
const limit = (value: number): string => (Number.isFinite(value) ? number(value, 1) : 'no limit');

export const formatLimits = ({ low, high }: Interval): string => `${limit(low)} to ${limit(high)}`;

/** `1 Oct to 14 Oct 2023` */
const formatWindow = ({ from, to }: { from: number; to: number }): string =>
  `${day(formatDay(from))} to ${day(formatDay(to))}`;

export const formatPeriod = ({ since, until }: { since: string; until: string }): string =>
  `${day(since)} to ${day(until)}`;

function sayCounted(count: HeadCounted): string {
  const names = NAMES[count.class];
  const when = count.window === null ? '' : ` from ${formatWindow(count.window)}`;
  const { corrected, naive } = count;
  if (isRefusal(corrected))
    return `${capital(names)}: ${whole(naive.identities)} as they were named${when}, a naive count that includes misses. ${corrected.sentence}`;
  const seen = `${capital(names)}: ${formatHeads(corrected.seen)} were photographed${when}`;
  const { chao } = corrected;
  if (isRefusal(chao)) return `${seen}. ${chao.sentence}`;
  return `${seen}, and ${corrected.atLeast ? 'at least ' : 'about '}${formatHeads(chao)} use these camera sites.`;
}

export function sayHeads(heads: readonly HeadCount[]): string {
  const counted = heads.filter((count): count is HeadCounted => count.refusal === null);
  if (counted.length > 0) return counted.map(sayCounted).join(' ');
  const refusal = heads[0]?.refusal;
  return `No head count: ${refusal?.sentence ?? 'it is of bucks and of does, and the classes leave out both.'}`;
}

/** The interval to use: over places, else of counting error alone. */
export const findLimits = (ratio: Ratio): Interval => ratio.interval ?? ratio.wilson;

const WHERE = { yes: ' at baited locations', no: ' at locations without bait', unknown: ' where bait is not recorded' };

/** ` at baited locations`, and nothing where bait divides no locations. */
export const whereBait = (bait: CompositionGroup['bait']): string => (bait === null ? '' : WHERE[bait]);

function sayRatios(group: CompositionGroup): string {
  const { fawns, bucks, headline, bait } = group;
  if (fawns === null || bucks === null) return `No ratios${whereBait(bait)}: ${group.refused ?? ''}`;
  const [young, male] = [fawns[headline], bucks[headline]];
  const by = headline === 'events' ? 'counted by events' : 'counted by animals in one image';
  const kind =
    young.interval === null || male.interval === null
      ? 'limits of counting error alone'
      : '95% intervals over locations';
  return `${number(young.per100)} fawns and ${number(male.per100)} bucks for each 100 does${whereBait(bait)} (${kind} ${formatLimits(findLimits(young))} and ${formatLimits(findLimits(male))}), ${by} at ${number(group.places)} ${group.places === 1 ? 'location' : 'locations'}.`;
}

function sayRut({ peak, refused, likely, note }: Rut): string {
  if (peak === null) return refused ?? '';
  const named = `Bucks were seen most in week ${peak.week} (from ${day(peak.monday)}).`;
  if (likely === null) return note === null ? named : `${named} ${note}`;
  return `${named} When locations are resampled, 95% of the peaks are in ${listWords(likely, 6, 'week')}.`;
}

function sayPeak({ class: name, peakHour }: ClassActivity, dial: string): string {
  return `${capital(name)}s move most at about ${timeOfDay(peakHour!)} (${dial}).`;
}

function sayMovement({ herd: { movement }, timeZone }: Survey): string {
  const { activity, rut, clock } = movement;
  const dial = clock === 'sun' ? 'sun time: sunrise 06:00, sunset 18:00' : `clock time in ${timeZone}`;
  const known = activity.filter(({ class: name, peakHour }) => name !== 'unknown' && peakHour !== null);
  const first = known.find(({ class: name }) => name === 'buck') ?? known[0];
  return [sayRut(rut), ...(first === undefined ? [] : [sayPeak(first, dial)])].filter((text) => text !== '').join(' ');
}

/** Three: how many, ratios, movement. */
export function saySurvey(survey: Survey): string[] {
  const ratios = survey.herd.composition.groups.map(sayRatios).join(' ');
  return [sayHeads(survey.heads), ratios, sayMovement(survey)];
}
