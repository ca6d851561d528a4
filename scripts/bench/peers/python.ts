// The peers in Python as processes: Redis, FastAPI behind uvicorn, and PIL.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { freePorts } from '../../../localstack/stack/ports.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** Debian's own, because its packages are not in any other; PYTHON names another one. */
const PYTHON = process.env.PYTHON ?? '/usr/bin/python3';
const UP_MS = 30_000;

/** Debian's package of each thing that the peers need. */
const PACKAGES = {
  fastapi: 'python3-fastapi',
  uvicorn: 'python3-uvicorn',
  celery: 'python3-celery',
  redis: 'python3-redis',
  PIL: 'python3-pil',
} as const;

export interface Found {
  versions: Readonly<Record<string, string | null>>;
  /** Packages to install. */
  missing: string[];
}

/** What is here of the peers. */
export function findPeers(): Found {
  const run = (program: string, ...args: string[]): string | undefined => {
    try {
      return execFileSync(program, args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    } catch {
      return undefined;
    }
  };
  const versions = JSON.parse(run(PYTHON, join(HERE, 'versions.py')) ?? '{}') as Record<string, string | null>;
  versions.redisServer = /v=(\S+)/.exec(run('redis-server', '--version') ?? '')?.[1] ?? null;
  const absent = Object.entries(PACKAGES).flatMap(([name, debian]) => (versions[name] ? [] : [debian]));
  return { versions, missing: [...absent, ...(versions.redisServer === null ? ['redis-server'] : [])] };
}

/** None is left behind, however this process ends. */
const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
function keep<Child extends ChildProcess>(child: Child): Child {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

export interface WebPeer {
  url: string;
  /** Puts a record of a job into its Redis. */
  keep(jobId: string, record: object): Promise<void>;
  stop(): Promise<void>;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(late);
}

async function untilUp(url: string, child: ChildProcess, log: string): Promise<void> {
  const deadline = Date.now() + UP_MS;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.status === 200) return;
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`the peer did not start: see ${log}`);
    await pause(100);
  }
}

/**
 * Redis without files, and uvicorn as it starts without options: one worker. Its log goes to a
 * file, as the host's does.
 */
export async function startWebPeer(folder: string): Promise<WebPeer> {
  const [redisPort = 0, webPort = 0] = await freePorts(2);
  const log = join(folder, 'peer.log');
  const output = openSync(log, 'a');
  const stdio = ['ignore', output, output] as ['ignore', number, number];
  const memoryOnly = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const redis = keep(spawn('redis-server', ['--port', String(redisPort), ...memoryOnly], { stdio }));
  const uvicorn = ['-m', 'uvicorn', 'api:app', '--host', '127.0.0.1', '--port', String(webPort)];
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PEER_REDIS: `redis://127.0.0.1:${redisPort}/0` };
  const web = keep(spawn(PYTHON, uvicorn, { cwd: HERE, stdio, env }));
  const client = new Redis(redisPort, '127.0.0.1', { retryStrategy: () => 100, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  const url = `http://127.0.0.1:${webPort}`;
  const stop = async (): Promise<void> => {
    client.disconnect();
    await end(web);
    await end(redis);
  };
  try {
    await untilUp(`${url}/openapi.json`, web, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    keep: async (jobId, record) => void (await client.set(`export_job:${jobId}`, JSON.stringify(record))),
    stop,
  };
}

export interface CropPeer {
  /** One run: milliseconds. */
  run(): Promise<number>;
  stop(): Promise<void>;
}

/** @param file JSON of [path, box] */
export async function startCropPeer(file: string): Promise<CropPeer> {
  const child = keep(spawn(PYTHON, [join(HERE, 'crops.py'), file], { stdio: ['pipe', 'pipe', 'inherit'] }));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<{ ms?: number }> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the peer that cuts with PIL ended');
    return JSON.parse(value) as { ms?: number };
  };
  await next();
  return {
    run: async () => {
      child.stdin.write('\n');
      return (await next()).ms ?? Number.NaN;
    },
    stop: () => end(child),
  };
}
