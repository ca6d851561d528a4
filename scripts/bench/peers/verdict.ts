// A figure of the bench against its peer: goal and floor, and which of them it reaches.

export interface PeerRow {
  what: string;
  /** Of Hoofprint and, where there is one, of its peer. */
  host: number;
  peer?: number;
  unit: string;
  /** host / peer; the figure itself where there is no peer. */
  figure: number;
  goal: number;
  floor: number;
  better: 'higher' | 'lower';
  verdict: 'goal met' | 'above the floor' | 'BELOW THE FLOOR' | 'no peer';
  note?: string;
}

type Measured = Omit<PeerRow, 'figure' | 'verdict'> & { isRatio: boolean };

/** A ratio without a peer has no verdict. */
export function judge({ isRatio, ...row }: Measured): PeerRow {
  const figure = isRatio ? row.host / (row.peer ?? Number.NaN) : row.host;
  const reaches = (bound: number): boolean => (row.better === 'higher' ? figure >= bound : figure <= bound);
  if (Number.isNaN(figure)) return { ...row, figure, verdict: 'no peer' };
  const verdict = reaches(row.goal) ? 'goal met' : reaches(row.floor) ? 'above the floor' : 'BELOW THE FLOOR';
  return { ...row, figure, verdict };
}

const number = (n: number | undefined): string =>
  n === undefined || Number.isNaN(n) ? '-' : n >= 100 ? Math.round(n).toString() : n.toFixed(2);

/** The rows as a table for a terminal. */
export function table(rows: readonly PeerRow[]): string[] {
  const line = (cells: readonly string[]): string =>
    `${(cells[0] ?? '').padEnd(40)}${cells
      .slice(1, 6)
      .map((cell) => cell.padStart(10))
      .join('')}  ${(cells[6] ?? '').padEnd(16)}${cells[7] ?? ''}`.trimEnd();
  const bound = (row: PeerRow, value: number): string => `${row.better === 'higher' ? '>=' : '<='} ${number(value)}`;
  return [
    line(['', 'Hoofprint', 'peer', 'ratio', 'goal', 'floor', 'verdict']),
    ...rows.map((row) =>
      line([
        `${row.what}, ${row.unit}`,
        number(row.host),
        number(row.peer),
        row.peer === undefined ? '' : number(row.host / row.peer),
        bound(row, row.goal),
        bound(row, row.floor),
        row.verdict,
        row.note ?? '',
      ]),
    ),
  ];
}
