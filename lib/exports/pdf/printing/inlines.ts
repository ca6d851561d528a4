// Measures the words of a text. Words that inherit their look share it: it is looked up once for
// the text and not for each word.
import { type Inline, type Styles, styleStacks, textInlines } from './inner.ts';

/** What pdfmake looks up for each word, with its defaults. */
const LOOK = {
  alignment: 'left',
  fontSize: 12,
  fontFeatures: null,
  characterSpacing: 0,
  color: 'black',
  decoration: null,
  decorationColor: null,
  decorationStyle: null,
  decorationThickness: null,
  background: null,
  link: null,
  linkToPage: null,
  linkToDestination: null,
  noWrap: null,
  opacity: 1,
  sup: false,
  sub: false,
};
/** Looks that change how a word is measured: texts with one of them are measured as before. */
const SPECIAL = { leadingIndent: 0, characterSpacing: 0, sup: false, sub: false, fontFeatures: null };
/** What a word has that inherits its look. */
const BARE = new Set(['text', 'lineEnd', 'noNewLine']);

const isBare = (word: object): boolean => {
  for (const property in word) if (!BARE.has(property)) return false;
  return true;
};

const LEADING = /^\s+/;
const TRAILING = /\s+$/;

type Word = Pick<Inline, 'text'> & { lineEnd?: boolean; noNewLine?: boolean };

export function quickenInlines(): void {
  const { measure } = textInlines;
  textInlines.measure = function (words: Word[], styles: Styles) {
    const look = <T>(property: string, fallback: T): T =>
      styleStacks.getStyleProperty({}, styles, property, fallback) as T;
    const isSpecial = Object.entries(SPECIAL).some(([property, usual]) => look(property, usual) !== usual);
    if (isSpecial || !words.every(isBare)) return measure.call(this, words, styles);

    const shared: Record<string, unknown> = {};
    for (const [property, fallback] of Object.entries(LOOK)) shared[property] = look(property, fallback);
    const font = this.pdfDocument.provideFont(look('font', 'Roboto'), look('bold', false), look('italics', false));
    const size = look('fontSize', 12);
    const height = font.lineHeight(size) * look('lineHeight', 1);
    const [keepLeading, keepTrailing] = [look('preserveLeadingSpaces', false), look('preserveTrailingSpaces', false)];
    const cut = (text: string, pattern: RegExp, keep: boolean): number => {
      const blanks = keep ? undefined : pattern.exec(text)?.[0];
      return blanks === undefined ? 0 : font.widthOfString(blanks, size);
    };
    return words.map((word) => ({
      ...word,
      ...shared,
      font,
      width: font.widthOfString(word.text, size),
      height,
      leadingCut: cut(word.text, LEADING, keepLeading),
      trailingCut: cut(word.text, TRAILING, keepTrailing),
    }));
  };
}
