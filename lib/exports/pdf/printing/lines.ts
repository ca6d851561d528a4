// Writes a line of text as one text object. PDFKit saves, turns and restores the page for each
// word, and sets its font and color anew.
import { type Document, type Inline, type Line, renderers } from './inner.ts';
import { encodeWord, round, selectColor, selectFont } from './words.ts';

/** What a plain line has none of; a line with one of them is printed as before. */
const SPECIAL_LINE = ['_outline', '_pageNodeRef', 'id'];
const SPECIAL_WORD = [
  '_pageNodeRef',
  'link',
  'linkToPage',
  'linkToDestination',
  'fontFeatures',
  'characterSpacing',
  'decoration',
  'background',
  'sup',
  'sub',
];

const isPlain = (line: Line): boolean =>
  SPECIAL_LINE.every((property) => !line[property]) &&
  line.inlines.every((word) => (word.opacity ?? 1) === 1 && SPECIAL_WORD.every((property) => !word[property]));

/** Points by which words may be apart from where the one before them ends. */
const TOUCHING = 0.001;

const continues = (word: Inline, before: Inline | undefined): boolean =>
  before !== undefined &&
  word.font === before.font &&
  word.fontSize === before.fontSize &&
  word.color === before.color &&
  Math.abs(before.x + before.width - word.x) < TOUCHING;

/** @returns the operators of the line; undefined when they cannot be written this way */
function writeLine(document: Document, line: Line, x: number, y: number): string | undefined {
  const operators: string[] = ['BT'];
  const top = y + line.getAscenderHeight();
  let shown = '';
  let [lastFont, lastColor] = ['', ''];
  for (const [at, word] of line.inlines.entries()) {
    const operands = encodeWord(word.font, word.text);
    const color = selectColor(document, word.color);
    if (operands === undefined || color === undefined) return undefined;
    if (!continues(word, line.inlines[at - 1])) {
      if (shown !== '') operators.push(`[${shown}] TJ`);
      shown = '';
      const font = selectFont(document, word.font, word.fontSize);
      if (color !== lastColor) operators.push(color);
      if (font !== lastFont) operators.push(font);
      operators.push(`1 0 0 -1 ${round(x + word.x)} ${round(top)} Tm`);
      [lastFont, lastColor] = [font, color];
    }
    shown += operands;
  }
  operators.push(`[${shown}] TJ`, 'ET');
  return operators.join('\n');
}

export function quickenLines(): void {
  const { renderLine } = renderers;
  renderers.renderLine = function (line, x, y) {
    const operators =
      line.inlines.length > 0 && isPlain(line) ? writeLine(this.pdfDocument, line, x ?? 0, y ?? 0) : undefined;
    if (operators === undefined) renderLine.call(this, line, x, y);
    else this.pdfDocument.opacity(1).addContent(operators);
  };
}
