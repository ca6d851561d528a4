// What may be asked of a Re-ID analysis as a job: the input of the function of that name, but for
// `output`, because nothing is written where the service runs.
import type { Contract } from '../contract.ts';
import { matchingContract, plotContract, scoresContract, surveyContract, thresholdsContract } from './input.ts';

/** With what the documentation says of it. */
interface Asked {
  /** Its schema has properties. */
  contract: Contract<object>;
  description: string;
  /** Valid requests. */
  examples: Readonly<Record<string, object>>;
}

function withoutOutput({ schema, rules }: Contract<object>): Contract<object> {
  const { output: _, ...properties } = (schema as { properties: Record<string, object> }).properties;
  return { schema: { ...schema, properties }, ...(rules === undefined ? {} : { rules }) };
}

/** Each analysis that can be asked for as a job. */
export const JOB_INPUTS = {
  scores: {
    contract: withoutOutput(scoresContract),
    description: 'How similarity scores are distributed, and whether they separate animals.',
    examples: { all: {}, bucks: { classes: ['buck'], since: '2023-09-01' } },
  },
  thresholds: {
    contract: withoutOutput(thresholdsContract),
    description:
      'What each threshold would do, and which one should be used. The rows of a trial are in result.json; its page for a review is made by the invoked function alone.',
    examples: { four: { thresholds: [0.7, 0.65, 0.6, 0.55] } },
  },
  plot: {
    contract: withoutOutput(plotContract),
    description: 'One page with every chart.',
    examples: { all: { max_fpir: 0.05 } },
  },
  matching: {
    contract: withoutOutput(matchingContract),
    description:
      'Which method of matching finds most deer at the same promise. What it recommends for the whole database is kept for `npm run reid -- apply`.',
    examples: { all: {} },
  },
  survey: {
    contract: withoutOutput(surveyContract),
    description:
      'What the herd is: how many, fawns and bucks per 100 does, and when they move, each with its interval. What the data cannot carry is refused with the reason and what would mend it.',
    examples: {
      year: {},
      autumn: {
        since: '2023-09-01',
        until: '2023-12-31',
        window: { since: '2023-10-01', until: '2023-11-29' },
        seed: 1,
      },
    },
  },
} as const satisfies Record<string, Asked>;

export type JobAnalysis = keyof typeof JOB_INPUTS;
