// Shares between documents what PDFKit would work out for each of them: a font's tables, and which
// glyphs a word takes.
// @ts-expect-error it has no types; `Document` below describes what is used.
import pdfkit from 'pdfmake/js/PDFDocument.js';

/** A shaped word as PDFKit reads it: glyphs with their widths, letters and positions. */
type Run = object;

/** PDFKit's font of one document; the fontkit font inside may belong to any number of documents. */
interface Embedded {
  name: string;
  font: { _glyphs: object };
  /** Thousandths of the font size in one font unit. */
  scale: number;
  layoutRun(this: Pick<Embedded, 'font' | 'scale'>, text: string, features?: unknown): Run;
  constructor: unknown;
}

interface Document {
  font(source: unknown, ...rest: unknown[]): Document;
  _font: Embedded;
  _fontCount: number;
  _fontFamilies: Record<string, Embedded>;
}

type Open = new (document: Document, font: Embedded['font'], id: string) => Embedded;

/** Words remembered per font before the memory is cleared, so that it cannot grow without limit. */
const WORDS = 3_000;

/**
 * Makes PDFKit share open fonts and shaped words between documents; without it, reading fonts and
 * shaping the same words again takes one sixth of a report's time. It uses private names of PDFKit
 * (above) and fontkit's `_glyphs`; test/content/shaping.test.ts fails when one of them changes. The
 * state of a document (subset, widths, letters of each glyph) stays separate. Fontkit remembers
 * with each glyph the letters that it was first used for; this memory is emptied before every word,
 * so that the shape of a word never depends on an earlier document.
 */
export function shareFonts(): void {
  const { prototype } = (pdfkit as { default: { prototype: Document } }).default;
  const openFont = prototype.font;
  const opened = new Map<unknown, { Font: Open; font: Embedded['font']; layoutRun: Embedded['layoutRun'] }>();
  prototype.font = function (source, ...rest) {
    if (!(source instanceof Uint8Array)) return openFont.call(this, source, ...rest);
    const known = opened.get(source);
    if (known === undefined) {
      openFont.call(this, source, ...rest);
      const { font, scale, layoutRun: shape, constructor: Font } = this._font;
      const runs = new Map<string, Run>();
      const layoutRun = (text: string, features?: unknown): Run => {
        const remembered = features === undefined ? runs.get(text) : undefined;
        if (remembered !== undefined) return remembered;
        font._glyphs = {};
        // Called with only the two properties that it reads, so that the first document can be
        // freed.
        const run = shape.call({ font, scale }, text, features);
        if (runs.size >= WORDS) runs.clear();
        if (features === undefined) runs.set(text, run);
        return run;
      };
      opened.set(source, { Font: Font as Open, font, layoutRun });
      this._font.layoutRun = layoutRun;
      return this;
    }
    this._fontCount += 1;
    this._font = new known.Font(this, known.font, `F${this._fontCount}`);
    this._font.layoutRun = known.layoutRun;
    this._fontFamilies[this._font.name] = this._font;
    return this;
  };
}
