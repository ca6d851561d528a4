// Files of vectors and tables as tests give them to an import.

/** As numpy.save writes an array of float32. */
export function npy(
  rows: readonly (readonly number[])[],
  { type = '<f4', fortran = 'False', version = 1, shape = '' } = {},
): Buffer {
  const size = version === 1 ? 10 : 12;
  const text = `{'descr': '${type}', 'fortran_order': ${fortran}, 'shape': (${shape || `${rows.length}, ${rows[0]!.length}`}), }`;
  const header = Buffer.from(`${text.padEnd(64 * Math.ceil((text.length + size + 1) / 64) - size - 1)}\n`);
  const length = Buffer.alloc(size - 8);
  if (version === 1) length.writeUInt16LE(header.length);
  else length.writeUInt32LE(header.length);
  const body = Buffer.from(Float32Array.from(rows.flat()).buffer);
  return Buffer.concat([Buffer.from([0x93, ...Buffer.from('NUMPY'), version, 0]), length, header, body]);
}

export const file = (name: string, content: string | Buffer) => ({ name, bytes: Buffer.from(content as string) });

/** Vectors that point in different directions, none of them zero. */
export const spread = (n: number, dimensions = 4): number[][] =>
  Array.from({ length: n }, (_, i) =>
    Array.from({ length: dimensions }, (_, d) => Math.cos(i * (d + 1)) + 0.01 * (d + 1)),
  );

type Asks = { rows(sql: string, params?: readonly unknown[]): Promise<unknown> };
/** Stores `n` deer with one vector and version. */
export const insertDeer = ({ rows }: Asks, version: string | null, vector: readonly number[], n = 1) =>
  rows(
    'INSERT INTO deer (name, embedding_version, feature_vector) SELECT i::text, $1, $2::vector FROM generate_series(1, $3::int) AS i',
    [version, JSON.stringify(vector), n],
  );
