// Charts of a head count: how the list of animals grew.
import { number } from '../../../format.ts';
import type { HeadCounted } from '../../../survey/counts/types.ts';
import { isRefusal, NAMES } from '../../../survey/sentences.ts';
import { axis, COLORS, type Figure, type Trace } from './figure.ts';

/** The animals seen in all, at the end of the curve. */
function drawSeen({ corrected, accumulation }: HeadCounted): Trace[] {
  if (isRefusal(corrected)) return [];
  const { estimate, lower, upper } = corrected.seen;
  return [
    {
      ...{ type: 'scatter', mode: 'markers', name: 'seen in all, 95% interval' },
      ...{ x: [accumulation.at(-1)!.days], y: [estimate], marker: { color: COLORS.mated, size: 9 } },
      error_y: {
        ...{ type: 'data', symmetric: false, color: COLORS.mated, thickness: 2, width: 8 },
        ...{ array: [upper - estimate], arrayminus: [estimate - lower] },
      },
      hovertemplate: `${number(lower)} to ${number(upper)}<extra></extra>`,
    },
  ];
}

function readCurve({ coverage }: HeadCounted, isCorrected: boolean): string {
  const lines = isCorrected
    ? 'The line counts animals: names that a missed identification made are taken out. The dotted line counts all names.'
    : 'The dotted line counts all names. No miss rate is measured, so names that a missed identification made are among them.';
  const further =
    coverage === null
      ? ''
      : ` Of ten further visits about ${number(10 * coverage, 1)} would be of an animal that is on the list.`;
  return `${lines} A curve that still rises says that animals were not photographed yet.${further}`;
}

/** The curve without ghosts, and dotted the one of all names. */
export function accumulationFigure(count: HeadCounted): Figure | undefined {
  const { accumulation: points } = count;
  if (points.length < 2) return undefined;
  const names = NAMES[count.class];
  const isCorrected = points.some(({ animals }) => animals !== null);
  const line = (name: string, y: (number | null)[], look: object): Trace => ({
    ...{ type: 'scatter', mode: 'lines', name, x: points.map(({ days }) => days), y },
    line: look,
    hovertemplate: `%{x} days: %{y:.1f} ${name}<extra></extra>`,
  });
  const [animals, raw] = [points.map((point) => point.animals), points.map((point) => point.raw)];
  const animalsLine = line(`${names} seen`, animals, { color: COLORS.mated, width: 3 });
  return {
    id: `accumulation-${count.class}`,
    title: `How the list of ${names} grew`,
    reading: readCurve(count, isCorrected),
    traces: [
      ...(isCorrected ? [animalsLine] : []),
      line('names as given', raw, { color: COLORS.nonMated, width: 2, dash: 'dot' }),
      ...drawSeen(count),
    ],
    layout: {
      xaxis: axis('days with a working camera', { rangemode: 'tozero' }),
      yaxis: axis(`different ${names}`, { rangemode: 'tozero' }),
    },
    table: {
      columns: ['days', 'animals seen', 'names as given'],
      rows: points.map((point) => [
        String(point.days),
        point.animals === null ? '-' : number(point.animals, 2),
        number(point.raw, 2),
      ]),
    },
  };
}
