// Makes any name print and fit: letters without a glyph are shown by their Unicode number, and
// words wider than their column may break anywhere.
import type { Content } from 'pdfmake/interfaces.js';
import { faces } from './fonts.ts';
import { defaultStyle, styles, WIDTH } from './style.ts';

/** Control characters would print as boxes; a line break stays. */
const CONTROL = /[^\P{Cc}\n]+/gu;
/** Characters that only change their neighbors: joiners, directions, variation selectors. */
const SILENT = /\p{Cf}|\p{Variation_Selector}/u;
const WORD = /[\p{L}\p{M}\p{N}]/u;
const NUMBER = /U\+[0-9A-F]{4,6}/;
/** Letters that every typeface has. */
const ASCII = /^[ -~\n]*$/;

/**
 * The text with a number such as `U+5B57` for every letter that the report's typeface lacks. Blanks
 * separate numbers from letters and from each other.
 */
export function printable(text: string): string {
  if (ASCII.test(text)) return text;
  const { regular, bold } = faces();
  let shown = '';
  let numbered = false;
  for (const letter of text.toWellFormed().replace(CONTROL, ' ')) {
    const code = letter.codePointAt(0) ?? 0;
    if (letter === '\n' || (regular.has(code) && bold.has(code))) {
      shown += numbered && WORD.test(letter) ? ` ${letter}` : letter;
      numbered = false;
    } else if (!SILENT.test(letter)) {
      shown += `${numbered || WORD.test(shown.at(-1) ?? '') ? ' ' : ''}U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
      numbered = true;
    }
  }
  return shown;
}

export const measureText = (text: string, size: number, bold = false): number =>
  size * faces()[bold ? 'bold' : 'regular'].width(text);

/** Points of the widest word, which a column has to hold on one line. */
export const widestWord = (text: string, size: number, bold = false): number =>
  Math.max(0, ...text.split(/\s+/).map((word) => measureText(word, size, bold)));

type Inline = { text: string; wordBreak?: 'break-all' };

/**
 * The text in pieces: words wider than `limit` may break between any two letters, others may not.
 */
function splitWideWords(text: string, limit: number, size: number, bold: boolean): Inline[] {
  if (measureText(text, size, bold) <= limit) return [{ text }];
  const found: Inline[] = [];
  let plain = '';
  for (const part of text.split(/(\s+)/)) {
    if (measureText(part, size, bold) <= limit || part.trim() === '') plain += part;
    else {
      if (plain !== '') found.push({ text: plain });
      found.push({ text: part, wordBreak: 'break-all' });
      plain = '';
    }
  }
  if (plain !== '' || found.length === 0) found.push({ text: plain });
  return found;
}

/** What this module reads of a node. `limit`: points that its words may take, set by tables. */
interface Node {
  text?: unknown;
  stack?: unknown[];
  columns?: unknown[];
  table?: { body: unknown[][] };
  style?: keyof typeof styles;
  fontSize?: number;
  bold?: boolean;
  limit?: number;
}

/**
 * Without a limit from a table: small print may be in two columns, other text has nearly the page.
 */
const wordLimit = ({ style, limit }: Node): number =>
  limit ?? (style === 'title' ? WIDTH : style === 'small' ? 150 : WIDTH - 40);

/** What typesetting learns about a document. */
export interface Seen {
  /** Whether a letter is shown by its number. */
  numbers: boolean;
}

function typesetText(node: Node, seen: Seen): unknown {
  const look: { fontSize?: number; bold?: boolean } = node.style === undefined ? {} : styles[node.style];
  const size = node.fontSize ?? look.fontSize ?? defaultStyle.fontSize;
  const bold = node.bold ?? look.bold ?? false;
  const set = (text: string): Inline[] => {
    const shown = printable(text);
    if (shown !== text && NUMBER.test(shown)) seen.numbers = true;
    return splitWideWords(shown, wordLimit(node), size, bold);
  };
  if (typeof node.text === 'string') {
    const [first, ...others] = set(node.text);
    return others.length === 0 && first?.wordBreak === undefined ? first?.text : [first, ...others];
  }
  return (node.text as (string | Node)[]).flatMap((inline) =>
    typeof inline === 'string' ? set(inline) : set(String(inline.text)).map((piece) => ({ ...inline, ...piece })),
  );
}

/** A document's content with all its text made to print and fit. */
export function typeset(content: unknown, seen: Seen = { numbers: false }): Content {
  const inner = (part: unknown): Content => typeset(part, seen);
  if (Array.isArray(content)) return content.map(inner);
  if (typeof content === 'string') return typeset({ text: content }, seen);
  if (typeof content !== 'object' || content === null) return content as unknown as Content;
  const node: Node = { ...content };
  if (node.text !== undefined) node.text = typesetText(node, seen);
  if (node.stack !== undefined) node.stack = node.stack.map(inner);
  if (node.columns !== undefined) node.columns = node.columns.map(inner);
  if (node.table !== undefined) node.table = { ...node.table, body: node.table.body.map((row) => row.map(inner)) };
  return node as Content;
}
