// The words of a class name as a reader sees them, however a program or a person has typed them.

/** Pairs of characters, the first written in place of the second. */
const pairs = (text: string): ReadonlyMap<string, string> =>
  new Map(text.split(' ').map((pair) => [pair[0]!, pair.slice(1)]));

/** Letters that Unicode does not split into a base letter and a mark. */
const LETTERS = pairs('\u00dfss \u00e6ae \u00f0d \u00f8o \u00feth \u0111d \u0127h \u0131i \u0142l \u0153oe');
/** Greek and Cyrillic letters that look like Latin ones. */
const LOOKALIKES = pairs(
  '\u0430a \u0435e \u043eo \u0440p \u0441c \u0443y \u0445x \u0456i \u0455s \u0458j \u04bbh \u0501d \u043cm \u043dh \u0442t ' +
    '\u043ak \u0432b \u03b1a \u03bfo \u03c1p \u03b9i \u03b7n \u03bak \u03bdv \u03c5u \u03b5e \u03c4t',
);
const MIXED =
  /\p{Script=Latin}.*[\p{Script=Cyrillic}\p{Script=Greek}]|[\p{Script=Cyrillic}\p{Script=Greek}].*\p{Script=Latin}/u;
/** Digits written in place of letters. */
const DIGITS = pairs('0o 1i 3e 4a 5s 7t');

const replaceAll = (text: string, letters: ReadonlyMap<string, string>): string =>
  [...text].map((letter) => letters.get(letter) ?? letter).join('');

/** deerDoe is two words; HuMaN is not: see `readings`. */
const parted = (name: string): string => name.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2');

/**
 * Every way to read a name as words: as `splitWords` does, and with capitals inside a word for no
 * more than capitals.
 */
export function readings(name: string): string[][] {
  const plain = name.normalize('NFKC');
  return parted(plain) === plain ? [splitWords(name)] : [splitWords(name), splitWords(plain.toLowerCase())];
}

/**
 * The words of a name without what a reader does not see or does not mind: case, accents, invisible
 * characters, separators, digits and letters of another alphabet that look like Latin ones.
 */
export function splitWords(name: string): string[] {
  const spaced = parted(name.normalize('NFKC'));
  const folded = replaceAll(spaced.toLowerCase(), LETTERS)
    .normalize('NFKD')
    .replace(/(?![\t\n\r])[\p{M}\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}]/gu, '');
  const spelled = folded.replace(/(?<=\p{L})[013457](?=\p{L})/gu, (digit) => DIGITS.get(digit)!);
  const found = spelled.match(/\p{L}+/gu) ?? [];
  // H.U.M.A.N is one word.
  const words = found.length > 2 && found.every((word) => /^\p{Script=Latin}$/u.test(word)) ? [found.join('')] : found;
  return words.map((word) => (MIXED.test(word) ? replaceAll(word, LOOKALIKES) : word));
}
