// Vectors out of PostgreSQL: the rows of a binary COPY (id uuid, vector) into ids and one flat Float32Array in shared memory.
import { Fault } from '../../errors.ts';

export interface Decoded {
  ids: string[];
  /** ids.length x dimensions, row after row, in memory that threads can share. */
  vectors: Float32Array;
  /** Of the most frequent size; 0 when there is no usable vector. */
  dimensions: number;
  /** Rows left out: no vector, a part that is NaN or infinite, all parts zero, not of `dimensions` parts. */
  leftOut: { missing: number; nonFinite: number; zero: number; wrongSize: number };
}

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
/** Address space, not memory: pages are taken as they are filled, so that nothing is copied while it grows. */
const MOST_BYTES = 2 ** 32;
const STEP_BYTES = 2 ** 22;

/** Rows of one size in one array that grows in place. */
class Rows {
  readonly ids: string[] = [];
  readonly dimensions: number;
  #bytes: SharedArrayBuffer | ArrayBuffer;
  #buffer: Buffer;

  constructor(dimensions: number) {
    this.dimensions = dimensions;
    const growing = { maxByteLength: MOST_BYTES };
    this.#bytes = typeof SharedArrayBuffer === 'function' ? new SharedArrayBuffer(0, growing) : new ArrayBuffer(0, growing);
    this.#buffer = Buffer.from(this.#bytes as ArrayBuffer);
  }

  /** Takes a row of big-endian float32 unless a part is not finite or all are zero, and says which. */
  add(id: string, parts: Buffer): 'taken' | 'nonFinite' | 'zero' {
    const from = this.ids.length * parts.length;
    if (from + parts.length > this.#buffer.length) this.#grow(from + parts.length);
    const row = this.#buffer.subarray(from, from + parts.length);
    parts.copy(row);
    row.swap32();
    let square = 0;
    for (const part of new Float32Array(this.#bytes, from, this.dimensions)) square += part * part;
    if (!(square < Number.POSITIVE_INFINITY)) return 'nonFinite';
    if (square === 0) return 'zero';
    this.ids.push(id);
    return 'taken';
  }

  vectors(): Float32Array {
    return new Float32Array(this.#bytes, 0, this.ids.length * this.dimensions);
  }

  #grow(needed: number): void {
    const size = Math.max(needed, this.#buffer.length + STEP_BYTES);
    if (size > MOST_BYTES) throw new Fault('too-large', `vectors take more than ${MOST_BYTES / 2 ** 30} GiB`);
    if ('grow' in this.#bytes) this.#bytes.grow(size);
    else this.#bytes.resize(size);
    this.#buffer = Buffer.from(this.#bytes as ArrayBuffer, 0, size);
  }
}

const corrupt = (what: string): Fault => new Fault('corrupt', `binary COPY of vectors: ${what}`);

function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * Reads `COPY (SELECT id, vector ...) TO STDOUT (FORMAT binary)` as it streams in.
 * @throws Fault `corrupt` when the bytes are not rows of (uuid, vector), `too-large` above 4 GiB.
 */
export async function decodeVectors(chunks: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<Decoded> {
  const sizes = new Map<number, Rows>();
  const leftOut = { missing: 0, nonFinite: 0, zero: 0, wrongSize: 0 };
  let rest: Buffer = Buffer.alloc(0);
  let begun = false;
  let ended = false;

  /** Takes the row that begins at `at`. @returns where the next begins, or undefined when this one is not whole yet. */
  function take(bytes: Buffer, at: number): number | undefined {
    if (at + 2 > bytes.length) return undefined;
    const fields = bytes.readInt16BE(at);
    if (fields === -1) {
      ended = true;
      return at + 2;
    }
    if (fields !== 2) throw corrupt(`${fields} columns instead of id and vector`);
    if (at + 26 > bytes.length) return undefined;
    if (bytes.readInt32BE(at + 2) !== 16) throw corrupt('the first column is not a uuid');
    const size = bytes.readInt32BE(at + 22);
    if (size < 0) {
      leftOut.missing++;
      return at + 26;
    }
    const end = at + 26 + size;
    if (size > 4 && at + 28 <= bytes.length && size !== 4 + 4 * bytes.readUInt16BE(at + 26))
      throw corrupt('the second column is not a vector');
    if (size <= 4) throw corrupt('the second column is not a vector');
    if (end > bytes.length) return undefined;
    const dimensions = bytes.readUInt16BE(at + 26);
    let rows = sizes.get(dimensions);
    if (rows === undefined) {
      rows = new Rows(dimensions);
      sizes.set(dimensions, rows);
    }
    const said = rows.add(uuidOf(bytes.subarray(at + 6, at + 22)), bytes.subarray(at + 30, end));
    if (said !== 'taken') leftOut[said]++;
    return end;
  }

  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    if (!begun) {
      rest = bytes;
      if (bytes.length < 19) continue;
      if (!bytes.subarray(0, 11).equals(SIGNATURE)) throw corrupt('not a binary COPY');
      const extension = bytes.readUInt32BE(15);
      if (bytes.length < 19 + extension) continue;
      at = 19 + extension;
      begun = true;
    }
    while (!ended) {
      const next = take(bytes, at);
      if (next === undefined) break;
      at = next;
    }
    rest = bytes.subarray(at);
  }
  if (!ended || rest.length > 0) throw corrupt(ended ? 'bytes after its end' : 'it ends too early');
  const most = [...sizes.values()].reduce<Rows | undefined>(
    (best, one) => (one.ids.length > (best?.ids.length ?? 0) ? one : best),
    undefined,
  );
  for (const rows of sizes.values()) if (rows !== most) leftOut.wrongSize += rows.ids.length;
  return { ids: most?.ids ?? [], vectors: most?.vectors() ?? new Float32Array(0), dimensions: most?.dimensions ?? 0, leftOut };
}
