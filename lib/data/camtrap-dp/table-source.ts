// One table of a package from its files, joined, or from the descriptor itself: records for the
// checks, bytes for the package's content.
import { visible } from '../../deer/plain-text.ts';
import { Fault } from '../../errors.ts';
import type { Source } from './package-files.ts';
import type { Resource } from './resources.ts';
import { guessDelimiter, headerHolds, MOST_COLUMNS, readRecords, withoutSeparatorLine } from './table-text.ts';
import type { TableText } from './tables.ts';

export interface FoundTable {
  text: TableText;
  bytes: Buffer[];
  notes: string[];
}

/** @returns undefined when a file of the table is not in the package. */
export async function tableText(source: Source, resource: Resource): Promise<FoundTable | undefined> {
  const { name, paths, data, missing, dialect } = resource;
  if (data !== undefined) {
    const text = {
      file: name,
      missing,
      read: (onRecord: (cells: string[], row: number) => void) => inline(name, data, onRecord),
    };
    return { text, bytes: [Buffer.from(JSON.stringify(data))], notes: [] };
  }
  const parts: { path: string; bytes: Buffer }[] = [];
  for (const path of paths) {
    const bytes = await source.read(path);
    if (bytes === undefined) return undefined;
    refuseBinary(path, bytes);
    parts.push({ path, bytes });
  }
  for (const part of parts) part.bytes = withoutSeparatorLine(part.bytes);
  const guess = guessDelimiter(parts[0]!.bytes);
  // A header without the delimiter that is said would be one cell: the file was saved again in
  // another way.
  const trusted = dialect.comment !== null || headerHolds(parts[0]!.bytes, dialect.delimiter ?? ',');
  const delimiter = dialect.delimiter !== undefined && trusted ? dialect.delimiter : guess;
  const guessed = delimiter !== (dialect.delimiter ?? ',');
  const notes = guessed
    ? [`${name}: its cells are parted by ${visible(delimiter)}, which its dialect does not say`]
    : [];
  const read = (onRecord: (cells: string[], row: number) => void): void => {
    let header = dialect.columns;
    if (header !== undefined) onRecord([...header], 0);
    for (const { path, bytes } of parts) {
      let first = true;
      readRecords(path, bytes, { ...dialect, delimiter }, (cells, row) => {
        // Files that are joined may each have the header.
        const repeated =
          first &&
          header !== undefined &&
          cells.length === header.length &&
          header.every((name, i) => name === cells[i]);
        first = false;
        header ??= cells;
        if (!repeated) onRecord(cells, row);
      });
    }
  };
  return { text: { file: name, missing, read }, bytes: parts.map(({ bytes }) => bytes), notes };
}

const MAGIC: readonly [string, Buffer][] = [
  ['a Parquet file', Buffer.from('PAR1')],
  ['a spreadsheet or ZIP archive', Buffer.from('PK\u0003\u0004')],
  ['an old spreadsheet', Buffer.from([0xd0, 0xcf, 0x11, 0xe0])],
  ['an SQLite database', Buffer.from('SQLite format 3')],
  ['a gzip archive whose name does not end in .gz', Buffer.from([0x1f, 0x8b])],
];

function refuseBinary(file: string, bytes: Buffer): void {
  const known = MAGIC.find(([, magic]) => bytes.subarray(0, magic.length).equals(magic));
  if (known !== undefined) throw new Fault('invalid', `${file} is ${known[0]}, not a text table: save it as CSV UTF-8`);
}

/** Rows as objects by column, or as lists of which the first is the header. */
function inline(name: string, data: readonly unknown[], onRecord: (cells: string[], row: number) => void): void {
  const text = (value: unknown): string =>
    value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (data.every(Array.isArray)) {
    data.forEach((cells, i) => void onRecord((cells as unknown[]).map(text), i + 1));
    return;
  }
  const columns = new Set<string>();
  for (const row of data) {
    if (typeof row !== 'object' || row === null)
      throw new Fault('invalid', `${name} has a row that is neither a list nor an object`);
    for (const column of Object.keys(row)) columns.add(column);
    if (columns.size > MOST_COLUMNS) throw new Fault('invalid', `${name} has more than ${MOST_COLUMNS} columns`);
  }
  const header = [...columns];
  onRecord(header, 1);
  data.forEach(
    (row, i) =>
      void onRecord(
        header.map((column) => text((row as Record<string, unknown>)[column])),
        i + 2,
      ),
  );
}
