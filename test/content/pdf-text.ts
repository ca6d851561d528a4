// Reads the text out of a PDF as a viewer's selection would: through each font's own ToUnicode
// table. Enough for the PDFs we write ourselves.
import { inflateSync } from 'node:zlib';

interface Part {
  dictionary: string;
  stream: Buffer | undefined;
}

function objects(pdf: Buffer): Map<string, Part> {
  const parts = new Map<string, Part>();
  const text = pdf.toString('latin1');
  for (const match of text.matchAll(/(?:^|\n)(\d+) 0 obj\n([\s\S]*?)\nendobj/g)) {
    const [, number = '', body = ''] = match;
    const at = body.indexOf('stream\n');
    if (at < 0) parts.set(number, { dictionary: body, stream: undefined });
    else {
      const raw = Buffer.from(body.slice(at + 7, body.lastIndexOf('\nendstream')), 'latin1');
      const dictionary = body.slice(0, at);
      parts.set(number, { dictionary, stream: dictionary.includes('/FlateDecode') ? inflateSync(raw) : raw });
    }
  }
  return parts;
}

/** Glyph number -> letters. */
function unicodeOf(cmap: string): Map<number, string> {
  const letters = new Map<number, string>();
  for (const [, first = '', list = ''] of cmap.matchAll(/<([0-9a-f]+)> <[0-9a-f]+> \[([^\]]*)\]/gi)) {
    [...list.matchAll(/<([0-9a-f ]*)>/gi)].forEach((entry, index) => {
      const hex = (entry[1] ?? '').replaceAll(' ', '');
      letters.set(Number.parseInt(first, 16) + index, Buffer.from(hex, 'hex').swap16().toString('utf16le'));
    });
  }
  return letters;
}

function fontsOf(parts: Map<string, Part>): Map<string, Map<number, string>> {
  const fonts = new Map<string, Map<number, string>>();
  for (const { dictionary } of parts.values()) {
    for (const [, name = '', reference = ''] of dictionary.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const cmap = /\/ToUnicode (\d+) 0 R/.exec(parts.get(reference)?.dictionary ?? '')?.[1];
      if (cmap !== undefined) fonts.set(name, unicodeOf(parts.get(cmap)?.stream?.toString('latin1') ?? ''));
    }
  }
  return fonts;
}

/** The text of each page; every shown string is separated by a line break. */
export function pagesOf(pdf: Buffer): string[] {
  const parts = objects(pdf);
  const fonts = fontsOf(parts);
  const pages: string[] = [];
  for (const { dictionary } of parts.values()) {
    const contents = /\/Type \/Page\n[\s\S]*\/Contents (\d+) 0 R|\/Contents (\d+) 0 R[\s\S]*\/Type \/Page\n/.exec(
      dictionary,
    );
    const stream = parts.get(contents?.[1] ?? contents?.[2] ?? '')?.stream;
    if (stream !== undefined) pages.push(shown(stream.toString('latin1'), fonts));
  }
  return pages;
}

function shown(content: string, fonts: Map<string, Map<number, string>>): string {
  let font: Map<number, string> | undefined;
  let text = '';
  for (const [, name, strings] of content.matchAll(/\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ/g)) {
    if (name !== undefined) font = fonts.get(name);
    else {
      for (const [, hex = ''] of (strings ?? '').matchAll(/<([0-9a-f]*)>/gi)) {
        for (let at = 0; at < hex.length; at += 4) text += font?.get(Number.parseInt(hex.slice(at, at + 4), 16)) ?? '?';
      }
      text += '\n';
    }
  }
  return text;
}

type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];
const times = ([a, b, c, d, e, f]: Matrix, [g, h, i, j, k, l]: Matrix): Matrix => [
  a * g + b * i,
  a * h + b * j,
  c * g + d * i,
  c * h + d * j,
  e * g + f * i + k,
  e * h + f * j + l,
];

/**
 * Leftmost and rightmost point of any text of any page (blanks at its end are none), in points, by
 * the widths that the PDF itself gives its glyphs.
 */
export function extentOf(pdf: Buffer): { left: number; right: number } {
  const parts = objects(pdf);
  const fonts = fontsOf(parts);
  const widths = new Map<string, number[]>();
  for (const { dictionary } of parts.values()) {
    for (const [, name = '', reference = ''] of dictionary.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const descendant = /\/DescendantFonts \[(\d+) 0 R\]/.exec(parts.get(reference)?.dictionary ?? '')?.[1] ?? '';
      const list = /\/W \[0 \[([^\]]*)\]/.exec(parts.get(descendant)?.dictionary ?? '')?.[1];
      if (list !== undefined) widths.set(name, list.trim().split(/\s+/).map(Number));
    }
  }
  let [left, right] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { stream } of parts.values()) {
    const content = stream?.toString('latin1') ?? '';
    if (!/ Tf\n/.test(content)) continue;
    let matrix: Matrix = [1, 0, 0, 1, 0, 0];
    const stack: Matrix[] = [];
    let [text, font, size]: [Matrix, string, number] = [matrix, '', 0];
    for (const line of content.split('\n')) {
      const numbers = line.split(' ').slice(0, 6).map(Number) as unknown as Matrix;
      const tf = /^\/(F\d+) ([\d.]+) Tf$/.exec(line);
      if (line === 'q') stack.push(matrix);
      else if (line === 'Q') matrix = stack.pop() ?? matrix;
      else if (line.endsWith(' cm')) matrix = times(numbers, matrix);
      else if (line.endsWith(' Tm')) text = times(numbers, matrix);
      else if (tf !== null) [font, size] = [tf[1] ?? '', Number(tf[2])];
      else if (line.endsWith(' TJ')) {
        const glyphs = (line.match(/<([0-9a-f]*)>/gi) ?? []).flatMap((hex) => hex.slice(1, -1).match(/.{4}/g) ?? []);
        const letters = fonts.get(font);
        while (letters?.get(Number.parseInt(glyphs.at(-1) ?? '', 16)) === ' ') glyphs.pop();
        const units = glyphs.reduce((sum, glyph) => sum + (widths.get(font)?.[Number.parseInt(glyph, 16)] ?? 0), 0);
        left = Math.min(left, text[4]);
        right = Math.max(right, text[4] + (text[0] * size * units) / 1000);
      }
    }
  }
  return { left, right };
}
