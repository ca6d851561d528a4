// Marks by their outlines, which differ in gray too.
import { round } from './svg.ts';

/** A quarter of a circle with radius 1 as a cubic curve: how far its handles reach. */
const HANDLE = 0.5523;

/** Around a point, two units wide; `r` is half the width that a mark shall have. */
const OUTLINES = {
  circle: (r: number): string => {
    const [h, rest] = [round(HANDLE * r), round(r - HANDLE * r)];
    return `m${-r} 0c0 ${-h} ${rest} ${-r} ${r} ${-r}c${h} 0 ${r} ${rest} ${r} ${r}c0 ${h} ${-rest} ${r} ${-r} ${r}c${-h} 0 ${-r} ${-rest} ${-r} ${-r}z`;
  },
  square: (r: number): string => `m${-r} ${-r}h${2 * r}v${2 * r}h${-2 * r}z`,
  triangle: (r: number): string => `m0 ${-r}l${r} ${2 * r}h${-2 * r}z`,
  diamond: (r: number): string => `m0 ${-r}l${r} ${r}l${-r} ${r}l${-r} ${-r}z`,
};

export type Outline = keyof typeof OUTLINES;
export const traceOutline = (outline: Outline, r: number): string => OUTLINES[outline](r);
