// Invoked: one page with every chart of the Re-ID analysis.
import { invoke } from '../lib/lambda/invoke.ts';
import { reidPlot } from '../lib/reid/index.ts';
import { plotContract } from '../lib/reid/input.ts';
import { reidPorts } from '../lib/wiring.ts';

export const handler = invoke('reidPlot', plotContract, (input) => reidPlot(reidPorts(), input));
