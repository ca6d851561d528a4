// What the message of a Re-ID analysis holds. What may be asked for is said where the analyses are
// (lib/reid/job-inputs.ts): the POST and the renderer hold the input to that.
import Type, { type Static } from 'typebox';
import type { RequestContract } from '../shared/kind.ts';
import { closed } from '../shared/request.ts';
import { ANALYSES, type reidKind } from './kind.ts';

export type Analysis = (typeof ANALYSES)[number];

const Body = Type.Object(
  {
    analysis: Type.Unsafe<Analysis>(Type.String({ enum: ANALYSES, expected: `one of: ${ANALYSES.join(', ')}` })),
    input: Type.Unsafe<object>(Type.Object({}, { expected: 'the input of an analysis' })),
  },
  closed,
);

export type ReidRequest = Static<typeof Body>;

export const reidContract: RequestContract<typeof reidKind.kind, ReidRequest> = {
  kind: 'reid',
  schema: Body,
  description: 'An analysis of Re-ID, by its name.',
  examples: { thresholds: { analysis: 'thresholds', input: { thresholds: [0.7, 0.65] } } },
};
