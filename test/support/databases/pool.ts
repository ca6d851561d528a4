// Embedded PostgreSQL servers that the files of a run use in turn: starting one takes seconds of
// computing, emptying one does not.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Engine, keepEngine } from '../../../localstack/stack/supervisor.ts';
import { SECRETS } from '../secrets.ts';
import { FINGERPRINT, RESET } from './reset.ts';

/** What a process gets that connects to the pool; it has the database until it disconnects. */
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
  engine: Engine;
  /** Of the empty database. */
  fingerprint: string;
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
  /** Being emptied, each for one who asks next: starting another one takes longer. */
  const emptying: Promise<void>[] = [];
  const all = new Set<Engine>();
  const busy = new Set<Promise<void>>();
  let closing = false;

  async function start(): Promise<Server> {
    const name = randomBytes(4).toString('hex');
    const engine = await keepEngine({
      name: 'postgres',
      folder: join(folder, name),
      port: 0,
      anyPort: true,
      settings: {},
      secrets: SECRETS,
      onGivenUp: (fault) => console.error(fault.message),
    });
    all.add(engine);
    const url = `postgres://postgres:${SECRETS.password}@127.0.0.1:${engine.port}/postgres`;
    return { engine, url, cluster: join(folder, name, 'cluster'), fingerprint: await ask(url, ...RESET, FINGERPRINT) };
  }

  /** One that cannot be emptied is given up: the next file gets a new one. */
  async function empty(server: Server): Promise<void> {
    const left = await ask(server.url, ...RESET, FINGERPRINT).catch((error: Error) => error.message);
    if (left === server.fingerprint) idle.push(server);
    else {
      all.delete(server.engine);
      await server.engine.stop();
    }
  }

  async function lend(socket: Socket): Promise<void> {
    if (idle.length === 0) await emptying.pop()?.catch(() => undefined);
    const server = idle.pop() ?? (await start());
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.once('close', resolve);
    if (socket.destroyed) resolve();
    else socket.write(`${JSON.stringify({ url: server.url, cluster: server.cluster } satisfies Lease)}\n`);
    await promise;
    if (closing) return;
    const emptied = empty(server);
    emptying.push(emptied);
    await emptied;
    const at = emptying.indexOf(emptied);
    if (at >= 0) emptying.splice(at, 1);
  }

  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.resume();
    const lent = lend(socket).catch((error: Error) => void socket.destroy(error));
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
      await Promise.all([...all].map((engine) => engine.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
