// PostgreSQL + pgvector (PGlite) behind a socket, in a separate process: a long query must not stop
// anything else.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { INCOMING } from '../bulk.ts';
import type { EngineOptions } from '../engine-messages.ts';
import { HOST, listenOn, type RunningEngine, runEngine } from './child.ts';
import { openOrMakeCluster } from './cluster.ts';

const CONNECTIONS = 50;

async function openDatabase(folder: string): Promise<PGlite> {
  const engine = await openOrMakeCluster(folder);
  const incoming = join(folder, 'cluster', INCOMING);
  mkdirSync(incoming, { recursive: true });
  for (const left of readdirSync(incoming)) rmSync(join(incoming, left), { force: true });
  return engine;
}

async function start(options: EngineOptions): Promise<RunningEngine> {
  const engine = await openDatabase(options.folder);
  let server: PGLiteSocketServer | undefined;
  const port = await listenOn(options, async (wanted) => {
    server = new PGLiteSocketServer({ db: engine, host: HOST, port: wanted, maxConnections: CONNECTIONS });
    await server.start();
    return Number(server.getServerConn().split(':').at(-1));
  });
  return {
    port,
    stop: async () => {
      await server?.stop();
      await engine.close();
    },
  };
}

await runEngine(start);
