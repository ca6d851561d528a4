// The table beside the vectors: dialects and headers that are certain, missing values, bounds, and
// the files that it may name.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importEmbeddings } from '../../lib/data/embeddings/import.ts';
import { readMetadata } from '../../lib/data/embeddings/metadata.ts';
import { readInput } from '../../lib/data/input-file.ts';
import { readOptions } from '../../scripts/import/ways.ts';
import { migratedDatabase, type OwnDatabase } from '../support/database.ts';
import { file, npy, spread } from './embedding-files.ts';

let own: OwnDatabase;
let base: string;
let root: string;
beforeAll(async () => {
  own = await migratedDatabase();
  base = await mkdtemp(join(tmpdir(), 'metadata-'));
  root = join(base, 'root');
  await mkdir(join(root, 'sub'), { recursive: true });
  await writeFile(join(root, 'sub/a.jpg'), 'a');
  await writeFile(join(base, 'secret.txt'), 'secret');
  await symlink(join(base, 'secret.txt'), join(root, 'out.jpg'));
  await symlink('/proc/self/environ', join(root, 'environ.jpg'));
  execFileSync('mkfifo', [join(root, 'pipe.jpg')]);
});
afterAll(async () => {
  await own.close();
  await rm(base, { recursive: true });
});
beforeEach(() =>
  own.database.write(({ rows }) => rows('TRUNCATE reid_reviews, detections, images, locations, deer CASCADE')),
);

const read = (text: string | Buffer, most?: number) => readMetadata(Buffer.from(text as string), 'meta.csv', most);
const ask = <T extends object>(sql: string): Promise<T[]> => own.database.read(({ rows }) => rows<T>(sql));

describe('how a table is written', () => {
  const wanted = { identity: 'Ada', encounter: 'e;1', camera: 'North\nridge' };
  test.each([
    ['commas', 'identity,encounter,camera\nAda,e;1,"North\nridge"\n'],
    ['semicolons', 'identity;encounter;camera\nAda;"e;1";"North\nridge"\n'],
    ['tabs', 'identity\tencounter\tcamera\nAda\te;1\t"North\nridge"\n'],
    ['a spreadsheet that names its delimiter', 'sep=;\r\nidentity;encounter;camera\r\nAda;"e;1";"North\nridge"\r\n'],
    ['header names in another case', 'IDENTITY,Encounter,"Camera "\nAda,e;1,"North\nridge"\n'],
    ['another order and other columns', 'note,camera,encounter,identity\n,"North\nridge",e;1,Ada\n'],
    ['blanks before quotes', 'identity, encounter, camera\nAda, "e;1", "North\nridge"\n'],
    ['line ends of two kinds', 'identity,encounter,camera\r\nAda,e;1,"North\nridge"\n'],
    ['empty rows at the end', 'identity,encounter,camera\nAda,e;1,"North\nridge"\n\n,,\n , ,\n'],
  ])('%s', (_, text) => {
    const { sightings, problems, rows } = read(text);
    expect([problems, rows]).toEqual([[], 1]);
    expect(sightings[0]).toMatchObject(wanted);
  });

  test('every captured_at that is certain is read, and nothing else', () => {
    const at = (cell: string): number | null | string => {
      const { sightings, problems } = read(`identity,captured_at\nAda,${cell}\n`);
      return problems.length > 0 ? problems[0]! : sightings[0]!.at;
    };
    const morning = Date.parse('2024-05-10T04:30:00Z');
    for (const cell of [
      '2024-05-10T06:30:00+02:00',
      '2024-05-10 06:30:00+02:00',
      '2024-05-10T04:30Z',
      '2024-05-10 04:30:00.000z',
      '2024-05-10T06:30+02',
    ])
      expect([cell, at(cell)]).toEqual([cell, morning]);
    for (const cell of [
      '2024-02-30',
      '10/05/2024',
      '2024-13-01',
      '0000-01-01',
      '2024-05-10T24:00:00',
      '9999-12-31T23:59:59-14:00',
      '45422.27',
    ])
      expect(at(cell)).toMatch(/^meta\.csv row 1, captured_at: ".*" is not a date-time/);
  });

  test('a value that is missing is missing under every spelling, in every optional column', async () => {
    const missing = ['', 'NA', 'N/A', 'nan', 'NULL', 'None', '-', 'unknown'];
    const table = [
      'identity,encounter,camera,captured_at,class,file',
      ...missing.map((word) => `Ada,${word},${word},${word},${word},${word === 'unknown' ? '' : word}`),
    ];
    const { sightings, problems } = read(table.join('\n'));
    expect(problems).toEqual([]);
    expect(sightings.map(({ row: _, ...rest }) => rest)).toEqual(
      missing.map(() => ({ identity: 'Ada', encounter: null, camera: null, at: null, class: 'unknown', file: null })),
    );
    await importEmbeddings(own.database, {
      vectors: file('v.npy', npy(spread(8))),
      metadata: file('meta.csv', table.join('\n')),
    });
    // No two of them are one encounter, one picture or at one camera because a value is missing in
    // both.
    const [counts] =
      await ask<object>(`SELECT (SELECT count(*) FROM images) AS images, (SELECT count(*) FROM locations) AS locations,
      (SELECT count(*) FROM detections WHERE burst_group_id IS NOT NULL) AS bursts`);
    expect(counts).toEqual({ images: 8, locations: 0, bursts: 0 });
  });

  test('classes of deer are the same in any case: they decide what is compared', () => {
    const { sightings } = read('identity,class\na,Buck\nb, DOE\nc,Fawn\nd,Unknown\ne,Sus scrofa\nf,blank\ng,n/a\n');
    expect(sightings.map((sighting) => sighting.class)).toEqual([
      'buck',
      'doe',
      'fawn',
      'unknown',
      'Sus scrofa',
      'blank',
      'unknown',
    ]);
  });

  test('encounters are known within their animal, pictures by their whole path', async () => {
    const table =
      'identity,encounter,file\nAda,e0,north/IMG_1.JPG\nBo,e0,south/IMG_1.JPG\nAda,e0,north/IMG_2.JPG\nBo,e0,south/IMG_1.JPG\n';
    await importEmbeddings(own.database, { vectors: file('v.npy', npy(spread(4))), metadata: file('meta.csv', table) });
    const [counts] = await ask<object>(
      'SELECT count(DISTINCT burst_group_id) AS bursts, count(DISTINCT image_id) AS images, count(*) AS detections FROM detections',
    );
    expect(counts).toEqual({ bursts: 2, images: 3, detections: 4 });
  });

  test('rows that contradict each other about one picture are said', async () => {
    const table = 'identity,camera,file\nAda,North,a.jpg\nBo,South,a.jpg\nCy,North,b.jpg\n';
    const { notes } = await importEmbeddings(own.database, {
      vectors: file('v.npy', npy(spread(3))),
      metadata: file('meta.csv', table),
    });
    expect(notes.join('\n')).toMatch(/1 row names a file that another row gives another camera or time/);
  });
});

describe('what is no such table is refused in seconds and in words', () => {
  const wide = (n: number): string => Array.from({ length: n }, (_, i) => `c${i}`).join(',');
  test.each<[string, () => string, RegExp]>([
    [
      'no identity',
      () => 'id,name\n1,2\n',
      /meta\.csv has no column identity; known columns: identity, encounter, camera, captured_at, class, file/,
    ],
    ['a column twice', () => 'identity,Camera,camera\na,b,c\n', /has the column camera twice/],
    ['no rows', () => 'identity\n', /has no rows/],
    ['nothing', () => '', /has no column identity/],
    ['1,001 columns', () => `identity,${wide(1_000)}\n`, /more than 1,000 columns/],
    ['a million columns', () => `identity,${wide(1_000_000)}\n`, /a row of more than 1,000,000 characters/],
    ['a million empty cells', () => `identity\n${','.repeat(900_000)}\n`, /more than 1,000 columns/],
    [
      'a quote that never ends',
      () => `identity,camera\nAda,"North\n${'Bo,South\n'.repeat(1_000_000)}`,
      /a row of more than 1,000,000 characters/,
    ],
    ['a quote at the end', () => 'identity,camera\nAda,"North\n', /is not a CSV table: "Quote Not Closed/],
    ['zero bytes', () => 'identity\nA\0da\n', /zero bytes/],
  ])('%s', (_, text, words) => {
    const begin = performance.now();
    expect(() => read(text())).toThrow(words);
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  test('more rows than vectors are not held in memory', () => {
    const begin = performance.now();
    expect(read(`identity\n${'a\n'.repeat(20_000_000)}`, 1_000).rows).toBeLessThan(3_000);
    expect(performance.now() - begin).toBeLessThan(20_000);
  });

  test('many broken cells are bounded in what a person reads', async () => {
    const table = `identity,captured_at\n${'Ada,yesterday\n'.repeat(3_000)}`;
    const load = importEmbeddings(own.database, {
      vectors: file('v.npy', npy(spread(3_000))),
      metadata: file('meta.csv', table),
    });
    await expect(load).rejects.toThrow(
      /^the table has 3,000 broken cells; nothing was loaded\n(.*\n){20} {2}and 2,980 more$/,
    );
  });

  test('a row that is broken does not end the others with --skip-invalid; when none is left nothing is imported', async () => {
    const table = 'identity,captured_at\nAda,2024-05-01\nBo,yesterday\nCy,2024-05-01,x\n,2024-05-99\nDi,2024-05-03\n';
    const input = { vectors: file('v.npy', npy(spread(5))), metadata: file('meta.csv', table) };
    await expect(importEmbeddings(own.database, input)).rejects.toThrow('3 broken cells');
    const { rows, skipped } = await importEmbeddings(own.database, { ...input, skipInvalid: true });
    expect([rows, skipped.length]).toEqual([2, 3]);
    const none = {
      vectors: file('w.npy', npy([[0, 0]])),
      metadata: file('meta.csv', 'identity\nAda\n'),
      skipInvalid: true,
    };
    await expect(importEmbeddings(own.database, none)).rejects.toThrow('no row is left to load');
  });
});

describe('files that a table names', () => {
  const load = (path: string, skipInvalid = false) =>
    importEmbeddings(own.database, {
      ...{ vectors: file('v.npy', npy(spread(2))), metadata: file('meta.csv', `identity,file\nAda,"${path}"\nBo,\n`) },
      ...{ skipInvalid, folders: { root, others: [] } },
    });
  test.each<[string, () => string, RegExp]>([
    [
      'an absolute path elsewhere',
      () => join(base, 'secret.txt'),
      /row 1, file: image path is outside the image folders/,
    ],
    [
      'an absolute path to nothing',
      () => '/nowhere/at/all.jpg',
      /row 1, file: image path is outside the image folders/,
    ],
    ['the environment of a process', () => '/proc/self/environ', /is outside/],
    ['a link that leads out', () => 'out.jpg', /is outside/],
    ['a link to the environment', () => 'environ.jpg', /is outside/],
    ['a way out', () => 'sub/../../secret.txt', /leaves the image folder/],
    ['a way out with backslashes', () => '..\\secret.txt', /leaves the image folder/],
    ['a folder', () => 'sub', /image path names a folder, not a file/],
    ['a pipe', () => 'pipe.jpg', /names a pipe or device, not a file/],
    ['a device', () => '/dev/zero', /is outside/],
    ['a file address', () => 'file:///etc/passwd', /file: address/],
    ['a drive of another machine', () => 'C:\\DCIM\\1.jpg', /Windows drive/],
    ['what another import made up', () => 'embeddings:1/1', /no image file belongs/],
  ])('%s is refused, or left out with --skip-invalid', async (_, path, words) => {
    await expect(load(path())).rejects.toMatchObject({ kind: 'invalid', message: expect.stringMatching(words) });
    expect(await ask('SELECT 1 FROM images')).toEqual([]);
    const { rows, skipped } = await load(path(), true);
    expect([rows, skipped.length]).toEqual([2, 1]);
    expect(await ask(`SELECT 1 FROM images WHERE path NOT LIKE 'embeddings:%' OR path = 'embeddings:1/1'`)).toEqual([]);
  });

  test.each<[string, () => string]>([
    ['a picture below the folder', () => 'sub/a.jpg'],
    ['the same by its whole path', () => join(root, 'sub/a.jpg')],
    ['one that is not there yet', () => 'sub/later.jpg'],
    ['the same by its whole path', () => join(root, 'sub/later.jpg')],
    ['an address, which is never fetched', () => 'https://example.org/a.jpg'],
  ])('%s is kept', async (_, path) => {
    expect((await load(path())).skipped).toEqual([]);
    expect(await ask(`SELECT path FROM images WHERE path NOT LIKE 'embeddings:%'`)).toEqual([{ path: path() }]);
  });
});

test('files on the command line are regular files: a pipe is not waited for', async () => {
  await expect(readInput(join(root, 'pipe.jpg'))).rejects.toThrow('is a pipe or device, not a file');
  await expect(readInput(root)).rejects.toThrow('is a folder, not a file');
  await expect(readInput(join(root, 'none.npy'))).rejects.toThrow(/there is no file ".*none\.npy"/);
  expect((await readInput(join(root, 'sub/a.jpg'))).bytes.toString()).toBe('a');
});

test('options that are not those of one way in are answered with all of them, and exit code 1', () => {
  for (const options of [
    [],
    ['--embeddings', 'v.npy'],
    ['--embeddings', 'v.npy', '--metadata', 'm.csv', '--detections', 'ids.csv'],
    ['--embeddings', 'v.npy', '--detections', 'ids.csv', '--gallery', 'list.txt'],
    ['--detections', 'ids.csv'],
    ['--reviews', 'r.json', 'folder'],
  ]) {
    expect(() => readOptions(options)).toThrow(
      /^Usage: .*\n.*--metadata meta\.csv.*\n.*--detections ids\.csv.*\n.*--reviews file\.json/,
    );
  }
  const script = join(import.meta.dirname, '../../scripts/import.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--embeddings', 'v.npy'], {
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^import: Usage: .*\n.*--metadata meta\.csv.*\n.*--detections ids\.csv.*\n.*--reviews file/);
});
