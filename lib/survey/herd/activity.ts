// When each class is active: curves, peaks, activity levels and shares by light. Pure.
import { count } from '../../format.ts';
import type { TimedEvent } from './clock.ts';
import { fitDensity } from './density.ts';
import type { ClassActivity, HerdClass, LightShares } from './types.ts';

/** Fewer events draw no curve. */
export const FEWEST_EVENTS = 10;

/** Points of a printed curve: quarters of an hour. */
const QUARTERS = 96;
/** Points on which the highest density is looked for. */
const FINE = 1_440;

/**
 * The activity of a class: its von Mises kernel density over the day, the hour of its peak, and the
 * activity level 1 / (2 pi max f) (J. M. Rowcliffe and others, Methods in Ecology and Evolution 5,
 * 2014), which assumes that all animals are active at the peak.
 */
export function makeActivity(name: HerdClass, timed: readonly TimedEvent[]): ClassActivity {
  const angles = timed.filter(({ event }) => event.class === name).map(({ angle }) => angle);
  const nothing = { v: null, density: null, peakHour: null, level: null };
  if (angles.length < FEWEST_EVENTS) {
    const few = `${count(angles.length, `${name} event`)} ${angles.length === 1 ? 'is' : 'are'} too few for a curve: it needs at least ${FEWEST_EVENTS}.`;
    return { class: name, events: angles.length, refused: few, ...nothing };
  }
  const { v, density } = fitDensity(angles);
  const fine = density.grid(FINE);
  const most = Math.max(...fine);
  return {
    ...{ class: name, events: angles.length, refused: null, v },
    density: fine.filter((_, i) => i % (FINE / QUARTERS) === 0),
    peakHour: (24 * fine.indexOf(most)) / FINE,
    level: 1 / (2 * Math.PI * most),
  };
}

/** Shares of the events of a class by day, twilight and night; undefined without events. */
export function shareLight(name: HerdClass, timed: readonly TimedEvent[]): LightShares | undefined {
  const own = timed.filter(({ event }) => event.class === name);
  if (own.length === 0) return undefined;
  const share = (light: string): number => own.filter((event) => event.light === light).length / own.length;
  return { class: name, events: own.length, day: share('day'), twilight: share('twilight'), night: share('night') };
}
