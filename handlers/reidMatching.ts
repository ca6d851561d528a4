// Invoked: which method of matching finds most deer at the same promise.
import { invoke } from '../lib/lambda/invoke.ts';
import { reidMatching } from '../lib/reid/index.ts';
import { matchingContract } from '../lib/reid/input.ts';
import { reidPorts } from '../lib/wiring.ts';

export const handler = invoke('reidMatching', matchingContract, (input) => reidMatching(reidPorts(), input));
