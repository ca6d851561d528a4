// Charts of a herd: its ratios, when its classes move, and the rut.
import { number, percent } from '../../../format.ts';
import type { ClassActivity, Composition, Herd, Interval, Ratio, Rut } from '../../../survey/herd/index.ts';
import { findLimits, formatLimits, whereBait } from '../../../survey/sentences.ts';
import { asText, axis, COLORS, type Figure, type Trace } from './figure.ts';

interface RatioRow {
  label: string;
  by: 'events' | 'animals';
  ratio: Ratio;
}

const BASES = ['events', 'animals'] as const;

function listRatios({ groups }: Composition): RatioRow[] {
  return groups.flatMap(({ fawns, bucks, bait }) =>
    [
      { name: 'fawns', of: fawns },
      { name: 'bucks', of: bucks },
    ].flatMap(({ name, of }) =>
      of === null ? [] : BASES.map((by) => ({ label: `${name}${whereBait(bait)}`, by, ratio: of[by] })),
    ),
  );
}

/** An end that does not exist is not drawn. */
const reach = (value: number): number | null => (Number.isFinite(value) ? value : null);

function drawRatios(rows: readonly RatioRow[], labels: readonly string[], by: RatioRow['by']): Trace {
  const own = rows.filter((row) => row.by === by);
  const color = by === 'events' ? COLORS.mated : COLORS.nonMated;
  const limits = own.map(({ ratio }): Interval => findLimits(ratio));
  return {
    ...{ type: 'scatter', mode: 'markers', name: `counted by ${by}` },
    x: own.map(({ ratio }) => ratio.per100),
    // The two lie side by side.
    y: own.map(({ label }) => labels.indexOf(label) + (by === 'events' ? -0.12 : 0.12)),
    text: own.map(({ label }) => asText(label)),
    marker: { color, size: 11, symbol: by === 'events' ? 'circle' : 'diamond' },
    error_x: {
      ...{ type: 'data', symmetric: false, color, thickness: 2, width: 8 },
      array: own.map(({ ratio }, i) => reach(limits[i]!.high - ratio.per100)),
      arrayminus: own.map(({ ratio }, i) => ratio.per100 - limits[i]!.low),
    },
    hovertemplate: `%{text}: %{x:.1f} for each 100 does, by ${by}<extra></extra>`,
  };
}

/** Fawns and bucks for each 100 does, with the interval to use. */
export function compositionFigure(composition: Composition): Figure | undefined {
  const rows = listRatios(composition);
  if (rows.length === 0) return undefined;
  const labels = [...new Set(rows.map(({ label }) => label))];
  const isSpread = rows.every(({ ratio }) => ratio.interval !== null);
  return {
    id: 'composition',
    title: 'Fawns and bucks for each 100 does',
    reading: `The bars are ${isSpread ? '95% intervals over locations' : '95% intervals over locations where there are at least four, else of counting error alone'}. By events each visit counts once for each class; by animals it counts the most of its class in an image.`,
    traces: BASES.map((by) => drawRatios(rows, labels, by)),
    layout: {
      xaxis: axis('for each 100 does', { rangemode: 'tozero' }),
      yaxis: axis('', {
        ...{ tickvals: labels.map((_, i) => i), ticktext: labels.map(asText), title: undefined },
        range: [labels.length - 0.5, -0.5],
      }),
    },
    table: {
      columns: [
        'ratio',
        'counted by',
        'for each 100 does',
        'interval over locations',
        'counting error alone',
        'n',
        'does',
      ],
      rows: rows.map(({ label, by, ratio }) => [
        ...[label, by, number(ratio.per100, 1)],
        ratio.interval === null ? 'none' : formatLimits(ratio.interval),
        ...[formatLimits(ratio.wilson), number(ratio.count), number(ratio.does)],
      ]),
    },
    height: 180 + labels.length * 70,
  };
}

const LOOK = {
  buck: { color: COLORS.mated, dash: 'solid' },
  doe: { color: COLORS.nonMated, dash: 'dash' },
  fawn: { color: COLORS.assigned, dash: 'dashdot' },
  unknown: { color: COLORS.pale, dash: 'dot' },
} as const;

const hourAt = (step: number, steps: number): number => (24 * step) / steps;

type Curve = ClassActivity & { density: number[] };

/** Density of a day in percent of the events for each hour. */
const perHour = (density: number): number => (density * 2 * Math.PI * 100) / 24;

/** When each class moves, with how far the curves overlap. */
export function activityFigure({ activity, overlaps, clock, clockNote }: Herd['movement']): Figure | undefined {
  const curves = activity.filter((curve): curve is Curve => curve.density !== null && curve.class !== 'unknown');
  if (curves.length === 0) return undefined;
  const isSun = clock === 'sun';
  const marks = [
    { at: 6, text: 'sunrise' },
    { at: 18, text: 'sunset' },
  ];
  const alike = overlaps.map(
    ({ a, b, value, interval }) =>
      `${a} and ${b} ${number(value, 2)} (95% interval ${number(interval.low, 2)} to ${number(interval.high, 2)})`,
  );
  const steps = curves[0]!.density.length;
  return {
    id: 'activity',
    title: 'When they move',
    reading: `The share of the visits of each class by hour of ${isSun ? 'sun time, in which the sun rises at 6 and sets at 18' : 'the clock'}.${alike.length === 0 ? '' : ` Overlap, from 0 (never at the same time) to 1 (always): ${alike.join('; ')}.`}${clockNote === null ? '' : ` ${clockNote}`}`,
    traces: curves.map(({ class: name, density, events }) => ({
      ...{ type: 'scatter', mode: 'lines', name: `${name} (${number(events)})`, line: { ...LOOK[name], width: 3 } },
      // The day is a circle: its end is its beginning.
      x: [...density.map((_, i) => hourAt(i, steps)), 24],
      y: [...density, density[0]!].map(perHour),
      hovertemplate: `${name}, %{x:.1f} h: %{y:.1f}% of visits an hour<extra></extra>`,
    })),
    layout: {
      shapes: isSun
        ? marks.map(({ at }) => ({
            ...{ type: 'line', xref: 'x', yref: 'paper', x0: at, x1: at, y0: 0, y1: 1 },
            line: { color: '#767676', width: 1.5, dash: 'dot' },
          }))
        : [],
      annotations: isSun
        ? marks.map(({ at, text }) => ({
            ...{ x: at, xref: 'x', y: 1, yref: 'paper', yshift: 9, text, showarrow: false },
          }))
        : [],
      room: isSun ? 14 : 0,
      xaxis: axis(isSun ? 'hour of sun time' : 'hour of day', { range: [0, 24], dtick: 3 }),
      yaxis: axis('visits an hour, %', { rangemode: 'tozero' }),
    },
    table: {
      columns: ['hour', ...curves.map(({ class: name }) => `${name}, % an hour`)],
      rows: curves[0]!.density.map((_, i) => [
        number(hourAt(i, steps), 2),
        ...curves.map(({ density }) => number(perHour(density[i]!), 2)),
      ]),
    },
  };
}

/** Buck events by ISO week, and the weeks that hold the peak. */
export function weeksFigure({ weeks, peak, likely, note }: Rut): Figure | undefined {
  const rated = weeks.filter(({ rate }) => rate !== null);
  if (rated.length < 2) return undefined;
  const at = weeks.map((_, i) => i);
  const span = (likely ?? []).map((week) => weeks.findIndex((each) => each.week === week)).filter((i) => i >= 0);
  const every = Math.max(1, Math.ceil(weeks.length / 10));
  const ticks = at.filter((i) => i % every === 0);
  const where =
    peak === null ? '' : ` The mean of three weeks is highest in ${peak.week}.${note === null ? '' : ` ${note}`}`;
  return {
    id: 'weeks',
    title: 'Buck events by week, and the rut',
    reading: `Buck events for each 100 trap nights by ISO week; the line is the mean of three weeks.${where}${span.length === 0 ? '' : ' Shaded: the weeks that hold 95% of the peaks when locations are resampled.'}`,
    traces: [
      {
        ...{ type: 'bar', name: 'events per 100 trap nights', x: at, y: weeks.map(({ rate }) => rate) },
        ...{ text: weeks.map(({ week }) => week), textposition: 'none', marker: { color: COLORS.event } },
        hovertemplate: '%{text}: %{y:.1f}<extra></extra>',
      },
      {
        ...{ type: 'scatter', mode: 'lines', name: 'mean of three weeks', x: at, y: weeks.map(({ mean }) => mean) },
        line: { color: COLORS.ink, width: 3 },
        hovertemplate: 'mean of three weeks: %{y:.1f}<extra></extra>',
      },
    ],
    layout: {
      shapes: span.map((i) => ({
        ...{ type: 'rect', xref: 'x', yref: 'paper', x0: i - 0.5, x1: i + 0.5, y0: 0, y1: 1, layer: 'below' },
        ...{ fillcolor: '#F4DFC8', line: { width: 0 } },
      })),
      xaxis: axis('ISO week', { tickvals: ticks, ticktext: ticks.map((i) => weeks[i]!.week) }),
      yaxis: axis('events per 100 trap nights', { rangemode: 'tozero' }),
    },
    table: {
      columns: ['week', 'from', 'buck events', 'trap nights', 'per 100 nights', 'mean of 3 weeks', 'may be the peak'],
      rows: weeks.map(({ week, monday, events, nights, rate, mean }) => [
        ...[week, monday, number(events), number(nights, 1)],
        ...[rate, mean].map((value) => (value === null ? '-' : number(value, 1))),
        likely?.includes(week) === true ? 'yes' : '-',
      ]),
    },
  };
}

/** Shares of day, twilight and night as rows. */
export const lightRows = (light: NonNullable<Herd['movement']['light']>): string[][] =>
  light.map(({ class: name, events, day, twilight, night }) => [
    ...[name, number(events)],
    ...[day, twilight, night].map((share) => percent(share)),
  ]);
