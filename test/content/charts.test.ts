// Charts as pictures: what the paths show is compared with the data.
import { drawBars, drawLines } from '../../lib/charts/index.ts';
import { checkSvg, writeSvg } from '../../lib/charts/svg.ts';
import { comparedHourChart, comparedRateChart, MARKS } from '../../lib/exports/pdf/charts.ts';
import { cornersOf, labelsOf, look, makeRuler, type Point, pathOf, pathsOf } from './chart-paths.ts';

const names = (n: number): string[] => Array.from({ length: n }, (_, index) => `n${index}`);
const numbersFor = (n: number, most: number, seed: number): number[] =>
  Array.from(
    { length: n },
    (_, index) =>
      ((index * index * 31 + index * 7 * seed + seed) % 11 === 0 ? 0 : ((index * 37 + seed * 13) % 29) / 28) * most,
  );

describe('stacked bars', () => {
  const colors = ['#aa0000', '#00aa00', '#0000aa'];
  test.each([
    ['one bin', 1, 7],
    ['counts of a month', 5, 400],
    ['hours', 24, 60],
    ['as many as still have edges', 100, 9],
    ['a year of days, as outlines', 366, 120],
    ['large numbers', 12, 7_654_321],
    ['decimals', 12, 0.037],
  ])('%s: every bar is as tall as its number, on top of those before it', (_, bins, most) => {
    const series = colors.map((color, at) => ({ color, edge: '#ffffff', amounts: numbersFor(bins, most, at + 1) }));
    const svg = drawBars(series, { labels: names(bins), intervals: 4, gap: 0.3 }, look);
    const value = makeRuler(svg);
    const tolerance = (0.02 * value(8)) / 108;
    const left = cornersOf(pathOf(svg, look.rule).d)[0]![0]![0];
    const step = (496 - left) / bins;

    const seen = colors.map((): (readonly [number, number])[] => []);
    for (const [key, color] of colors.entries()) {
      for (const corners of cornersOf(pathOf(svg, color).d)) {
        for (let bin = 0; bin < bins; bin += 1) {
          // Where the outline crosses the middle of the category: the foot and the top of its bar.
          const x = left + (bin + 0.5) * step;
          const crossings = corners.flatMap(([from, y], at) => {
            const to = (corners[at + 1] ?? corners[0]!)[0];
            return Math.min(from, to) < x && Math.max(from, to) > x
              ? [value((corners[at + 1] ?? corners[0]!)[1] === y ? y : Number.NaN)]
              : [];
          });
          if (crossings.length > 0) seen[key]![bin] = [Math.min(...crossings), Math.max(...crossings)];
        }
      }
    }
    for (let bin = 0; bin < bins; bin += 1) {
      let sum = 0;
      for (const [key, { amounts }] of series.entries()) {
        const amount = amounts[bin]!;
        if (amount === 0) expect(seen[key]![bin]).toBeUndefined();
        else {
          const [foot, top] = seen[key]![bin]!;
          expect(Math.abs(foot - sum)).toBeLessThan(tolerance);
          expect(Math.abs(top - sum - amount)).toBeLessThan(tolerance);
        }
        sum += amount;
      }
    }
  });

  test('few have an edge, many have none; a bar is not wider than it may be', () => {
    const draw = (bins: number, widest?: number): string =>
      drawBars(
        [{ color: '#aa0000', edge: '#123456', amounts: numbersFor(bins, 5, 2).map((amount) => amount + 1) }],
        { labels: names(bins), intervals: 4, gap: 0.2, ...(widest === undefined ? {} : { widest }) },
        look,
      );
    expect(pathOf(draw(100), '#aa0000').stroke).toBe('#123456');
    expect(pathOf(draw(101), '#aa0000').stroke).toBeUndefined();
    // Bars that touch are one outline.
    expect(cornersOf(pathOf(draw(366), '#aa0000').d)).toHaveLength(1);
    const [[from], [to]] = cornersOf(pathOf(draw(2, 46), '#aa0000').d)[0] as [Point, Point];
    expect(to - from).toBeCloseTo(46, 1);
  });

  test.each([
    ['no bins', []],
    ['all zero', [0, 0, 0]],
  ])('%s: axes alone', (_, amounts) => {
    const svg = drawBars(
      [{ color: '#aa0000', edge: '#ffffff', amounts }],
      { labels: names(amounts.length), intervals: 4, counts: true, gap: 0.3 },
      look,
    );
    expect(svg).not.toContain('#aa0000');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(labelsOf(svg).values.map(({ text }) => text)).toEqual(['0', '1']);
  });
});

describe('axes', () => {
  const draw = (most: number, labels: string[], counts = true): string =>
    drawBars(
      [{ color: '#aa0000', edge: '#ffffff', amounts: labels.map(() => most) }],
      { labels, intervals: 4, counts, gap: 0.3 },
      look,
    );

  test('counts have ticks at whole numbers, and the largest value is within them', () => {
    for (const most of [1, 2, 3, 4, 5, 7, 11, 99, 101, 1_234, 98_765, 12_345_678]) {
      const values = labelsOf(draw(most, ['a'])).values.map(({ text }) => Number(text.replaceAll(',', '')));
      expect(values.every(Number.isInteger)).toBe(true);
      expect(new Set(values).size).toBe(values.length);
      expect(values.length).toBeLessThanOrEqual(8);
      expect(values.at(-1)).toBeGreaterThanOrEqual(most);
      expect(values.at(-1)).toBeLessThan(2 * most + 1);
    }
    // No more room above the largest value than to the next tick.
    for (const most of [0.03, 0.3, 0.7, 249, 251, 1_300]) {
      const { values } = labelsOf(draw(most, ['a'], false));
      const [before, last] = values.slice(-2).map(({ text }) => Number(text.replaceAll(',', '')));
      expect(last).toBeGreaterThanOrEqual(most);
      expect(before).toBeLessThan(most);
      expect(values.length).toBeGreaterThan(3);
    }
    expect(labelsOf(draw(0.9, ['a'], false)).values.map(({ text }) => text)).toEqual([
      '0',
      '0.2',
      '0.4',
      '0.6',
      '0.8',
      '1',
    ]);
    expect(labelsOf(draw(3_000, ['a'])).values.at(-1)?.text).toBe('3,000');
  });

  test('labels neither overlap nor leave the picture', () => {
    for (const [bins, most] of [
      [1, 5],
      [14, 5],
      [31, 40],
      [53, 1_000],
      [366, 12_345_678_901],
    ] as const) {
      const { values, categories } = labelsOf(
        draw(
          most,
          Array.from({ length: bins }, (_, index) => `${(index % 31) + 1} Sep`),
        ),
      );
      for (const { from, to } of [...values, ...categories]) {
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(look.width);
      }
      for (const [at, { to }] of categories.slice(0, -1).entries())
        expect(categories[at + 1]!.from - to).toBeGreaterThan(3);
      expect(categories.length).toBeGreaterThan(Math.min(bins, 10) - 1);
    }
    expect(labelsOf(draw(1, names(24))).categories).toHaveLength(24);
  });

  test('a label is text, whatever it contains', () => {
    const svg = draw(1, ['<image href="x"/> & "b"']);
    expect(svg).toContain('>&lt;image href=&quot;x&quot;/&gt; &amp; &quot;b&quot;<');
    expect(new Set(Array.from(svg.matchAll(/<(\w+)/g), ([, name]) => name))).toEqual(
      new Set(['svg', 'path', 'text', 'tspan']),
    );
  });
});

describe('lines', () => {
  const axes = { intervals: 2, labels: names(6) };

  test('a line goes through its values and is interrupted where one is missing', () => {
    const amounts = [1.5, 3, null, 2, 0.25, 4];
    const svg = drawLines([{ color: '#aa0000', width: 1, amounts }], axes, look);
    const value = makeRuler(svg);
    const parts = cornersOf(pathsOf(svg).find(({ stroke }) => stroke === '#aa0000')!.d);
    expect(parts.map((part) => part.map(([, y]) => Number(value(y).toFixed(2))))).toEqual([
      [1.5, 3],
      [2, 0.25, 4],
    ]);
    const xs = parts.flat().map(([x]) => x);
    expect(xs[3]! - xs[2]!).toBeCloseTo(xs[1]! - xs[0]!, 1);
    expect(xs[2]! - xs[1]!).toBeCloseTo(2 * (xs[1]! - xs[0]!), 1);
  });

  test('every value has its mark; without marks only a value without neighbors has one', () => {
    const amounts = [1, null, 2, 3, null, 4];
    const filled = (mark?: { outline: 'circle'; size: number }): number => {
      const svg = drawLines([{ color: '#aa0000', width: 1, amounts, ...(mark ? { mark } : {}) }], axes, look);
      return (
        (pathsOf(svg)
          .find(({ fill }) => fill === '#aa0000')
          ?.d.split('M').length ?? 1) - 1
      );
    };
    expect(filled({ outline: 'circle', size: 4 })).toBe(4);
    expect(filled()).toBe(2);
  });

  test('nothing but gaps and no series: axes alone', () => {
    for (const series of [[], [{ color: '#aa0000', width: 1, amounts: [null, null] }]]) {
      const svg = drawLines(series, axes, look);
      expect(svg).not.toMatch(/NaN|undefined|Infinity|#aa0000/);
      expect(labelsOf(svg).values.map(({ text }) => Number(text))).toEqual([0, 0.5, 1]);
    }
  });
});

describe('comparisons', () => {
  const hours = (level: number): number[] => Array.from({ length: 24 }, (_, hour) => level + (hour % 5));

  test('the marks of five periods differ in shape, so also without color, and in color', () => {
    const svg = comparedHourChart([1, 2, 3, 4, 5].map(hours), 500, 120);
    // Grid and axis, then the lines over them, then the marks.
    expect(pathsOf(svg)[1]!.stroke).toBe('#4a5358');
    const marks = pathsOf(svg).slice(7);
    expect(marks).toHaveLength(5);
    const shapes = marks.map(({ d, fill }) => `${/^M[\d.]+ [\d.]+([^M]*)/.exec(d)?.[1]} ${fill === '#ffffff'}`);
    expect(new Set(shapes).size).toBe(5);
    expect(marks.map(({ d }) => d.split('M').length - 1)).toEqual([24, 24, 24, 24, 24]);
    expect(marks.map(({ fill, stroke }) => stroke ?? fill)).toEqual(MARKS.map(({ color }) => color));
    expect(new Set(MARKS.map(({ color }) => color)).size).toBe(5);
  });

  test('a period without detections has no line, one without effort no bar', () => {
    expect(pathsOf(comparedHourChart([hours(1), undefined, hours(2)], 500, 120))).toHaveLength(6);
    const svg = comparedRateChart([{ color: '#14365d', amounts: [2, null, 4] }], ['A', 'B', 'C'], 500, 130);
    expect(cornersOf(pathOf(svg, '#14365d').d)).toHaveLength(2);
    expect(labelsOf(svg).categories.map(({ text }) => text)).toEqual(['A', 'B', 'C']);
  });

  test('equal data give equal text', () => {
    const draw = (): string => comparedHourChart([hours(1), hours(2)], 500, 120);
    expect(draw()).toBe(draw());
  });
});

test('an SVG that could load something is refused', () => {
  expect(checkSvg('<svg xmlns:xlink="x"><path d="M0 0"/><text>href="a" <tspan>image</tspan></text></svg>')).toContain(
    '<svg',
  );
  for (const bad of [
    '<svg><image x="1"/></svg>',
    '<svg><a href="x"/></svg>',
    '<svg><g xlink:href="x"/></svg>',
    '<svg><rect fill="url(http://x)"/></svg>',
  ]) {
    expect(() => checkSvg(bad)).toThrow('reference');
  }
  const look = { width: 10, height: 10, font: 'f', fontSize: 1, ink: '#000', labels: { middle: [], end: [] } };
  expect(() => writeSvg({ ...look, shapes: [{ d: 'M0 0', fill: 'url(file:///etc/hosts)' }] })).toThrow('reference');
});
