// Charts of how scores are distributed: same animal and different animals, best scores of events,
// all pairs, cumulative curves.
import { count, threshold as formatThreshold, number } from '../../../format.ts';
import type { CommonFindings } from '../../analysis/findings.ts';
import type { Histogram } from '../../analysis/histogram.ts';
import type { ScoreHistograms } from '../../analysis/scores.ts';
import type { AllPairs } from '../../study/all-pairs.ts';
import type { ThresholdRow } from '../../study/rates.ts';
import {
  axis,
  COLORS,
  type Decision,
  drawMarks,
  type Figure,
  markThresholds,
  percent,
  score,
  shares,
  type Trace,
} from './figure.ts';

type Bins = Pick<Histogram, 'from' | 'width' | 'counts'>;

/** The middle of each bin, where its bar is drawn. */
const middles = ({ from, width, counts }: Bins): number[] =>
  counts.map((_, i) => Number((from + (i + 0.5) * width).toFixed(6)));

const bars = (name: string, bins: Bins, color: string, yaxis: string): Trace => ({
  type: 'bar',
  name,
  x: middles(bins),
  y: bins.counts,
  width: bins.width,
  yaxis,
  marker: { color: color, line: { width: 0 } },
  hovertemplate: `score %{x:.3f}: %{y:,} ${name}<extra></extra>`,
});

interface Panel {
  name: string;
  bins: Bins;
  color: string;
}

/**
 * Panels above each other on one axis of scores, each with an axis of counts, so that many scores
 * of one kind do not hide the few of another.
 */
function drawPanels(
  list: readonly Panel[],
  decision: Decision,
  what: string,
): Pick<Figure, 'traces' | 'layout' | 'table' | 'height'> {
  const marks = drawMarks(markThresholds(decision));
  const gap = 0.09;
  const each = (1 - gap * (list.length - 1)) / list.length;
  const layout: Record<string, unknown> = {
    xaxis: axis('similarity score', { anchor: list.length === 1 ? 'y' : `y${list.length}` }),
  };
  const traces = list.map(({ name, bins, color }, i) => {
    const id = i === 0 ? '' : String(i + 1);
    const top = 1 - i * (each + gap);
    layout[`yaxis${id}`] = axis(what, { domain: [Math.max(0, top - each), top], rangemode: 'tozero' });
    return bars(name, bins, color, `y${id}`);
  });
  const bin = new Map<number, string[]>();
  list.forEach(({ bins }, i) => {
    bins.counts.forEach((value, at) => {
      if (value === 0) return;
      const edge = Math.round((bins.from + at * bins.width) / bins.width);
      const row = bin.get(edge) ?? list.map(() => '0');
      row[i] = number(value);
      bin.set(edge, row);
    });
  });
  const width = list[0]!.bins.width;
  return {
    traces,
    layout: { ...layout, ...marks, barmode: 'overlay', bargap: 0 },
    table: {
      columns: ['score from', ...list.map(({ name }) => name)],
      rows: [...bin].sort((a, b) => a[0] - b[0]).map(([edge, row]) => [(edge * width).toFixed(2), ...row]),
    },
    height: 170 + 170 * list.length,
  };
}

const describeSpread = ({ spread }: Histogram): string =>
  `${count(spread.count, 'score')}, median ${score(spread.median)}, from ${score(spread.min)} to ${score(spread.max)}`;

/** Reviewed events against profiles of the same animal (mated) and of others (non-mated). */
export function matedFigure(
  { mated, non_mated: nonMated, matcher, separation }: CommonFindings & ScoreHistograms,
  decision: Decision,
): Figure | undefined {
  const list: Panel[] = [];
  if (mated.counts.length > 0) list.push({ name: 'same animal (mated)', bins: mated, color: COLORS.mated });
  if (matcher !== null && matcher.counts.length > 0)
    list.push({ name: 'labeled by the matcher, not the truth', bins: matcher, color: COLORS.pale });
  if (nonMated.counts.length > 0)
    list.push({ name: 'different animals (non-mated)', bins: nonMated, color: COLORS.nonMated });
  if (list.length === 0) return undefined;
  const parts = [
    mated.counts.length === 0 ? '' : `Same animal: ${describeSpread(mated)}.`,
    nonMated.counts.length === 0 ? '' : `Different animals: ${describeSpread(nonMated)}.`,
    separation.auc === null
      ? ''
      : `A score of the same animal is higher than one of different animals in ${percent(separation.auc)} of cases (AUC ${score(separation.auc, 3)}, EER ${percent(separation.eer)}, d' ${score(separation.dPrime)}).`,
    matcher === null ? '' : 'Gray scores have labels that the matcher wrote itself: they are not the truth.',
  ];
  return {
    id: 'mated',
    title: 'Scores of the same animal and of different animals',
    reading: parts.filter((part) => part !== '').join(' '),
    ...drawPanels(list, decision, 'comparisons'),
  };
}

/** Best score of each event, with the density of these scores and where they form two groups. */
export function eventsFigure(
  { events_best: best, density, natural_groups: groups }: CommonFindings & ScoreHistograms,
  decision: Decision,
): Figure | undefined {
  if (best.counts.length === 0) return undefined;
  const n = best.spread.count;
  const most = Math.max(...best.counts) * 1.1;
  const [crossing, valley] = [groups.mixture?.crossing ?? null, groups.valley];
  const marks = markThresholds(decision);
  if (crossing !== null)
    marks.push({ at: crossing, label: `groups cross ${crossing.toFixed(2)}`, color: '#5a5a5a', dash: 'dot' });
  if (valley !== null)
    marks.push({ at: valley, label: `valley ${valley.toFixed(2)}`, color: '#5a5a5a', dash: 'dashdot' });
  const traces = [bars('events', best, COLORS.event, 'y')];
  const layout: Record<string, unknown> = {
    ...drawMarks(marks),
    xaxis: axis('best similarity score of the event'),
    yaxis: axis('events', { range: [0, most] }),
    bargap: 0,
  };
  if (density !== null) {
    traces.push({
      type: 'scatter',
      mode: 'lines',
      name: 'density',
      x: density.x,
      y: density.y,
      yaxis: 'y2',
      line: { color: COLORS.ink, width: 2 },
      hovertemplate: 'score %{x:.3f}: density %{y:.2f}<extra></extra>',
    });
    // This axis is the other one divided by n and the width of a bin, so that bars and curve match.
    layout.yaxis2 = axis('density', {
      overlaying: 'y',
      side: 'right',
      tickmode: 'auto',
      nticks: 5,
      range: [0, most / (n * best.width)],
      showgrid: false,
    });
  }
  const found =
    crossing === null && valley === null
      ? 'The scores do not form two groups.'
      : 'The two groups come from a model of the scores that is not verified: they do not show how many assignments are wrong.';
  return {
    id: 'events',
    title: 'Best score of each event',
    reading: `${describeSpread(best)}. Events to the right of a threshold would be assigned. ${found}`,
    traces,
    layout,
    table: {
      columns: ['score from', 'events'],
      rows: best.counts.flatMap((value, i) =>
        value === 0 ? [] : [[(best.from + i * best.width).toFixed(2), number(value)]],
      ),
    },
    height: 440,
  };
}

/**
 * Detections compared with detections: how well the embeddings separate animals, without profiles.
 */
export function pairsFigure(pairs: AllPairs | null, decision: Decision): Figure | undefined {
  if (pairs === null) return undefined;
  const kinds: ['burst' | 'mated' | 'non_mated' | 'unlabelled', string, string][] = [
    ['burst', 'one burst (near-duplicates)', COLORS.pale],
    ['mated', 'same animal, other event', COLORS.mated],
    ['non_mated', 'different animals', COLORS.nonMated],
    ['unlabelled', 'unknown animal', COLORS.event],
  ];
  const list = kinds.flatMap(([key, name, color]) => {
    const counts = pairs[key];
    const first = counts.findIndex((value) => value > 0);
    if (first < 0) return [];
    const last = counts.findLastIndex((value) => value > 0);
    const from = Number((pairs.from + first * pairs.width).toFixed(6));
    return [{ name, color, bins: { from, width: 0.01 as const, counts: counts.slice(first, last + 1) } }];
  });
  if (list.length === 0) return undefined;
  const totals = list.map(({ name, bins }) => `${number(bins.counts.reduce((a, b) => a + b, 0))} ${name}`);
  return {
    id: 'pairs',
    title: 'All pairs of detections',
    reading: `${totals.join('; ')}. Images of one burst look alike because they are almost the same image: they say nothing about recognizing an animal later.`,
    ...drawPanels(list, decision, 'pairs'),
  };
}

export const line = (
  name: string,
  rows: readonly ThresholdRow[],
  key: keyof ThresholdRow,
  color: string,
  style: { dash?: string; width?: number; symbol?: string } = {},
): Trace => ({
  type: 'scatter',
  mode: 'lines',
  name,
  x: rows.map(({ threshold }) => threshold),
  y: rows.map((row) => row[key]),
  line: { color: color, width: style.width ?? 2.5, dash: style.dash ?? 'solid' },
  hovertemplate: `threshold %{x:.6~f}: %{y:.2%} ${name}<extra></extra>`,
  meta: key,
});

/** For a threshold outside of the charts: on which side of it all scores are. */
export const describeBeyond = (grid: readonly ThresholdRow[], threshold: number): string =>
  `Every best score is ${threshold < (grid[0]?.threshold ?? 0) ? 'above' : 'below'} the current threshold of ${formatThreshold(threshold)}.`;

/** Share of scores at or above each threshold, or below it. */
export function cumulativeFigure(grid: readonly ThresholdRow[], decision: Decision): Figure | undefined {
  if (grid.length === 0) return undefined;
  const kinds: [string, keyof ThresholdRow, string, string][] = [
    ['detections at or above', 'assignment_rate', COLORS.assigned, 'solid'],
    ['events at or above', 'event_assignment_rate', COLORS.event, 'dashdot'],
    ['different animals, at or above (FMR)', 'fmr', COLORS.nonMated, 'dash'],
    ['same animal, below (FNMR)', 'fnmr', COLORS.mated, 'dot'],
  ];
  const present = kinds.filter(([, key]) => grid.some((row) => row[key] !== null));
  const at = grid.find(({ threshold }) => Math.abs(threshold - decision.current_threshold) < 0.005);
  return {
    id: 'cumulative',
    title: 'Cumulative curves of the scores',
    reading:
      at === undefined
        ? describeBeyond(grid, decision.current_threshold)
        : `${percent(at.assignment_rate)} of detections and ${percent(at.event_assignment_rate)} of events score at or above the current threshold of ${formatThreshold(decision.current_threshold)}${at.fnmr === null ? '' : `, and ${percent(at.fnmr)} of comparisons of the same animal score below it`}.`,
    traces: present.map(([name, key, color, dash]) => line(name, grid, key, color, { dash })),
    layout: {
      ...drawMarks(markThresholds(decision)),
      xaxis: axis('threshold'),
      yaxis: shares('share', { range: [0, 1] }),
    },
    table: {
      columns: ['threshold', ...present.map(([name]) => name)],
      rows: grid.map((row) => [formatThreshold(row.threshold), ...present.map(([, key]) => percent(row[key]))]),
    },
    height: 460,
  };
}
