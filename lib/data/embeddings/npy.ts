// NumPy's .npy format, as far as embeddings need it: a two-dimensional array of little-endian float32 in C order.
import { endianness } from 'node:os';
import { Fault } from '../../errors.ts';

export interface Matrix {
  rows: number;
  columns: number;
  /** rows x columns, row after row. */
  values: Float32Array;
}

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');

/**
 * Reads a .npy file of format version 1, 2 or 3 (numpy.lib.format).
 * @throws Fault `invalid` that says what the file is instead.
 */
export function readNpy(bytes: Buffer, name = 'the vectors'): Matrix {
  const bad = (what: string): Fault => new Fault('invalid', `${name}: ${what}`);
  if (bytes.length < 12 || !bytes.subarray(0, 6).equals(MAGIC)) throw bad('not a .npy file');
  const wide = bytes[6]! >= 2;
  if (bytes[6]! < 1 || bytes[6]! > 3) throw bad(`.npy format ${bytes[6]} is not known`);
  const begin = wide ? 12 : 10;
  const from = begin + (wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8));
  if (from > bytes.length) throw bad('ends inside its header');
  const header = bytes.toString('utf8', begin, from);
  const type = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  if (type !== '<f4') throw bad(`numbers are ${type ?? 'of an unknown type'}, not float32 (<f4): save them with array.astype('float32')`);
  if (/'fortran_order'\s*:\s*True/.test(header)) throw bad('columns come first (Fortran order): save numpy.ascontiguousarray(array)');
  const shape = /'shape'\s*:\s*\(([^)]*)\)/
    .exec(header)?.[1]
    ?.split(',')
    .flatMap((part) => (part.trim() === '' ? [] : [Number(part)]));
  if (shape?.length !== 2 || !shape.every((part) => Number.isSafeInteger(part) && part > 0)) {
    throw bad(`shape is (${shape?.join(', ') ?? ''}), not (rows, dimensions)`);
  }
  const [rows, columns] = shape as [number, number];
  const expected = rows * columns * 4;
  if (bytes.length - from !== expected) throw bad(`${bytes.length - from} bytes of numbers, ${expected} were announced`);
  // A copy of its own is aligned; a machine of the other byte order swaps it.
  const body = Buffer.from(new Uint8Array(bytes.subarray(from)).buffer);
  if (endianness() === 'BE') body.swap32();
  return { rows, columns, values: new Float32Array(body.buffer, body.byteOffset, rows * columns) };
}
