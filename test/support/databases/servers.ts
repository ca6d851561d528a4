// The process of the pool's PostgreSQL servers: each is a thread, so that what one has compiled of
// PostgreSQL serves the others too.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** To this process: start a server in this folder, or stop that one. */
export interface ServerOrder {
  kind: 'start' | 'stop';
  folder: string;
}
/** From it: the server of this folder listens, has stopped, or could not start. */
export type ServerAnswer =
  | { kind: 'started'; folder: string; port: number }
  | { kind: 'stopped'; folder: string }
  | { kind: 'failed'; folder: string; reason: string };

process.umask(0o077);
const packageFolder = dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite'));
const compiled = WebAssembly.compile(readFileSync(join(packageFolder, 'pglite.wasm')));
const threads = new Map<string, Worker>();
const tell = (answer: ServerAnswer): void => void process.send?.(answer);

async function start(folder: string): Promise<void> {
  const thread = new Worker(new URL('./server-thread.ts', import.meta.url), {
    workerData: { folder, compiled: await compiled },
  });
  threads.set(folder, thread);
  // Its clients notice: their connections close.
  thread.on('error', (error) => console.error(error));
  const [port] = (await once(thread, 'message')) as [number];
  tell({ kind: 'started', folder, port });
}

async function stop(folder: string): Promise<void> {
  const thread = threads.get(folder);
  threads.delete(folder);
  const ended = thread && thread.threadId > 0 ? once(thread, 'exit') : undefined;
  thread?.postMessage('stop');
  await ended;
  tell({ kind: 'stopped', folder });
}

process.on('message', ({ kind, folder }: ServerOrder) => {
  const done = kind === 'start' ? start(folder) : stop(folder);
  done.catch((error: unknown) => tell({ kind: 'failed', folder, reason: String(error) }));
});
process.on('disconnect', () => process.exit(0));
