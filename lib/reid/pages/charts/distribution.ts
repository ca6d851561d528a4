// Charts of how scores are distributed: same animal against different animals, best scores of
// events, all pairs, cumulative curves.
import type { CommonFindings } from '../../analysis/findings.ts';
import type { Histogram } from '../../analysis/histogram.ts';
import type { ScoreHistograms } from '../../analysis/scores.ts';
import type { AllPairs } from '../../study/all-pairs.ts';
import type { ThresholdRow } from '../../study/rates.ts';
import {
  axis,
  COLORS,
  count,
  type Decision,
  type Figure,
  marked,
  percent,
  score,
  shares,
  type Trace,
  thresholdMarks,
} from './figure.ts';

type Bins = Pick<Histogram, 'from' | 'width' | 'counts'>;

/** Bar i of a histogram stands over the middle of its bin. */
const middles = ({ from, width, counts }: Bins): number[] =>
  counts.map((_, i) => Number((from + (i + 0.5) * width).toFixed(6)));

const bars = (name: string, bins: Bins, colour: string, yaxis: string): Trace => ({
  type: 'bar',
  name,
  x: middles(bins),
  y: bins.counts,
  width: bins.width,
  yaxis,
  marker: { color: colour, line: { width: 0 } },
  hovertemplate: `score %{x:.3f}: %{y:,} ${name}<extra></extra>`,
});

interface Panel {
  name: string;
  bins: Bins;
  colour: string;
}

/**
 * Panels above each other on one axis of scores: each keeps its own counts, so that many of one
 * kind do not hide the few of another.
 */
function panels(
  list: readonly Panel[],
  decision: Decision,
  what: string,
): Pick<Figure, 'traces' | 'layout' | 'table' | 'height'> {
  const marks = marked(thresholdMarks(decision));
  const gap = 0.09;
  const each = (1 - gap * (list.length - 1)) / list.length;
  const layout: Record<string, unknown> = {
    xaxis: axis('similarity score', { anchor: list.length === 1 ? 'y' : `y${list.length}` }),
  };
  const traces = list.map(({ name, bins, colour }, i) => {
    const id = i === 0 ? '' : String(i + 1);
    const top = 1 - i * (each + gap);
    layout[`yaxis${id}`] = axis(what, { domain: [Math.max(0, top - each), top], rangemode: 'tozero' });
    return bars(name, bins, colour, `y${id}`);
  });
  const bin = new Map<number, string[]>();
  list.forEach(({ bins }, i) => {
    bins.counts.forEach((value, at) => {
      if (value === 0) return;
      const edge = Math.round((bins.from + at * bins.width) / bins.width);
      const row = bin.get(edge) ?? list.map(() => '0');
      row[i] = count(value);
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

const spreadIn = ({ spread }: Histogram): string =>
  `${count(spread.count)} scores, median ${score(spread.median)}, from ${score(spread.min)} to ${score(spread.max)}`;

/** Reviewed events against profiles: their own (mated) and others' (non-mated). */
export function matedFigure(
  { mated, non_mated: nonMated, matcher, separation }: CommonFindings & ScoreHistograms,
  decision: Decision,
): Figure | undefined {
  const list: Panel[] = [];
  if (mated.counts.length > 0) list.push({ name: 'same animal (mated)', bins: mated, colour: COLORS.mated });
  if (matcher !== null && matcher.counts.length > 0)
    list.push({ name: 'labelled by the matcher, not truth', bins: matcher, colour: COLORS.pale });
  if (nonMated.counts.length > 0)
    list.push({ name: 'different animals (non-mated)', bins: nonMated, colour: COLORS.nonMated });
  if (list.length === 0) return undefined;
  const parts = [
    mated.counts.length === 0 ? '' : `Same animal: ${spreadIn(mated)}.`,
    nonMated.counts.length === 0 ? '' : `Different animals: ${spreadIn(nonMated)}.`,
    separation.auc === null
      ? ''
      : `A same-animal score beats a different-animal one in ${percent(separation.auc)} of cases (AUC ${score(separation.auc, 3)}, EER ${percent(separation.eer)}, d' ${score(separation.dPrime)}).`,
    matcher === null ? '' : 'Grey scores carry labels that the matcher wrote itself: they are not truth.',
  ];
  return {
    id: 'mated',
    title: 'Scores of the same animal and of different animals',
    reading: parts.filter((part) => part !== '').join(' '),
    ...panels(list, decision, 'comparisons'),
  };
}

/**
 * Every event's best candidate, with the density of the same scores and where it seems to fall into
 * two groups.
 */
export function eventsFigure(
  { events_best: best, density, natural_groups: groups }: CommonFindings & ScoreHistograms,
  decision: Decision,
): Figure | undefined {
  if (best.counts.length === 0) return undefined;
  const n = best.spread.count;
  const most = Math.max(...best.counts) * 1.1;
  const [crossing, valley] = [groups.mixture?.crossing ?? null, groups.valley];
  const marks = thresholdMarks(decision);
  if (crossing !== null)
    marks.push({ at: crossing, label: `groups cross ${crossing.toFixed(2)}`, colour: '#5a5a5a', dash: 'dot' });
  if (valley !== null)
    marks.push({ at: valley, label: `valley ${valley.toFixed(2)}`, colour: '#5a5a5a', dash: 'dashdot' });
  const traces = [bars('events', best, COLORS.event, 'y')];
  const layout: Record<string, unknown> = {
    ...marked(marks),
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
    // One axis is the other over n and the width of a bin: bars and curve lie on each other.
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
      ? 'The scores do not fall into two groups.'
      : 'Where the scores fall into two groups is a model, unverified: it says nothing about how many assignments are wrong.';
  return {
    id: 'events',
    title: 'Best score of every event',
    reading: `${spreadIn(best)}. Events right of a threshold would be assigned there. ${found}`,
    traces,
    layout,
    table: {
      columns: ['score from', 'events'],
      rows: best.counts.flatMap((value, i) =>
        value === 0 ? [] : [[(best.from + i * best.width).toFixed(2), count(value)]],
      ),
    },
    height: 440,
  };
}

/** Detection against detection: what the embeddings themselves do, without profiles. */
export function pairsFigure(pairs: AllPairs | null, decision: Decision): Figure | undefined {
  if (pairs === null) return undefined;
  const kinds: ['burst' | 'mated' | 'non_mated' | 'unlabelled', string, string][] = [
    ['burst', 'one burst (near-duplicates)', COLORS.pale],
    ['mated', 'same animal, other event', COLORS.mated],
    ['non_mated', 'different animals', COLORS.nonMated],
    ['unlabelled', 'animal not known', COLORS.event],
  ];
  const list = kinds.flatMap(([key, name, colour]) => {
    const counts = pairs[key];
    const first = counts.findIndex((value) => value > 0);
    if (first < 0) return [];
    const last = counts.findLastIndex((value) => value > 0);
    const from = Number((pairs.from + first * pairs.width).toFixed(6));
    return [{ name, colour, bins: { from, width: 0.01 as const, counts: counts.slice(first, last + 1) } }];
  });
  if (list.length === 0) return undefined;
  const totals = list.map(({ name, bins }) => `${count(bins.counts.reduce((a, b) => a + b, 0))} ${name}`);
  return {
    id: 'pairs',
    title: 'All pairs of detections',
    reading: `${totals.join('; ')}. Pictures of one burst look alike because they are nearly the same picture: they say nothing about recognising an animal later.`,
    ...panels(list, decision, 'pairs'),
  };
}

export const line = (
  name: string,
  rows: readonly ThresholdRow[],
  key: keyof ThresholdRow,
  colour: string,
  style: { dash?: string; width?: number; symbol?: string } = {},
): Trace => ({
  type: 'scatter',
  mode: 'lines',
  name,
  x: rows.map(({ threshold }) => threshold),
  y: rows.map((row) => row[key]),
  line: { color: colour, width: style.width ?? 2.5, dash: style.dash ?? 'solid' },
  hovertemplate: `threshold %{x:.2f}: %{y:.2%} ${name}<extra></extra>`,
  meta: key,
});

/** For a threshold that no chart reaches: on which side of it everything lies. */
export const beyond = (grid: readonly ThresholdRow[], threshold: number): string =>
  `Every best score lies ${threshold < (grid[0]?.threshold ?? 0) ? 'above' : 'below'} the current threshold of ${threshold.toFixed(2)}.`;

/** Share of scores beyond each threshold. */
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
        ? beyond(grid, decision.current_threshold)
        : `At the current threshold of ${decision.current_threshold.toFixed(2)}, ${percent(at.assignment_rate)} of the detections and ${percent(at.event_assignment_rate)} of the events lie at or above it${at.fnmr === null ? '' : `, and ${percent(at.fnmr)} of the same-animal comparisons lie below`}.`,
    traces: present.map(([name, key, colour, dash]) => line(name, grid, key, colour, { dash })),
    layout: {
      ...marked(thresholdMarks(decision)),
      xaxis: axis('threshold'),
      yaxis: shares('share', { range: [0, 1] }),
    },
    table: {
      columns: ['threshold', ...present.map(([name]) => name)],
      rows: grid.map((row) => [row.threshold.toFixed(2), ...present.map(([, key]) => percent(row[key]))]),
    },
    height: 460,
  };
}
