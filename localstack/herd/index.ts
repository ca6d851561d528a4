// The door of the demo herd: load it, find it, remove it, make it without a database, draw its
// pictures.
export { drawFrame } from './frames.ts';
export { generateHerd, type Herd, type HerdOptions } from './herd.ts';
export { herdPresent, type LoadOptions, loadHerd, removeHerd } from './load.ts';
