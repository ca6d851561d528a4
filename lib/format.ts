// Numbers, plurals, percentages, lists and days as a person reads them: American English, the same
// on every host, whatever its locale.

/**
 * A number with thousands separators: 11570 -> `11,570`.
 * @param digits decimals, always printed
 */
export const number = (value: number, digits = 0): string =>
  value.toFixed(digits).replace(/(?<!\.\d*)\B(?=(\d{3})+(?!\d))/g, ',');

/** Nouns of this product whose plural is the word itself. */
const SAME = /\b(deer|series)$/;

/** The plural of a noun, or of the last word of a phrase: `camera` -> `cameras`. */
function plural(noun: string): string {
  if (SAME.test(noun)) return noun;
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

/**
 * How many there are of something: `1 image`, `2 images`, `1 deer`, `1,204 deer`, `0 cells`.
 * @param nouns where the rule of `plural` does not hold
 */
export const count = (n: number, noun: string, nouns = plural(noun)): string =>
  `${number(n)} ${n === 1 ? noun : nouns}`;

/**
 * A fraction as a percentage: 0.05 -> `5%`.
 * @param digits decimals, always printed; absent: two significant digits, or as many as it takes to
 *   differ from 0% and 100%
 */
export function percent(fraction: number, digits?: number): string {
  const [size, rest] = [Math.abs(fraction), Math.abs(1 - fraction)];
  const needed =
    size === 0 || rest === 0 ? 0 : size < 0.001 || rest < 0.001 ? 2 : size < 0.0995 || rest < 0.0095 ? 1 : 0;
  return `${number(100 * fraction, digits ?? needed)}%`;
}

/**
 * A threshold of a score in the decimals that it needs, two to six: 0.7 -> `0.70`, 0.566 ->
 * `0.566`.
 */
export function threshold(score: number): string {
  const decimals = String(Number(score.toFixed(6))).split('.')[1]?.length ?? 0;
  return score.toFixed(Math.max(2, decimals));
}

/** A part of a whole in percent, to one decimal: `12.5%`; `-` of nothing. */
export const share = (part: number, whole: number): string => (whole === 0 ? '-' : percent(part / whole, 1));

/**
 * Words in a row: `a`, `a and b`, `a, b, and c`.
 * @param most how many are named; the rest is counted: `a, b, and 3 more`
 * @param noun what the rest is: `a, b, and 3 more classes`
 */
export function listWords(words: readonly string[], most = words.length, noun?: string): string {
  const rest = words.length - most;
  const more = noun === undefined ? `${number(rest)} more` : count(rest, `more ${noun}`);
  const named = rest > 0 ? [...words.slice(0, most), more] : [...words];
  const last = named.pop();
  if (last === undefined || named.length === 0) return last ?? '';
  return named.length === 1 ? `${named[0]} and ${last}` : `${named.join(', ')}, and ${last}`;
}

/** A short time from milliseconds: `850 ms`, `4.2 s`, `25 s`, `2.5 min`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const [value, unit] = ms < 120_000 ? [ms / 1_000, 's'] : [ms / 60_000, 'min'];
  return `${Number(value.toFixed(1))} ${unit}`;
}

/** A time of day to the quarter of an hour: 17.8 -> `17:45`, 6 -> `06:00`, 23.9 -> `00:00`. */
export function timeOfDay(hour: number): string {
  const minutes = (Math.round(hour * 4) * 15) % 1_440;
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/**
 * A calendar day: `2023-09-01` -> `1 Sep 2023`; a time after it stays. Any other text comes back as
 * it is.
 */
export function day(text: string): string {
  const [, year, month, date, time] = /^(\d{4})-(\d{2})-(\d{2})(?: (\d{2}:\d{2}))?/.exec(text) ?? [];
  if (year === undefined) return text;
  return `${Number(date)} ${MONTHS[Number(month) - 1]} ${year}${time === undefined ? '' : `, ${time}`}`;
}
