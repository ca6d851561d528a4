// Pages that are printed with less work show what pdfmake and PDFKit themselves would print.
import { buffer } from 'node:stream/consumers';
import type { Content } from 'pdfmake/interfaces.js';
import { drawBars, drawLines, type Look } from '../../lib/charts/index.ts';
import { FONT, printer } from '../../lib/exports/pdf/layout/fonts.ts';
import { legend, picture, quiet, styles } from '../../lib/exports/pdf/layout/style.ts';
import { readDrawing } from '../../lib/exports/pdf/printing/drawings.ts';
import { documents, renderers, styleStacks, textInlines } from '../../lib/exports/pdf/printing/inner.ts';
import { marksOf } from './pdf-marks.ts';

/** The parts that are replaced, as they are now. */
const takeParts = () => ({
  addContent: documents.addContent,
  renderLine: renderers.renderLine,
  renderSVG: renderers.renderSVG,
  measure: textInlines.measure,
  getProperty: styleStacks.prototype.getProperty,
  getStyleProperty: styleStacks.getStyleProperty,
});
type Parts = ReturnType<typeof takeParts>;
function setParts(parts: Parts): void {
  Object.assign(documents, { addContent: parts.addContent });
  Object.assign(renderers, { renderLine: parts.renderLine, renderSVG: parts.renderSVG });
  Object.assign(textInlines, { measure: parts.measure });
  Object.assign(styleStacks.prototype, { getProperty: parts.getProperty });
  Object.assign(styleStacks, { getStyleProperty: parts.getStyleProperty });
}
const own = takeParts();
let quick: Parts;
beforeAll(() => {
  printer();
  quick = takeParts();
});
afterEach(() => setParts(quick));

async function print(content: () => Content, parts: Partial<Parts> = {}): Promise<Buffer> {
  setParts({ ...quick, ...parts });
  const document = await printer()
    .createPdf({
      content: content(),
      styles: { ...styles, parent: { fontSize: 12, color: '#123456' }, child: { extends: 'parent', bold: true } },
      defaultStyle: { font: FONT, fontSize: 9, lineHeight: 1.2, color: '#20282c' },
      info: { creationDate: new Date(0), modDate: new Date(0) },
      footer: (page) => ({ text: `Page ${page}`, style: 'small', alignment: 'right', margin: [40, 10, 40, 0] }),
    })
    .getStream();
  document.end();
  return buffer(document);
}

const look: Look = {
  width: 500,
  height: 120,
  font: FONT,
  measure: (text) => 0.5 * text.length,
  ink: '#4a5358',
  rule: '#d9dee0',
};
const bars = (): string =>
  drawBars(
    [
      { color: '#14365d', edge: '#ffffff', amounts: [3, 0, 5, 1] },
      { color: '#dde2e4', edge: '#4a5358', amounts: [1, 2, 0, 4] },
    ],
    { labels: ['A & B', '<c>', '"d"', 'W44'], intervals: 4, gap: 0.3 },
    look,
  );
const lines = (): string =>
  drawLines(
    [
      { color: '#b5482c', width: 1.2, amounts: [1, 2, null, 4], mark: { outline: 'circle', size: 4 } },
      { color: '#20282c', width: 1, amounts: [4, 2, 3, 1], mark: { outline: 'circle', hollow: true, size: 5 } },
    ],
    { labels: ['1', '2', '3', '4'], intervals: 2 },
    look,
  );
const words = 'The quick brown fox, AVATAR Te 1,204.5 and office: jumps over the lazy dog. ';

const PAGES: Record<string, () => Content> = {
  'text of several lines, sizes, colors and alignments': () => [
    { text: words.repeat(8) },
    { text: words.repeat(8), alignment: 'justify' },
    { text: words.repeat(3), alignment: 'center', bold: true, color: '#b5482c' },
    { text: `  ${words}\n\nSecond line   with blanks `, style: 'lead', margin: [10, 4] },
    {
      text: [{ text: 'one ', fontSize: 14 }, { text: 'two', color: '#ff0000' }, ' three', { text: 'four', bold: true }],
    },
    { text: 'built on another', style: 'child' },
    {
      text: [
        { text: 'wide '.repeat(3), style: 'title' },
        { text: 'a'.repeat(300), wordBreak: 'break-all' },
      ],
    },
    legend([
      { name: 'doe', color: '#14365d' },
      { name: 'buck', color: '#b5482c', mark: '\u25B2' },
    ]),
  ],
  'what is printed as before: links, lines under words, half-transparent and raised words, marks on letters': () => [
    { text: ['see ', { text: 'this page', link: 'https://example.org/' }, ' now'] },
    { text: 'underlined words', decoration: 'underline' },
    { text: 'on yellow', background: '#ffff00' },
    { text: 'pale', opacity: 0.5 },
    { text: ['x', { text: '2', sup: true }] },
    { text: 'apart', characterSpacing: 2 },
    { text: 'after it, plain', id: 'here' },
    { text: 'e\u0301 a\u0323\u0302 \u0645\u0631\u062d\u0628\u0627' },
    { canvas: [{ type: 'rect', x: 0, y: 0, w: 40, h: 10, color: '#aabbcc', fillOpacity: 0.3 }] },
    { text: 'not pale' },
  ],
  'a table over several pages with lists beside it': () => [
    {
      layout: quiet,
      table: {
        headerRows: 1,
        widths: ['auto', '*', 60],
        body: [
          ['Name', 'Count', 'Rate'].map((text) => ({ text, style: 'head' })),
          ...Array.from({ length: 90 }, (_, row) => [
            { text: `Camera ${row}`, style: 'cell', noWrap: true },
            { text: words.slice(row % 30), style: 'cell', alignment: 'right' as const, bold: row % 7 === 0 },
            { stack: [{ text: `${row}.5` }, { text: 'second', style: 'small' }] },
          ]),
        ],
      },
    },
    { columns: [{ ul: ['one', 'two'] }, { ol: ['one', 'two'] }, { text: words, width: '*' }] },
  ],
  'charts, among other things on the page': () => [
    { canvas: [{ type: 'line', x1: 0, y1: 8, x2: 300, y2: 8, lineWidth: 0.8, dash: { length: 3 } }] },
    picture(bars(), 120),
    { text: words },
    picture(lines(), 120),
    { columns: [{ text: 'left' }, { svg: lines(), width: 250, height: 60 }] },
    { text: words },
  ],
  'other pictures': () => [
    { svg: '<svg width="40" height="40"><circle cx="20" cy="20" r="15" fill="red"/></svg>' },
    { svg: `<svg width="90" height="40"><g transform="rotate(9)"><path d="M0 0H30V20Z" fill="#ff0000"/></g></svg>` },
    { text: words },
  ],
};

describe.each(Object.entries(PAGES))('%s', (_, content) => {
  test('every letter and path is where pdfmake itself would print it', async () => {
    const [fast, slow] = [marksOf(await print(content)), marksOf(await print(content, own))];
    expect(slow.letters.length).toBeGreaterThan(20);
    for (const kind of ['letters', 'paths'] as const) {
      expect(fast[kind].map(({ what }) => what)).toEqual(slow[kind].map(({ what }) => what));
      const apart = fast[kind].flatMap(({ at }, mark) =>
        at.map((value, index) => Math.abs(value - slow[kind][mark]!.at[index]!)),
      );
      expect(Math.max(0, ...apart)).toBeLessThan(0.02);
    }
  });
});

test.each(Object.keys(own) as (keyof Parts)[])('%s is used, and what it replaces is still there', async (part) => {
  expect(own[part]).toBeInstanceOf(Function);
  expect(quick[part]).not.toBe(own[part]);
  let used = 0;
  const counted = function (this: unknown, ...args: never[]): unknown {
    used += 1;
    return (quick[part] as (...all: never[]) => unknown).apply(this, args);
  };
  await print(PAGES['charts, among other things on the page']!, { [part]: counted });
  expect(used).toBeGreaterThan(0);
});

test('the pages are written with less', async () => {
  const content = PAGES['a table over several pages with lists beside it']!;
  const [fast, slow] = [await print(content), await print(content, own)];
  expect(fast.length).toBeLessThan(0.8 * slow.length);
  expect((await print(content)).equals(fast)).toBe(true);
});

test('a picture with anything but paths and labels in plain colors is not read', () => {
  const wrap = (inner: string): string => `<svg width="9" height="9" viewBox="0 0 9 9">${inner}</svg>`;
  expect(readDrawing(bars())?.labels.map(({ text }) => text)).toContain('A & B');
  expect(readDrawing(wrap('<path d="M0 0H9" stroke="#000000"/>'))?.shapes).toHaveLength(1);
  for (const other of [
    '<circle r="1"/>',
    '<g><path d="M0 0H9"/></g>',
    '<path d="M0 0H9" transform="scale(2)"/>',
    '<path d="M0 0H9" fill="red"/>',
    '<path d="M0 0H9" fill="url(#a)"/>',
    '<image href="x"/>',
    '<text x="1">a</text>',
    '<!-- a --><path d="M0 0H9"/>',
    "<path d='M0 0H9'/>",
  ])
    expect(readDrawing(wrap(other))).toBeUndefined();
  expect(readDrawing(bars().replace('width="500"', 'width="250"'))).toBeUndefined();
});
