// Charts as SVG text: numbers in, a picture out, for paper and for pages.
export { type BarOptions, type BarSeries, drawBars } from './bars.ts';
export type { Axes, Look } from './frame.ts';
export { layOutGround, makeScaleBar } from './ground.ts';
export { drawLines, type LineSeries, type Mark } from './lines.ts';
export { drawMap, type MapMark, STRIP } from './map.ts';
