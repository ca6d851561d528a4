// Charts of what each threshold would do: what is assigned, what goes wrong with its bound, and the
// trade-off between the two errors (DET).
import type { ThresholdRow } from '../../study/rates.ts';
import { beyond, line } from './distribution.ts';
import { axis, COLORS, type Decision, type Figure, marked, percent, shares, thresholdMarks } from './figure.ts';

const rowAt = (grid: readonly ThresholdRow[], threshold: number | null): ThresholdRow | undefined =>
  threshold === null ? undefined : grid.find((row) => Math.abs(row.threshold - threshold) < 1e-9);

const chosen = ({ recommendation }: Decision): number | null =>
  recommendation.threshold ?? recommendation.qualifying_threshold;

export function assignmentFigure(grid: readonly ThresholdRow[], decision: Decision): Figure | undefined {
  if (grid.length === 0) return undefined;
  const [now, then] = [rowAt(grid, decision.current_threshold), rowAt(grid, chosen(decision))];
  const sentence = (row: ThresholdRow): string =>
    `${percent(row.assignment_rate)} of the detections and ${percent(row.event_assignment_rate)} of the events at ${row.threshold.toFixed(2)}`;
  const told = [now, then].filter((row) => row !== undefined);
  return {
    id: 'assignment',
    title: 'What would be assigned',
    reading: `${told.length === 0 ? beyond(grid, decision.current_threshold) : `Would be assigned: ${told.map(sentence).join('; ')}.`} More is not better by itself: the next chart tells what it costs.`,
    traces: [
      line('detections assigned', grid, 'assignment_rate', COLORS.assigned),
      line('events assigned', grid, 'event_assignment_rate', COLORS.event, { dash: 'dashdot' }),
    ],
    layout: {
      ...marked(thresholdMarks(decision)),
      xaxis: axis('threshold'),
      yaxis: shares('share assigned', { range: [0, 1] }),
    },
    table: {
      columns: ['threshold', 'detections', 'share of detections', 'share of events'],
      rows: grid.map((row) => [
        row.threshold.toFixed(2),
        String(row.assigned_count),
        percent(row.assignment_rate),
        percent(row.event_assignment_rate),
      ]),
    },
    height: 420,
  };
}

const ERRORS: readonly [string, keyof ThresholdRow, string, { dash?: string; width?: number }][] = [
  ['FPIR: strangers assigned to a deer', 'fpir', COLORS.nonMated, {}],
  ['FPIR, upper bound (95 %)', 'fpir_upper', COLORS.bound, { dash: 'dash' }],
  ['FNIR: known deer missed', 'fnir', COLORS.mated, { dash: 'dashdot' }],
  ['MIS: known deer taken for another', 'mis', COLORS.mistake, { dash: 'dot' }],
  ['FDP with the bound of FPIR: wrong among assignments', 'fdp_upper', COLORS.ink, { dash: 'longdash', width: 1.5 }],
];

const strangersIn = (at: ThresholdRow, maxFpir: number): string =>
  at.fpir === null
    ? 'how many searches of strangers find a deer is unknown (no reviewed stranger with a name)'
    : `${percent(at.fpir)} of the searches of strangers find a deer (at most ${percent(at.fpir_upper)} with 95 % confidence; limit ${percent(maxFpir)}, dotted)`;

const knownIn = (at: ThresholdRow): string =>
  at.fnir === null
    ? ''
    : `, ${percent(at.fnir)} of the searches of known deer miss it, ${percent(at.mis)} find another`;

/** @param maxFpir the limit asked for, drawn as a line */
export function errorsFigure(grid: readonly ThresholdRow[], decision: Decision, maxFpir: number): Figure | undefined {
  const present = ERRORS.filter(([, key]) => grid.some((row) => row[key] !== null));
  if (present.length === 0) return undefined;
  const at = rowAt(grid, chosen(decision)) ?? rowAt(grid, decision.current_threshold);
  const marks = marked(thresholdMarks(decision));
  const limit = {
    ...{ type: 'line', xref: 'paper', yref: 'y', x0: 0, x1: 1, y0: maxFpir, y1: maxFpir },
    line: { color: '#767676', width: 1.5, dash: 'dot' },
  };
  return {
    id: 'errors',
    title: 'What would go wrong',
    reading:
      at === undefined
        ? `The dotted line is the limit for the upper bound of FPIR: ${percent(maxFpir)}.`
        : `At ${at.threshold.toFixed(2)}: ${strangersIn(at, maxFpir)}${knownIn(at)}.`,
    traces: present.map(([name, key, colour, style]) => line(name, grid, key, colour, style)),
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
        row.threshold.toFixed(2),
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

const onLog = (value: number | null): value is number => value !== null && value > 0;

/** Three ticks a decade would touch each other on a phone. */
const DECADES = { type: 'log', tickformat: '~%', tickvals: [1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1] };

/** Detection error trade-off: FNIR against FPIR, both on log axes (ISO/IEC 19795-1). */
export function detFigure(grid: readonly ThresholdRow[], decision: Decision): Figure | undefined {
  const kinds: ['fpir' | 'fpir_upper', string, string, string][] = [
    ['fpir', 'measured FPIR', COLORS.nonMated, 'solid'],
    ['fpir_upper', 'upper bound of FPIR (95 %)', COLORS.bound, 'dash'],
  ];
  const traces = kinds.flatMap(([key, name, colour, dash]) => {
    const rows = grid.filter((row) => onLog(row[key]) && onLog(row.fnir));
    if (rows.length < 2) return [];
    return [
      {
        type: 'scatter' as const,
        mode: 'lines+markers',
        name,
        x: rows.map((row) => row[key]),
        y: rows.map(({ fnir }) => fnir),
        customdata: rows.map(({ threshold }) => threshold),
        line: { color: colour, width: 2.5, dash },
        marker: { color: colour, size: 4 },
        hovertemplate: 'threshold %{customdata:.2f}: FPIR %{x:.2%}, FNIR %{y:.2%}<extra></extra>',
        meta: key,
      },
    ];
  });
  if (traces.length === 0) return undefined;
  const points: { threshold: number; label: string; symbol: string }[] = [
    { threshold: decision.current_threshold, label: 'current', symbol: 'square' },
  ];
  const other = chosen(decision);
  if (other !== null && other !== decision.current_threshold)
    points.push({
      threshold: other,
      label: decision.recommendation.threshold === null ? 'safe but useless' : 'recommended',
      symbol: 'diamond',
    });
  const shown = points.flatMap(({ threshold, label, symbol }) => {
    const row = rowAt(grid, threshold);
    return row === undefined || !onLog(row.fpir_upper) || !onLog(row.fnir)
      ? []
      : [
          {
            type: 'scatter' as const,
            mode: 'markers',
            name: `${label} ${threshold.toFixed(2)}, on the bound`,
            x: [row.fpir_upper],
            y: [row.fnir],
            customdata: [threshold],
            marker: { color: COLORS.ink, size: 12, symbol },
            hovertemplate: 'threshold %{customdata:.2f}: FPIR upper bound %{x:.2%}, FNIR %{y:.2%}<extra></extra>',
            meta: 'fpir_upper',
          },
        ];
  });
  const dropped = grid.filter((row) => row.fpir === 0).length;
  return {
    id: 'det',
    title: 'The trade-off between the two errors (DET)',
    reading: `Left and low is better: few strangers assigned, few known deer missed. ${dropped === 0 ? '' : `${dropped} thresholds with no measured error have no place on a log axis; their bounds are shown.`}`,
    traces: [...traces, ...shown],
    layout: {
      xaxis: axis('FPIR (log scale)', DECADES),
      yaxis: axis('FNIR (log scale)', DECADES),
    },
    table: {
      columns: ['threshold', 'FPIR', 'upper bound', 'FNIR'],
      rows: grid.map((row) => [
        row.threshold.toFixed(2),
        percent(row.fpir),
        percent(row.fpir_upper),
        percent(row.fnir),
      ]),
    },
    height: 480,
  };
}
