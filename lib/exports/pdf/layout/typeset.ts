// Makes any name show and fit: letters without a glyph are told by their number, words wider than
// their place may break anywhere.
import type { Content } from 'pdfmake/interfaces.js';
import { faces } from './fonts.ts';
import { defaultStyle, styles, WIDTH } from './style.ts';

/** Control characters would draw boxes; a line break of our own stays. */
const CONTROL = /[^\P{Cc}\n]+/gu;
/** What only says how its neighbours look: joiners, directions, variation selectors. */
const SILENT = /\p{Cf}|\p{Variation_Selector}/u;
const WORD = /[\p{L}\p{M}\p{N}]/u;
const NUMBER = /U\+[0-9A-F]{4,6}/;

/**
 * The text with `U+5B57`, apart from letters and from each other, in place of every letter that a
 * face of the report lacks.
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

export const widthOf = (text: string, size: number, bold = false): number =>
  size * faces()[bold ? 'bold' : 'regular'].width(text);

/** Points of the widest word, which a column has to hold in one line unless it is broken. */
export const widestWord = (text: string, size: number, bold = false): number =>
  Math.max(0, ...text.split(/\s+/).map((word) => widthOf(word, size, bold)));

type Inline = { text: string; wordBreak?: 'break-all' };

/**
 * The text in pieces: words wider than `limit` may break between any two letters, all others only
 * where words do.
 */
function pieces(text: string, limit: number, size: number, bold: boolean): Inline[] {
  const found: Inline[] = [];
  let plain = '';
  for (const part of text.split(/(\s+)/)) {
    if (widthOf(part, size, bold) <= limit || part.trim() === '') plain += part;
    else {
      if (plain !== '') found.push({ text: plain });
      found.push({ text: part, wordBreak: 'break-all' });
      plain = '';
    }
  }
  if (plain !== '' || found.length === 0) found.push({ text: plain });
  return found;
}

/** What of a node matters here. `limit`: points that its words may take, where the table knows. */
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
 * Without a word from a table: half a page's width for small print, which stands in two columns,
 * nearly all of it for what is read.
 */
const limitOf = ({ style, limit }: Node): number =>
  limit ?? (style === 'title' ? WIDTH : style === 'small' ? 150 : WIDTH - 40);

function textOf(node: Node): unknown {
  const look: { fontSize?: number; bold?: boolean } = node.style === undefined ? {} : styles[node.style];
  const size = node.fontSize ?? look.fontSize ?? defaultStyle.fontSize;
  const bold = node.bold ?? look.bold ?? false;
  const set = (text: string): Inline[] => pieces(printable(text), limitOf(node), size, bold);
  if (typeof node.text === 'string') {
    const [first, ...others] = set(node.text);
    return others.length === 0 && first?.wordBreak === undefined ? first?.text : [first, ...others];
  }
  return (node.text as (string | Node)[]).flatMap((inline) =>
    typeof inline === 'string' ? set(inline) : set(String(inline.text)).map((piece) => ({ ...inline, ...piece })),
  );
}

/** A document's content with every text of it made fit. */
export function typeset(content: unknown): Content {
  if (Array.isArray(content)) return content.map(typeset) as Content;
  if (typeof content === 'string') return typeset({ text: content });
  if (typeof content !== 'object' || content === null) return content as unknown as Content;
  const node = content as Node;
  return {
    ...node,
    ...(node.text === undefined ? {} : { text: textOf(node) }),
    ...(node.stack === undefined ? {} : { stack: node.stack.map(typeset) }),
    ...(node.columns === undefined ? {} : { columns: node.columns.map(typeset) }),
    ...(node.table === undefined
      ? {}
      : { table: { ...node.table, body: node.table.body.map((row) => row.map(typeset)) } }),
  } as Content;
}

/** Whether a name had to be told by numbers; asked of typeset content. */
export const hasNumbers = (content: Content): boolean =>
  NUMBER.test(JSON.stringify(content, (key, value) => (key === 'svg' ? '' : value)));
