// Invoked: how similarity scores are distributed, and whether they separate animals.
import { invoke } from '../lib/lambda/invoke.ts';
import { reidScores } from '../lib/reid/index.ts';
import { scoresContract } from '../lib/reid/input.ts';
import { reidPorts } from '../lib/wiring.ts';

export const handler = invoke('reidScores', scoresContract, (input) => reidScores(reidPorts(), input));
