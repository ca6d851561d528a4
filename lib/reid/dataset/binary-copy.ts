// Rows out of PostgreSQL as `COPY ... TO STDOUT (FORMAT binary)` sends them: framing only, each
// reader decodes its own fields. Format: https://www.postgresql.org/docs/current/sql-copy.html,
// "Binary Format".
import { Fault } from '../../errors.ts';

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const HEADER = 19;

/** Field i of a row begins at `bytes[starts[i]]` and has `sizes[i]` bytes; a size of -1 is NULL. */
export type OnRow = (bytes: Buffer, starts: Int32Array, sizes: Int32Array) => void;

/**
 * Calls `onRow` for each row as it streams in; the arrays are reused for the next row.
 * @param what names the data in errors
 * @throws Fault `corrupt` when the bytes are not rows of `columns` fields
 */
export async function readBinaryCopy(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  columns: number,
  what: string,
  onRow: OnRow,
): Promise<void> {
  const corrupt = (why: string): Fault => new Fault('corrupt', `binary COPY of ${what}: ${why}`);
  const [starts, sizes] = [new Int32Array(columns), new Int32Array(columns)];
  let rest: Buffer = Buffer.alloc(0);
  let begun = false;
  let ended = false;

  /**
   * Takes the row that begins at `at`.
   * @returns where the next row begins, or -1 if this row is not complete yet
   */
  function take(bytes: Buffer, at: number): number {
    if (at + 2 > bytes.length) return -1;
    const fields = bytes.readInt16BE(at);
    if (fields === -1) {
      ended = true;
      return at + 2;
    }
    if (fields !== columns) throw corrupt(`${fields} columns instead of ${columns}`);
    let next = at + 2;
    for (let i = 0; i < columns; i++) {
      if (next + 4 > bytes.length) return -1;
      const size = bytes.readInt32BE(next);
      starts[i] = next + 4;
      sizes[i] = size;
      next += 4 + Math.max(0, size);
    }
    if (next > bytes.length) return -1;
    onRow(bytes, starts, sizes);
    return next;
  }

  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    if (!begun) {
      rest = bytes;
      if (bytes.length < HEADER) continue;
      if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw corrupt('not a binary COPY');
      const extension = bytes.readUInt32BE(HEADER - 4);
      if (bytes.length < HEADER + extension) continue;
      at = HEADER + extension;
      begun = true;
    }
    while (!ended) {
      const next = take(bytes, at);
      if (next < 0) break;
      at = next;
    }
    rest = bytes.subarray(at);
  }
  if (!ended || rest.length > 0) throw corrupt(ended ? 'bytes after its end' : 'it ends too early');
}

/** The text form of a uuid field. */
export function decodeUuid(bytes: Buffer, start: number): string {
  const hex = bytes.toString('hex', start, start + 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
