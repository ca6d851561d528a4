// Identities as people write them: other encodings, spellings that look alike, words for nobody,
// cells without a value.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { importEmbeddings } from '../../lib/data/embeddings/import.ts';
import { importReviews } from '../../lib/data/reviews/import.ts';
import { forTerminal } from '../../lib/plain-text.ts';
import { describeEmbeddings, describeReviews } from '../../scripts/import/report.ts';
import { migratedDatabase, type OwnDatabase } from '../support/database.ts';
import { file, npy, spread } from './embedding-files.ts';

const data = resolve(process.env.HOOFPRINT_TEST_DATA ?? '../shared/data', 'field-cases', 'identities');
const present = existsSync(data);
if (!present)
  console.warn(
    'TEST DATA ABSENT: the field cases of identities are not read; set HOOFPRINT_TEST_DATA to the folder that holds field-cases',
  );
const fieldCase = (name: string) => ({ name, bytes: readFileSync(resolve(data, name)) });

let own: OwnDatabase;
beforeAll(async () => {
  own = await migratedDatabase();
});
afterAll(() => own.close());
beforeEach(() =>
  own.database.write(({ rows }) => rows('TRUNCATE reid_reviews, detections, images, locations, deer CASCADE')),
);

const ask = <T extends object>(sql: string): Promise<T[]> => own.database.read(({ rows }) => rows<T>(sql));
const count = async (table: string): Promise<number> =>
  (await ask<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))[0]!.n;
/** Imports a table of `columns` with as many vectors as it has rows. */
const load = (
  table: string | Buffer,
  more: Partial<Parameters<typeof importEmbeddings>[1]> = {},
  n = table.toString().trim().split(/\r?\n/).length - 1,
) =>
  importEmbeddings(own.database, {
    vectors: file('v.npy', npy(spread(n))),
    metadata: file('meta.csv', table),
    ...more,
  });
const refused = async (table: string | Buffer, words: RegExp, more = {}, n = 2): Promise<void> => {
  await expect(load(table, more, n)).rejects.toMatchObject({ kind: 'invalid', message: expect.stringMatching(words) });
  expect([await count('detections'), await count('deer')]).toEqual([0, 0]);
};

describe('the field cases', () => {
  const when = present ? test : (_: string, __: () => Promise<void>): void => undefined;
  when('a table in windows-1252 is refused, and three animals never become one', async () => {
    const input = {
      vectors: fieldCase('windows-1252.npy'),
      metadata: fieldCase('windows-1252.csv'),
      skipInvalid: true,
    };
    await expect(importEmbeddings(own.database, input)).rejects.toThrow(
      'windows-1252.csv is not UTF-8 text, save it as CSV UTF-8',
    );
    expect(await count('deer')).toBe(0);
  });

  when('160 animals in two spellings are warned of, those in one are not', async () => {
    const input = { vectors: fieldCase('spellings.npy'), gallery: fieldCase('gallery.txt') };
    const two = await importEmbeddings(own.database, { ...input, metadata: fieldCase('two-spellings.csv') });
    expect(two.warnings).toEqual([
      expect.stringMatching(/^160 pairs of identities differ only in case or blanks: "q0" and "Q0", .*and 155 more/),
    ]);
    expect(describeEmbeddings(two)).toContain('\n  WARNING: 160 pairs of identities differ only in case or blanks');
    expect([two.identities, two.enrolled, await count('deer')]).toEqual([320, 60, 60]);
    await own.database.write(({ rows }) => rows('TRUNCATE reid_reviews, detections, images, locations, deer CASCADE'));
    const one = await importEmbeddings(own.database, { ...input, metadata: fieldCase('one-spelling.csv') });
    expect([one.warnings, one.identities]).toEqual([[], 160]);
  });
});

describe('text that is not UTF-8 is refused by every reader', () => {
  const names = 'identity,camera\nB\u00e4r,S\u00fcd\nB\u00f6r,Nord\n';
  const latin = Buffer.from(names, 'latin1');
  const utf16 = Buffer.from(`\ufeff${names}`, 'utf16le');
  const unmarked = Buffer.from(names, 'utf16le');
  test('the table', async () => {
    await refused(latin, /meta\.csv is not UTF-8 text, save it as CSV UTF-8/);
    await refused(utf16, /meta\.csv is not UTF-8 text, save it as CSV UTF-8.*UTF-16/);
    await refused(Buffer.from(utf16).swap16(), /UTF-16/);
    await refused(unmarked, /meta\.csv is not UTF-8 text/);
    await refused(
      names.replace('\u00e4', '\ufffd'),
      /row 1, identity: holds a replacement character: letters were lost/,
    );
  });
  test('the gallery and the reviews', async () => {
    await refused(names, /list\.txt is not UTF-8 text, save it as CSV UTF-8/, {
      gallery: file('list.txt', Buffer.from('B\u00e4r\n', 'latin1')),
    });
    await refused(names, /list\.txt is not UTF-8 text, save it as CSV UTF-8.*UTF-16/, {
      gallery: file('list.txt', Buffer.from('\ufeffB\u00e4r\n', 'utf16le')),
    });
    const reviews = JSON.stringify({ format: 'hoofprint-reviews', version: 1, reviewer: 'J\u00fcrgen', reviews: [] });
    await expect(importReviews(own.database, Buffer.from(reviews, 'latin1'))).rejects.toThrow(
      'the review file is not UTF-8 text, save it as UTF-8',
    );
  });
  test('a byte order mark is no part of the first name', async () => {
    const { identities, enrolled } = await load(`\ufeff${names}`, { gallery: file('list.txt', '\ufeffB\u00e4r\r\n') });
    expect([identities, enrolled]).toEqual([2, 1]);
  });
});

describe('identities that look alike stay apart and are warned of', () => {
  test.each([
    ['Ada', 'ADA'],
    ['Big Buck', 'BigBuck'],
    ['Big Buck', 'Big\u00a0Buck'],
    ['Ada', 'Ada '],
    ['Ada', '\ufeffAda'],
    ['Zo\u00eb', 'Zoe\u0308'],
    ['Ada', 'A\u200bda'],
    ['Ada', 'A\u00adda'],
  ])('%j and %j', async (a, b) => {
    const { identities, warnings } = await load(`identity,encounter\n${a},1\n${b},2\nother,3\n`);
    expect([identities, await count('deer')]).toEqual([3, 3]);
    expect(warnings).toEqual([expect.stringMatching(/^1 pair of identities differs only in case or blanks/)]);
  });

  test('blanks around names count for nothing where they keep no two apart', async () => {
    const { warnings } = await load('identity , encounter\nAda , 1\nAda , 2\n Bo, 3\n', {
      gallery: file('list.txt', '  Ada\n'),
    });
    expect(warnings).toEqual([]);
    expect(await ask('SELECT name FROM deer')).toEqual([{ name: 'Ada' }]);
  });

  test('cameras too; a gallery that means another spelling is told which', async () => {
    const table = 'identity,camera\nAda,North\nBo,NORTH\n';
    expect((await load(table)).warnings).toEqual([
      expect.stringMatching(/^1 pair of cameras differs only in case or blanks: "North" and "NORTH"/),
    ]);
    await expect(load(table, { gallery: file('list.txt', 'ada\nzoe') })).rejects.toThrow(
      /list\.txt: not among the identities; nothing was loaded\n {2}"ada" \(the table has "Ada"\)\n {2}"zoe"/,
    );
  });
});

test('a table that is imported again with its names mended replaces what it said before, and nothing that people said', async () => {
  const table = (two: string): string => `identity,encounter\nAda,1\n${two},2\nAda,3\nBo,1\nBo,2\n`;
  const gallery = file('list.txt', 'Ada');
  await load(table('ADA'), { gallery });
  const [of] = await ask<{ id: string }>("SELECT detection_id::text AS id FROM reid_reviews WHERE identity = 'ADA'");
  const person = { detections: [of!.id], verdict: 'none', identity: 'ADA', reviewed_at: '2024-06-01T08:00:00Z' };
  await importReviews(
    own.database,
    JSON.stringify({ format: 'hoofprint-reviews', version: 1, reviewer: 'R.', reviews: [person] }),
  );

  const mended = await load(table('Ada'), { gallery });
  expect(mended.notes).toContain(
    '1 verdict of an earlier import of these vectors differed: replaced by those of this table',
  );
  expect(mended.stored.reviews).toEqual({ made: 1, there: 3 });
  expect(
    await ask(
      "SELECT reviewer, verdict, identity FROM reid_reviews WHERE identity = 'ADA' OR verdict = 'same' ORDER BY verdict",
    ),
  ).toEqual([
    { reviewer: 'R.', verdict: 'none', identity: 'ADA' },
    { reviewer: 'identities of meta.csv', verdict: 'same', identity: null },
    { reviewer: 'identities of meta.csv', verdict: 'same', identity: null },
  ]);
  expect((await load(table('Ada'), { gallery })).stored.reviews).toEqual({ made: 0, there: 4 });
  await load(table('Ada'));
  expect((await load(table('Ada'), { gallery })).notes.join()).toContain(
    '1 deer of an earlier import of these vectors is not enrolled by this table and still there: "Bo"',
  );
});

test('identities of two sources that use the same names are two animals, and that is warned of', async () => {
  const table = 'identity,encounter\nq0,1\nq0,2\nq1,1\n';
  const gallery = file('list.txt', 'q0');
  expect((await load(table, { gallery })).warnings).toEqual([]);
  expect((await load(table, { gallery })).warnings).toEqual([]);
  const second = await load(table, { gallery, vectors: file('w.npy', npy(spread(4).slice(1))) });
  expect(second.warnings).toEqual([
    expect.stringMatching(/^2 identities are also names in other data of this database: "q0", "q1"\./),
  ]);
  expect(await ask('SELECT name FROM deer')).toEqual([{ name: 'q0' }, { name: 'q0' }]);
});

describe('words for nobody', () => {
  const WORDS = [
    '',
    'unknown',
    'NA',
    'NaN',
    'N/A',
    'null',
    'None',
    'nobody',
    'Unidentified',
    '?',
    '??',
    '-',
    '--',
    'n.n.',
    ' UNKNOWN ',
  ];

  test('in the table are no animal: the pictures are loaded without profile and verdict, and counted', async () => {
    const rows = ['Ada,1', 'Ada,2', 'Bo,1', ...WORDS.map((word) => `"${word}",1`)];
    const summary = await load(`identity,encounter\n${rows.join('\n')}\n`, {
      gallery: file('list.txt', 'Ada\nunknown\n'),
    });
    expect([summary.identities, summary.enrolled, summary.rows]).toEqual([2, 1, 3 + WORDS.length]);
    expect(summary.notes).toContain(
      '15 rows have no identity or a word for an unnamed animal (unknown, NA and the like): loaded without an animal and without a verdict',
    );
    expect(summary.notes).toContain(
      '1 line of the gallery holds a word for an unnamed animal (unknown, NA and the like): not enrolled',
    );
    expect([await count('detections'), await count('deer'), await count('reid_reviews')]).toEqual([
      3 + WORDS.length,
      1,
      2,
    ]);
    // Different animals that nobody named are not one burst because a name of an encounter is the
    // same.
    const [bursts] = await ask<{ n: number }>('SELECT count(*) AS n FROM detections WHERE burst_group_id IS NULL');
    expect(bursts!.n).toBe(WORDS.length);
    expect(summary.warnings).toEqual([]);
  });

  test('in reviews are no identity: the verdict is loaded without one, and counted', async () => {
    await load('identity,encounter\nAda,1\nAda,2\nBo,1\nBo,2\nCy,1\n', { gallery: file('list.txt', 'Ada') });
    await own.database.write(({ rows }) => rows('TRUNCATE reid_reviews'));
    const ids = (await ask<{ id: string }>('SELECT id::text FROM detections ORDER BY id')).map(({ id }) => id);
    const names = ['Unknown', ' n/a ', '', 'Big One', 'big one'];
    const reviews = names.map((identity, i) => ({
      detections: [ids[i]],
      verdict: 'none',
      identity,
      reviewed_at: '2024-06-01T08:00:00Z',
    }));
    const text = JSON.stringify({ format: 'hoofprint-reviews', version: 1, reviews });
    const summary = await importReviews(own.database, text);
    expect(summary.notes).toEqual([
      expect.stringMatching(/^3 reviews have a word for an unnamed animal .* without an identity$/),
    ]);
    expect(summary.warnings).toEqual([
      expect.stringMatching(/^1 pair of identities differs only in case or blanks: "Big One" and "big one"/),
    ]);
    expect(await ask('SELECT identity FROM reid_reviews ORDER BY identity')).toEqual([
      { identity: 'Big One' },
      { identity: 'big one' },
      ...Array.from({ length: 3 }, () => ({ identity: null })),
    ]);
    expect((await importReviews(own.database, text)).stored).toEqual({ made: 0, there: 5 });
    // A later file that writes an earlier name another way.
    const later = { detections: [ids[0]], verdict: 'none', identity: 'BIG ONE', reviewed_at: '2024-06-02T08:00:00Z' };
    const again = await importReviews(
      own.database,
      JSON.stringify({ format: 'hoofprint-reviews', version: 1, reviews: [later] }),
    );
    expect(again.warnings![0]).toMatch(/^3 pairs of identities differ/);
    expect(describeReviews(again)).toContain('\n  WARNING: 3 pairs of identities');
  });
});

test('names cannot steer a terminal', async () => {
  const summary = await load(
    'identity,"co\u001blour"\n"A\u001b[31mda\nImported 9",1\n"a\u001b[31mda\nImported 9",2\n',
    {},
    2,
  );
  const told = forTerminal(describeEmbeddings(summary));
  expect(told).toContain('"A\\u001b[31mda\\u000aImported 9"');
  expect(told.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  expect(told.match(/^Imported/gm)).toHaveLength(1);
});
