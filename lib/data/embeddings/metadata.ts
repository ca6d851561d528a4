// The table of who is seen on each picture, and what else is known of the picture. Every broken
// cell is named by row and column.

import { SEX_AND_AGE_CLASSES } from '../../deer/class-gates.ts';
import { isMissing, isUnnamed } from '../../deer/missing-values.ts';
import { fold } from '../../deer/names-alike.ts';
import { visible } from '../../plain-text.ts';
import { readTextTable } from '../text-table.ts';

const COLUMNS = ['identity', 'encounter', 'camera', 'captured_at', 'class', 'file'] as const;
type Column = (typeof COLUMNS)[number];

export interface Sighting {
  /** Position among the rows of the vectors, from 0. */
  row: number;
  /** null: a word for an unnamed animal. */
  identity: string | null;
  encounter: string | null;
  camera: string | null;
  /** ms since 1970; null where not known. */
  at: number | null;
  class: string;
  file: string | null;
}

export interface Metadata {
  /** Rows that can be loaded. */
  sightings: Sighting[];
  /** `meta.csv row 7, captured_at: ...`, rows counted from 1 below the header. */
  problems: string[];
  /** Rows of the table, broken ones included. */
  rows: number;
  /** Columns that are not known. */
  ignored: string[];
}

/** Cells that hold a value, as they are written; `row` from 0. */
type Cells = Partial<Record<Column, string>>;

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)? ?(Z|[+-]\d\d(?::?\d\d)?)?$/i;
const LONGEST = 500;
/** These decide which deer a picture is compared with, so they are the same in any case. */
const DEER_CLASSES: ReadonlySet<string> = new Set(SEX_AND_AGE_CLASSES);

/**
 * A date or date-time from 1900 to 2200; without an offset it is UTC. undefined when it is none
 * (2024-02-30 is none).
 */
function readInstant(text: string): number | undefined {
  const parts = INSTANT.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone = 'Z'] = parts;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (
    Number.isNaN(date.getTime()) ||
    date.toISOString().slice(0, 19) !== `${year}-${month}-${day}T${hour}:${minute}:${second}`
  )
    return undefined;
  if (Number(year) < 1900 || Number(year) > 2200) return undefined;
  if (zone.toUpperCase() === 'Z') return date.getTime();
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone)!;
  if (Number(hours) > 14 || Number(minutes ?? 0) > 59) return undefined;
  return date.getTime() - (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes ?? 0)) * 60_000;
}

/** Why a cell can be no name, path or time whatever its column. */
function findFault(cell: string): string | undefined {
  if (cell.length > LONGEST) return `longer than ${LONGEST} characters`;
  if (cell.includes('\ufffd'))
    return 'holds a replacement character: letters were lost when the file was saved, save it again as CSV UTF-8';
  return undefined;
}

const readClass = (cell: string | undefined): string => {
  if (cell === undefined || isMissing(cell)) return 'unknown';
  const folded = fold(cell);
  return DEER_CLASSES.has(folded) ? folded : cell;
};

/**
 * An unknown camera, encounter or time is none: rows with the same word for it have nothing in
 * common.
 */
const readKnown = (cell: string | undefined): string | null => (cell === undefined || isUnnamed(cell) ? null : cell);

/** One row. Broken cells go to `broken`; a row of which only `file` is broken stays. */
function readSighting(
  row: number,
  cells: Cells,
  broken: (column: Column, reason: string) => void,
): Sighting | undefined {
  let whole = true;
  const wrong = (column: Column, reason: string): void => {
    whole = whole && column === 'file';
    broken(column, reason);
  };
  for (const column of COLUMNS) {
    const why = cells[column] === undefined ? undefined : findFault(cells[column]);
    if (why !== undefined) wrong(column, why);
  }
  const { identity, captured_at: written, file } = cells;
  const time = readKnown(written);
  const at = time === null ? null : readInstant(time);
  if (at === undefined) wrong('captured_at', `${visible(time!)} is not a date-time such as 2024-05-01T06:30:00+02:00`);
  if (!whole) return undefined;
  // A table written by a program leaves the cell of an animal without a name empty.
  const animal = identity === undefined || isUnnamed(identity) ? null : identity;
  const readable = file !== undefined && !isMissing(file) && findFault(file) === undefined;
  return {
    ...{ row, identity: animal, encounter: readKnown(cells.encounter), camera: readKnown(cells.camera) },
    ...{ at: at ?? null, class: readClass(cells.class), file: readable ? file : null },
  };
}

/**
 * Blanks around an identity do not count, unless they are all that keeps two identities apart: then
 * both stay as they are written, for the warning that names look alike.
 */
function settleBlanks(sightings: Sighting[]): void {
  const spellings = new Map<string, Set<string>>();
  for (const { identity } of sightings) {
    if (identity === null) continue;
    const trimmed = identity.trim();
    const known = spellings.get(trimmed);
    if (known === undefined) spellings.set(trimmed, new Set([identity]));
    else known.add(identity);
  }
  for (const sighting of sightings) {
    const trimmed = sighting.identity?.trim();
    if (trimmed !== undefined && spellings.get(trimmed)!.size === 1) sighting.identity = trimmed;
  }
}

/**
 * @param most rows that are wanted; of a longer table a few more are read
 * @throws Fault `invalid` when it is no UTF-8 table with a column identity; broken cells are
 *   listed, not thrown.
 */
export function readMetadata(bytes: Buffer, name: string, most = 10_000_000): Metadata {
  const table = readTextTable(bytes, name, { known: COLUMNS, needed: 'identity', most });
  const problems: string[] = [];
  const sightings: Sighting[] = [];
  table.rows.forEach((line, row) => {
    const broken = (column: string, reason: string): void =>
      void problems.push(`${name} row ${row + 1}, ${column}: ${reason}`);
    if (line.length !== table.columns) {
      broken('row', `${line.length} cells under ${table.columns} columns`);
      return;
    }
    const cells: Cells = {};
    for (const column of COLUMNS) {
      const cell = line[table.find(column)];
      if (cell !== undefined && cell.trim() !== '') cells[column] = column === 'identity' ? cell : cell.trim();
    }
    const sighting = readSighting(row, cells, broken);
    if (sighting !== undefined) sightings.push(sighting);
  });
  settleBlanks(sightings);
  return { sightings, problems, rows: table.rows.length, ignored: table.ignored };
}
