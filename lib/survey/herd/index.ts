// The door of the herd: composition and movement. Pure.
export { FEW_AT_PLACE, FEWEST_DOES, makeComposition } from './composition.ts';
export { FEWEST_PLACES, jackknifeRatio, makeRatio, wilsonRatio } from './ratios.ts';
export * from './types.ts';
