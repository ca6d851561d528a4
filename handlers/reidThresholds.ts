// Invoked: what each threshold would do, and which one should be used; with `trial`, what it would
// change.
import { invoke } from '../lib/lambda/invoke.ts';
import { reidThresholds } from '../lib/reid/index.ts';
import { thresholdsContract } from '../lib/reid/input.ts';
import { reidPictures, reidPorts } from '../lib/wiring.ts';

export const handler = invoke('reidThresholds', thresholdsContract, (input) =>
  reidThresholds(reidPorts(), input, reidPictures()),
);
