// Vectors for detections that exist: stored once, validated whole, under the version that the deer
// have.
import { randomUUID } from 'node:crypto';
import { attachVectors } from '../../lib/data/embeddings/attach.ts';
import { migrate } from '../../lib/deer/schema.ts';
import { describeAttached } from '../../scripts/import/report.ts';
import { migratedDatabase, type OwnDatabase, ownDatabase } from '../support/database.ts';
import { platform, withPlatform } from '../support/platform.ts';
import { file, insertDeer, npy, spread } from './embedding-files.ts';

const SOAK = process.env.HOOFPRINT_SOAK === '1';
const N = 6;
const ids = Array.from({ length: N }, (): string => randomUUID());
let own: OwnDatabase;
beforeAll(async () => {
  own = await migratedDatabase();
  await own.database.write(async ({ rows }) => {
    await rows(
      `INSERT INTO images (id, filename, path, "timestamp") SELECT id, id::text, id::text, now() FROM unnest($1::uuid[]) AS i(id)`,
      [ids],
    );
    await rows('INSERT INTO detections (id, image_id) SELECT id, id FROM unnest($1::uuid[]) AS i(id)', [ids]);
  });
});
afterAll(() => own.close());
beforeEach(async () => {
  await own.database.write(async ({ rows }) => {
    await rows('DELETE FROM hoofprint_embeddings');
    await rows('DELETE FROM deer');
    await insertDeer({ rows }, 'v1_resnet50', [1, 0, 0, 0], 2);
  });
});

const stored = () =>
  own.database.read(({ rows }) =>
    rows<{ id: string; version: string; vector: string }>(
      'SELECT detection_id::text AS id, version, vector::text FROM hoofprint_embeddings ORDER BY detection_id, version',
    ),
  );
const vectors = spread(N);
const table = (names: readonly string[]): string => ['detection_id', ...names].join('\n');
const attach = (more: Partial<Parameters<typeof attachVectors>[1]> = {}) =>
  attachVectors(own.database, {
    vectors: file('v.npy', npy(vectors)),
    detections: file('ids.csv', table(ids)),
    ...more,
  });
const refused = async (more: Parameters<typeof attach>[0], words: RegExp): Promise<void> => {
  await expect(attach(more)).rejects.toMatchObject({ message: expect.stringMatching(words), kind: 'invalid' });
  expect(await stored()).toEqual([]);
};

test('row i of the vectors belongs to row i of the ids; twice changes nothing, another vector replaces the one there and is counted', async () => {
  const first = await attach();
  expect(first).toMatchObject({
    rows: N,
    dimensions: 4,
    version: 'v1_resnet50',
    stored: { made: N, there: 0, changed: 0 },
    skipped: [],
  });
  const kept = new Map((await stored()).map(({ id, vector }) => [id, JSON.parse(vector) as number[]]));
  expect(ids.map((id) => kept.get(id)!.map(Math.fround))).toEqual(vectors.map((vector) => vector.map(Math.fround)));

  expect((await attach()).stored).toEqual({ made: 0, there: N, changed: 0 });
  const other = vectors.with(2, [9, 8, 7, 6.5]);
  const again = await attach({ vectors: file('v.npy', npy(other)) });
  expect(again.stored).toEqual({ made: 0, there: N - 1, changed: 1 });
  expect(again.notes).toContain('1 vector of this version differed, replaced by those of this file');
  expect((await stored()).find(({ id }) => id === ids[2])!.vector).toBe('[9,8,7,6.5]');
  const told = describeAttached(again);
  expect(told).toContain('Imported v.npy: 6 vectors of 4 dimensions');
  expect(told).toMatch(/0 new +5 already there {2}vectors of detections, 1 changed/);
});

test('a table that a spreadsheet saved is read: byte order mark, semicolons, header in capitals, other columns, ids in capitals, empty rows at the end', async () => {
  const lines = ids.map((id, i) => `"n${i}\nx";${i % 2 === 0 ? id.toUpperCase() : id.replaceAll('-', '')}`);
  const text = `\ufeffnote;Detection ID\r\n${lines.join('\r\n')}\r\n;\r\n;\r\n`;
  const { stored: counts, notes } = await attach({ detections: file('ids.csv', text) });
  expect(counts).toEqual({ made: N, there: 0, changed: 0 });
  expect(notes).toContain('columns that are not used: note');
});

describe('nothing is stored', () => {
  test.each<[string, string[], RegExp]>([
    ['too few ids', ids.slice(1), /v\.npy has 6 vectors and ids\.csv 5 rows/],
    ['too many ids', [...ids, randomUUID()], /v\.npy has 6 vectors and ids\.csv more than 6 rows/],
    [
      'an id that is no UUID',
      ids.with(1, 'IMG_0001.JPG'),
      /1 row cannot be used; .*\n {2}ids\.csv row 2: "IMG_0001\.JPG" is not a UUID/,
    ],
    ['a control character', ids.with(1, '\u001b[2J'), /row 2: "\\u001b\[2J" is not a UUID/],
    ['an empty cell', ids.with(1, '""'), /ids\.csv row 2: detection_id is empty/],
    [
      'an id twice',
      ids.with(4, ids[0]!.toUpperCase()),
      /2 rows cannot be used.*\n.*row 1: .* comes again.*\n.*row 5: .* is the id of row 1 already/,
    ],
  ])('with %s', async (_, cells, words) => {
    await refused({ detections: file('ids.csv', table(cells)) }, words);
  });

  test('with vectors that cannot be compared, or of another size', async () => {
    const broken = vectors
      .with(0, [0, 0, 0, 0])
      .with(3, [1, Number.NaN, 0, 0])
      .with(5, [Number.POSITIVE_INFINITY, 0, 0, 0]);
    await refused(
      { vectors: file('v.npy', npy(broken)) },
      /3 rows cannot be used.*\n.*row 1: its vector is zero\n.*row 4: .* not a number.*\n.*row 6/,
    );
    await refused(
      { vectors: file('v.npy', npy(spread(N, 8))) },
      /v\.npy has vectors of 8 dimensions, no deer has such vectors; the deer have: "v1_resnet50" \(2 deer, 4 dimensions\)/,
    );
    await refused(
      { vectors: file('v.npy', npy(spread(N, 8))), version: 'v1_resnet50' },
      /8 dimensions, the deer of this version: .*4 dimensions/,
    );
  });

  test('with a table of another kind or encoding', async () => {
    await refused({ detections: file('ids.csv', ['id', ...ids].join('\n')) }, /ids\.csv has no column detection_id/);
    await refused(
      { detections: file('ids.csv', `detection_id,Detection_Id\n${ids.join(',\n')}`) },
      /the column detection_id twice/,
    );
    await refused(
      { detections: file('ids.csv', Buffer.from(`\ufeff${table(ids)}`, 'utf16le')) },
      /ids\.csv is not UTF-8 text, save it as CSV UTF-8.*now it is UTF-16/,
    );
    await refused(
      { detections: file('ids.csv', Buffer.from(`${table(ids)}\nB\u00e4r`, 'latin1')) },
      /not UTF-8 text, save it as CSV UTF-8/,
    );
    await refused({ detections: file('ids.csv', '') }, /no column detection_id/);
    await refused({ detections: file('ids.csv', 'detection_id\n') }, /ids\.csv has no rows/);
  });

  test('with ids that the database does not have: how many, and the first of them', async () => {
    const strange = ids.with(0, randomUUID()).with(1, randomUUID());
    await refused(
      { detections: file('ids.csv', table(strange)) },
      new RegExp(
        `2 rows cannot be used, 2 ids are not in the database; nothing was stored.*\\n.*row 1: the database has no detection ${strange[0]}`,
      ),
    );
    await refused(
      { detections: file('ids.csv', table(ids.map(() => randomUUID()))), skipInvalid: true },
      /no row can be used, 6 ids are not in/,
    );
  });
});

test('with --skip-invalid what cannot be used is left out and named, the rest is stored', async () => {
  const cells = [...ids.slice(0, 4), randomUUID(), 'x', ids[3]!, ids[0]!];
  const many = [...vectors, vectors[3]!, [5, 5, 5, 5]].with(1, [0, 0, 0, 0]);
  const {
    stored: counts,
    skipped,
    notes,
  } = await attach({
    vectors: file('v.npy', npy(many)),
    detections: file('ids.csv', table(cells)),
    skipInvalid: true,
  });
  expect(notes).toContain('1 id is not in the database');
  // The detection of row 1 comes again with another vector: neither is right for sure. That of row
  // 4 comes again with the same.
  expect(counts).toEqual({ made: 2, there: 0, changed: 0 });
  expect((await stored()).map(({ id }) => id).sort()).toEqual([ids[2], ids[3]].sort());
  expect(skipped.map((reason) => /row (\d+)/.exec(reason)![1])).toEqual(['1', '2', '5', '6', '7', '8']);
});

test('many problems are bounded in what a person reads', async () => {
  const many = Array.from({ length: 500 }, (_, i) => `x${i}`);
  const load = attach({ vectors: file('v.npy', npy(spread(500))), detections: file('ids.csv', table(many)) });
  await expect(load).rejects.toThrow(/^500 rows cannot be used;[^\n]*\n(.*\n){20} {2}and 480 more$/);
});

describe('the version', () => {
  test('is the only one that the deer have of this size', async () => {
    await own.database.write((queries) => insertDeer(queries, 'v3_ensemble', [1, 2, 3, 4, 5, 6, 7, 8]));
    expect((await attach()).version).toBe('v1_resnet50');
    expect((await attach({ vectors: file('w.npy', npy(spread(N, 8))) })).version).toBe('v3_ensemble');
    expect(await stored()).toHaveLength(2 * N);
  });

  test('has to be said when deer of this size have several, or none', async () => {
    await own.database.write((queries) => insertDeer(queries, "it's v3", [0, 1, 0, 0]));
    await refused(
      {},
      /vectors of 2 versions: .* say which made v\.npy: --version v1_resnet50 or --version 'it'\\''s v3'/,
    );
    expect((await attach({ version: "it's v3" })).version).toBe("it's v3");
    await own.database.write(({ rows }) => rows('DELETE FROM hoofprint_embeddings'));
    await refused(
      { version: 'v4' },
      /no deer has a vector of version "v4"; the deer have: .*"it's v3" \(1 deer, 4 dimensions\)/,
    );
    // A deer of no version is no reason to take a misspelled one: with versions about, it is
    // compared with nothing.
    await own.database.write((queries) => insertDeer(queries, null, [0, 0, 1, 0]));
    await refused({ version: 'v4' }, /no deer has a vector of version "v4"; the deer have: /);
    await own.database.write(({ rows }) => rows(`UPDATE deer SET embedding_version = NULL`));
    await refused({}, /does not say which version made the vectors of its deer: add --version NAME/);
    expect((await attach({ version: 'v1' })).stored.made).toBe(N);
  });

  test('cannot be taken from deer without vectors, and a database that has no such column is none that is broken', async () => {
    await own.database.write(({ rows }) => rows('UPDATE deer SET feature_vector = NULL'));
    await refused({}, /no deer has a vector yet.*--version NAME/);
    await own.database.write(({ rows }) => rows('ALTER TABLE deer DROP COLUMN embedding_version'));
    try {
      await refused({}, /no deer has a vector yet/);
      expect((await attach({ version: 'v1' })).version).toBe('v1');
    } finally {
      await own.database.write(({ rows }) => rows('ALTER TABLE deer ADD COLUMN embedding_version text'));
    }
  });
});

test('a database without the table is told what to type', async () => {
  const other = await ownDatabase();
  try {
    const load = attachVectors(other.database, {
      vectors: file('v.npy', npy(vectors)),
      detections: file('ids.csv', table(ids)),
    });
    await expect(load).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('run `npm run migrate` first'),
    });
  } finally {
    await other.close();
  }
});

withPlatform("the platform's own database", () => {
  test('takes vectors for its detections under a version of its deer, and nothing of its own changes', async () => {
    const its = await platform();
    try {
      const ask = <T extends object>(sql: string): Promise<T[]> => its.database.read(({ rows }) => rows<T>(sql));
      const found = (await ask<{ id: string }>('SELECT id::text FROM detections ORDER BY id')).map(({ id }) => id);
      const input = {
        vectors: file('v.npy', npy(spread(found.length, 512))),
        detections: file('ids.csv', table(found)),
      };
      await expect(attachVectors(its.database, input)).rejects.toThrow('run `npm run migrate` first');
      await migrate(its.database);
      const print = `SELECT (SELECT md5(string_agg(d::text, '' ORDER BY id)) FROM detections d) AS detections,
        (SELECT md5(string_agg(d::text, '' ORDER BY id)) FROM deer d) AS deer`;
      const before = await ask(print);
      await expect(attachVectors(its.database, input)).rejects.toThrow(
        /of 2 versions: .*: --version v\d_\w+ or --version v\d_\w+$/,
      );
      const first = await attachVectors(its.database, { ...input, version: 'v3_ensemble' });
      expect(first.stored).toEqual({ made: found.length, there: 0, changed: 0 });
      expect((await attachVectors(its.database, { ...input, version: 'v3_ensemble' })).stored).toEqual({
        made: 0,
        there: found.length,
        changed: 0,
      });
      expect(await ask(print)).toEqual(before);
    } finally {
      await its.close();
    }
  });
});

test('a herd of thousands of detections at 512 dimensions takes seconds', async () => {
  const many = Array.from({ length: SOAK ? 11_570 : 2_500 }, () => randomUUID());
  await own.database.write(async ({ rows }) => {
    await rows('INSERT INTO detections (id, image_id) SELECT id, $2::uuid FROM unnest($1::uuid[]) AS i(id)', [
      many,
      ids[0],
    ]);
    await insertDeer(
      { rows },
      'wide',
      Array.from({ length: 512 }, (_, d) => d + 1),
    );
  });
  const values = Float32Array.from({ length: 512 * many.length }, (_, i) => Math.sin(i));
  const body = npy([[]], { shape: `${many.length}, 512` });
  const input = {
    vectors: file('v.npy', Buffer.concat([body, Buffer.from(values.buffer)])),
    detections: file('ids.csv', table(many)),
  };
  const begin = performance.now();
  expect((await attach(input)).stored).toEqual({ made: many.length, there: 0, changed: 0 });
  expect(performance.now() - begin).toBeLessThan(30_000);
  expect((await attach(input)).stored).toEqual({ made: 0, there: many.length, changed: 0 });
});
