// Broken rules and remarks of a package, bounded: a fault in each of a million rows is a count, not
// a million sentences.
import { forTerminal } from '../../deer/plain-text.ts';

/** A broken rule; `row` counts as a spreadsheet does: the header is row 1. */
export interface Problem {
  file: string;
  row?: number;
  field?: string;
  reason: string;
}

/** One line, without anything that could steer a terminal. */
export const oneLine = (text: string): string => forTerminal(text).replace(/[\n\t]/g, ' ');

export const sayProblem = ({ file, row, field, reason }: Problem): string =>
  oneLine(
    `${file}${row === undefined ? '' : ` row ${row}`}${field === undefined ? ':' : `${row === undefined ? ':' : ','} field ${field}`} ${reason}`,
  );

/** Sentences kept; the rest is counted. */
const KEPT = 1_000;

export class Problems {
  readonly list: Problem[] = [];
  count = 0;

  add(problem: Problem): void {
    this.count += 1;
    if (this.list.length < KEPT) this.list.push(problem);
  }

  /** At most `most` lines, and one that counts the rest. */
  lines(most = KEPT): string[] {
    const shown = this.list.slice(0, most).map(sayProblem);
    return this.count > shown.length ? [...shown, `and ${this.count - shown.length} more`] : shown;
  }
}

/**
 * What is worth one note per table and column: how many cells, in what way, and the first of them.
 */
export class Remarks {
  readonly #found = new Map<string, { count: number; ways: Set<string>; first: string }>();

  add(column: string, cell: string, ways: readonly string[]): void {
    const known = this.#found.get(column);
    if (known === undefined) this.#found.set(column, { count: 1, ways: new Set(ways), first: cell });
    else {
      known.count += 1;
      for (const way of ways) known.ways.add(way);
    }
  }

  notes(file: string, quote: (cell: string) => string): string[] {
    return [...this.#found].map(
      ([column, { count, ways, first }]) =>
        `${file}, column ${column}: ${count} ${count === 1 ? 'cell has' : 'cells have'} ${[...ways].join('; ')} (first: ${quote(first)})`,
    );
  }
}
