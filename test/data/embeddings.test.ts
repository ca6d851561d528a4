// Embeddings with a table of identities, and human verdicts, into the database: by behaviour, on a
// database of their own.
import { importEmbeddings } from '../../lib/data/embeddings/import.ts';
import { readNpy } from '../../lib/data/embeddings/npy.ts';
import { importReviews } from '../../lib/data/reviews/import.ts';
import { loadDataset } from '../../lib/reid/dataset/load.ts';
import { dice } from '../../lib/reid/statistics/random.ts';
import { migratedDatabase, type OwnDatabase } from '../support/database.ts';
import { thresholdsReport } from '../support/reid-reports.ts';
import { npy } from './embedding-files.ts';

const DIMENSIONS = 16;
const roll = dice(5, 'embeddings');
const normal = (): number => Math.sqrt(-2 * Math.log(1 - roll.next())) * Math.cos(2 * Math.PI * roll.next());
const random = (): number[] => Array.from({ length: DIMENSIONS }, normal);

/** Six animals, three encounters of two pictures each; animals look like themselves. */
const ANIMALS = ['ada', 'bo', '</script><b>cleo', "d'artagnan", 'eve', 'fay'];
const vectors: number[][] = [];
const table = ['identity,encounter,camera,captured_at,class,file'];
for (const [a, name] of ANIMALS.entries()) {
  const own = random();
  for (let encounter = 0; encounter < 3; encounter++) {
    for (let picture = 0; picture < 2; picture++) {
      vectors.push(own.map((part) => part + 0.2 * normal()));
      const cell = [
        name,
        `e${encounter}`,
        `cam ${encounter}`,
        `2024-05-${10 + encounter}T06:0${picture}:00+02:00`,
        a % 2 === 0 ? 'doe' : 'buck',
        '',
      ];
      table.push(cell.join(','));
    }
  }
}
const input = {
  vectors: { name: 'vectors.npy', bytes: npy(vectors) },
  metadata: { name: 'meta.csv', bytes: Buffer.from(table.join('\n')) },
  gallery: { name: 'list.txt', bytes: Buffer.from(`${ANIMALS.slice(0, 4).join('\r\n')}\n`) },
};

let own: OwnDatabase;
beforeAll(async () => {
  own = await migratedDatabase();
});
afterAll(() => own.close());

const counts = async (): Promise<Record<string, number>> => {
  const [row] = await own.database.read(({ rows }) =>
    rows<Record<string, number>>(
      `SELECT (SELECT count(*) FROM locations) AS locations, (SELECT count(*) FROM images) AS images, (SELECT count(*) FROM deer) AS deer,
         (SELECT count(*) FROM detections) AS detections, (SELECT count(*) FROM reid_reviews) AS reviews`,
    ),
  );
  return row!;
};

test('a .npy file is read in every format version, and refused by what it is', () => {
  for (const version of [1, 2, 3]) {
    const read = readNpy(
      npy(
        [
          [1, 2, 3],
          [4, 5, 6.5],
        ],
        { version },
      ),
    );
    expect([read.rows, read.columns, [...read.values]]).toEqual([2, 3, [1, 2, 3, 4, 5, 6.5]]);
  }
  expect(() => readNpy(Buffer.from('not an array'))).toThrow('not a .npy file');
  expect(() => readNpy(npy([[1]], { type: '<f8' }))).toThrow('<f8, not float32');
  expect(() => readNpy(npy([[1, 2]], { fortran: 'True' }))).toThrow('Fortran order');
  expect(() => readNpy(npy([[1, 2]]).subarray(0, -1))).toThrow('7 bytes of numbers, 8 were announced');
  expect(() => readNpy(Buffer.concat([npy([[1, 2]]), Buffer.alloc(4)]))).toThrow(
    '12 bytes of numbers, 8 were announced',
  );
});

test.each<[string, Parameters<typeof npy>[1], RegExp]>([
  ['more bytes than there are', { shape: '1000000, 512' }, /4 bytes of numbers, 2048000000 were announced/],
  ['more bytes than can be counted', { shape: '9007199254740991, 9007199254740991' }, /at most 16,000 dimensions/],
  ['rows without end', { shape: '99999999999, 2' }, /99999999999 rows; at most 10,000,000/],
  ['no numbers', { shape: '1e3, 0x10' }, /shape is \(NaN, NaN\)/],
  ['a row only', { shape: '2,' }, /shape is \(2\), not/],
  ['three axes', { shape: '1, 2, 3' }, /shape is \(1, 2, 3\), not/],
  ['nothing', { shape: '0, 512' }, /shape is \(0, 512\), not/],
  ['less than nothing', { shape: '-1, 512' }, /shape is \(NaN, 512\), not/],
  ['numbers of the other byte order', { type: '>f4' }, /numbers are >f4, not float32 \(<f4\): save them with/],
  ['half numbers', { type: '<f2' }, /numbers are <f2/],
  ['objects', { type: '|O\u001b' }, /numbers are \|O\\u001b, not/],
  ['no order', { fortran: 'maybe' }, /does not say in which order/],
])('a .npy header that announces %s is refused in words', (_, header, words) => {
  for (const version of [1, 2]) expect(() => readNpy(npy([[1]], { ...header, version }))).toThrow(words);
});

test('a .npy header that ends nowhere, a ZIP of arrays and an unknown format are refused in words', () => {
  const long = npy([[1]], { version: 2 });
  long.writeUInt32LE(0xffffffff, 8);
  expect(() => readNpy(long)).toThrow('ends inside its header');
  expect(() => readNpy(npy([[1]], { type: `<f4${' '.repeat(100_000)}`, version: 2 }))).toThrow(
    /its header has \d+ bytes/,
  );
  expect(() => readNpy(npy([[1]], { version: 9 }))).toThrow('format 9 is not known');
  expect(() => readNpy(Buffer.from('PK\u0003\u0004 and more'))).toThrow(
    /ZIP archive \(\.npz\): save one array with numpy\.save/,
  );
  for (let length = 0; length < 128; length++)
    expect(() => readNpy(npy([[1, 2]]).subarray(0, length))).toThrow(/^the vectors: /);
});

test('nothing is loaded from a table with broken cells, and each is named', async () => {
  const broken = table.with(3, 'ada,e1,cam 1,2024-02-30,doe,').with(5, `${'x'.repeat(3_000)},e2,cam 1,,doe,`);
  const load = importEmbeddings(own.database, {
    ...input,
    metadata: { name: 'meta.csv', bytes: Buffer.from(broken.join('\n')) },
  });
  await expect(load).rejects.toThrow(
    /2 broken cells; nothing was loaded\n {2}meta.csv row 3, captured_at: "2024-02-30".*\n {2}meta.csv row 5, identity: longer than \d+ characters/,
  );
  await expect(
    importEmbeddings(own.database, {
      ...input,
      metadata: { name: 'meta.csv', bytes: Buffer.from(table.slice(0, -1).join('\n')) },
    }),
  ).rejects.toThrow('36 vectors and meta.csv 35 rows');
  await expect(
    importEmbeddings(own.database, { ...input, gallery: { name: 'list.txt', bytes: Buffer.from('ada\nzoe') } }),
  ).rejects.toThrow('zoe');
  expect(await counts()).toEqual({ locations: 0, images: 0, deer: 0, detections: 0, reviews: 0 });
});

test('a set becomes places, pictures, profiles and probes that can be analysed; a second import changes nothing', async () => {
  const first = await importEmbeddings(own.database, input);
  // Four profiles of the first encounters (2 pictures each); the 28 other pictures are reviewed: 16
  // of known deer, 12 of strangers.
  const there = { locations: 3, images: 36, deer: 4, detections: 36, reviews: 28 };
  expect(await counts()).toEqual(there);
  expect(Object.values(first.stored).every((stored) => stored.there === 0)).toBe(true);
  const second = await importEmbeddings(own.database, input);
  expect(await counts()).toEqual(there);
  expect(Object.values(second.stored).every((stored) => stored.made === 0)).toBe(true);

  const dataset = await loadDataset(own.database, { timeZone: 'UTC' });
  expect(dataset.profiles.map(({ name, label }) => `${name} ${label}`).sort()).toEqual(
    ANIMALS.slice(0, 4)
      .map((name, a) => `${name} ${a % 2 === 0 ? 'doe' : 'buck'}`)
      .sort(),
  );
  const analysis = await thresholdsReport(dataset, { thresholds: [0.7] });
  expect(analysis.evidence).toMatchObject({
    mated_searches: 8,
    non_mated_searches: 6,
    non_mated_animals: 2,
    weighting: 'given',
  });
  expect(analysis.source_events).toBe(4);
  expect(analysis.threshold_analysis[0]).toMatchObject({ fnir: 0, fpir_n: 6 });
});

test('a vector that cannot be compared is left out and named; the rest is loaded', async () => {
  const bytes = npy([...vectors.slice(0, 3), vectors[3]!.map(() => 0), vectors[4]!.with(2, Number.NaN)]);
  const metadata = { name: 'meta.csv', bytes: Buffer.from(table.slice(0, 6).join('\n')) };
  const { skipped, rows, stored } = await importEmbeddings(own.database, {
    vectors: { name: 'v.npy', bytes },
    metadata,
  });
  expect(skipped).toEqual([
    'v.npy row 4: its vector is zero',
    'v.npy row 5: its vector has a part that is not a number or infinite',
  ]);
  expect([rows, stored.detections.made]).toEqual([3, 3]);
});

describe('human verdicts', () => {
  const file = (reviews: object[], more: object = {}): string =>
    JSON.stringify({ format: 'hoofprint-reviews', version: 1, reviewer: 'R.', reviews, ...more });
  const ids = async (table: 'deer' | 'detections', n: number): Promise<string[]> =>
    own.database.read(async ({ rows }) =>
      (await rows<{ id: string }>(`SELECT id::text FROM ${table} ORDER BY id LIMIT ${n}`)).map(({ id }) => id),
    );

  test('are loaded for every detection of the event, once', async () => {
    const [deer] = await ids('deer', 1);
    const [a, b, c] = await ids('detections', 3);
    const at = '2024-06-01T08:00:00Z';
    const text = file([
      { event: 'x', detections: [a, b], verdict: 'same', deer_id: deer, inclusion_probability: 0.25, reviewed_at: at },
      { detections: [c], verdict: 'none', identity: 'Big </script> One', reviewed_at: at },
    ]);
    const before = (await counts()).reviews!;
    expect(await importReviews(own.database, text)).toEqual({
      events: 2,
      verdicts: { same: 1, none: 1 },
      stored: { made: 3, there: 0 },
    });
    expect((await importReviews(own.database, text)).stored).toEqual({ made: 0, there: 3 });
    expect((await counts()).reviews).toBe(before + 3);
  });

  test('are refused as a whole when one of them is broken', async () => {
    const [deer] = await ids('deer', 1);
    const [a] = await ids('detections', 1);
    const at = '2024-06-02T08:00:00Z';
    const good = { detections: [a], verdict: 'same', deer_id: deer, reviewed_at: at };
    const before = await counts();
    const bad: [object, RegExp][] = [
      [{ ...good, verdict: 'perhaps' }, /\/reviews\/1\/verdict must be equal to one of/],
      [{ ...good, deer_id: null }, /\/reviews\/1 the verdict "same" needs a deer_id/],
      [
        { ...good, detections: ['00000000-0000-4000-8000-000000000000'] },
        /\/reviews\/1 names detections that are not in the database/,
      ],
      [{ ...good, inclusion_probability: 0 }, /\/reviews\/1\/inclusion_probability must be >= 1e-9/],
      [{ ...good, reviewed_at: '2024-02-30T00:00:00Z' }, /\/reviews\/1\/reviewed_at must match format "date-time"/],
      [{ ...good, surprise: 1 }, /must NOT have additional properties/],
    ];
    for (const [one, words] of bad) await expect(importReviews(own.database, file([good, one]))).rejects.toThrow(words);
    await expect(importReviews(own.database, '{')).rejects.toThrow('not valid JSON');
    expect(await counts()).toEqual(before);

    const mixed = file([good, ...bad.map(([one]) => one), { ...good, verdict: 'different' }]);
    const { events, stored, skipped } = await importReviews(own.database, mixed, { skipInvalid: true });
    expect([events, stored, skipped!.length]).toEqual([2, { made: 2, there: 0 }, bad.length]);
    expect(skipped!.map((reason) => /^\/reviews\/(\d+)/.exec(reason)![1])).toEqual(['1', '2', '3', '4', '5', '6']);
    expect((await counts()).reviews).toBe(before.reviews! + 2);
  });

  test('are refused in words for what no database can hold, for a file without any, and never flood a screen', async () => {
    const [a] = await ids('detections', 1);
    const good = { detections: [a], verdict: 'none', reviewed_at: '2024-06-03T08:00:00Z' };
    const before = await counts();
    for (const identity of ['a\u0000b', '\ud800'])
      await expect(importReviews(own.database, file([{ ...good, identity }]))).rejects.toThrow(
        /\/reviews\/0 identity holds characters that/,
      );
    await expect(importReviews(own.database, file([{ ...good, reviewed_at: '0000-01-01T00:00:00Z' }]))).rejects.toThrow(
      'years 1900 to 2200',
    );
    await expect(importReviews(own.database, file([good], { reviewer: 'a\u0000' }))).rejects.toThrow(
      '/reviewer holds characters',
    );
    await expect(importReviews(own.database, file([]))).rejects.toThrow('holds no review; nothing was loaded');
    await expect(importReviews(own.database, file([{ ...good, verdict: 'x' }]), { skipInvalid: true })).rejects.toThrow(
      'nothing was loaded',
    );
    const many = Array.from({ length: 5_000 }, () => ({ ...good, verdict: 'x' }));
    await expect(importReviews(own.database, file(many))).rejects.toThrow(
      /^the reviews have 5,000 broken rules;[^\n]*\n(.*\n){20} {2}and 4,980 more$/,
    );
    expect(await counts()).toEqual(before);
  });

  test('are read with a byte order mark in front', async () => {
    const [a] = await ids('detections', 1);
    const text = (id: string): string =>
      file([{ detections: [id], verdict: 'unsure', reviewed_at: '2024-06-04T08:00:00Z' }]);
    expect((await importReviews(own.database, Buffer.from(`\ufeff${text(a!.toUpperCase())}`))).stored).toEqual({
      made: 1,
      there: 0,
    });
    expect((await importReviews(own.database, text(a!))).stored).toEqual({ made: 0, there: 1 });
  });
});
