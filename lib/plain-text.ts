// Text from files and databases, made fit for a person's screen: nothing in it may steer a terminal
// or pass for something else.

/**
 * Controls (ESC, CR, C1 codes ...), marks that change the direction of writing, and separators that
 * break lines.
 */
const STEERING = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const UNSEEN = /[\p{C}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]|(?! )\p{White_Space}/gu;

const toEscape = (character: string): string => {
  const code = character.codePointAt(0)!;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
};

/**
 * Text as a terminal may have it: line feeds and tabs stay, every other control character is
 * written as an escape such as \u001b.
 */
export const forTerminal = (text: string): string =>
  text.replace(STEERING, (character) => (character === '\n' || character === '\t' ? character : toEscape(character)));

/** The same on one line: line feeds and tabs are blanks. */
export const forTerminalLine = (text: string): string => forTerminal(text).replace(/[\n\t]/g, ' ');

/**
 * JSON that steers no terminal: what `JSON.stringify` leaves as it is (DEL, C1 codes, marks of
 * direction) is escaped as well, so that it reads the same.
 */
export const plainJson = (value: unknown, space?: number): string => forTerminal(JSON.stringify(value, null, space));

/** A name inside a text file: control characters and line breaks in it would forge lines. */
export const onOneLine = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters meant
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();

/**
 * A name in quotes with everything that cannot be seen written as an escape, on one line, at most
 * `longest` characters of it: `"a\u200bb"`. Letters in another form than the usual (an accent apart
 * from its letter) are escaped as well, so that two names that look the same can be distinguished.
 */
export function visible(name: string, longest = 80): string {
  const start = name.length > longest ? `${name.slice(0, longest)}...` : name;
  const quoted = start.replace(/["\\]/g, '\\$&').replace(UNSEEN, toEscape);
  return `"${start.normalize('NFC') === start ? quoted : quoted.replace(/\p{M}/gu, toEscape)}"`;
}
