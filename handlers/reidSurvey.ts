// Invoked: what the herd is, in numbers with intervals.
import { invoke } from '../lib/lambda/invoke.ts';
import { reidSurvey } from '../lib/reid/index.ts';
import { surveyContract } from '../lib/reid/input.ts';
import { reidPorts } from '../lib/wiring.ts';

export const handler = invoke('reidSurvey', surveyContract, (input) => reidSurvey(reidPorts(), input));
