// One table of a package: every cell is checked by its rule, and what breaks one is left out.

import { isEssential, isGap, KEYS, type PackageTable, RULES, type Rule } from '../../../deer/camtrap-dp-columns.ts';
import { isPerson } from '../../../deer/classes.ts';
import { alikeWarning, fold } from '../../../deer/names-alike.ts';
import { Fault } from '../../../errors.ts';
import { number } from '../../../format.ts';
import { visible } from '../../../plain-text.ts';
import { readCell } from './cells.ts';
import { type Problems, Remarks } from './problems.ts';
import type { TableText } from './table-text.ts';

/** Present cells by column, in the form of the standard; a missing value is absent. */
export type Cells = Readonly<Partial<Record<string, string>>>;

/** Keys of a table that was read: a reference may miss its key only by case or a blank. */
export class Keys {
  readonly #keys = new Set<string>();
  #folded: Map<string, string> | undefined;

  add = (key: string): Set<string> => this.#keys.add(key);
  has = (key: string): boolean => this.#keys.has(key);
  /** A key that differs from this one only in case, blanks or characters that look the same. */
  like(key: string): string | undefined {
    this.#folded ??= new Map([...this.#keys].map((known) => [fold(known), known]));
    return this.#folded.get(fold(key));
  }
  warning = (what: string): string | undefined => alikeWarning(this.#keys, what, APART);
}

/** What is said of keys and names that look alike, after "They are kept apart". */
export const APART = '; if they are the same, write them one way and import again';

export interface CheckedTable {
  /** Rows with key, location and time; cells that break a rule are left out of them. */
  rows: Cells[];
  /** undefined for a table that is not there: references to it are not checked. */
  keys: Keys | undefined;
  /** Records of the file below its header. */
  total: number;
  notes: string[];
}

/**
 * Reads and checks one table.
 * @param keys of the tables checked before; references to another table are not checked
 * @throws Fault `invalid` when the file is no UTF-8 CSV or lacks a required column: no row of it
 *   can be used.
 */
export function readTable(
  table: PackageTable,
  text: TableText,
  keys: Partial<Record<PackageTable, Keys>>,
  problems: Problems,
): CheckedTable {
  const reader = new TableReader(table, text, keys, problems);
  let header = false;
  text.read((cells, row) => {
    if (header) reader.row(cells, row);
    else reader.header(cells);
    header = true;
  });
  if (!header) throw new Fault('invalid', `${text.file} is empty: it has no header`);
  return reader.checked();
}

/**
 * Names of columns match in any case, with blanks, underscores, hyphens or characters that nobody
 * sees between their letters.
 */
const plain = (name: string): string => fold(name).replace(/[_-]/g, '');

interface Column {
  name: string;
  rule: Rule;
  at: number;
}

class TableReader {
  readonly #table: PackageTable;
  readonly #text: TableText;
  readonly #keys: Partial<Record<PackageTable, Keys>>;
  readonly #problems: Problems;
  readonly #remarks = new Remarks();
  readonly #notes: string[] = [];
  readonly #rows: Cells[] = [];
  readonly #own = new Keys();
  #columns: Column[] = [];
  #width = 0;
  #total = 0;
  #withoutCoordinates = 0;
  #blank = 0;
  #longer = 0;
  /** Every row has the same columns in the same order: a million rows share one shape. */
  #empty: Record<string, string | undefined> = {};

  constructor(table: PackageTable, text: TableText, keys: Partial<Record<PackageTable, Keys>>, problems: Problems) {
    this.#table = table;
    this.#text = text;
    this.#keys = keys;
    this.#problems = problems;
  }

  header(cells: readonly string[]): void {
    const [rules, { file }] = [RULES[this.#table], this.#text];
    const byFold = new Map(Object.keys(rules).map((name) => [plain(name), name]));
    const names = cells.map((cell) => (Object.hasOwn(rules, cell) ? cell : (byFold.get(plain(cell)) ?? cell)));
    const known = names.filter((name) => Object.hasOwn(rules, name));
    const twice = known.find((name, i) => known.indexOf(name) !== i);
    if (twice !== undefined) throw new Fault('invalid', `${file} has the column ${twice} twice`);
    const absent = Object.keys(rules).filter((name) => rules[name]!.required && !known.includes(name));
    if (absent.length > 0) {
      const hint =
        cells.length === 1
          ? `: its header is one cell, ${visible(cells[0]!)}; does the dialect name another delimiter?`
          : '';
      throw new Fault(
        'invalid',
        `${file} lacks the required column${absent.length > 1 ? 's' : ''} ${absent.join(', ')}${hint}`,
      );
    }
    const renamed = cells.filter((cell, i) => cell !== names[i]);
    if (renamed.length > 0)
      this.#notes.push(`${file}: columns that are written in another way than the standard's: ${listColumns(renamed)}`);
    const unknown = names.filter((name) => !Object.hasOwn(rules, name) && name.trim() !== '');
    if (unknown.length > 0)
      this.#notes.push(`${file}: columns that the standard does not know are ignored: ${listColumns(unknown)}`);
    this.#width = cells.length;
    this.#columns = names.flatMap((name, at) => (Object.hasOwn(rules, name) ? [{ name, rule: rules[name]!, at }] : []));
    this.#empty = Object.fromEntries(Object.keys(rules).map((name) => [name, undefined]));
  }

  row(cells: readonly string[], row: number): void {
    // Spreadsheets leave rows of delimiters behind.
    if (cells.every((cell) => cell.trim() === '')) {
      this.#blank += 1;
      return;
    }
    this.#total += 1;
    const { file } = this.#text;
    if (cells.length < this.#width || cells.slice(this.#width).some((cell) => cell.trim() !== '')) {
      this.#problems.add({ file, row, reason: `has ${cells.length} cells, the header has ${this.#width}` });
      return;
    }
    if (cells.length > this.#width) this.#longer += 1;
    const record: Record<string, string | undefined> = { ...this.#empty };
    let usable = true;
    const wrong = (field: string, reason: string): void => {
      this.#problems.add({ file, row, field, reason });
      usable &&= !isEssential(this.#table, field);
    };
    const gaps: string[] = [];
    for (const column of this.#columns) this.#cell(column, cells[column.at]!, record, gaps, wrong);
    const has = (name: string): boolean => record[name] !== undefined;
    for (const name of gaps) {
      if (isGap(this.#table, name, has)) this.#withoutCoordinates += Number(name === 'latitude');
      else wrong(name, 'is required and has no value');
    }
    const reversed = findReversal(this.#table, record);
    if (reversed !== undefined) wrong(...reversed);
    if (!usable) return;
    if (this.#table === 'observations') this.#completeObservation(record, cells);
    this.#rows.push(record);
    const key = record[KEYS[this.#table]];
    if (key !== undefined) this.#own.add(key);
  }

  #cell(
    { name, rule }: Column,
    cell: string,
    record: Record<string, string | undefined>,
    gaps: string[],
    wrong: (field: string, reason: string) => void,
  ): void {
    const others = rule.refersTo === undefined ? undefined : this.#keys[rule.refersTo];
    const read = others?.has(cell) === true ? { value: cell } : readCell(rule, cell, this.#text.missing);
    let why = 'why' in read ? read.why : undefined;
    if ('value' in read) {
      if (read.differs !== undefined && read.differs.length > 0) this.#remarks.add(name, cell, read.differs);
      if (read.value === undefined) {
        if (rule.required) gaps.push(name);
        return;
      }
      if (rule.unique && this.#own.has(cell)) why = `is ${visible(cell)}, which an earlier row has already`;
      else if (others !== undefined && !others.has(cell)) why = explainDangling(cell, name, rule.refersTo!, others);
      else record[name] = read.value;
    }
    if (why !== undefined) wrong(name, why);
  }

  /**
   * Where level or type break their rule, the medium gives the level and the species the type; a
   * word for a person means a person.
   */
  #completeObservation(record: Record<string, string | undefined>, cells: readonly string[]): void {
    record.observationLevel ??= record.mediaID === undefined ? 'event' : 'media';
    if (record.observationType !== undefined) return;
    const column = this.#columns.find(({ name }) => name === 'observationType')!;
    const person = [cells[column.at], record.scientificName].some(isPerson);
    record.observationType = person ? 'human' : record.scientificName === undefined ? 'unclassified' : 'animal';
  }

  checked(): CheckedTable {
    const { file } = this.#text;
    const notes = [...this.#notes, ...this.#remarks.notes(file, (cell) => visible(cell, 60))];
    if (this.#longer > 0)
      notes.push(`${file}: ${number(this.#longer)} rows have empty cells beyond the header, which are ignored`);
    if (this.#blank > 0) notes.push(`${file}: ${number(this.#blank)} rows have no cell with a value and are ignored`);
    if (this.#withoutCoordinates > 0)
      notes.push(
        `${file}: ${number(this.#withoutCoordinates)} of ${number(this.#total)} rows have no coordinates: their locations are known by locationID alone`,
      );
    const alike = this.#own.warning(`${KEYS[this.#table]}s in ${file}`);
    if (alike !== undefined) notes.push(alike);
    return { rows: this.#rows, keys: this.#own, total: this.#total, notes };
  }
}

function explainDangling(cell: string, name: string, table: PackageTable, keys: Keys): string {
  const near = keys.like(cell);
  const hint =
    near === undefined
      ? ''
      : `; ${visible(near)} differs from it only in case, blanks or characters that look the same`;
  return `is ${visible(cell)}, which is no ${name} of a valid row in ${table}${hint}`;
}

/** At most 20 names of columns. */
const listColumns = (names: readonly string[]): string =>
  names
    .slice(0, 20)
    .map((name) => (/^[\w.:-]+$/.test(name) ? name : visible(name, 40)))
    .join(', ') + (names.length > 20 ? ` and ${names.length - 20} more` : '');

const SPANS = {
  deployments: ['deploymentStart', 'deploymentEnd'],
  media: undefined,
  observations: ['eventStart', 'eventEnd'],
} as const;

/** An end before its start would give negative effort. */
function findReversal(table: PackageTable, record: Cells): [field: string, why: string] | undefined {
  const [start, end] = SPANS[table] ?? [];
  if (start === undefined || record[start] === undefined || record[end!] === undefined) return undefined;
  return Date.parse(record[end!]!) < Date.parse(record[start]!) ? [end!, `is before ${start}`] : undefined;
}
