// What a page of a PDF shows, whatever operators it is written with: every letter and every path
// with its place and color.
import { fontsOf, objects } from './pdf-text.ts';

type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];
const times = ([a, b, c, d, e, f]: Matrix, [g, h, i, j, k, l]: Matrix): Matrix => [
  a * g + b * i,
  a * h + b * j,
  c * g + d * i,
  c * h + d * j,
  e * g + f * i + k,
  e * h + f * j + l,
];

interface State {
  matrix: Matrix;
  fill: string;
  stroke: string;
  width: number;
  /** Opacity of what is filled and of what is drawn. */
  shade: { fill: number; stroke: number };
}

export interface PageMark {
  /** The letter or the kind of path, and its look. */
  what: string;
  /** Its points on the page. */
  at: number[];
}

const color = (parts: readonly string[]): string => parts.map((part) => Number(part).toFixed(2)).join(' ');

/** Widths of the glyphs of each font, in thousandths of its size. */
function widthsOf(parts: ReturnType<typeof objects>): Map<string, number[]> {
  const widths = new Map<string, number[]>();
  for (const { dictionary } of parts.values()) {
    for (const [, name = '', reference = ''] of dictionary.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const descendant = /\/DescendantFonts \[(\d+) 0 R\]/.exec(parts.get(reference)?.dictionary ?? '')?.[1] ?? '';
      const list = /\/W \[0 \[([^\]]*)\]/.exec(parts.get(descendant)?.dictionary ?? '')?.[1];
      if (list !== undefined) widths.set(name, list.trim().split(/\s+/).map(Number));
    }
  }
  return widths;
}

/** What each graphics state of a document says of opacity. */
function shadesOf(parts: ReturnType<typeof objects>): Map<string, Partial<State['shade']>> {
  const shades = new Map<string, Partial<State['shade']>>();
  for (const { dictionary } of parts.values()) {
    for (const [, name = '', reference = ''] of dictionary.matchAll(/\/(Gs\d+) (\d+) 0 R/g)) {
      const entry = parts.get(reference)?.dictionary ?? '';
      const [fill, stroke] = [/\/ca ([\d.]+)/, /\/CA ([\d.]+)/].map((pattern) => pattern.exec(entry)?.[1]);
      shades.set(name, {
        ...(fill === undefined ? {} : { fill: Number(fill) }),
        ...(stroke === undefined ? {} : { stroke: Number(stroke) }),
      });
    }
  }
  return shades;
}

/** Operators that add points to a path, by how many of their operands are points. */
const POINTS: Record<string, number> = { m: 1, l: 1, c: 3, re: 1, h: 0 };

/** Marks of all pages in the order in which they are printed; equal pages give equal marks. */
export function marksOf(pdf: Buffer): { letters: PageMark[]; paths: PageMark[] } {
  const parts = objects(pdf);
  const [fonts, widths] = [fontsOf(parts), widthsOf(parts)];
  const shades = shadesOf(parts);
  const [letters, paths]: [PageMark[], PageMark[]] = [[], []];
  for (const { stream } of parts.values()) {
    const content = stream?.toString('latin1') ?? '';
    if (!/ (Tf|cm)\n/.test(content)) continue;
    let state: State = { matrix: [1, 0, 0, 1, 0, 0], fill: '', stroke: '', width: 1, shade: { fill: 1, stroke: 1 } };
    const stack: State[] = [];
    let [text, font, size]: [Matrix, string, number] = [state.matrix, '', 0];
    let path: { what: string; at: number[] } = { what: '', at: [] };
    for (const line of content.split('\n')) {
      const operands = line.split(' ');
      const operator = operands.pop() ?? '';
      const numbers = operands.map(Number);
      if (operator === 'q') stack.push(state);
      else if (operator === 'Q') state = stack.pop() ?? state;
      else if (operator === 'cm') state = { ...state, matrix: times(numbers as unknown as Matrix, state.matrix) };
      else if (operator === 'rg' || operator === 'scn') state = { ...state, fill: color(operands) };
      else if (operator === 'SCN') state = { ...state, stroke: color(operands) };
      else if (operator === 'w') state = { ...state, width: numbers[0] ?? 0 };
      else if (operator === 'gs') state = { ...state, shade: { ...state.shade, ...shades.get(operands[0]!.slice(1)) } };
      else if (operator === 'Tm') text = times(numbers as unknown as Matrix, state.matrix);
      else if (operator === 'Tf') [font, size] = [operands[0]!.slice(1), numbers[1] ?? 0];
      else if (operator in POINTS) {
        const points: number[] = [];
        for (let at = 0; at < 2 * POINTS[operator]!; at += 2)
          points.push(...times([1, 0, 0, 1, numbers[at]!, numbers[at + 1]!], state.matrix).slice(4));
        path.what += operator;
        path.at.push(...points, ...(operator === 're' ? numbers.slice(2) : []));
      } else if (/^([fSBbs]\*?|n)$/.test(operator)) {
        const fills = operator.startsWith('S') ? '' : `${state.fill} ${state.shade.fill}`;
        const strokes = operator === 'f' ? '' : `${state.stroke} ${state.shade.stroke} ${state.width}`;
        // A path of nothing prints nothing: pdfmake fills one for each word.
        if (path.at.length > 0 && operator !== 'n')
          paths.push({ what: `${operator} ${fills} / ${strokes}: ${path.what}`, at: path.at });
        path = { what: '', at: [] };
      } else if (operator === 'TJ') {
        for (const [, hex, move] of line.matchAll(/<([0-9a-f]*)>|(-?[\d.]+)(?=[\s\]])/gi)) {
          if (move !== undefined) text = times([1, 0, 0, 1, (-Number(move) * size) / 1000, 0], text);
          for (const glyph of hex?.match(/.{4}/g) ?? []) {
            const id = Number.parseInt(glyph, 16);
            const shown = fonts.get(font)?.get(id) ?? '?';
            if (shown !== ' ')
              letters.push({ what: `${shown} ${font} ${size} ${state.fill} ${state.shade.fill}`, at: [...text] });
            text = times([1, 0, 0, 1, ((widths.get(font)?.[id] ?? 0) * size) / 1000, 0], text);
          }
        }
      }
    }
  }
  return { letters, paths };
}
