// What a chart of a page is: Plotly's traces and layout, a reading in words, and the table behind
// it.

/**
 * A trace as Plotly takes it; numbers only in its data arrays, so that a test can hold every one of
 * them to the analysis.
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
  /**
   * Text as it is shown: formatted numbers, names as they are (they are escaped where they are
   * written).
   */
  rows: readonly (readonly string[])[];
}

export interface Figure {
  id: string;
  title: string;
  /** One line that says what is to be seen. */
  reading: string;
  traces: Trace[];
  layout: Record<string, unknown>;
  table: Table;
  /** CSS pixels; 420 when absent. */
  height?: number;
}

/**
 * Okabe and Ito's colours, which people with any kind of colour vision can tell apart; dashes and
 * markers repeat the difference.
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

/** Plotly reads a few tags and entities in text: what comes from outside is shown as it is. */
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

/** Two significant digits, and never "0 %" or "100 %" for what is only near. */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined) return '-';
  const [size, rest] = [Math.abs(share), Math.abs(1 - share)];
  const digits =
    size === 0 || rest === 0 ? 0 : size < 0.001 || rest < 0.001 ? 2 : size < 0.0995 || rest < 0.0095 ? 1 : 0;
  return `${(100 * share).toFixed(digits)} %`;
}
export const score = (value: number | null | undefined, digits = 2): string =>
  value === null || value === undefined ? '-' : value.toFixed(digits);
export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

export interface Mark {
  at: number;
  label: string;
  colour?: string;
  dash?: string;
}

/** Vertical lines through the whole chart, their labels above it in as many rows as they need. */
export function marked(marks: readonly Mark[]): { shapes: object[]; annotations: object[]; room: number } {
  const ordered = marks.toSorted((a, b) => a.at - b.at);
  return {
    shapes: ordered.map(({ at, colour = COLORS.ink, dash = 'solid' }) => ({
      ...{ type: 'line', xref: 'x', yref: 'paper', x0: at, x1: at, y0: 0, y1: 1 },
      line: { color: colour, width: 2, dash },
    })),
    annotations: ordered.map(({ at, label, colour = COLORS.ink }, row) => ({
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
      font: { color: colour, size: 13 },
      bgcolor: 'rgba(255,255,255,0.85)',
    })),
    room: 17 * ordered.length,
  };
}

export interface Decision {
  current_threshold: number;
  recommendation: { threshold: number | null; qualifying_threshold: number | null };
}

/** Current, and recommended or at least qualifying, threshold. */
export function thresholdMarks({ current_threshold, recommendation }: Decision): Mark[] {
  const { threshold, qualifying_threshold: qualifying } = recommendation;
  const marks: Mark[] = [{ at: current_threshold, label: `current ${current_threshold.toFixed(2)}` }];
  if (threshold !== null)
    marks.push({ at: threshold, label: `recommended ${threshold.toFixed(2)}`, colour: '#00614A', dash: 'dash' });
  else if (qualifying !== null)
    marks.push({ at: qualifying, label: `safe but useless ${qualifying.toFixed(2)}`, colour: '#00614A', dash: 'dash' });
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
