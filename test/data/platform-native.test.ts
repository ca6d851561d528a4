// The platform's tables on a PostgreSQL server with several users: who may migrate, read and
// import, and what the others are asked to type.
import pg from 'pg';
import { type Database, postgres } from '../../lib/adapters/postgres.ts';
import { importReviews } from '../../lib/data/reviews/import.ts';
import { migrate } from '../../lib/deer/schema.ts';
import { usability } from '../../lib/deer/usability.ts';
import { errorMessage } from '../../lib/errors.ts';
import { type NativeEngine, nativePostgres, noNativePostgres } from '../faults/native.ts';
import { difference, dump } from '../support/dump.ts';
import { platformPresent, platformSql } from '../support/platform.ts';

if (noNativePostgres !== undefined)
  console.error(`NATIVE POSTGRESQL ABSENT: ${noNativePostgres}; its users and rights are not tried`);
const present = platformPresent && noNativePostgres === undefined;
const onServer = present
  ? describe
  : (name: string, _: () => void) => test(`${name}: ABSENT, not checked`, () => undefined);

onServer('a server with users', () => {
  let server: NativeEngine;
  let offered: boolean;
  let databases = 0;
  const opened: Database[] = [];
  beforeAll(async () => {
    server = await nativePostgres();
    const found = await admin('postgres', `SELECT FROM pg_available_extensions WHERE name = 'vector'`);
    offered = found > 0;
    if (!offered)
      console.error(
        'PGVECTOR ABSENT on the native PostgreSQL: `vector` is a placeholder there, the real one is tried on the embedded engine',
      );
    await admin(
      'postgres',
      'CREATE ROLE deer_app LOGIN; CREATE ROLE hoofprint LOGIN; CREATE ROLE locked LOGIN; ALTER ROLE locked SET default_transaction_read_only = on',
    );
    await makeTemplate();
  }, 60_000);
  afterEach(() => Promise.all(opened.splice(0).map((database) => database.close())));
  afterAll(() => server?.close());

  const address = (database: string, user: string): string =>
    Object.assign(new URL(server.url), { pathname: `/${database}`, username: user }).href;
  async function admin(database: string, sql: string, user = 'postgres'): Promise<number> {
    const client = new pg.Client({ connectionString: address(database, user) });
    await client.connect();
    const answer = await client.query(sql).finally(() => client.end());
    return Array.isArray(answer) ? 0 : (answer.rowCount ?? 0);
  }
  const as = (user: string, database: string): Database => {
    const made = postgres({ url: address(database, user) });
    opened.push(made);
    return made;
  };
  /** The platform's tables and rows, deer_app's; every other database is a copy of this one. */
  async function makeTemplate(): Promise<void> {
    await admin('postgres', 'CREATE DATABASE platform OWNER deer_app');
    await admin('platform', offered ? 'CREATE EXTENSION vector' : 'CREATE DOMAIN vector AS bytea');
    await admin('platform', 'GRANT CREATE ON SCHEMA public TO deer_app');
    const fitting = (sql: string): string =>
      offered ? sql : sql.replace('CREATE EXTENSION IF NOT EXISTS vector;', '').replaceAll('vector(512)', 'vector');
    for (const file of ['schema', 'later', 'fill'] as const)
      await admin('platform', fitting(platformSql(file)), 'deer_app');
    await admin('platform', 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO hoofprint');
  }
  async function herd(more = ''): Promise<string> {
    databases += 1;
    const name = `herd${databases}`;
    await admin('postgres', `CREATE DATABASE ${name} OWNER deer_app TEMPLATE platform`);
    if (more !== '') await admin(name, more);
    return name;
  }
  const refusal = (act: Promise<unknown>): Promise<string> => act.then(() => 'nothing was refused', errorMessage);
  const AS_OWNER =
    'nothing was changed. Type: DATABASE_URL=(address with the user that owns the tables) npm run migrate';

  test('the owner migrates: only what is ours is added, twice changes nothing', async () => {
    const [name, owned] = [await herd(), ['locations', 'images', 'deer', 'detections', 'reid_similarity_scores']];
    const database = as('deer_app', name);
    const before = await dump(database, owned);
    expect((await migrate(database)).applied).toHaveLength(11);
    const after = await dump(database, owned, before);
    expect(after.rows).toEqual(before.rows);
    expect([
      difference(before.columns, after.columns).gone,
      difference(before.rules, after.rules),
      difference(before.indexes, after.indexes).gone,
    ]).toEqual([[], { more: [], gone: [] }, []]);
    expect(await migrate(database)).toEqual({ applied: [] });
    // Another user of an up-to-date database finds nothing to do.
    await admin(name, 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO hoofprint');
    expect(await migrate(as('hoofprint', name))).toEqual({ applied: [] });
  });

  test('pgvector that is not enabled, or out of sight, is a sentence', async () => {
    if (!offered) return console.error('PGVECTOR ABSENT: not checked');
    await admin('postgres', 'CREATE DATABASE bare');
    await admin('bare', 'GRANT CREATE ON SCHEMA public TO deer_app');
    expect(await refusal(migrate(as('deer_app', 'bare')))).toBe(
      'pgvector is not enabled in this database, and this user may not enable it; nothing was changed. ' +
        'Ask an administrator to enable the extension vector there, then type: npm run migrate',
    );
    await admin('bare', 'CREATE SCHEMA ext; CREATE EXTENSION vector SCHEMA ext');
    expect(await refusal(migrate(as('deer_app', 'bare')))).toBe(
      'pgvector lives in the schema ext, which the search path of this user does not name; nothing was changed. ' +
        'Add it to DATABASE_URL (?options=-csearch_path%3Dpublic,ext), then type: npm run migrate',
    );
    await admin('bare', 'GRANT USAGE ON SCHEMA ext TO deer_app');
    const found = postgres({ url: `${address('bare', 'deer_app')}?options=-csearch_path%3Dpublic,ext` });
    opened.push(found);
    expect((await migrate(found)).applied).toHaveLength(11);
  });

  test.each([
    [
      'no place for tables',
      '',
      'hoofprint',
      `the database user hoofprint may not make tables in the schema public; ${AS_OWNER}`,
    ],
    [
      'tables of another user',
      'GRANT CREATE ON SCHEMA public TO hoofprint',
      'hoofprint',
      `the database user hoofprint may not make tables that refer to locations; ${AS_OWNER}`,
    ],
    [
      'rights to refer, not to change',
      'GRANT CREATE ON SCHEMA public TO hoofprint; GRANT REFERENCES ON ALL TABLES IN SCHEMA public TO hoofprint',
      'hoofprint',
      `the database user hoofprint may not change the table images, which is deer_app's; ${AS_OWNER}`,
    ],
    [
      'a user that is read-only',
      'GRANT deer_app TO locked; GRANT CREATE ON SCHEMA public TO locked',
      'locked',
      'the database takes no changes now: it, or the user of DATABASE_URL, is read-only',
    ],
  ])('%s', async (_, sql, user, said) => {
    const name = await herd(sql);
    const owned = ['locations', 'images', 'deer', 'detections', 'reid_similarity_scores'];
    const before = await dump(as('postgres', name), owned);
    expect(await refusal(migrate(as(user, name)))).toBe(said);
    expect(await dump(as('postgres', name), owned)).toEqual(before);
  });

  test('a user without rights is told which tables it may not read or write', async () => {
    const name = await herd();
    await migrate(as('deer_app', name));
    const reader = as('hoofprint', name);
    const hidden =
      'the database user hoofprint may not read deployments, reid_reviews, hoofprint_draws, hoofprint_draw_events, hoofprint_meta, hoofprint_runs, hoofprint_assignments, hoofprint_profiles, hoofprint_embeddings. ' +
      'Give it that privilege, or name another user in DATABASE_URL';
    expect((await usability(reader)).faults).toEqual([hidden]);
    expect(await refusal(reader.read(({ rows }) => rows('SELECT FROM reid_reviews')))).toBe(
      'the database user may not use the table reid_reviews in this way. Give it the privilege, or name another user in DATABASE_URL',
    );
    await admin(name, 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO hoofprint');
    expect(await usability(reader)).toEqual({ faults: [], notes: [] });
    expect(await refusal(importReviews(reader, 'no JSON'))).toBe(
      'nothing can be imported into this database: the database user hoofprint may not write to the table reid_reviews; nothing was read',
    );
  });
});
