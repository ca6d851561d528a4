// Reads what the SVG of a chart shows: paths, their corners, and labels with the room they take.
import type { Look } from '../../lib/charts/index.ts';

export const look: Look = {
  width: 500,
  height: 136,
  font: 'Any',
  measure: (text) => 0.55 * text.length,
  ink: '#111111',
  rule: '#eeeeee',
};

export interface Path {
  d: string;
  fill: string;
  stroke: string | undefined;
}
export const pathsOf = (svg: string): Path[] =>
  Array.from(svg.matchAll(/<path d="([^"]*)" fill="([^"]*)"(?: stroke="([^"]*)")?/g), ([, d, fill, stroke]) => ({
    d: d!,
    fill: fill!,
    stroke,
  }));
export const pathOf = (svg: string, color: string): Path =>
  pathsOf(svg).find(({ fill, stroke }) => fill === color || (fill === 'none' && stroke === color)) ?? {
    d: '',
    fill: '',
    stroke: '',
  };

export type Point = [x: number, y: number];
/** Absolute corners of each part of a path of M, L, H and V. */
export const cornersOf = (d: string): Point[][] =>
  d.split(/(?=M)/).map((part) => {
    let [x, y] = [0, 0];
    return Array.from(part.matchAll(/([MLHV])(-?[\d.]+)(?:[ ,](-?[\d.]+))?/g), ([, act, first, second]): Point => {
      if (act === 'V') y = Number(first);
      else x = Number(first);
      if (second !== undefined) y = Number(second);
      return [x, y];
    });
  });

export interface Text {
  text: string;
  x: number;
  y: number;
  from: number;
  to: number;
}
/** Labels beside and below a chart with the room that they take. */
export function labelsOf(svg: string): { values: Text[]; categories: Text[] } {
  const read = (anchor: string, share: number): Text[] =>
    Array.from(
      (new RegExp(`text-anchor="${anchor}">(.*?)</text>`).exec(svg)?.[1] ?? '').matchAll(
        /<tspan x="([^"]*)" y="([^"]*)">([^<]*)/g,
      ),
      ([, x, y, text]) => {
        const width = 7.5 * look.measure(text!);
        return {
          text: text!,
          x: Number(x),
          y: Number(y),
          from: Number(x) - share * width,
          to: Number(x) + (1 - share) * width,
        };
      },
    );
  return { values: read('end', 1), categories: read('middle', 0.5) };
}

/** What a height in the picture stands for, by two of the printed ticks. */
export function makeRuler(svg: string): (y: number) => number {
  const { values } = labelsOf(svg);
  const [zero, top] = [values[0]!, values.at(-1)!];
  const unit = Number(top.text.replaceAll(',', '')) / (top.y - zero.y);
  return (y) => (y - zero.y + 0.36 * 7.5) * unit;
}
