// Fonts are shared by all reports of a process: what that reaches into is still there, and no
// document shows in a later one.
import { buffer } from 'node:stream/consumers';
import { FONT, printer } from '../../lib/exports/pdf/layout/fonts.ts';

interface Inner {
  _fontCount: number;
  _fontFamilies: Record<string, unknown>;
  _font: { name: string; font: { _glyphs: object; layout(text: string): unknown }; subset: object; layoutRun: unknown };
}

async function print(text: string): Promise<{ document: Inner; bytes: Buffer }> {
  const at = new Date(0);
  const document = await printer()
    .createPdf({
      content: [{ text }, { text, bold: true }],
      defaultStyle: { font: FONT },
      info: { creationDate: at, modDate: at },
    })
    .getStream();
  document.end();
  return { document: document as unknown as Inner, bytes: await buffer(document) };
}

test('a second document takes the fonts and the words of the first, and keeps what it writes to itself', async () => {
  const [{ document: first }, { document: second }] = [await print('one word'), await print('one more word')];
  expect(second._font).not.toBe(first._font);
  expect(second._font.subset).not.toBe(first._font.subset);
  expect(second._font.font).toBe(first._font.font);
  expect(Object.keys(second._fontFamilies).sort()).toEqual(Object.keys(first._fontFamilies).sort());
  expect(second._fontCount).toBe(first._fontCount);

  const { font } = second._font;
  let shaped = 0;
  const layout = font.layout;
  font.layout = function (this: typeof font, text) {
    shaped += 1;
    return layout.call(this, text);
  };
  try {
    await print('one more word');
    expect(shaped).toBe(0);
    // Fontkit's own memory of glyphs is still where it is emptied: a word that was not seen before
    // is shaped anew.
    const before = font._glyphs;
    await print('unseen');
    expect(shaped).toBe(1);
    expect(font._glyphs).not.toBe(before);
    expect(Object.keys(font._glyphs).length).toBeLessThan(20);
  } finally {
    Reflect.deleteProperty(font, 'layout');
  }
});

test('the bytes of a document are the same whatever was printed before it', async () => {
  // A space and a no-break space share one glyph, as do many letters: the first one seen must not
  // name it for all later documents.
  const texts = [
    'a b c 12\u00a0345',
    'x\u00a0y',
    'x y',
    'office \ufb01nd',
    'finder',
    '\u0645\u0631\u062d\u0628\u0627',
    'A\u0391\u0410 \u2126\u03a9',
  ];
  const forth: Buffer[] = [];
  for (const text of texts) forth.push((await print(text)).bytes);
  for (const text of texts.toReversed())
    expect((await print(text)).bytes.equals(forth[texts.indexOf(text)] as Buffer)).toBe(true);

  // And the same as from fonts that no document had before: other buffers are other fonts.
  const { virtualfs } = printer() as unknown as {
    virtualfs: { readFileSync(name: string): Uint8Array; writeFileSync(name: string, body: Buffer): void };
  };
  const files = ['regular.ttf', 'bold.ttf'];
  const shared = files.map((name) => Buffer.from(virtualfs.readFileSync(name)));
  for (const [at, text] of texts.entries()) {
    for (const [n, name] of files.entries()) virtualfs.writeFileSync(name, Buffer.from(shared[n]!));
    expect((await print(text)).bytes.equals(forth[at] as Buffer)).toBe(true);
  }
});
