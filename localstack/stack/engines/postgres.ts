// PostgreSQL + pgvector (PGlite) behind a socket, in a process of its own: a long query must not
// stop anything else.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { INCOMING } from '../bulk.ts';
import { type EngineOptions, HOST, listenOn, opening, type RunningEngine, runEngine } from './child.ts';
import { newCluster, openCluster } from './cluster.ts';

const CONNECTIONS = 50;

/**
 * The cluster is made beside its place and moved there whole, so that a process killed meanwhile
 * leaves nothing half-made.
 */
async function cluster(folder: string): Promise<PGlite> {
  const place = join(folder, 'cluster');
  if (!existsSync(place)) {
    const making = join(folder, 'making');
    rmSync(making, { recursive: true, force: true });
    const first = await newCluster(making);
    await first.close();
    renameSync(making, place);
  }
  const incoming = join(place, INCOMING);
  mkdirSync(incoming, { recursive: true });
  for (const left of readdirSync(incoming)) rmSync(join(incoming, left), { force: true });
  return opening(`the database in ${place}`, () => openCluster(place));
}

async function start(options: EngineOptions): Promise<RunningEngine> {
  const engine = await cluster(options.folder);
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
