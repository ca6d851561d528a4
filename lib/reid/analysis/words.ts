// Numbers in the sentences of an analysis.

export const percent = (rate: number): string => `${(100 * rate).toFixed(rate < 0.0995 ? 1 : 0)} %`;

/** As percent, in as many decimals as it takes to differ from the limit that it is held against. */
export function against(rate: number, limit: number): string {
  let text = percent(rate);
  for (
    let digits = 1;
    digits <= 6 && rate !== limit && Number.parseFloat(text) === Number.parseFloat(percent(limit));
    digits++
  )
    text = `${(100 * rate).toFixed(digits)} %`;
  return text;
}

/** A stored score, in as many decimals as it has. */
export const lowest = (score: number | null): string =>
  score === null ? '-' : Number(score.toFixed(4)).toFixed(Math.max(2, decimals(score)));
const decimals = (score: number): number => String(Number(score.toFixed(4))).split('.')[1]?.length ?? 0;
