// Prints pictures of paths and labels, such as charts, straight to the page. Any other SVG is
// printed as before.
import { type Document, renderers, type Svg } from './inner.ts';
import { encodeWord, round, selectColor, selectFont } from './words.ts';

interface Shape {
  d: string;
  fill: string;
  stroke: string;
  width: number;
}
interface Label {
  text: string;
  x: number;
  y: number;
  /** The part of the text that is left of `x`. */
  before: number;
  size: number;
  color: string;
}
export interface Drawing {
  shapes: Shape[];
  labels: Label[];
}

const ELEMENT = /<(\/?)([\w:]+)((?:\s+[\w:-]+="[^"]*")*)\s*\/?>([^<]*)/g;
const ATTRIBUTE = /([\w:-]+)="([^"]*)"/g;
const KNOWN: Record<string, readonly string[]> = {
  svg: ['xmlns', 'width', 'height', 'viewBox'],
  path: ['d', 'fill', 'stroke', 'stroke-width'],
  text: ['font-family', 'font-size', 'fill', 'text-anchor'],
  tspan: ['x', 'y'],
};
const BEFORE: Record<string, number> = { start: 0, middle: 0.5, end: 1 };
const LETTERS: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' };
const COLOR = /^(none|#[0-9a-f]{6})$/;

/** @returns undefined for an SVG with anything but paths and labels in plain colors, in its size */
export function readDrawing(svg: string): Drawing | undefined {
  const drawing: Drawing = { shapes: [], labels: [] };
  let look: Record<string, string> = {};
  let end = 0;
  for (const [all, close, name = '', attributes = '', text = ''] of svg.matchAll(ELEMENT)) {
    end += all.length;
    if (close !== '') continue;
    const known = KNOWN[name];
    const given = Object.fromEntries(Array.from(attributes.matchAll(ATTRIBUTE), ([, key, value]) => [key, value]));
    if (known === undefined || Object.keys(given).some((key) => !known.includes(key))) return undefined;
    const { d = '', fill = '#000000', stroke = 'none', x = '0', y = '0' } = given;
    if (!COLOR.test(fill) || !COLOR.test(stroke)) return undefined;
    // A picture that is drawn at another size.
    if (name === 'svg' && given.viewBox !== `0 0 ${given.width} ${given.height}`) return undefined;
    if (name === 'path') drawing.shapes.push({ d, fill, stroke, width: Number(given['stroke-width'] ?? 1) });
    else if (name === 'text') look = given;
    if (name === 'tspan') {
      drawing.labels.push({
        text: text.replace(/&\w+;/g, (entity) => LETTERS[entity] ?? entity),
        x: Number(x),
        y: Number(y),
        before: BEFORE[look['text-anchor'] ?? 'start'] ?? 0,
        size: Number(look['font-size'] ?? 16),
        color: look.fill ?? '#000000',
      });
    } else if (text.trim() !== '') return undefined;
  }
  return end === svg.length && svg.startsWith('<svg ') ? drawing : undefined;
}

function drawShape(document: Document, { d, fill, stroke, width }: Shape): void {
  if (fill === 'none' && stroke === 'none') return;
  document.path(d).lineWidth(width);
  if (fill === 'none') document.stroke(stroke);
  else if (stroke === 'none') document.fill(fill);
  else document.fillAndStroke(fill, stroke);
}

/** @returns the operators of all labels; undefined when they cannot be written this way */
function writeLabels(document: Document, labels: readonly Label[], family: string): string | undefined {
  const font = document.provideFont(family, false, false);
  const operators = ['BT'];
  for (const { text, x, y, before, size, color } of labels) {
    const [shown, fill] = [encodeWord(font, text), selectColor(document, color)];
    if (shown === undefined || fill === undefined) return undefined;
    const left = x - before * font.widthOfString(text, size);
    operators.push(fill, selectFont(document, font, size), `1 0 0 -1 ${round(left)} ${round(y)} Tm`, `[${shown}] TJ`);
  }
  return [...operators, 'ET'].join('\n');
}

/** @param family the family of labels, whatever the picture asks for */
export function quickenDrawings(family: string): void {
  const { renderSVG } = renderers;
  renderers.renderSVG = function (node: Svg) {
    const document = this.pdfDocument;
    const drawing = readDrawing(node.svg);
    const labels = drawing && writeLabels(document, drawing.labels, family);
    if (drawing === undefined || labels === undefined) {
      renderSVG.call(this, node);
      return;
    }
    document.save().translate(node.x, node.y).opacity(1).undash().lineJoin('miter').lineCap('butt');
    for (const shape of drawing.shapes) drawShape(document, shape);
    if (drawing.labels.length > 0) document.addContent(labels);
    document.restore();
  };
}
