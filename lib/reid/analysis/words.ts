// Numbers and verbs in the sentences of an analysis.
import { percent } from '../../format.ts';

/** A limit of a request, in as many decimals as it has: 0.05 -> `5%`. */
export const formatLimit = (rate: number): string => `${Number((100 * rate).toFixed(4))}%`;

/** A rate in percent, in as many decimals as it takes to differ from a limit: 0.0497 -> `4.97%`. */
export function formatAgainst(rate: number, limit: number): string {
  let text = percent(rate);
  const same = (): boolean => rate !== limit && Number.parseFloat(text) === Number.parseFloat(formatLimit(limit));
  for (let digits = 1; digits <= 6 && same(); digits++) text = percent(rate, digits);
  return text;
}

/** A stored score, in as many decimals as it has, from two to four. */
export function formatScore(score: number): string {
  const decimals = String(Number(score.toFixed(4))).split('.')[1]?.length ?? 0;
  return score.toFixed(Math.max(2, decimals));
}

export const are = (n: number): string => (n === 1 ? 'is' : 'are');
export const have = (n: number): string => (n === 1 ? 'has' : 'have');
