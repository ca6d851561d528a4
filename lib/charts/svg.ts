// Writes a picture as SVG with as few elements as it can: shapes that look the same are one path,
// labels that are aligned the same are one text. Equal pictures are equal texts.

/** A path with its look; without `fill` or `stroke` it has none. */
export interface Shape {
  d: string;
  fill?: string;
  stroke?: string;
  /** Points; used with `stroke`. */
  width?: number;
}

export interface Label {
  text: string;
  x: number;
  /** The baseline. */
  y: number;
}

export interface Picture {
  width: number;
  height: number;
  font: string;
  /** Points. */
  fontSize: number;
  ink: string;
  shapes: readonly Shape[];
  /** Labels by what their `x` is: the middle or the end of the text. */
  labels: { middle: readonly Label[]; end: readonly Label[] };
}

/** Hundredths of a point are finer than any screen or printer shows. */
export const round = (value: number): number => Math.round(value * 100) / 100;

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeText = (text: string): string => text.replace(/[&<>"]/g, (letter) => ESCAPES[letter] ?? '');

const writeShape = ({ d, fill = 'none', stroke, width = 1 }: Shape): string =>
  d === '' ? '' : `<path d="${d}" fill="${fill}"${stroke ? ` stroke="${stroke}" stroke-width="${width}"` : ''}/>`;

const writeLabels = (labels: readonly Label[], anchor: string, { font, fontSize, ink }: Picture): string => {
  if (labels.length === 0) return '';
  const spans = labels.map(({ text, x, y }) => `<tspan x="${round(x)}" y="${round(y)}">${escapeText(text)}</tspan>`);
  return `<text font-family="${font}" font-size="${fontSize}" fill="${ink}" text-anchor="${anchor}">${spans.join('')}</text>`;
};

/** What a picture never has: markup that loads something. Text between tags is not looked at. */
const LOADS = /<\s*(image|script|use|foreignObject|iframe|style)\b|\b(xlink:\w+|href)\s*=|url\s*\(\s*['"]?(?!['"]?#)/i;

/**
 * A second lock behind the writer: pdfmake 0.3.11 embeds a local file that an SVG names, whatever
 * its policy. @returns the SVG unchanged. @throws when it could load a file or an address
 */
export function checkSvg(svg: string): string {
  if (LOADS.test(svg.replace(/>[^<]*</g, '><'))) throw new Error('a chart holds a reference and is not printed');
  return svg;
}

/** @throws as checkSvg */
export function writeSvg(picture: Picture): string {
  const { width, height, shapes, labels } = picture;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    ...shapes.map(writeShape),
    writeLabels(labels.end, 'end', picture),
    writeLabels(labels.middle, 'middle', picture),
    '</svg>',
  ];
  return checkSvg(lines.join(''));
}
