// Charts as SVG text: numbers in, a picture out, for paper and for pages.
export { type BarOptions, type BarSeries, drawBars } from './bars.ts';
export type { Axes, Look } from './frame.ts';
export { type Ground, layOutGround, makeScaleBar, type Spot } from './ground.ts';
export { drawLines, type LineSeries, type Mark } from './lines.ts';
export { drawMap, isCrowded, type MapMark, STRIP } from './map.ts';
