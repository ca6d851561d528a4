// Vectors out of a real database by binary COPY, and what the decoder makes of odd rows and odd
// chunks.
import { randomUUID } from 'node:crypto';
import { postgres } from '../../lib/adapters/postgres.ts';
import { decodeVectors } from '../../lib/reid/dataset/decode-vectors.ts';
import { sortTable } from '../../lib/reid/dataset/vector-table.ts';
import { binaryCopy } from '../../localstack/herd/copy.ts';
import { type OwnDatabase, ownDatabase } from '../support/database.ts';

type Row = [string, Float32Array | null];

const ids = Array.from({ length: 300 }, () => randomUUID());
const vector = (seed: number, dimensions = 5): Float32Array =>
  Float32Array.from({ length: dimensions }, (_, k) => Math.sin(seed * 31 + k) * 4);
const encoded = (rows: readonly Row[]): Buffer => binaryCopy(['uuid', 'vector'], rows);
const pieces = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));

test('rows come out whole however the stream is cut', async () => {
  const rows = ids.slice(0, 20).map((id, at): Row => [id, vector(at)]);
  const bytes = encoded(rows);
  for (const size of [1, 2, 3, 7, 46, 47, 1_000, bytes.length]) {
    const found = await decodeVectors(pieces(bytes, size));
    expect(found.ids).toEqual(rows.map(([id]) => id));
    expect([...found.vectors]).toEqual(rows.flatMap(([, parts]) => [...parts!]));
    expect(found.dimensions).toBe(5);
  }
});

test('missing, zero, non-finite and wrongly sized vectors are left out; the most frequent size stays, wherever it begins', async () => {
  const bytes = encoded([
    [ids[0]!, vector(0, 3)],
    [ids[1]!, vector(1)],
    [ids[2]!, null],
    [ids[3]!, new Float32Array(5)],
    [ids[4]!, vector(4)],
    [ids[5]!, Float32Array.of(1, 7, 3, 4, 5)],
    [ids[6]!, Float32Array.of(1, 7, 3, 4, 5)],
    [ids[7]!, vector(7, 9)],
    [ids[8]!, vector(8)],
  ]);
  // PostgreSQL itself refuses such parts; a dump made elsewhere may hold them.
  const part = (id: string): number => bytes.indexOf(Buffer.from(id.replaceAll('-', ''), 'hex')) + 16 + 8 + 4;
  bytes.writeFloatBE(Number.NaN, part(ids[5]!));
  bytes.writeFloatBE(Number.NEGATIVE_INFINITY, part(ids[6]!));
  const found = await decodeVectors([bytes]);
  expect(found.ids).toEqual([ids[1], ids[4], ids[8]]);
  expect([...found.vectors]).toEqual([1, 4, 8].flatMap((seed) => [...vector(seed)]));
});

test('an empty answer is no vectors; cut off or foreign bytes are an error', async () => {
  expect(await decodeVectors([encoded([])])).toMatchObject({ ids: [], dimensions: 0 });
  const bytes = encoded([[ids[0]!, vector(0)]]);
  const refused = (chunks: Buffer[], message: string): Promise<void> =>
    expect(decodeVectors(chunks)).rejects.toMatchObject({ kind: 'corrupt', message: expect.stringContaining(message) });
  await refused([], 'ends too early');
  await refused([bytes.subarray(0, 60)], 'ends too early');
  await refused([bytes.subarray(0, bytes.length - 2)], 'ends too early');
  await refused([Buffer.concat([bytes, Buffer.from([1])])], 'bytes after its end');
  await refused([Buffer.from('id,vector\n1,2\n'.repeat(3))], 'not a binary COPY');
  await refused([binaryCopy(['uuid'], [[ids[0]!]])], '1 columns');
  await refused([binaryCopy(['text', 'text'], [['sixteen letters!', 'not a vector at all']])], 'not a vector');
});

test('in the order of a disk, vectors are sorted by id where they lie', () => {
  const order: string[] = ids.slice(0, 100);
  const values = Float32Array.from(order.flatMap((_, at) => [...vector(at)]));
  const sorted = sortTable({ ids: order, values, dimensions: 5, wrongSize: [] });
  expect(sorted.ids).toEqual(order.toSorted());
  expect(sorted.values).toBe(values);
  expect([...values]).toEqual(sorted.ids.flatMap((id) => [...vector(order.indexOf(id))]));
});

describe('from a database', () => {
  let own: OwnDatabase;
  beforeAll(async () => {
    own = await ownDatabase();
    await own.database.write(async ({ rows }) => {
      await rows('CREATE EXTENSION IF NOT EXISTS vector');
      await rows('CREATE TABLE seen (id uuid PRIMARY KEY, at int, feature vector)');
    });
    await own.copy(
      'seen (id, at, feature)',
      binaryCopy(
        ['uuid', 'int4', 'vector'],
        ids.map((id, at) => [id, at, vector(at, 512)]),
      ),
    );
  });
  afterAll(() => own.close());

  test('300 vectors of 512 numbers come back as they went in', async () => {
    const found = await own.database.read(({ copyOut }) =>
      decodeVectors(copyOut('SELECT id, feature FROM seen ORDER BY at')),
    );
    expect(found.ids).toEqual(ids);
    expect(found.dimensions).toBe(512);
    expect(Buffer.from(found.vectors.buffer as ArrayBuffer, 0, found.vectors.byteLength)).toEqual(
      Buffer.concat(ids.map((_, at) => Buffer.from(vector(at, 512).buffer))),
    );
  });

  test('a statement before and after a COPY in one snapshot, and an error that leaves the connection usable', async () => {
    const seen = await own.database.read(async ({ rows, copyOut }) => {
      const before = await rows<{ n: number }>('SELECT count(*) AS n FROM seen');
      const { ids: found } = await decodeVectors(copyOut('SELECT id, feature FROM seen WHERE at < 10'));
      const after = await rows<{ n: number }>('SELECT count(*) AS n FROM seen');
      return [before[0]!.n, found.length, after[0]!.n];
    });
    expect(seen).toEqual([300, 10, 300]);
    await expect(
      own.database.read(({ copyOut }) => decodeVectors(copyOut('SELECT nothing FROM nowhere'))),
    ).rejects.toMatchObject({
      kind: 'misconfigured',
      message: 'the database has no table nowhere. Type: npm run migrate',
    });
    expect(await own.database.read(({ rows }) => rows('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
  });

  test('a COPY left before its end costs its connection and nothing else', async () => {
    const stop = new Error('enough');
    await expect(
      own.database.read(async ({ copyOut }) => {
        for await (const chunk of copyOut('SELECT a.id, a.feature FROM seen a, seen b LIMIT 20000'))
          if (chunk.length > 0) throw stop;
      }),
    ).rejects.toBe(stop);
    expect(await own.database.read(({ rows }) => rows('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
  });

  test('silence longer than the bound is an unavailable database', async () => {
    const bounded = postgres({ url: own.url, queryTimeout: 300 });
    try {
      await expect(
        bounded.read(async ({ copyOut }) => {
          for await (const _chunk of copyOut('SELECT pg_sleep(1.5)::text'));
        }),
      ).rejects.toMatchObject({ kind: 'unavailable' });
    } finally {
      await bounded.close();
    }
  });
});
