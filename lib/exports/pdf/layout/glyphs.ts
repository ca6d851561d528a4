// Which letters a TrueType font has, and how wide they are: read from the tables of the font,
// because pdfmake knows this only while it draws.

export interface Face {
  /** Whether a code point has a glyph; beyond U+FFFF none has. */
  has(code: number): boolean;
  /** Width of a text at a size of one point, without kerning or ligatures. */
  width(text: string): number;
}

/** @param ttf a font with a Unicode `cmap` of format 4, as every font for ordinary text has */
export function readFace(ttf: Buffer): Face {
  const table = (tag: string): number => {
    for (let at = 12; at < 12 + 16 * ttf.readUInt16BE(4); at += 16) {
      if (ttf.toString('latin1', at, at + 4) === tag) return ttf.readUInt32BE(at + 8);
    }
    throw new Error(`the font has no table ${tag}`);
  };
  const unit = ttf.readUInt16BE(table('head') + 18);
  const metrics = table('hmtx');
  const lastMetric = ttf.readUInt16BE(table('hhea') + 34) - 1;

  const glyphs = new Map<number, number>();
  const cmap = table('cmap');
  for (let entry = cmap + 4; entry < cmap + 4 + 8 * ttf.readUInt16BE(cmap + 2); entry += 8) {
    const at = cmap + ttf.readUInt32BE(entry + 4);
    if (ttf.readUInt16BE(at) !== 4) continue;
    const size = ttf.readUInt16BE(at + 6);
    for (let segment = at + 14; segment < at + 14 + size; segment += 2) {
      const [end, start] = [ttf.readUInt16BE(segment), ttf.readUInt16BE(segment + size + 2)];
      const [delta, range] = [ttf.readUInt16BE(segment + 2 * size + 2), ttf.readUInt16BE(segment + 3 * size + 2)];
      for (let code = start; code <= end && code < 0xffff; code += 1) {
        const listed = range === 0 ? code : ttf.readUInt16BE(segment + 3 * size + 2 + range + 2 * (code - start));
        const glyph = listed === 0 ? 0 : (listed + delta) & 0xffff;
        if (glyph !== 0) glyphs.set(code, glyph);
      }
    }
  }

  const readAdvance = (code: number): number =>
    ttf.readUInt16BE(metrics + 4 * Math.min(glyphs.get(code) ?? 0, lastMetric)) / unit;
  const ascii = Array.from({ length: 128 }, (_, code) => readAdvance(code));
  const advance = (code: number): number => ascii[code] ?? readAdvance(code);
  return {
    has: (code) => glyphs.has(code),
    width: (text) => {
      let sum = 0;
      for (const letter of text) sum += advance(letter.codePointAt(0) ?? 0);
      return sum;
    },
  };
}
