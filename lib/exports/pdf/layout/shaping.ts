// Keeps for the whole process what PDFKit works out anew for every document: a font's tables, and
// which glyphs a word takes.
// @ts-expect-error it has no types: `Document` below is what is used of it.
import pdfkit from 'pdfmake/js/PDFDocument.js';

/**
 * What of a shaped word PDFKit reads: glyphs with their widths and letters, and where each of them
 * stands.
 */
type Run = object;

/** PDFKit's font of one document around fontkit's font, which may be of any number of documents. */
interface Embedded {
  name: string;
  font: { _glyphs: object };
  /** Thousandths of the font's size in one of its units. */
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

/**
 * Words kept per font; then it begins anew, so that the names of ever new seasons do not fill the
 * memory.
 */
const WORDS = 3_000;

/**
 * Without this, one sixth of a report's time goes into reading the fonts and shaping the same words
 * as in the report before. It reaches below pdfmake: into the names of PDFKit above and fontkit's
 * `_glyphs` (test/content/shaping.test.ts fails when one of them changes). A document's own state
 * (subset, widths, letters of each glyph) stays its own. Fontkit remembers with a glyph the letters
 * that it first stood for; that memory is emptied before every word, so that a word's run depends
 * on the word alone and never on an earlier document.
 */
export function shareFonts(): void {
  const { prototype } = (pdfkit as { default: { prototype: Document } }).default;
  const openOne = prototype.font;
  const opened = new Map<unknown, { Font: Open; font: Embedded['font']; layoutRun: Embedded['layoutRun'] }>();
  prototype.font = function (source, ...rest) {
    if (!(source instanceof Uint8Array)) return openOne.call(this, source, ...rest);
    const known = opened.get(source);
    if (known === undefined) {
      openOne.call(this, source, ...rest);
      const { font, scale, layoutRun: shape, constructor: Font } = this._font;
      const runs = new Map<string, Run>();
      const layoutRun = (text: string, features?: unknown): Run => {
        const kept = features === undefined ? runs.get(text) : undefined;
        if (kept !== undefined) return kept;
        font._glyphs = {};
        // Called on the two things that it reads: the first document is not kept for ever.
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
