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

/**
 * The text with a number such as `U+5B57` for every letter that the report's typeface lacks. Blanks
 * separate numbers from letters and from each other.
 */
export function printable(text: string): string {
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

function typesetText(node: Node): unknown {
  const look: { fontSize?: number; bold?: boolean } = node.style === undefined ? {} : styles[node.style];
  const size = node.fontSize ?? look.fontSize ?? defaultStyle.fontSize;
  const bold = node.bold ?? look.bold ?? false;
  const set = (text: string): Inline[] => splitWideWords(printable(text), wordLimit(node), size, bold);
  if (typeof node.text === 'string') {
    const [first, ...others] = set(node.text);
    return others.length === 0 && first?.wordBreak === undefined ? first?.text : [first, ...others];
  }
  return (node.text as (string | Node)[]).flatMap((inline) =>
    typeof inline === 'string' ? set(inline) : set(String(inline.text)).map((piece) => ({ ...inline, ...piece })),
  );
}

/** A document's content with all its text made to print and fit. */
export function typeset(content: unknown): Content {
  if (Array.isArray(content)) return content.map(typeset) as Content;
  if (typeof content === 'string') return typeset({ text: content });
  if (typeof content !== 'object' || content === null) return content as unknown as Content;
  const node = content as Node;
  return {
    ...node,
    ...(node.text === undefined ? {} : { text: typesetText(node) }),
    ...(node.stack === undefined ? {} : { stack: node.stack.map(typeset) }),
    ...(node.columns === undefined ? {} : { columns: node.columns.map(typeset) }),
    ...(node.table === undefined
      ? {}
      : { table: { ...node.table, body: node.table.body.map((row) => row.map(typeset)) } }),
  } as Content;
}

/** Whether typeset content has letters that are shown by their number. */
export const hasNumbers = (content: Content): boolean =>
  NUMBER.test(JSON.stringify(content, (key, value) => (key === 'svg' ? '' : value)));
