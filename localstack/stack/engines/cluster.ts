// A PostgreSQL cluster as initdb leaves it, with pgvector: made once per installation and copied
// from then on, since making it takes seconds of computing.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PROJECT } from '../folder.ts';
import { removeLeftByTheDead } from '../processes.ts';

const extensions = { vector };

export const openCluster = (dataDir: string): Promise<PGlite> => PGlite.create({ dataDir, extensions });

const versionOf = (name: string): string =>
  (JSON.parse(readFileSync(join(PROJECT, 'node_modules', name, 'package.json'), 'utf8')) as { version: string })
    .version;

/** Of these engines and no others; deleted with the packages. */
function templateFile(): string {
  const versions = ['@electric-sql/pglite', '@electric-sql/pglite-pgvector'].map(versionOf).join('-');
  return join(PROJECT, 'node_modules/.cache/hoofprint', `cluster-${versions}.tar`);
}

function read(file: string): Buffer<ArrayBuffer> | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/**
 * Puts the template where the next start looks, whole or not at all; nobody but that start misses
 * it. 40 MB: what was left half written is removed.
 */
export function keepTemplate(file: string, dump: Uint8Array): void {
  const making = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    removeLeftByTheDead(dirname(file), (name) => /^cluster-.*\.tar\.(\d+)$/.exec(name)?.[1]);
    writeFileSync(making, dump);
    renameSync(making, file);
  } catch {
    rmSync(making, { force: true });
  }
}

/** A new cluster in an empty folder, or in memory. */
export async function newCluster(dataDir?: string): Promise<PGlite> {
  const where = dataDir === undefined ? {} : { dataDir };
  const file = templateFile();
  const template = read(file);
  if (template !== undefined) {
    try {
      return await PGlite.create({ ...where, extensions, loadDataDir: new Blob([template]) });
    } catch {
      // Damaged, perhaps by a power cut: made anew.
      rmSync(file, { force: true });
      if (dataDir !== undefined) rmSync(dataDir, { recursive: true, force: true });
    }
  }
  const made = await PGlite.create({ ...where, extensions });
  await made.exec('CREATE EXTENSION IF NOT EXISTS vector');
  const dump = Buffer.from(await (await made.dumpDataDir('none')).arrayBuffer());
  keepTemplate(file, dump);
  return made;
}
