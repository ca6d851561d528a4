// Vectors out of PostgreSQL: the rows of a binary COPY (id uuid, vector) into ids and one flat
// Float32Array in shared memory.
import { Fault } from '../../errors.ts';
import { decodeUuid, readBinaryCopy } from './binary-copy.ts';

export interface Decoded {
  ids: string[];
  /** ids.length x dimensions, row after row, in memory that threads can share. */
  vectors: Float32Array;
  /** The most frequent size; 0 when there is no usable vector. */
  dimensions: number;
}

/**
 * Address space, not memory: pages are taken as they are filled, so that nothing is copied while
 * the array grows.
 */
const MOST_BYTES = 2 ** 32;
const STEP_BYTES = 2 ** 22;

/** Rows of one size in one array that grows in place. */
class GrowingRows {
  readonly ids: string[] = [];
  readonly dimensions: number;
  readonly #bytes = new SharedArrayBuffer(0, { maxByteLength: MOST_BYTES });
  #parts = new Float32Array(this.#bytes, 0, 0);

  constructor(dimensions: number) {
    this.dimensions = dimensions;
  }

  /**
   * Takes a row of big-endian float32 at `start`, unless a part is not finite or all are zero.
   */
  add(id: string, bytes: DataView, start: number): void {
    const { dimensions } = this;
    const from = this.ids.length * dimensions;
    if ((from + dimensions) * 4 > this.#bytes.byteLength) this.#grow((from + dimensions) * 4);
    const parts = this.#parts;
    let square = 0;
    for (let d = 0; d < dimensions; d++) {
      const part = bytes.getFloat32(start + 4 * d);
      parts[from + d] = part;
      square += part * part;
    }
    if (square > 0 && square < Number.POSITIVE_INFINITY) this.ids.push(id);
  }

  vectors(): Float32Array {
    return new Float32Array(this.#bytes, 0, this.ids.length * this.dimensions);
  }

  #grow(needed: number): void {
    const size = Math.max(needed, this.#bytes.byteLength + STEP_BYTES);
    if (size > MOST_BYTES) throw new Fault('too-large', `vectors take more than ${MOST_BYTES / 2 ** 30} GiB`);
    this.#bytes.grow(size);
    this.#parts = new Float32Array(this.#bytes, 0, Math.floor(size / 4));
  }
}

/**
 * Reads `COPY (SELECT id, vector ...) TO STDOUT (FORMAT binary)` as it streams in. Left out are
 * rows without a vector, with a part that is not finite, with only zeros, or of another size than
 * most.
 * @throws Fault `corrupt` when the bytes are not rows of (uuid, vector), `too-large` above 4 GiB
 */
export async function decodeVectors(chunks: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<Decoded> {
  const corrupt = (why: string): Fault => new Fault('corrupt', `binary COPY of vectors: ${why}`);
  const sizes = new Map<number, GrowingRows>();
  await readBinaryCopy(chunks, 2, 'vectors', (bytes, starts, lengths, view) => {
    if (lengths[0] !== 16) throw corrupt('the first column is not a uuid');
    const [start, length] = [starts[1]!, lengths[1]!];
    if (length < 0) return;
    const dimensions = length > 4 ? bytes.readUInt16BE(start) : 0;
    if (dimensions === 0 || length !== 4 + 4 * dimensions) throw corrupt('the second column is not a vector');
    let rows = sizes.get(dimensions);
    if (rows === undefined) {
      rows = new GrowingRows(dimensions);
      sizes.set(dimensions, rows);
    }
    rows.add(decodeUuid(bytes, starts[0]!), view, start + 4);
  });
  let most: GrowingRows | undefined;
  for (const rows of sizes.values()) if (rows.ids.length > (most?.ids.length ?? 0)) most = rows;
  return {
    ids: most?.ids ?? [],
    vectors: most?.vectors() ?? new Float32Array(0),
    dimensions: most?.dimensions ?? 0,
  };
}
