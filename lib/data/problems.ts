// Broken rules as a person reads them: the first ones, and how many more there are.
import { number } from '../format.ts';

/** Problems that a message names. */
export const SHOWN = 20;

/** Lines of the first `shown` problems, and a last one for the rest. */
export const firstProblems = (problems: readonly string[], shown = SHOWN): string[] => [
  ...problems.slice(0, shown),
  ...(problems.length > shown ? [`and ${number(problems.length - shown)} more`] : []),
];

/** The problems as indented lines below a sentence. */
export const withProblems = (sentence: string, problems: readonly string[]): string =>
  [sentence, ...firstProblems(problems)].join('\n  ');
