// What a chart of a page is: Plotly's traces and layout, a sentence that says what it shows, and
// the table of its numbers.
import { percent as formatPercent, threshold as formatThreshold } from '../../../format.ts';

/**
 * A trace as Plotly takes it; its data arrays hold only numbers, so that a test can find each of
 * them in the analysis.
 */
export interface Trace {
  type: 'scatter' | 'bar';
  name: string;
  x: (number | null)[];
  y: (number | null)[];
  [attribute: string]: unknown;
}

export interface Table {
  columns: readonly string[];
  /** Text as it is shown: formatted numbers, and names that are escaped when they are written. */
  rows: readonly (readonly string[])[];
}

export interface Figure {
  id: string;
  title: string;
  /** What the chart shows, in a sentence or two. */
  reading: string;
  traces: Trace[];
  layout: Record<string, unknown>;
  table: Table;
  /** CSS pixels; 420 when absent. */
  height?: number;
}

/**
 * The palette of M. Okabe and K. Ito, Color universal design (2008), for every kind of color
 * vision; dashes and markers repeat the difference.
 */
export const COLORS = {
  mated: '#0072B2',
  nonMated: '#D55E00',
  assigned: '#009E73',
  event: '#56B4E9',
  bound: '#B3541E',
  mistake: '#AA4499',
  ink: '#222222',
  pale: '#999999',
} as const;

/** Plotly reads a few tags and entities in text; names are shown as they are. */
export const asText = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('%', '&#37;')
    .replaceAll('$', '&#36;');

/** At most 28 characters of a name, for an axis. */
export const shortName = (name: string): string => {
  const letters = [...name];
  return asText(letters.length > 28 ? `${letters.slice(0, 27).join('')}...` : name);
};

/** A share in percent; `-` where it is unknown. */
export const percent = (share: number | null | undefined): string =>
  share === null || share === undefined ? '-' : formatPercent(share);

export const score = (value: number | null, digits = 2): string => (value === null ? '-' : value.toFixed(digits));

export interface Mark {
  at: number;
  label: string;
  color?: string;
  dash?: string;
}

/** Vertical lines through the whole chart, with a row for each label above it. */
export function drawMarks(marks: readonly Mark[]): { shapes: object[]; annotations: object[]; room: number } {
  const ordered = marks.toSorted((a, b) => a.at - b.at);
  return {
    shapes: ordered.map(({ at, color = COLORS.ink, dash = 'solid' }) => ({
      ...{ type: 'line', xref: 'x', yref: 'paper', x0: at, x1: at, y0: 0, y1: 1 },
      line: { color: color, width: 2, dash },
    })),
    annotations: ordered.map(({ at, label, color = COLORS.ink }, row) => ({
      ...{
        x: at,
        xref: 'x',
        y: 1,
        yref: 'paper',
        yshift: 10 + 17 * row,
        text: label,
        showarrow: false,
        yanchor: 'middle',
      },
      font: { color: color, size: 13 },
      bgcolor: 'rgba(255,255,255,0.85)',
    })),
    room: 17 * ordered.length,
  };
}

export interface Decision {
  current_threshold: number;
  recommendation: { threshold: number | null; qualifying_threshold: number | null };
}

/** The current threshold, and the recommended or at least a qualifying one. */
export function markThresholds({ current_threshold, recommendation }: Decision): Mark[] {
  const { threshold, qualifying_threshold: qualifying } = recommendation;
  const marks: Mark[] = [{ at: current_threshold, label: `current ${formatThreshold(current_threshold)}` }];
  if (threshold !== null)
    marks.push({ at: threshold, label: `recommended ${formatThreshold(threshold)}`, color: '#00614A', dash: 'dash' });
  else if (qualifying !== null)
    marks.push({
      at: qualifying,
      label: `safe, not useful ${formatThreshold(qualifying)}`,
      color: '#00614A',
      dash: 'dash',
    });
  return marks;
}

export const axis = (title: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  title: { text: title, standoff: 8 },
  automargin: true,
  gridcolor: '#e4e4e4',
  zerolinecolor: '#bbbbbb',
  linecolor: '#767676',
  ...more,
});

export const shares = (title: string, more: Record<string, unknown> = {}): Record<string, unknown> =>
  axis(title, { tickformat: '~%', rangemode: 'tozero', ...more });
