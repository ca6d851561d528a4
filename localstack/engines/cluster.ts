// A PostgreSQL cluster as initdb leaves it, with pgvector: made once per installation and copied from then on, since making it takes seconds of computing.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PROJECT } from '../folder.ts';

const extensions = { vector };

export const openCluster = (dataDir: string): Promise<PGlite> => PGlite.create({ dataDir, extensions });

const versionOf = (name: string): string =>
  (JSON.parse(readFileSync(join(PROJECT, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;

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
  try {
    mkdirSync(dirname(file), { recursive: true });
    // Whole or not at all, whoever else is making it just now.
    const making = `${file}.${randomBytes(4).toString('hex')}`;
    writeFileSync(making, dump);
    renameSync(making, file);
  } catch {
    // Nobody but the next start misses it.
  }
  return made;
}
