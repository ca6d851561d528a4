// When deer walk past a camera: by season and class, and by light, with peaks at dawn and dusk.
import type { Random } from './random.ts';

export type Class = 'buck' | 'doe' | 'fawn';
export const CLASSES: readonly Class[] = ['buck', 'doe', 'fawn'];

/**
 * Relative activity by month from September. Bucks peak in the rut (October, November); does are
 * steady with a rise in the rut and in early summer; fawns are seen most from July, when they begin
 * to follow, to November.
 */
const BY_MONTH: Record<Class, readonly number[]> = {
  buck: [0.9, 1.5, 2.0, 1.1, 0.7, 0.5, 0.5, 0.55, 0.6, 0.65, 0.75, 0.85],
  doe: [1.0, 1.2, 1.4, 1.0, 0.85, 0.75, 0.8, 0.85, 1.0, 1.05, 1.0, 1.0],
  fawn: [1.6, 1.5, 1.2, 0.9, 0.7, 0.6, 0.5, 0.4, 0.15, 0.7, 1.5, 1.8],
};
const HIGHEST: Record<Class, number> = { buck: 2.0, doe: 1.4, fawn: 1.8 };
const MONTH_DAYS = [30, 31, 30, 31, 31, 29, 31, 30, 31, 30, 31, 31];
const MONTH_OF_DAY = MONTH_DAYS.flatMap((days, month) => Array.from({ length: days }, () => month));

/**
 * Sunrise and sunset in hours of local standard time near 43.5 N, within a few minutes; day 0 is 1
 * September.
 */
function sun(day: number): { rise: number; set: number } {
  const fromSolstice = Math.cos((2 * Math.PI * (day + 72)) / 365.25);
  const half = 6.08 + 1.58 * fromSolstice;
  return { rise: 12.1 - half, set: 12.1 + half };
}

/** Share of the events that the recipe wants under infrared light. */
const INFRARED_SHARE = 0.6;

export interface Moment {
  day: number;
  /** Hours of local standard time in [0, 24). */
  hour: number;
  infrared: boolean;
}

/**
 * One moment of activity. `works(day)` says whether the camera took images then; it must be true
 * for some days.
 */
export function moment(dice: Random, animal: Class, works: (day: number) => boolean): Moment {
  let day: number;
  do {
    day = dice.below(MONTH_OF_DAY.length);
  } while (!works(day) || dice.next() * HIGHEST[animal] > BY_MONTH[animal][MONTH_OF_DAY[day]!]!);
  const { rise, set } = sun(day);
  const infrared = dice.next() < INFRARED_SHARE;
  for (;;) {
    // Two out of three visits lie around dawn or dusk (more evenings than mornings), the rest
    // anywhere.
    const twilight = dice.next() < 0.67;
    const centre = dice.next() < 0.45 ? rise + 0.2 : set - 0.2;
    const hour = twilight ? centre + 1.3 * dice.normal() : 24 * dice.next();
    if (hour < 0 || hour >= 24) continue;
    // The camera's sensor needs some light: infrared from 20 minutes after sunset to 20 minutes
    // before sunrise.
    const dark = hour < rise - 0.33 || hour > set + 0.33;
    if (dark === infrared) return { day, hour, infrared };
  }
}
