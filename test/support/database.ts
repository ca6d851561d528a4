// An empty PostgreSQL for one test file: a new database on DATABASE_URL's server when that is
// given, else an embedded one that the run lends (test/support/databases).
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import pg from 'pg';
import { type Database, postgres } from '../../lib/adapters/postgres.ts';
import { migrate } from '../../lib/deer/schema.ts';
import { copyThroughFile } from '../../localstack/stack/bulk.ts';
import type { Content, Lease } from './databases/pool.ts';

export interface OwnDatabase {
  url: string;
  /** Where its files are; undefined on a server outside. */
  cluster: string | undefined;
  database: Database;
  /** Loads one binary COPY body, by the way that this engine takes it. */
  copy(target: string, body: Buffer): Promise<void>;
  close(): Promise<void>;
}

export async function ownDatabase(): Promise<OwnDatabase> {
  const server = process.env.HOOFPRINT_TEST_DATABASE_URL;
  return server === undefined ? embedded('empty') : native(server);
}

/** As ownDatabase, with the newest tables, which have no rows. */
export async function migratedDatabase(): Promise<OwnDatabase> {
  const server = process.env.HOOFPRINT_TEST_DATABASE_URL;
  if (server === undefined) return embedded('migrated');
  const own = await native(server);
  await migrate(own.database);
  return own;
}

async function embedded(content: Content): Promise<OwnDatabase> {
  const socket = connect(process.env.HOOFPRINT_TEST_DATABASES!);
  socket.write(content);
  const refused = once(socket, 'close').then(() => ['']);
  const [line] = (await Promise.race([once(socket.setEncoding('utf8'), 'data'), refused])) as [string];
  if (line === '') throw new Error('the run has no database to lend; its own output says why');
  const { url, cluster } = JSON.parse(line) as Lease;
  const database = postgres({ url });
  return {
    url,
    cluster,
    database,
    copy: copyThroughFile(database, cluster),
    close: async () => {
      await database.close();
      if (socket.closed) return;
      // The pool knows of it before another one is asked for.
      const closed = once(socket, 'close');
      socket.end();
      await closed;
    },
  };
}

async function native(server: string): Promise<OwnDatabase> {
  const name = `hoofprint_test_${randomBytes(6).toString('hex')}`;
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const database = postgres({ url: url.href });
  return {
    url: url.href,
    cluster: undefined,
    database,
    copy: (target, body) => database.write((queries) => queries.copyBinary(target, [body])),
    close: async () => {
      await database.close();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}

/**
 * For migrating a server without pgvector: `vector` becomes a stand-in that keeps the bytes and can
 * be asked nothing. Exports never read vectors.
 */
export async function withStandIn(database: Database): Promise<Database> {
  const [there] = await database.read(({ rows }) =>
    rows("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"),
  );
  if (there !== undefined) return database;
  await database.write(({ rows }) => rows('CREATE DOMAIN vector AS bytea'));
  return {
    ...database,
    write: (work) =>
      database.write((queries) =>
        work({
          ...queries,
          rows: (sql, params) => (/^CREATE EXTENSION/.test(sql) ? Promise.resolve([]) : queries.rows(sql, params)),
        }),
      ),
  };
}
