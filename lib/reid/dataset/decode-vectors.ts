// Vectors out of PostgreSQL: the rows of a binary COPY (id uuid, vector) into ids and one flat
// Float32Array in shared memory.
import { Fault } from '../../errors.ts';
import { decodeUuid, readBinaryCopy } from './binary-copy.ts';

export interface Decoded {
  ids: string[];
  /** ids.length x dimensions, row after row, in memory that threads can share. */
  vectors: Float32Array;
  /** Of the most frequent size; 0 when there is no usable vector. */
  dimensions: number;
  /**
   * Rows left out: no vector, a part that is NaN or infinite, all parts zero, not of `dimensions`
   * parts.
   */
  leftOut: { missing: number; nonFinite: number; zero: number; wrongSize: number };
}

/**
 * Address space, not memory: pages are taken as they are filled, so that nothing is copied while it
 * grows.
 */
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
    this.#bytes =
      typeof SharedArrayBuffer === 'function' ? new SharedArrayBuffer(0, growing) : new ArrayBuffer(0, growing);
    this.#buffer = Buffer.from(this.#bytes as ArrayBuffer);
  }

  /**
   * Takes a row of big-endian float32 unless a part is not finite or all are zero, and says which.
   */
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

/**
 * Reads `COPY (SELECT id, vector ...) TO STDOUT (FORMAT binary)` as it streams in.
 * @throws Fault `corrupt` when the bytes are not rows of (uuid, vector), `too-large` above 4 GiB.
 */
export async function decodeVectors(chunks: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<Decoded> {
  const corrupt = (why: string): Fault => new Fault('corrupt', `binary COPY of vectors: ${why}`);
  const sizes = new Map<number, Rows>();
  const leftOut = { missing: 0, nonFinite: 0, zero: 0, wrongSize: 0 };
  await readBinaryCopy(chunks, 2, 'vectors', (bytes, starts, lengths) => {
    if (lengths[0] !== 16) throw corrupt('the first column is not a uuid');
    const [start, length] = [starts[1]!, lengths[1]!];
    if (length < 0) {
      leftOut.missing++;
      return;
    }
    const dimensions = length > 4 ? bytes.readUInt16BE(start) : 0;
    if (dimensions === 0 || length !== 4 + 4 * dimensions) throw corrupt('the second column is not a vector');
    let rows = sizes.get(dimensions);
    if (rows === undefined) {
      rows = new Rows(dimensions);
      sizes.set(dimensions, rows);
    }
    const added = rows.add(decodeUuid(bytes, starts[0]!), bytes.subarray(start + 4, start + length));
    if (added !== 'taken') leftOut[added]++;
  });
  const most = [...sizes.values()].reduce<Rows | undefined>(
    (best, one) => (one.ids.length > (best?.ids.length ?? 0) ? one : best),
    undefined,
  );
  for (const rows of sizes.values()) if (rows !== most) leftOut.wrongSize += rows.ids.length;
  return {
    ids: most?.ids ?? [],
    vectors: most?.vectors() ?? new Float32Array(0),
    dimensions: most?.dimensions ?? 0,
    leftOut,
  };
}
