// The three tables of a package: read as CSV, every cell held to its rule, rows that break one set apart.
import { parse } from 'csv-parse/sync';
import { Fault } from '../../errors.ts';
import { broken, instantOf, isGap, KEYS, MISSING, RULES, type Table } from './rules.ts';

/** A broken rule; `row` counts as a spreadsheet does: the header is row 1. */
export interface Problem {
  file: string;
  row?: number;
  field?: string;
  reason: string;
}

export const told = ({ file, row, field, reason }: Problem): string =>
  `${file}${row === undefined ? '' : ` row ${row}`}${field === undefined ? ':' : `${row === undefined ? ':' : ','} field ${field}`} ${reason}`;

/** Present cells by column; a missing value is absent. */
export type Cells = Readonly<Partial<Record<string, string>>>;

export interface Checked {
  /** Rows that keep every rule. */
  rows: Cells[];
  problems: Problem[];
  notes: string[];
}

/**
 * Reads and checks one table. `keys` holds the keys of the tables checked before; a table that is absent there is not looked up in.
 * @throws Fault `invalid` when the file is no UTF-8 CSV or lacks a required column: no row of it can be used.
 */
export function readTable(
  table: Table,
  file: string,
  bytes: Buffer,
  delimiter: string,
  keys: Partial<Record<Table, Set<string>>>,
): Checked {
  const [header, ...lines] = cellsOf(file, bytes, delimiter);
  const rules = RULES[table];
  if (header === undefined) throw new Fault('invalid', `${file} is empty: it has no header`);
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined) throw new Fault('invalid', `${file} has the column ${twice} twice`);
  const absent = Object.keys(rules).filter((name) => rules[name]!.required && !header.includes(name));
  if (absent.length > 0)
    throw new Fault('invalid', `${file} lacks the required column${absent.length > 1 ? 's' : ''} ${absent.join(', ')}`);
  const unknown = header.filter((name) => !Object.hasOwn(rules, name));
  const notes = unknown.length > 0 ? [`${file}: columns that the standard does not know are ignored: ${unknown.join(', ')}`] : [];

  const problems: Problem[] = [];
  const rows: Cells[] = [];
  const own = new Set<string>();
  let placeless = 0;
  lines.forEach((cells, index) => {
    const row = index + 2;
    const before = problems.length;
    const wrong = (field: string, reason: string): void => void problems.push({ file, row, field, reason });
    if (cells.length !== header.length) {
      problems.push({ file, row, reason: `has ${cells.length} cells, the header has ${header.length}` });
      return;
    }
    const has = (name: string): boolean => header.includes(name) && !MISSING.has(cells[header.indexOf(name)]!);
    const record: Record<string, string> = Object.create(null) as Record<string, string>;
    header.forEach((name, i) => {
      const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
      const cell = cells[i]!;
      if (rule === undefined) return;
      if (MISSING.has(cell)) {
        if (isGap(table, name, has)) placeless += Number(name === 'latitude');
        else if (rule.required) wrong(name, 'is required and has no value');
        return;
      }
      const why = broken(rule, cell);
      if (why !== undefined) wrong(name, why);
      else if (rule.unique && own.has(cell)) wrong(name, `is ${JSON.stringify(cell)}, which an earlier row has already`);
      else if (rule.refersTo !== undefined && keys[rule.refersTo]?.has(cell) === false) {
        wrong(name, `is ${JSON.stringify(cell)}, which is no ${name} of a valid row in ${rule.refersTo}`);
      } else record[name] = cell;
    });
    for (const [field, why] of acrossFields(table, record)) wrong(field, why);
    const key = record[KEYS[table]];
    if (key !== undefined) own.add(key);
    if (problems.length === before) rows.push(record);
  });
  if (placeless > 0)
    notes.push(`${file}: ${placeless} of ${lines.length} rows have no coordinates: their places are known by locationID alone`);
  return { rows, problems, notes };
}

/** Rules between fields of one row: an end before its start gives negative effort, a media-based row without media stands for nothing. */
function* acrossFields(table: Table, record: Cells): Generator<[field: string, why: string]> {
  const pairs = { deployments: ['deploymentStart', 'deploymentEnd'], media: undefined, observations: ['eventStart', 'eventEnd'] } as const;
  const [start, end] = pairs[table] ?? [];
  if (
    start !== undefined &&
    record[start] !== undefined &&
    record[end!] !== undefined &&
    instantOf(record[end!]!)! < instantOf(record[start]!)!
  ) {
    yield [end!, `is before ${start}`];
  }
}

function cellsOf(file: string, bytes: Buffer, delimiter: string): string[][] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Fault('invalid', `${file} is not UTF-8 text`, { cause });
  }
  try {
    return parse(text, { bom: true, delimiter, relax_column_count: true, skip_empty_lines: true });
  } catch (cause) {
    throw new Fault('invalid', `${file} cannot be read as CSV: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
