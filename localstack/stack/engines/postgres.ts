// PostgreSQL + pgvector (PGlite) behind a socket, in a separate process: a long query must not stop
// anything else.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { INCOMING } from '../bulk.ts';
import type { EngineOptions } from '../engine-messages.ts';
import { closeToOthers } from '../modes.ts';
import type { Secrets } from '../secrets.ts';
import { HOST, listenOn, type RunningEngine, runEngine } from './child.ts';
import { openOrMakeCluster } from './cluster.ts';
import { openDoor } from './postgres-door.ts';

async function openDatabase(folder: string): Promise<PGlite> {
  const engine = await openOrMakeCluster(folder);
  const incoming = join(folder, 'cluster', INCOMING);
  mkdirSync(incoming, { recursive: true });
  for (const left of readdirSync(incoming)) rmSync(join(incoming, left), { force: true });
  // Files of a template, or of an earlier version.
  closeToOthers(folder);
  return engine;
}

async function start(options: EngineOptions, { password }: Secrets): Promise<RunningEngine> {
  const engine = await openDatabase(options.folder);
  const door = openDoor(engine, password);
  const port = await listenOn(options, (wanted) => door.listen(wanted, HOST));
  return {
    port,
    stop: async () => {
      await door.close();
      await engine.close();
    },
  };
}

await runEngine(start);
