// Charts of what each threshold would do: how much is assigned, the error rates with the bound, and
// the trade-off between the two errors (DET).
import { count, threshold as formatThreshold } from '../../../format.ts';
import { formatLimit } from '../../analysis/words.ts';
import type { ThresholdRow } from '../../study/rates.ts';
import { describeBeyond, line } from './distribution.ts';
import {
  axis,
  COLORS,
  type Decision,
  drawMarks,
  type Figure,
  markThresholds,
  percent,
  shares,
  type Trace,
} from './figure.ts';

const findRow = (grid: readonly ThresholdRow[], threshold: number | null): ThresholdRow | undefined =>
  threshold === null ? undefined : grid.find((row) => Math.abs(row.threshold - threshold) < 1e-9);

const chooseThreshold = ({ recommendation }: Decision): number | null =>
  recommendation.threshold ?? recommendation.qualifying_threshold;

export function assignmentFigure(grid: readonly ThresholdRow[], decision: Decision): Figure | undefined {
  if (grid.length === 0) return undefined;
  const [now, then] = [findRow(grid, decision.current_threshold), findRow(grid, chooseThreshold(decision))];
  const describe = (row: ThresholdRow): string =>
    `${percent(row.assignment_rate)} of detections and ${percent(row.event_assignment_rate)} of events at ${formatThreshold(row.threshold)}`;
  const described = [now, then].filter((row) => row !== undefined);
  return {
    id: 'assignment',
    title: 'How much would be assigned',
    reading: `${described.length === 0 ? describeBeyond(grid, decision.current_threshold) : `Would be assigned: ${described.map(describe).join('; ')}.`} More assignments also mean more errors: see the next chart.`,
    traces: [
      line('detections assigned', grid, 'assignment_rate', COLORS.assigned),
      line('events assigned', grid, 'event_assignment_rate', COLORS.event, { dash: 'dashdot' }),
    ],
    layout: {
      ...drawMarks(markThresholds(decision)),
      xaxis: axis('threshold'),
      yaxis: shares('share assigned', { range: [0, 1] }),
    },
    table: {
      columns: ['threshold', 'detections', 'share of detections', 'share of events'],
      rows: grid.map((row) => [
        formatThreshold(row.threshold),
        String(row.assigned_count),
        percent(row.assignment_rate),
        percent(row.event_assignment_rate),
      ]),
    },
    height: 420,
  };
}

const ERRORS: readonly [string, keyof ThresholdRow, string, { dash?: string; width?: number }][] = [
  ['FPIR: strangers matched to a deer', 'fpir', COLORS.nonMated, {}],
  ['FPIR, upper bound (95%)', 'fpir_upper', COLORS.bound, { dash: 'dash' }],
  ['FNIR: known deer missed', 'fnir', COLORS.mated, { dash: 'dashdot' }],
  ['MIS: known deer matched to another deer', 'mis', COLORS.mistake, { dash: 'dot' }],
  ['FDP with the bound of FPIR: wrong assignments', 'fdp_upper', COLORS.ink, { dash: 'longdash', width: 1.5 }],
];

const describeStrangers = (at: ThresholdRow, maxFpir: number): string =>
  at.fpir === null
    ? 'how many searches for strangers match a deer is unknown, because no named stranger was reviewed'
    : `${percent(at.fpir)} of searches for strangers match a deer (at most ${percent(at.fpir_upper)} with 95% confidence; the dotted line is the limit of ${formatLimit(maxFpir)})`;

const describeKnown = (at: ThresholdRow): string =>
  at.fnir === null
    ? ''
    : `; ${percent(at.fnir)} of searches for known deer miss the deer, ${percent(at.mis)} match another deer`;

/** @param maxFpir the limit of the request, drawn as a line */
export function errorsFigure(grid: readonly ThresholdRow[], decision: Decision, maxFpir: number): Figure | undefined {
  const present = ERRORS.filter(([, key]) => grid.some((row) => row[key] !== null));
  if (present.length === 0) return undefined;
  const at = findRow(grid, chooseThreshold(decision)) ?? findRow(grid, decision.current_threshold);
  const marks = drawMarks(markThresholds(decision));
  const limit = {
    ...{ type: 'line', xref: 'paper', yref: 'y', x0: 0, x1: 1, y0: maxFpir, y1: maxFpir },
    line: { color: '#767676', width: 1.5, dash: 'dot' },
  };
  return {
    id: 'errors',
    title: 'Errors at each threshold',
    reading:
      at === undefined
        ? `The dotted line is the limit for the upper bound of FPIR: ${formatLimit(maxFpir)}.`
        : `At ${formatThreshold(at.threshold)}: ${describeStrangers(at, maxFpir)}${describeKnown(at)}.`,
    traces: present.map(([name, key, color, style]) => line(name, grid, key, color, style)),
    layout: {
      ...marks,
      shapes: [...marks.shapes, limit],
      xaxis: axis('threshold'),
      yaxis: shares('error rate', { range: [0, 1] }),
    },
    table: {
      columns: [
        'threshold',
        'FPIR',
        'upper bound',
        'searches',
        'animals',
        'deff',
        'n_eff',
        'FNIR',
        'MIS',
        'FDP',
        'FDP upper',
      ],
      rows: grid.map((row) => [
        formatThreshold(row.threshold),
        percent(row.fpir),
        percent(row.fpir_upper),
        String(row.fpir_n),
        String(row.fpir_m),
        row.fpir_deff?.toFixed(2) ?? '-',
        row.fpir_n_eff?.toFixed(1) ?? '-',
        percent(row.fnir),
        percent(row.mis),
        percent(row.fdp),
        percent(row.fdp_upper),
      ]),
    },
    height: 500,
  };
}

const fitsLog = (value: number | null): value is number => value !== null && value > 0;

/** Two ticks per decade: three would touch each other on a phone. */
const DECADES = { type: 'log', tickformat: '~%', tickvals: [1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1] };

/** FNIR against one of the FPIRs, as a line; undefined below two points. */
function drawDet(
  grid: readonly ThresholdRow[],
  key: 'fpir' | 'fpir_upper',
  name: string,
  color: string,
  dash: string,
): Trace | undefined {
  const rows = grid.filter((row) => fitsLog(row[key]) && fitsLog(row.fnir));
  if (rows.length < 2) return undefined;
  return {
    type: 'scatter',
    mode: 'lines+markers',
    name,
    x: rows.map((row) => row[key]),
    y: rows.map(({ fnir }) => fnir),
    customdata: rows.map(({ threshold }) => threshold),
    line: { color, width: 2.5, dash },
    marker: { color, size: 4 },
    hovertemplate: 'threshold %{customdata:.6~f}: FPIR %{x:.2%}, FNIR %{y:.2%}<extra></extra>',
    meta: key,
  };
}

/** A threshold as a point on the curve of the bound; undefined where that has none. */
function drawPoint(grid: readonly ThresholdRow[], threshold: number, label: string, symbol: string): Trace | undefined {
  const row = findRow(grid, threshold);
  if (row === undefined || !fitsLog(row.fpir_upper) || !fitsLog(row.fnir)) return undefined;
  return {
    type: 'scatter',
    mode: 'markers',
    name: `${label} ${formatThreshold(threshold)}, on the bound`,
    x: [row.fpir_upper],
    y: [row.fnir],
    customdata: [threshold],
    marker: { color: COLORS.ink, size: 12, symbol },
    hovertemplate: 'threshold %{customdata:.6~f}: FPIR upper bound %{x:.2%}, FNIR %{y:.2%}<extra></extra>',
    meta: 'fpir_upper',
  };
}

/** Detection error trade-off: FNIR against FPIR, both on log axes (ISO/IEC 19795-1). */
export function detFigure(grid: readonly ThresholdRow[], decision: Decision): Figure | undefined {
  const curves = [
    drawDet(grid, 'fpir', 'measured FPIR', COLORS.nonMated, 'solid'),
    drawDet(grid, 'fpir_upper', 'upper bound of FPIR (95%)', COLORS.bound, 'dash'),
  ].filter((trace) => trace !== undefined);
  if (curves.length === 0) return undefined;
  const current = decision.current_threshold;
  const other = chooseThreshold(decision);
  const label = decision.recommendation.threshold === null ? 'safe, not useful' : 'recommended';
  const points = [
    drawPoint(grid, current, 'current', 'square'),
    other === null || other === current ? undefined : drawPoint(grid, other, label, 'diamond'),
  ].filter((trace) => trace !== undefined);
  return {
    id: 'det',
    title: 'Trade-off between the two errors (DET)',
    reading: `Lower left is better: fewer strangers matched to a deer, fewer known deer missed.${describeDropped(grid.filter(({ fpir }) => fpir === 0).length)}`,
    traces: [...curves, ...points],
    layout: {
      xaxis: axis('FPIR (log scale)', DECADES),
      yaxis: axis('FNIR (log scale)', DECADES),
    },
    table: {
      columns: ['threshold', 'FPIR', 'upper bound', 'FNIR'],
      rows: grid.map((row) => [
        formatThreshold(row.threshold),
        percent(row.fpir),
        percent(row.fpir_upper),
        percent(row.fnir),
      ]),
    },
    height: 480,
  };
}

const describeDropped = (n: number): string =>
  n === 0
    ? ''
    : ` ${count(n, 'threshold')} without a measured error cannot be drawn on a log axis; ${n === 1 ? 'its bound is' : 'their bounds are'} shown.`;
