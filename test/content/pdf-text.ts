// Reads the text out of a PDF as a viewer's selection would: through each font's own ToUnicode table. Enough for the PDFs we write ourselves.
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

/** The text of each page; every shown string is separated by a line break. */
export function pagesOf(pdf: Buffer): string[] {
  const parts = objects(pdf);
  const fonts = new Map<string, Map<number, string>>();
  for (const { dictionary } of parts.values()) {
    for (const [, name = '', reference = ''] of dictionary.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const cmap = /\/ToUnicode (\d+) 0 R/.exec(parts.get(reference)?.dictionary ?? '')?.[1];
      if (cmap !== undefined) fonts.set(name, unicodeOf(parts.get(cmap)?.stream?.toString('latin1') ?? ''));
    }
  }
  const pages: string[] = [];
  for (const { dictionary } of parts.values()) {
    const contents = /\/Type \/Page\n[\s\S]*\/Contents (\d+) 0 R|\/Contents (\d+) 0 R[\s\S]*\/Type \/Page\n/.exec(dictionary);
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
