// Charts of the comparison of methods: what each finds at its own safe threshold, and the trade-off
// between the two errors of each.
import { formatScore } from '../../analysis/words.ts';
import type { MethodRow } from '../../matching/matching.ts';
import { axis, COLORS, type Figure, percent, shares, type Trace } from './figure.ts';

const COLOR = [COLORS.ink, COLORS.event, COLORS.mated, COLORS.assigned, COLORS.nonMated] as const;
const DASH = ['dot', 'dashdot', 'dash', 'longdash', 'solid'] as const;
const SYMBOL = ['square', 'diamond', 'triangle-up', 'circle', 'star'] as const;

const offered = (methods: readonly MethodRow[]): MethodRow[] => methods.filter(({ withheld }) => withheld === null);

/** At most this FPIR is drawn: beyond it no method is of use. */
const MOST_FPIR = 0.3;

/** FNIR against FPIR as measured, a curve for each method. */
export function methodsFigure(methods: readonly MethodRow[], maxFpir: number): Figure | undefined {
  const list = offered(methods).filter(({ grid }) => grid.some(({ fpir, fnir }) => fpir !== null && fnir !== null));
  if (list.length === 0) return undefined;
  const traces = list.map(({ label, grid, chosen, method }): Trace => {
    const rows = grid.filter(({ fpir, fnir }) => fpir !== null && fpir <= MOST_FPIR && fnir !== null);
    const at = methods.findIndex((row) => row.method === method);
    return {
      type: 'scatter',
      mode: 'lines+markers',
      name: `${label}${chosen ? ' (chosen)' : ''}`,
      x: rows.map(({ fpir }) => fpir),
      y: rows.map(({ fnir }) => fnir),
      customdata: rows.map(({ threshold }) => threshold),
      line: { color: COLOR[at], width: chosen ? 4 : 2, dash: DASH[at] },
      marker: { color: COLOR[at], size: chosen ? 6 : 4, symbol: SYMBOL[at] },
      hovertemplate: 'threshold %{customdata}: FPIR %{x:.1%}, FNIR %{y:.1%}<extra></extra>',
    };
  });
  const limit = {
    ...{ type: 'line', xref: 'x', yref: 'paper', x0: maxFpir, x1: maxFpir, y0: 0, y1: 1 },
    line: { color: '#767676', width: 1.5, dash: 'dot' },
  };
  return {
    id: 'methods',
    title: 'Known deer missed, for the same errors with strangers',
    reading: `Each curve is a method, each point a threshold. Lower is better: fewer known deer missed for the same share of strangers that get a name. The dotted line is the limit for the bound; measured rates must stay well to the left of it.`,
    traces,
    layout: {
      shapes: [limit],
      xaxis: shares('FPIR: strangers matched to a deer, as measured', { range: [0, MOST_FPIR] }),
      yaxis: shares('FNIR: known deer missed', { range: [0, 1] }),
    },
    table: {
      columns: ['method', 'threshold', 'detections assigned', 'FPIR', 'upper bound', 'FNIR', 'MIS'],
      rows: list.flatMap(({ label, grid }) =>
        grid.map((row) => [
          label,
          formatScore(row.threshold),
          ...[row.assignment_rate, row.fpir, row.fpir_upper, row.fnir, row.mis].map(percent),
        ]),
      ),
    },
    height: 520,
  };
}

/** What each method assigns at its own safe threshold, and what it misses there. */
export function assignedFigure(methods: readonly MethodRow[], detections: number): Figure | undefined {
  const list = offered(methods).filter(({ threshold }) => threshold !== null);
  if (list.length === 0 || detections === 0) return undefined;
  const positions = list.map((_, i) => i);
  const labels = list.map(({ label, chosen }) => `${label}${chosen ? ' (chosen)' : ''}`);
  const draw = (name: string, x: (number | null)[], color: string, shape: string): Trace => ({
    ...{ type: 'bar', orientation: 'h', name, x, y: positions, text: labels.slice(), textposition: 'none' },
    marker: { color, pattern: { shape } },
    hovertemplate: `%{text}: %{x:.1%} ${name}<extra></extra>`,
  });
  const share = ({ assigned }: MethodRow): number => assigned!.detections / detections;
  return {
    id: 'assigned',
    title: 'What each method finds at its own safe threshold',
    reading:
      'Long bars of assigned detections and short bars of missed deer are better. Only the chosen method carries the promise: the others show what was compared.',
    traces: [
      draw('of detections assigned', list.map(share), COLORS.assigned, ''),
      draw(
        'of visits of known deer missed (FNIR)',
        list.map(({ rates }) => rates!.fnir),
        COLORS.mated,
        '/',
      ),
    ],
    layout: {
      barmode: 'group',
      xaxis: shares('share', { range: [0, 1] }),
      yaxis: axis('', { tickvals: positions, ticktext: labels, autorange: 'reversed', title: undefined }),
    },
    table: {
      columns: ['method', 'threshold', 'detections assigned', 'share', 'FNIR'],
      rows: list.map((row) => [
        row.label,
        formatScore(row.threshold!),
        String(row.assigned!.detections),
        percent(share(row)),
        percent(row.rates!.fnir),
      ]),
    },
    height: 170 + list.length * 44,
  };
}
