// The door of the herd: composition and movement. Pure.
export { FEWEST_EVENTS, makeActivity } from './activity.ts';
export { timeEvents } from './clock.ts';
export { FEW_AT_PLACE, FEWEST_DOES, makeComposition } from './composition.ts';
export { fitDensity } from './density.ts';
export { leastNights } from './effort.ts';
export { comparePeriods, DEFAULT_DRAWS, DEFAULT_SEED, makeHerd, makeMovement } from './herd.ts';
export { dhat1, dhat4, makeOverlap } from './overlap.ts';
export { FEWEST_PLACES, jackknifeRatio, makeRatio, wilsonRatio } from './ratios.ts';
export { FEWEST_RESAMPLED, makeRut } from './rut.ts';
export { lightAt, sunAltitude, sunDay, sunTime } from './sun.ts';
export * from './types.ts';
