// The table beside the vectors: who is seen, and what else is told of the picture. Every broken cell is named by row and column.
import { parse } from 'csv-parse/sync';
import { Fault } from '../../errors.ts';

export const COLUMNS = ['identity', 'encounter', 'camera', 'captured_at', 'class', 'file'] as const;
type Column = (typeof COLUMNS)[number];

export interface Sighting {
  /** Place among the rows of the vectors, from 0. */
  row: number;
  identity: string;
  encounter: string | null;
  camera: string | null;
  /** ms since 1970; null where not told. */
  at: number | null;
  class: string;
  file: string | null;
}

export interface Metadata {
  sightings: Sighting[];
  /** `meta.csv line 7, captured_at: ...` */
  problems: string[];
  ignored: string[];
}

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/;
const LONGEST = 500;

/** A date or date-time; without an offset it is UTC. undefined when it is none (2024-02-30 is none). */
function instantOf(text: string): number | undefined {
  const parts = INSTANT.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone = 'Z'] = parts;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 19) !== `${year}-${month}-${day}T${hour}:${minute}:${second}`)
    return undefined;
  if (zone === 'Z') return date.getTime();
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  if (hours > 14 || minutes > 59) return undefined;
  return date.getTime() - (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** @throws Fault `invalid` when it is no table with a column identity; broken cells are listed, not thrown. */
export function readMetadata(bytes: Buffer, name: string): Metadata {
  let table: string[][];
  try {
    table = parse(bytes, { bom: true, skip_empty_lines: true, relax_column_count: true, trim: true });
  } catch (cause) {
    throw new Fault('invalid', `${name} is not a CSV table`, { cause });
  }
  const [header = [], ...lines] = table;
  const place = new Map(header.map((column, i) => [column.toLowerCase(), i]));
  if (!place.has('identity')) throw new Fault('invalid', `${name} has no column identity; known columns: ${COLUMNS.join(', ')}`);
  const problems: string[] = [];
  const sightings: Sighting[] = [];
  lines.forEach((cells, row) => {
    const broken = (column: string, reason: string): void => void problems.push(`${name} row ${row + 1}, ${column}: ${reason}`);
    const cell = (column: Column): string | null => {
      const text = cells[place.get(column) ?? -1] ?? '';
      if (text.length > LONGEST || text.includes('\0')) broken(column, `longer than ${LONGEST} characters, or with a zero byte`);
      return text === '' ? null : text;
    };
    const before = problems.length;
    if (cells.length !== header.length) broken('row', `${cells.length} cells under ${header.length} columns`);
    const identity = cell('identity');
    if (identity === null) broken('identity', 'is empty');
    const told = cell('captured_at');
    const at = told === null ? null : instantOf(told);
    if (at === undefined) broken('captured_at', `"${told}" is not a date-time such as 2024-05-01T06:30:00+02:00`);
    const [encounter, camera, file] = [cell('encounter'), cell('camera'), cell('file')];
    const label = cell('class') ?? 'unknown';
    if (problems.length === before) sightings.push({ row, identity: identity!, encounter, camera, at: at ?? null, class: label, file });
  });
  if (lines.length === 0) throw new Fault('invalid', `${name} has no rows`);
  return { sightings, problems, ignored: header.filter((column) => !COLUMNS.includes(column.toLowerCase() as Column)) };
}

/** Rows of a table, broken ones included. */
export const linesOf = (metadata: Metadata): number =>
  new Set([...metadata.sightings.map(({ row }) => row + 1), ...metadata.problems.map((problem) => Number(/ row (\d+),/.exec(problem)![1]))])
    .size;
