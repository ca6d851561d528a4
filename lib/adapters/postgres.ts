// PostgreSQL behind two doors: a short read-only snapshot and a transaction. It knows no table.

import { once } from 'node:events';
import { createConnection } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { Fault, isFault, readSqlState } from '../errors.ts';
import { log } from '../log.ts';

export type Row = Record<string, unknown>;

export interface Queries {
  /**
   * All rows of one parameterised statement. timestamptz comes as Date, int8 and numeric as number,
   * json parsed.
   */
  rows<T extends object = Row>(sql: string, params?: readonly unknown[]): Promise<T[]>;
  /**
   * `COPY (<sql>) TO STDOUT (FORMAT binary)`, in chunks as they come. COPY itself takes no
   * parameters: text for $1, $2 ... is escaped and put in here. Read it to its end before the next
   * statement; leaving early closes the connection, and so does a silence longer than the
   * statement's bound.
   */
  copyOut(sql: string, params?: readonly string[]): AsyncIterable<Buffer>;
}

export interface Writes extends Queries {
  /**
   * `COPY <target> FROM STDIN (FORMAT binary)`; `target` is trusted SQL such as `deer (id, name)`.
   * Not for the embedded engine: its socket breaks.
   */
  copyBinary(target: string, body: Iterable<Buffer>): Promise<void>;
}

export interface Database {
  /**
   * Runs `work` inside one BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY on one connection. Keep
   * it short: load, return, then compute.
   */
  read<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /** Runs `work` inside one read-write transaction; rolled back when it throws. */
  write<T>(work: (queries: Writes) => Promise<T>): Promise<T>;
  ping(): Promise<void>;
  /** Whether something listens there, however busy it is. @throws Fault `unavailable` */
  reach(): Promise<void>;
  close(): Promise<void>;
}

export interface PostgresOptions {
  url: string;
  /** Bound on connecting, in ms. */
  connectTimeout?: number;
  /**
   * Bound on each statement, kept by the client because the embedded engine ignores
   * statement_timeout, in ms.
   */
  queryTimeout?: number;
  connections?: number;
}

const parsers = new Map<number, (value: string) => unknown>([
  [20, Number],
  [1700, Number],
]);

/**
 * SQLSTATE classes after which the same statement may succeed later: connection, resources,
 * operator intervention, serialisation.
 */
const PASSING = /^(08|53|57|58|40|25006|55P03)/;

/**
 * What the server says of a statement that its tables or rights do not allow, in words. The names
 * are those in the server's own message, whatever its language; the message itself is for the log.
 */
const REFUSALS: Readonly<Record<string, (names: string[], error: Error & { table?: string }) => string>> = {
  '42P01': ([table]) => `the database has no table ${table ?? 'that this needs'}. Type: npm run migrate`,
  '42703': ([column, table], { message }) => {
    const name =
      table === undefined
        ? (column ?? / ([a-z_]+(?:\.[a-z_]+)+) /.exec(message)?.[1]?.replace(/^.*\./, ''))
        : `${table}.${column}`;
    return `the database has no column ${name ?? 'that this needs'}. Type: npm run doctor`;
  },
  '42501': (_, { message }) => {
    const [, kind, name] =
      /\b(table|relation|view|schema|sequence|database|extension|type|function) "?([\w.]+)"?/.exec(message) ?? [];
    const what = name === undefined ? 'do this' : `use the ${kind === 'relation' ? 'table' : kind} ${name} in this way`;
    return `the database user may not ${what}. Give it the privilege, or name another user in DATABASE_URL`;
  },
  '55P03': () => 'another program holds a table for too long; nothing was changed. Try again when it is done',
  '25006': () => 'the database takes no changes now: it, or the user of DATABASE_URL, is read-only',
};

/** An error that passes is `unavailable`; a refusal stays until somebody changes the database. */
function translate(error: unknown): unknown {
  if (error instanceof Fault) return error;
  const sqlState = readSqlState(error);
  if (sqlState === undefined && !(error instanceof Error)) return error;
  const refusal = sqlState === undefined ? undefined : REFUSALS[sqlState];
  if (refusal !== undefined) {
    const { message } = error as Error;
    const names = [...message.matchAll(/["\u00ab\u201e\u00bb\u201c]([\w. ]+?)["\u00bb\u201c\u201d\u00ab]/g)].map(
      ([, name]) => name!,
    );
    log.debug('postgres refused a statement', { code: sqlState, reason: message });
    return new Fault(PASSING.test(sqlState!) ? 'unavailable' : 'misconfigured', refusal(names, error as Error), {
      cause: error,
    });
  }
  if (sqlState === undefined || PASSING.test(sqlState))
    return new Fault('unavailable', 'PostgreSQL is not available', { cause: error });
  return error;
}

/**
 * The statements of one transaction, on its connection. They are values, so that callers can take
 * them out: `read(({ rows }) => rows(...))`.
 */
class Statements implements Writes {
  /** Why the connection is in an unknown state: it is then closed, not given back. */
  broken: Error | undefined;
  private readonly client: pg.PoolClient;
  private readonly queryTimeout: number;

  constructor(client: pg.PoolClient, queryTimeout: number) {
    this.client = client;
    this.queryTimeout = queryTimeout;
  }

  readonly rows = async <T extends object = Row>(sql: string, params: readonly unknown[] = []): Promise<T[]> =>
    (await this.ask(this.client.query<T>(sql, params as unknown[]))).rows;

  readonly copyOut = (sql: string, params: readonly string[] = []): AsyncIterable<Buffer> => {
    const query = sql.replace(/\$(\d+)/g, (_, at: string) => pg.escapeLiteral(params[Number(at) - 1]!));
    return this.streamCopy(`COPY (${query}) TO STDOUT (FORMAT binary)`);
  };

  readonly copyBinary = (target: string, body: Iterable<Buffer>): Promise<void> =>
    this.ask(pipeline(Readable.from(body), this.client.query(copyFrom(`COPY ${target} FROM STDIN (FORMAT binary)`))));

  async run(statement: 'COMMIT' | 'ROLLBACK' | `BEGIN${string}`): Promise<void> {
    await this.ask(this.client.query(statement));
  }

  /** An answer of the server, or its error as a Fault; one that passes breaks the connection. */
  private async ask<A>(answer: Promise<A>): Promise<A> {
    try {
      return await answer;
    } catch (error) {
      const translated = translate(error);
      if (isFault(translated, 'unavailable')) this.broken = translated;
      throw translated;
    }
  }

  private async *streamCopy(copy: string): AsyncGenerator<Buffer> {
    const stream = this.client.query(copyTo(copy));
    // pg's own timer is never cleared by this kind of query and would raise an error that nothing
    // catches: it is cleared here, and silence is bounded instead.
    (stream as { callback?: () => void }).callback?.();
    const hangUp = (): void => void this.client.end().catch(() => undefined);
    const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    let over = false;
    try {
      for (;;) {
        const timer = setTimeout(hangUp, this.queryTimeout);
        const next = await this.ask(chunks.next())
          .catch((error: unknown) => {
            over = true;
            throw error;
          })
          .finally(() => clearTimeout(timer));
        over = next.done === true;
        if (over) return;
        yield next.value as Buffer;
      }
    } finally {
      if (!over) {
        this.broken ??= new Error('a COPY was left before its end');
        hangUp();
      }
    }
  }
}

function createPool(options: PostgresOptions, queryTimeout: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connections ?? 3,
    connectionTimeoutMillis: options.connectTimeout ?? 3_000,
    query_timeout: queryTimeout,
    idleTimeoutMillis: 10_000,
    allowExitOnIdle: true,
    application_name: 'hoofprint',
    types: {
      getTypeParser: ((oid: number, format?: 'text') =>
        parsers.get(oid) ?? pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  });
  // Without this listener an idle connection that the server closes would end the process.
  pool.on('error', (error) => log.warn('postgres connection lost', { reason: error.message }));
  return pool;
}

async function reach(url: string, within: number): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = createConnection({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 5432) });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(within) });
  } catch (error) {
    throw translate(error);
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}

/**
 * @throws Fault `unavailable` from every door when the server is down, slow or shutting down,
 *   `misconfigured` in words when a table, a column or a privilege is missing; other SQL errors
 *   come as they are.
 */
export function postgres(options: PostgresOptions): Database {
  const queryTimeout = options.queryTimeout ?? 30_000;
  const pool = createPool(options, queryTimeout);

  async function transaction<T>(begin: `BEGIN${string}`, work: (queries: Writes) => Promise<T>): Promise<T> {
    const client = await pool.connect().catch((error: unknown) => {
      throw translate(error);
    });
    const statements = new Statements(client, queryTimeout);
    const onError = (error: Error): void => {
      statements.broken = error;
    };
    client.on('error', onError);
    try {
      await statements.run(begin);
      const result = await work(statements);
      await statements.run('COMMIT');
      return result;
    } catch (error) {
      if (statements.broken === undefined) await statements.run('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      client.off('error', onError);
      client.release(statements.broken);
    }
  }

  return {
    read: (work) => transaction('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', work),
    write: (work) => transaction('BEGIN', work),
    ping: async () => {
      await transaction('BEGIN READ ONLY', (queries) => queries.rows('SELECT 1'));
    },
    reach: () => reach(options.url, options.connectTimeout ?? 3_000),
    close: () => pool.end(),
  };
}
