// The private parts of pdfmake and PDFKit that this folder replaces or calls, with their types.
// test/content/printing.test.ts fails when one of them changes.
// @ts-expect-error it has no types.
import pdfDocument from 'pdfmake/js/PDFDocument.js';
// @ts-expect-error it has no types.
import renderer from 'pdfmake/js/Renderer.js';
// @ts-expect-error it has no types.
import styleContextStack from 'pdfmake/js/StyleContextStack.js';
// @ts-expect-error it has no types.
import inlines from 'pdfmake/js/TextInlines.js';

interface Glyphs {
  glyphs: { id: number }[];
  positions: { xAdvance: number; advanceWidth: number; xOffset: number; yOffset: number }[];
}

/** An open font of one document. */
export interface Font {
  id: string;
  /** Thousandths of the font size. */
  ascender: number;
  ref(): object;
  encode(text: string): [hex: string[], positions: Glyphs['positions']];
  widthOfString(text: string, size: number): number;
  lineHeight(size: number): number;
}

export interface Page {
  fonts: Record<string, object>;
  content: { write(text: string): void; end(chunk?: unknown): void };
}

export interface Document {
  page: Page;
  addContent(operators: string): Document;
  opacity(value: number): Document;
  save(): Document;
  restore(): Document;
  translate(x: number, y: number): Document;
  path(d: string): Document;
  undash(): Document;
  lineWidth(points: number): Document;
  lineJoin(join: string): Document;
  lineCap(cap: string): Document;
  fill(color: string): Document;
  stroke(color: string): Document;
  fillAndStroke(fill: string, stroke: string): Document;
  provideFont(family: string, bold: boolean, italics: boolean): Font;
  /** Shares from 0 to 1: red, green, blue, or cyan, magenta, yellow, black; null for no color. */
  _normalizeColor(color: unknown): number[] | null;
}

export interface Inline {
  text: string;
  x: number;
  width: number;
  font: Font;
  fontSize: number;
  color: unknown;
  [property: string]: unknown;
}

export interface Line {
  inlines: Inline[];
  getHeight(): number;
  getAscenderHeight(): number;
  [property: string]: unknown;
}

export interface Svg {
  svg: string;
  x: number;
  y: number;
  _width: number;
  _height: number;
  [property: string]: unknown;
}

export interface Renderer {
  pdfDocument: Document;
  renderLine(line: Line, x: number, y: number): void;
  renderSVG(node: Svg): void;
}

/** Measures the words of a text and gives each its look. */
export interface TextInlines {
  pdfDocument: Document;
  measure(words: { text: string }[], styles: Styles): object[];
}

type Style = Record<string, unknown>;

export interface Styles {
  styleDictionary: Record<string, Style | undefined>;
  defaultStyle: Style | undefined;
  styleOverrides: (string | Style)[];
  getProperty(property: string): unknown;
}

interface StylesClass {
  prototype: Styles;
  getStyleProperty(item: Style, styles: Styles | undefined, property: string, fallback: unknown): unknown;
}

export const documents = (pdfDocument as { default: { prototype: Document } }).default.prototype;
export const renderers = (renderer as { default: { prototype: Renderer } }).default.prototype;
export const styleStacks = (styleContextStack as { default: StylesClass }).default;
export const textInlines = (inlines as { default: { prototype: TextInlines } }).default.prototype;
