// What a person reads of `npm run migrate` and `npm run import` on databases that lack something:
// sentences with what to type, never SQL or a stack.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrate } from '../../lib/deer/schema.ts';
import { type Platform, platform, withPlatform } from '../support/platform.ts';

const SOAK = process.env.HOOFPRINT_SOAK === '1';
const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'hoofprint-commands-'));
writeFileSync(join(folder, 'reviews.json'), JSON.stringify({ format: 'hoofprint-reviews', version: 1, reviews: [] }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All that a terminal shows, without the lines of a stack that comes up. */
function shown(url: string, script: string, ...args: string[]): Promise<{ code: number; text: string }> {
  const env = { ...process.env, DATABASE_URL: url, HOOFPRINT_DATA: join(folder, 'data'), HOOFPRINT_PORTS: 'free' };
  return new Promise((done) => {
    execFile(
      process.execPath,
      [`scripts/${script}.ts`, ...args],
      { cwd: root, env, timeout: 60_000 },
      (error, stdout, stderr) => {
        const lines = `${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !line.startsWith('hoofprint:'));
        done({ code: error === null ? 0 : 1, text: lines.join('\n') });
      },
    );
  });
}

const SQL =
  /\b(SELECT|INSERT|UPDATE|CREATE|ALTER|LOCK TABLE)\b|relation "|column "|SQLSTATE|permission denied|does not exist|violates|^\s+at .*:\d+/m;

withPlatform('commands on a database that lacks something', () => {
  let own: Platform;
  afterEach(() => own?.close());
  const role = (sql: string) => own.database.write((queries) => queries.rows(sql));
  const READER =
    'CREATE ROLE reader; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader; REVOKE CREATE ON SCHEMA public FROM public';
  const FIRST = 'import: the database does not have the tables of this version: run `npm run migrate` first';

  const migratedPlatform = async (): Promise<Platform> => {
    const made = await platform(['schema']);
    await migrate(made.database);
    return made;
  };

  const LACKING: [string, () => Promise<Platform>, string][] = [
    ['no tables', () => platform([]), FIRST],
    [
      'half the tables',
      () => platform(['schema']).then((made) => made.run('DROP TABLE detections, deer').then(() => made)),
      FIRST,
    ],
    ['schema.sql', () => platform(['schema']), FIRST],
  ];
  test.each<[string, () => Promise<Platform>, string]>([
    ...(SOAK ? LACKING : []),
    ['schema.sql and later.sql', () => platform(), FIRST],
    [
      'a user who only reads',
      async () => {
        const made = await migratedPlatform();
        await made.run(READER);
        await made.database.write((queries) => queries.rows('SET ROLE reader'));
        return made;
      },
      'import: nothing can be imported into this database: the database user reader may not write to the table reid_reviews; nothing was read',
    ],
    [
      'a table of ours was removed',
      async () => {
        const made = await migratedPlatform();
        await made.run('DROP TABLE reid_reviews');
        return made;
      },
      "import: nothing can be imported into this database: the database has no table reid_reviews of Hoofprint's (type npm run migrate); nothing was read",
    ],
  ])('npm run import: %s', async (_, prepare, said) => {
    own = await prepare();
    const { code, text } = await shown(own.url, 'import', '--reviews', join(folder, 'reviews.json'));
    expect({ code, text }).toEqual({ code: 1, text: said });
    expect(text).not.toMatch(SQL);
  });

  test('npm run migrate: a user who only reads, then the owner, then the owner again', async () => {
    own = await platform();
    await own.run(`${READER}; ALTER TABLE images ADD COLUMN width text`);
    await role('SET ROLE reader');
    const refused = await shown(own.url, 'migrate');
    expect(refused).toEqual({
      code: 1,
      text:
        'migrate: the database user reader may not make tables in the schema public; nothing was changed. ' +
        'Type: DATABASE_URL=(address with the user that owns the tables) npm run migrate',
    });
    await role('RESET ROLE');
    const made = await shown(own.url, 'migrate');
    expect(made.code).toBe(0);
    expect(made.text).toMatch(
      /^Applied:\n {2}1 camera-trap tables\n[\s\S]*\nnote: images\.width is text, expected double precision: it is left alone and not used$/,
    );
    expect(await shown(own.url, 'migrate')).toEqual({ code: 0, text: 'Nothing to apply: the database is up to date.' });
    for (const { text } of [refused, made]) expect(text).not.toMatch(SQL);
  });
});

const MALFORMED = ['hello', 'migrate: DATABASE_URL must be a URL such as postgres://user:password@127.0.0.1:5432/deer'];
test.each([
  ...(SOAK ? [MALFORMED] : []),
  [
    'postgres://127.0.0.1:1/deer',
    'migrate: PostgreSQL is not available: connect ECONNREFUSED 127.0.0.1:1. Check DATABASE_URL: npm run doctor shows more',
  ],
])('npm run migrate: nobody answers at %s', async (url, text) => {
  expect(await shown(url, 'migrate')).toEqual({ code: 1, text });
});
