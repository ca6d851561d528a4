// Embedded PostgreSQL servers that the files of a run use in turn: starting one takes seconds of
// computing, emptying one does not.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { postgres } from '../../../lib/adapters/postgres.ts';
import { migrate } from '../../../lib/deer/schema.ts';
import { SECRETS } from '../secrets.ts';
import { openServers, type Running } from './process.ts';
import { CLEAR, FINGERPRINT, RESET, SEARCH, SHAPE } from './reset.ts';

/** What a database is lent with: nothing, or the newest tables without rows. */
export type Content = 'empty' | 'migrated';

/**
 * What a process gets that connects to the pool and names the content; it has the database until
 * it disconnects.
 */
export interface Lease {
  url: string;
  /** Its data directory, for bulk COPY. */
  cluster: string;
}

export interface DatabasePool {
  /** Unix socket on which a database is asked for. */
  address: string;
  close(): Promise<void>;
}

interface Server extends Lease {
  running: Running;
  /** It is lent with this now. */
  content: Content;
  /** What it looks like with each content; `migrated` once it has been. */
  looks: { empty: string; migrated?: string };
}

async function ask(url: string, ...statements: string[]): Promise<string> {
  const client = new pg.Client({ connectionString: url, query_timeout: 30_000 });
  await client.connect();
  try {
    let last = '';
    for (const sql of statements) last = JSON.stringify((await client.query<object>(sql)).rows);
    return last;
  } finally {
    await client.end();
  }
}

export async function openDatabasePool(): Promise<DatabasePool> {
  const folder = mkdtempSync(join(tmpdir(), 'hoofprint-databases-'));
  const idle: Server[] = [];
  /** Being emptied; who asks waits for one, since starting another takes longer. */
  const emptying = new Set<Promise<void>>();
  const servers = openServers();
  const busy = new Set<Promise<void>>();
  let closing = false;

  async function start(): Promise<Server> {
    const name = randomBytes(4).toString('hex');
    const running = await servers.start(join(folder, name));
    const url = `postgres://postgres:${SECRETS.password}@127.0.0.1:${running.port}/postgres`;
    const looks = { empty: await ask(url, SEARCH, FINGERPRINT) };
    return { running, url, cluster: join(folder, name, 'cluster'), content: 'empty', looks };
  }

  async function reset(server: Server): Promise<boolean> {
    const left = await ask(server.url, ...RESET, FINGERPRINT).catch((error: Error) => error.message);
    server.content = 'empty';
    return left === server.looks.empty;
  }

  /** Tables that nobody has changed only lose their rows: making them takes five times as long. */
  async function clear({ url, looks }: Server): Promise<boolean> {
    const left = await ask(url, ...CLEAR, SHAPE).catch((error: Error) => error.message);
    return left === looks.migrated;
  }

  /** One that cannot be emptied is given up: the next file gets a new one. */
  async function empty(server: Server): Promise<void> {
    if ((server.content === 'migrated' && (await clear(server))) || (await reset(server))) {
      idle.push(server);
      return;
    }
    await server.running.stop();
  }

  async function fill(server: Server, content: Content): Promise<Server> {
    if (server.content === content) return server;
    if (content === 'empty') return (await reset(server)) ? server : start();
    const database = postgres({ url: server.url });
    await migrate(database).finally(() => database.close());
    server.looks.migrated = await ask(server.url, ...CLEAR, SHAPE);
    server.content = content;
    return server;
  }

  async function take(content: Content): Promise<Server> {
    while (idle.length === 0 && emptying.size > 0) await Promise.race(emptying);
    const at = idle.findIndex((server) => server.content === content);
    return fill(at >= 0 ? idle.splice(at, 1)[0]! : (idle.pop() ?? (await start())), content);
  }

  async function lend(socket: Socket): Promise<void> {
    const gone = once(socket, 'close').then(() => undefined);
    const asked = once(socket.setEncoding('utf8'), 'data').then(([name]) => name as Content);
    const content = await Promise.race([asked, gone]);
    if (content === undefined) return;
    socket.resume();
    const server = await take(content);
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.once('close', resolve);
    if (socket.destroyed) resolve();
    else socket.write(`${JSON.stringify({ url: server.url, cluster: server.cluster } satisfies Lease)}\n`);
    await promise;
    if (closing) return;
    const emptied = empty(server).finally(() => emptying.delete(emptied));
    emptying.add(emptied);
    await emptied;
  }

  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    const lent = lend(socket).catch((error: Error) => {
      if (!closing) console.error(error);
      socket.destroy();
    });
    busy.add(lent);
    void lent.finally(() => busy.delete(lent));
  });
  const address = join(folder, 'pool.sock');
  await new Promise<void>((resolve) => listener.listen(address, resolve));
  return {
    address,
    async close() {
      closing = true;
      listener.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all(busy);
      await servers.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
