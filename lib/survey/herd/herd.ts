// The herd of a period: what it is made of, and when it moves. Pure.
import { SEXES } from '../../deer/class-gates.ts';
import { FEWEST_EVENTS, makeActivity, shareLight } from './activity.ts';
import { type Timed, timeEvents } from './clock.ts';
import { makeComposition } from './composition.ts';
import { makeOverlap } from './overlap.ts';
import { makeRut } from './rut.ts';
import type { HerdClass, HerdOptions, MakeHerd, Movement, Overlap, SurveyData } from './types.ts';

/** Bucks and fawns are compared with does. */
const PAIRS: readonly [HerdClass, HerdClass][] = [
  ['buck', 'doe'],
  ['fawn', 'doe'],
];

export const DEFAULT_SEED = 1;
export const DEFAULT_DRAWS = 1_000;

const choices = ({ seed = DEFAULT_SEED, draws = DEFAULT_DRAWS }: HerdOptions) => ({
  seed,
  draws: Math.max(DEFAULT_DRAWS, draws),
});

const listAngles = ({ events }: Timed, name: HerdClass): number[] =>
  events.filter(({ event }) => event.class === name).map(({ angle }) => angle);

/** When the animals move: curves over sun time where it is known, overlaps, light, and the rut. */
export function makeMovement(data: SurveyData, options: HerdOptions = {}): Movement {
  const { seed, draws } = choices(options);
  const timed = timeEvents(data);
  const overlaps = PAIRS.flatMap(([a, b]): Overlap[] => {
    const [times, others] = [listAngles(timed, a), listAngles(timed, b)];
    if (Math.min(times.length, others.length) < FEWEST_EVENTS) return [];
    return [makeOverlap({ name: a, angles: times }, { name: b, angles: others }, draws, seed)];
  });
  return {
    ...{ clock: timed.clock, clockNote: timed.clockNote },
    activity: SEXES.map((name) => makeActivity(name, timed.events)),
    overlaps,
    light: timed.clock === 'sun' ? SEXES.flatMap((name) => shareLight(name, timed.events) ?? []) : null,
    rut: makeRut(data, draws, seed),
  };
}

/** The overlap of one class in two periods; undefined with few events, or with different clocks. */
export function comparePeriods(
  name: HerdClass,
  [a, b]: readonly [SurveyData, SurveyData],
  labels: readonly [string, string],
  options: HerdOptions = {},
): Overlap | undefined {
  const { seed, draws } = choices(options);
  const [first, second] = [timeEvents(a), timeEvents(b)];
  const [times, others] = [listAngles(first, name), listAngles(second, name)];
  if (first.clock !== second.clock || Math.min(times.length, others.length) < FEWEST_EVENTS) return undefined;
  return makeOverlap({ name: labels[0], angles: times }, { name: labels[1], angles: others }, draws, seed);
}

/**
 * Composition and movement of one period.
 * @param data as readSurvey gives it
 */
export const makeHerd: MakeHerd = (data, options = {}) => ({
  refused: data.events.some((event) => event.class !== 'unknown')
    ? null
    : 'No event of this period has a sex. A survey needs classes such as buck, doe and fawn.',
  composition: makeComposition(data),
  movement: makeMovement(data, options),
});
