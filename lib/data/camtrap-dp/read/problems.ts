// Broken rules and remarks about a package, bounded: a fault in each of a million rows is a count,
// not a million sentences.

import { count, number } from '../../../format.ts';
import { forTerminalLine } from '../../../plain-text.ts';

/** A broken rule; `row` counts as a spreadsheet does: the header is row 1. */
export interface PackageProblem {
  file: string;
  row?: number;
  field?: string;
  reason: string;
}

/**
 * Such as `media.csv row 7, field timestamp is ...`, `media.csv row 8: ...`, `media.csv: field
 * ...`.
 */
export function formatProblem({ file, row, field, reason }: PackageProblem): string {
  const where = row === undefined ? file : `${file} row ${row}`;
  if (field === undefined) return forTerminalLine(`${where}: ${reason}`);
  return forTerminalLine(`${where}${row === undefined ? ':' : ','} field ${field} ${reason}`);
}

/** Sentences kept; the others are counted. */
const KEPT = 1_000;

export class Problems {
  readonly list: PackageProblem[] = [];
  count = 0;

  add(problem: PackageProblem): void {
    this.count += 1;
    if (this.list.length < KEPT) this.list.push(problem);
  }

  /** At most `most` lines, and one that counts the others. */
  lines(most = KEPT): string[] {
    const shown = this.list.slice(0, most).map(formatProblem);
    return this.count > shown.length ? [...shown, `and ${number(this.count - shown.length)} more`] : shown;
  }
}

/**
 * One note for each column of a table: how many cells differ from the standard, how, and the first.
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
      ([column, { count: cells, ways, first }]) =>
        `${file}, column ${column}: ${count(cells, 'cell has', 'cells have')} ${[...ways].join('; ')} (first: ${quote(first)})`,
    );
  }
}
