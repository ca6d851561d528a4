// redis-server and PostgreSQL of the machine, where they are installed: started on free ports in a
// temporary folder.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { freePorts } from '../../localstack/stack/ports.ts';
import { until } from '../support/wait.ts';

export interface NativeEngine {
  url: string;
  /** Process that answers; another one after start(). */
  pid(): number;
  /** Ends the process the hard way. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  close(): Promise<void>;
}

const found = (name: string, ...folders: string[]): string | undefined =>
  [...folders, ...(process.env.PATH ?? '').split(delimiter)]
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));

const DEBIAN = '/usr/lib/postgresql';
const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin')) : [];
const redisServer = found('redis-server');
const [initdb, postgresServer] = [found('initdb', ...debian), found('postgres', ...debian)];

/** Why there is no native PostgreSQL here; undefined when there is. */
export const noNativePostgres =
  initdb === undefined || postgresServer === undefined ? 'no PostgreSQL server on this machine' : undefined;

/** Why there are no native engines here; undefined when there are. */
export const noNative = redisServer === undefined ? 'no redis-server on this machine' : noNativePostgres;

/** PostgreSQL refuses to run as root: then it runs as the user of that name. */
function owner(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres']).toString());
  return { uid: id('-u'), gid: id('-g') };
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  // A stopped process takes no other signal.
  child.kill('SIGKILL');
  await ended;
}

const answering = (what: string, ask: () => Promise<unknown>): Promise<true> =>
  until(what, () =>
    ask().then(
      () => true as const,
      () => undefined,
    ),
  );

export async function nativeRedis(): Promise<NativeEngine> {
  const [port] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), 'hoofprint-redis-'));
  let child: ChildProcess | undefined;
  const url = `redis://127.0.0.1:${port}`;
  const start = async (): Promise<void> => {
    const limits = [
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'yes',
      '--appendfsync',
      'everysec',
    ];
    child = spawn(redisServer!, ['--port', String(port), ...limits], { stdio: 'ignore' });
    await answering('redis-server', async () => {
      const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
      client.on('error', () => undefined);
      await client
        .connect()
        .then(() => client.ping())
        .finally(() => client.disconnect());
    });
  };
  await start();
  return {
    url,
    pid: () => child!.pid!,
    kill: () => end(child),
    start,
    close: async () => {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function nativePostgres(): Promise<NativeEngine> {
  const [port] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), 'hoofprint-postgres-'));
  const as = owner();
  if (as !== undefined) await chown(folder, as.uid, as.gid);
  const cluster = join(folder, 'cluster');
  execFileSync(initdb!, ['-D', cluster, '-U', 'postgres', '--auth', 'trust', '--no-sync'], {
    ...as,
    stdio: 'ignore',
    cwd: folder,
  });
  let child: ChildProcess | undefined;
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const start = async (): Promise<void> => {
    child = spawn(
      postgresServer!,
      ['-D', cluster, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-k', folder],
      {
        ...as,
        stdio: 'ignore',
        cwd: folder,
      },
    );
    await answering('PostgreSQL', async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.end();
    });
  };
  await start();
  return {
    url,
    pid: () => child!.pid!,
    kill: () => end(child),
    start,
    close: async () => {
      await end(child);
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}
