// A PostgreSQL cluster as initdb leaves it, with pgvector: made once per installation and copied
// from then on, since making it takes seconds of computing.
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PROJECT } from '../folder.ts';
import { removeLeftByTheDead } from '../processes.ts';
import { opening } from './child.ts';

/** PostgreSQL clears its buffers at each start; its own 128 MB take 0.4 s and speed nothing up. */
const BUFFERS = ['-c', 'shared_buffers=32MB'];

/** PostgreSQL itself; without it, each opening compiles it. */
type Compiled = WebAssembly.Module | undefined;

const openCluster = (dataDir: string, compiled: Compiled): Promise<PGlite> =>
  PGlite.create({
    dataDir,
    extensions: { vector },
    startParams: [...PGlite.defaultStartParams, ...BUFFERS],
    ...(compiled && { pgliteWasmModule: compiled }),
  });

const readVersion = (name: string): string =>
  (JSON.parse(readFileSync(join(PROJECT, 'node_modules', name, 'package.json'), 'utf8')) as { version: string })
    .version;

/** Of these engines and no others; deleted with the packages. */
function templateFolder(): string {
  const versions = ['@electric-sql/pglite', '@electric-sql/pglite-pgvector'].map(readVersion).join('-');
  return join(PROJECT, 'node_modules/.cache/hoofprint', `cluster-${versions}.template`);
}

/**
 * Copies a closed cluster to where the next start looks for its template, whole or not at all; only
 * that start misses it. 40 MB: what was left half written is removed.
 */
export function keepTemplate(template: string, cluster: string): void {
  const making = `${template}.${process.pid}`;
  try {
    mkdirSync(dirname(template), { recursive: true });
    removeLeftByTheDead(dirname(template), (name) => /^cluster-.*\.template\.(\d+)$/.exec(name)?.[1]);
    cpSync(cluster, making, { recursive: true });
    renameSync(making, template);
  } catch {
    rmSync(making, { recursive: true, force: true });
  }
}

/** By initdb, which takes five seconds; the template for the next one is kept. */
async function initialize(dataDir: string, template: string, compiled: Compiled): Promise<void> {
  rmSync(dataDir, { recursive: true, force: true });
  const made = await openCluster(dataDir, compiled);
  await made.exec('CREATE EXTENSION IF NOT EXISTS vector');
  await made.close();
  keepTemplate(template, dataDir);
}

/**
 * Opens the cluster `folder/cluster`, new if there is none. It is made in `folder/making` and moved
 * to its place whole, so that a process killed meanwhile leaves nothing half-made.
 * @throws Error that names the folder when a cluster of an earlier run cannot be opened
 */
export async function openOrMakeCluster(folder: string, compiled?: WebAssembly.Module): Promise<PGlite> {
  const template = templateFolder();
  const [place, making] = [join(folder, 'cluster'), join(folder, 'making')];
  if (existsSync(place)) return opening(`the database in ${place}`, () => openCluster(place, compiled));
  rmSync(making, { recursive: true, force: true });
  const copied = existsSync(template);
  if (copied) cpSync(template, making, { recursive: true });
  else await initialize(making, template, compiled);
  renameSync(making, place);
  try {
    return await openCluster(place, compiled);
  } catch (error) {
    if (!copied) throw error;
    // The template is damaged, perhaps by a power cut: both are made anew.
    for (const damaged of [template, place]) rmSync(damaged, { recursive: true, force: true });
    await initialize(making, template, compiled);
    renameSync(making, place);
    return openCluster(place, compiled);
  }
}
