// NumPy's .npy format, as far as embeddings need it: a two-dimensional array of little-endian
// float32 in C order.
import { endianness } from 'node:os';
import { Fault } from '../../errors.ts';
import { visible } from '../../plain-text.ts';

export interface Matrix {
  rows: number;
  columns: number;
  /** rows x columns, row after row. */
  values: Float32Array;
}

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');
/** numpy writes 128 bytes for such an array. */
const LONGEST_HEADER = 64 * 1024;
/** pgvector stores no longer vector. */
const MOST_DIMENSIONS = 16_000;
const MOST_ROWS = 10_000_000;

/**
 * Reads a .npy file of format version 1, 2 or 3 (numpy.lib.format). Memory is taken for bytes that
 * are there, never for what a header announces.
 * @throws Fault `invalid` that says what the file is instead.
 */
export function readNpy(bytes: Buffer, name = 'the vectors'): Matrix {
  const bad = (what: string): Fault => new Fault('invalid', `${name}: ${what}`);
  if (bytes.length >= 4 && bytes.readUInt32BE(0) === 0x504b0304)
    throw bad('not a .npy file but a ZIP archive (.npz): save one array with numpy.save');
  if (bytes.length < 12 || !bytes.subarray(0, 6).equals(MAGIC)) throw bad('not a .npy file');
  const wide = bytes[6]! >= 2;
  if (bytes[6]! < 1 || bytes[6]! > 3) throw bad(`.npy format ${bytes[6]} is not known`);
  const begin = wide ? 12 : 10;
  const from = begin + (wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8));
  if (from > bytes.length) throw bad('ends inside its header');
  if (from > LONGEST_HEADER) throw bad(`its header has ${from} bytes: not an array of plain numbers`);
  const { type, fortran, shape } = parseHeader(bytes.toString('utf8', begin, from));
  if (type !== '<f4') {
    const found = type === undefined ? 'of an unknown type' : visible(type).slice(1, -1);
    throw bad(`numbers are ${found}, not float32 (<f4): save them with array.astype('float32')`);
  }
  if (fortran !== 'False') {
    throw bad(
      fortran === 'True'
        ? 'columns come first (Fortran order): save numpy.ascontiguousarray(array)'
        : 'its header does not say in which order the numbers are (fortran_order)',
    );
  }
  if (shape?.length !== 2 || !shape.every((part) => Number.isSafeInteger(part) && part > 0)) {
    throw bad(`shape is (${shape?.slice(0, 8).join(', ') ?? ''}), not (rows, dimensions)`);
  }
  const [rows, columns] = shape as [number, number];
  if (columns > MOST_DIMENSIONS) throw bad(`${columns} dimensions; pgvector takes at most 16,000 dimensions`);
  if (rows > MOST_ROWS) throw bad(`${rows} rows; at most 10,000,000 are read`);
  const expected = rows * columns * 4;
  if (bytes.length - from !== expected)
    throw bad(`${bytes.length - from} bytes of numbers, ${expected} were announced`);
  // A copy is aligned; a machine of the other byte order swaps it.
  const body = Buffer.from(new Uint8Array(bytes.subarray(from)).buffer);
  if (endianness() === 'BE') body.swap32();
  return { rows, columns, values: new Float32Array(body.buffer, body.byteOffset, rows * columns) };
}

/** The header is a Python dictionary of three keys. */
function parseHeader(text: string): {
  type: string | undefined;
  fortran: string | undefined;
  shape: number[] | undefined;
} {
  return {
    type: /["']descr["']\s*:\s*["']([^"']*)["']/.exec(text)?.[1],
    fortran: /["']fortran_order["']\s*:\s*(True|False)/.exec(text)?.[1],
    // Python 2 wrote long integers as 12L.
    shape: /["']shape["']\s*:\s*\(([^)]*)\)/
      .exec(text)?.[1]
      ?.split(',')
      .flatMap((part) =>
        part.trim() === '' ? [] : [/^\s*\d+L?\s*$/.test(part) ? Number.parseInt(part, 10) : Number.NaN],
      ),
  };
}

/** Rows whose vector cannot be compared with another, with the reason. */
export function findUnusableRows({ rows, columns, values }: Matrix): Map<number, string> {
  const found = new Map<number, string>();
  for (let row = 0; row < rows; row++) {
    let squares = 0;
    for (let d = row * columns; d < (row + 1) * columns; d++) squares += values[d]! * values[d]!;
    if (!Number.isFinite(squares)) found.set(row, 'its vector has a part that is not a number or infinite');
    else if (squares === 0) found.set(row, 'its vector is zero');
  }
  return found;
}
