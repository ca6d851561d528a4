// Broken rules as a person reads them: the first ones and how many more there are, never a screen
// that scrolls for minutes.

export const SHOWN = 20;

/** Lines of the first `shown` problems, and a last one for the rest. */
export const firstProblems = (problems: readonly string[], shown = SHOWN): string[] => [
  ...problems.slice(0, shown),
  ...(problems.length > shown ? [`and ${problems.length - shown} more`] : []),
];

/** The problems as indented lines below a sentence. */
export const withProblems = (sentence: string, problems: readonly string[]): string =>
  [sentence, ...firstProblems(problems)].join('\n  ');

/** `1 row`, `2 rows`. */
export const counted = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
