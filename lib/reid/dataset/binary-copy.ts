// Rows out of PostgreSQL as `COPY ... TO STDOUT (FORMAT binary)` sends them: framing only, each
// reader decodes its own fields. Format: https://www.postgresql.org/docs/current/sql-copy.html,
// "Binary Format".
import { Fault } from '../../errors.ts';

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const HEADER = 19;

/**
 * Field i of a row begins at `bytes[starts[i]]` and has `sizes[i]` bytes; a size of -1 is NULL.
 * `view` is of the same bytes.
 */
export type OnRow = (bytes: Buffer, starts: Int32Array, sizes: Int32Array, view: DataView) => void;

/**
 * Calls `onRow` for each row as it streams in; all that it is given is reused for later rows.
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
  // What is not taken yet, at the front of a room that grows to what one chunk and one row need.
  let room = Buffer.alloc(0);
  let view = new DataView(room.buffer, 0, 0);
  let held = 0;
  let begun = false;
  let ended = false;

  /**
   * Takes the row that begins at `at`.
   * @returns where the next row begins, or -1 if this row is not complete yet
   */
  function take(at: number): number {
    if (at + 2 > held) return -1;
    const fields = view.getInt16(at);
    if (fields === -1) {
      ended = true;
      return at + 2;
    }
    if (fields !== columns) throw corrupt(`${fields} columns instead of ${columns}`);
    let next = at + 2;
    for (let i = 0; i < columns; i++) {
      if (next + 4 > held) return -1;
      const size = view.getInt32(next);
      starts[i] = next + 4;
      sizes[i] = size;
      next += 4 + Math.max(0, size);
    }
    if (next > held) return -1;
    onRow(room, starts, sizes, view);
    return next;
  }

  function append(chunk: Buffer): void {
    if (held + chunk.length > room.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (held + chunk.length));
      room.copy(larger, 0, 0, held);
      room = larger;
      view = new DataView(room.buffer, 0, room.length);
    }
    chunk.copy(room, held);
    held += chunk.length;
  }

  for await (const chunk of chunks) {
    append(chunk);
    let at = 0;
    if (!begun) {
      if (held < HEADER) continue;
      if (!room.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw corrupt('not a binary COPY');
      const extension = view.getUint32(HEADER - 4);
      if (held < HEADER + extension) continue;
      at = HEADER + extension;
      begun = true;
    }
    while (!ended) {
      const next = take(at);
      if (next < 0) break;
      at = next;
    }
    room.copyWithin(0, at, held);
    held -= at;
  }
  if (!ended || held > 0) throw corrupt(ended ? 'bytes after its end' : 'it ends too early');
}

/** The text form of a uuid field. */
export function decodeUuid(bytes: Buffer, start: number): string {
  const hex = bytes.toString('hex', start, start + 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
