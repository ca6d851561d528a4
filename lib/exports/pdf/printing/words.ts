// Words as operators of a PDF. A document writes most of its words several times.
import type { Document, Font } from './inner.ts';

/** Words remembered per font of a document. */
const WORDS = 3_000;

/** Thousandths of a point. */
export const round = (value: number): number => Math.round(value * 1_000) / 1_000;

/** Operands of `TJ` by the word; undefined for a word with a moved letter. */
type Written = Map<string, string | undefined>;
const written = new WeakMap<Font, Written>();

function writeGlyphs(font: Font, word: string): string | undefined {
  const [hex, positions] = font.encode(word);
  let operands = '';
  let open = '';
  for (const [at, { xAdvance, advanceWidth, xOffset, yOffset }] of positions.entries()) {
    if (xOffset !== 0 || yOffset !== 0) return undefined;
    open += hex[at] ?? '';
    const kerning = xAdvance - advanceWidth;
    if (kerning !== 0) {
      operands += `<${open}> ${round(-kerning)} `;
      open = '';
    }
  }
  return open === '' ? operands : `${operands}<${open}>`;
}

/** @returns what `TJ` takes to show the word; undefined when that is not enough */
export function encodeWord(font: Font, word: string): string | undefined {
  let known = written.get(font);
  if (known === undefined) {
    known = new Map();
    written.set(font, known);
  }
  const found = known.get(word);
  if (found !== undefined) return found;
  const operands = writeGlyphs(font, word);
  if (known.size >= WORDS) known.clear();
  known.set(word, operands);
  return operands;
}

/** The name of the font on this page and its size. */
export function selectFont({ page }: Document, font: Font, size: number): string {
  page.fonts[font.id] ??= font.ref();
  return `/${font.id} ${round(size)} Tf`;
}

const colors = new Map<string, string>();
/** The operator that fills with a color; undefined when it is not a plain one. */
export function selectColor(document: Document, color: unknown): string | undefined {
  if (typeof color !== 'string') return undefined;
  let operator = colors.get(color);
  if (operator === undefined) {
    const parts = document._normalizeColor(color);
    if (!Array.isArray(parts) || parts.length !== 3) return undefined;
    operator = `${parts.map(round).join(' ')} rg`;
    if (colors.size < 100) colors.set(color, operator);
  }
  return operator;
}
