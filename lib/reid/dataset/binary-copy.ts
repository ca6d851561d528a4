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

/** Bytes that are not taken yet, at the front of a room that grows to one chunk and one row. */
class Held {
  bytes = Buffer.alloc(0);
  view = new DataView(new ArrayBuffer(0));
  length = 0;

  append(chunk: Buffer): void {
    const length = this.length + chunk.length;
    if (length > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * length);
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
      this.view = new DataView(larger.buffer, 0, larger.length);
    }
    chunk.copy(this.bytes, this.length);
    this.length = length;
  }

  /** Forgets the first `count` bytes. */
  drop(count: number): void {
    this.bytes.copyWithin(0, count, this.length);
    this.length -= count;
  }
}

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
  const held = new Held();
  let begun = false;
  let ended = false;

  /**
   * Takes the row that begins at `at`.
   * @returns where the next row begins, or -1 if this row is not complete yet
   */
  function take(at: number): number {
    if (at + 2 > held.length) return -1;
    const fields = held.view.getInt16(at);
    if (fields === -1) {
      ended = true;
      return at + 2;
    }
    if (fields !== columns) throw corrupt(`${fields} columns instead of ${columns}`);
    let next = at + 2;
    for (let i = 0; i < columns; i++) {
      if (next + 4 > held.length) return -1;
      const size = held.view.getInt32(next);
      starts[i] = next + 4;
      sizes[i] = size;
      next += 4 + Math.max(0, size);
    }
    if (next > held.length) return -1;
    onRow(held.bytes, starts, sizes, held.view);
    return next;
  }

  for await (const chunk of chunks) {
    held.append(chunk);
    let at = 0;
    if (!begun) {
      if (held.length < HEADER) continue;
      if (!held.bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw corrupt('not a binary COPY');
      const extension = held.view.getUint32(HEADER - 4);
      if (held.length < HEADER + extension) continue;
      at = HEADER + extension;
      begun = true;
    }
    while (!ended) {
      const next = take(at);
      if (next < 0) break;
      at = next;
    }
    held.drop(at);
  }
  if (!ended || held.length > 0) throw corrupt(ended ? 'bytes after its end' : 'it ends too early');
}

/** The text form of a uuid field. */
export function decodeUuid(bytes: Buffer, start: number): string {
  const hex = bytes.toString('hex', start, start + 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
