// Databases that cannot be migrated, in part or at all: every reason is a sentence, and nothing is
// changed.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { postgres } from '../../lib/adapters/postgres.ts';
import { migrate } from '../../lib/deer/schema.ts';
import { usability } from '../../lib/deer/usability.ts';
import { errorMessage, Fault } from '../../lib/errors.ts';
import { type OwnDatabase, ownDatabase } from '../support/database.ts';

describe('what cannot work is refused in words, and nothing is changed', () => {
  let own: OwnDatabase;
  beforeEach(async () => {
    own = await ownDatabase();
  });
  afterEach(() => own.close());
  const run = (sql: string) => own.database.write(({ rows }) => rows(sql));
  const tables = async (): Promise<number> =>
    (
      await own.database.read(({ rows }) =>
        rows(`SELECT FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')`),
      )
    ).length;
  const LOCATIONS = 'CREATE TABLE locations (id uuid PRIMARY KEY, name text, description text, coordinates json)';

  test.each([
    [
      'a view',
      `${LOCATIONS.replace('locations', 'places')}; CREATE VIEW locations AS SELECT * FROM places`,
      'locations is a view, and tables of Hoofprint cannot refer to it',
    ],
    ['a key on other columns', LOCATIONS.replace('uuid PRIMARY KEY', 'uuid'), 'locations.id is not a primary key'],
    [
      'a partial key',
      `${LOCATIONS.replace('uuid PRIMARY KEY', 'uuid')}; CREATE UNIQUE INDEX named_ones ON locations (id) WHERE name IS NOT NULL`,
      'locations.id is not a primary key',
    ],
    ['a missing column', LOCATIONS.replace(', coordinates json', ''), 'locations.coordinates is missing'],
    [
      'a column of another type',
      LOCATIONS.replace('coordinates json', 'coordinates point'),
      'locations.coordinates is point, expected json',
    ],
  ])('%s', async (_, sql, reason) => {
    for (const statement of sql.split('; ')) await run(statement);
    const before = await tables();
    const refusal: unknown = await migrate(own.database).catch((error: unknown) => error);
    expect(errorMessage(refusal)).toContain(reason);
    expect(errorMessage(refusal)).toContain('nothing was changed');
    expect(await tables()).toBe(before);
  });

  test('a server without pgvector says what to install', async () => {
    // As in a light engine: what lives for a second is not worth optimizing.
    for (const flag of ['--liftoff-only', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag);
    // A copy of the database that was lent, without its extension and with nothing to make it of.
    const folder = mkdtempSync(join(tmpdir(), 'hoofprint-bare-'));
    if (own.cluster !== undefined) cpSync(own.cluster, folder, { recursive: true });
    const engine = await PGlite.create(folder);
    await engine.exec('DROP EXTENSION IF EXISTS vector');
    const socket = new PGLiteSocketServer({ db: engine, host: '127.0.0.1', port: 0 });
    await socket.start();
    const bare = postgres({ url: `postgres://postgres:postgres@${socket.getServerConn()}/postgres` });
    try {
      expect(await migrate(bare).catch(errorMessage)).toMatch(
        /^the server has no pgvector extension; nothing was changed\. Install it there .*npm run migrate$/,
      );
    } finally {
      await bare.close();
      await socket.stop();
      await engine.close();
      rmSync(folder, { recursive: true });
    }
  });

  test('a database that takes no changes', async () => {
    await run('SET default_transaction_read_only = on');
    expect(await migrate(own.database).catch(errorMessage)).toBe(
      'the database takes no changes now: it, or the user of DATABASE_URL, is read-only',
    );
    await run('SET default_transaction_read_only = off');
  });

  test('half the tables: the others are made', async () => {
    await run(LOCATIONS);
    await run('CREATE TABLE deer (id uuid PRIMARY KEY, name text, sex text, species text)');
    expect((await usability(own.database)).faults).toEqual([
      'the database has no table images, detections. Type: npm run migrate',
    ]);
    await expect(own.database.read(({ rows }) => rows('SELECT FROM detections'))).rejects.toThrow(
      /^the database has no table detections\. Type: npm run migrate$/,
    );
    await expect(own.database.read(({ rows }) => rows('SELECT feature_vector FROM deer'))).rejects.toThrow(
      /^the database has no column feature_vector\. Type: npm run doctor$/,
    );
    await expect(own.database.read(({ rows }) => rows('SELECT d.feature_vector FROM deer d'))).rejects.toThrow(
      /^the database has no column feature_vector\. Type/,
    );
    await migrate(own.database);
    expect(await usability(own.database)).toEqual({ faults: [], notes: [] });
  });

  test('what the server says of a statement is repeated to nobody', async () => {
    const raw: unknown = await own.database
      .read(({ rows }) => rows(`SELECT 'x'::uuid`))
      .catch((error: unknown) => error);
    const said = 'the database refused a statement (code 22P02): npm run doctor names what it lacks';
    expect([errorMessage(raw), errorMessage(new Fault('conflict', 'in our words', { cause: raw }))]).toEqual([
      said,
      'in our words',
    ]);
  });

  test('a nullable column that is absent is no reason to refuse', async () => {
    await run(LOCATIONS);
    await run('CREATE TABLE deer (id uuid PRIMARY KEY, name text, sex text, species text)');
    await migrate(own.database);
    expect(await usability(own.database)).toEqual({ faults: [], notes: [] });
  });

  test('tables in another schema of the search path are met there, and none is made in front of them', async () => {
    await run('CREATE SCHEMA app');
    await run(LOCATIONS.replace('locations', 'app.locations'));
    await run(`INSERT INTO app.locations VALUES (gen_random_uuid(), 'Ridge')`);
    await own.database.write(async ({ rows }) => {
      const [{ name }] = (await rows<{ name: string }>('SELECT current_database()::text AS name')) as [
        { name: string },
      ];
      await rows(`ALTER DATABASE "${name}" SET search_path = public, app`);
    });
    await run('SET search_path = public, app');
    await migrate(own.database);
    const found = await own.database.read(({ rows }) =>
      rows(`SELECT table_schema::text AS schema FROM information_schema.tables WHERE table_name = 'locations'`),
    );
    expect(found).toEqual([{ schema: 'app' }]);
  });
});
