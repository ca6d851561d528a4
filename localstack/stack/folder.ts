// The data folder: where it is, which engines made it, and whether it is whole.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault } from '../../lib/errors.ts';

export const PROJECT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Major versions whose files the engines of this program read; a test compares them with the
 * engines themselves.
 */
export const ENGINE_VERSIONS = { layout: 1, postgres: 18, valkey: 9, fauxqs: 2 } as const;

const VERSION = 'VERSION';

/** What an interrupted start can leave, and what a disk or a file manager puts into a folder. */
const OURS = /^(VERSION|owner|secrets|probe)\b|^(postgres|redis|aws|images|lost\+found|\.DS_Store)$/;

/** HOOFPRINT_DATA (relative to the project), else .data/. */
export function dataFolder(env: NodeJS.ProcessEnv): string {
  return resolve(PROJECT, env.HOOFPRINT_DATA || '.data');
}

/**
 * The versions that a folder was made by; undefined for a new folder.
 * @throws Fault `conflict` with the way out when the folder is of other versions, or is no data
 *   folder.
 */
export function checkFolder(folder: string): Record<string, number> | undefined {
  const file = join(folder, VERSION);
  if (!existsSync(file)) {
    if (!existsSync(join(folder, 'postgres', 'cluster'))) {
      refuseOthers(folder);
      return undefined;
    }
    throw new Fault(
      'conflict',
      `${folder} has data but no ${VERSION} file: it was copied or removed in part. ${wayOut(folder)}`,
    );
  }
  let made: Record<string, number>;
  try {
    made = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
  } catch {
    throw new Fault('conflict', `${file} cannot be read. ${wayOut(folder)}`);
  }
  const other = Object.entries(ENGINE_VERSIONS).filter(([name, version]) => made[name] !== version);
  if (other.length > 0) {
    const named = other
      .map(([name, version]) => `${name} ${made[name] ?? 'unknown'} (this program has ${version})`)
      .join(', ');
    throw new Fault(
      'conflict',
      `${folder} was made by ${named}. Go back to the version that made it, or: ${wayOut(folder)}`,
    );
  }
  return made;
}

/**
 * A data folder is closed to other users with all that is in it: done to a home folder that was
 * named by mistake, that is harm.
 */
function refuseOthers(folder: string): void {
  const others = existsSync(folder) ? readdirSync(folder).filter((name) => !OURS.test(name)) : [];
  if (others.length > 0)
    throw new Fault(
      'conflict',
      `${folder} has files that are not Hoofprint's (${others.slice(0, 3).join(', ')}). Set HOOFPRINT_DATA to an empty folder`,
    );
}

/** Writes VERSION into a new folder, before any engine does. */
export function stampFolder(folder: string): void {
  if (checkFolder(folder) !== undefined) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, `${VERSION}.new`), `${JSON.stringify(ENGINE_VERSIONS)}\n`, { mode: 0o600 });
  renameSync(join(folder, `${VERSION}.new`), join(folder, VERSION));
}

const FULL = /\b(ENOSPC|EDQUOT|EFBIG)\b|no space left|file too large|disk is full|disk I\/O error/i;
const BARRED = /\b(EACCES|EPERM|EROFS)\b|permission denied|readonly database|unable to open database file/i;

/**
 * What to type when the system refuses a file below the data folder; undefined when that is not the
 * trouble.
 */
export function remedy(folder: string, reason: string): string | undefined {
  const elsewhere = 'or set HOOFPRINT_DATA to a folder';
  if (FULL.test(reason))
    return `there is no room for ${folder}. Make room (df -h ${folder} shows how much is free), ${elsewhere} on another disk`;
  if (BARRED.test(reason))
    return `${folder} cannot be written. See whose it is (ls -ld ${folder}), ${elsewhere} that is yours`;
  if (/\b(EEXIST|ENOTDIR)\b/.test(reason)) return `${folder} is not a folder. Move what is there away, ${elsewhere}`;
  return undefined;
}

/** As much as an engine may write in one go: a database begins with a log of 16 MiB, twice. */
const PROBE_BYTES = 32 * 1024 ** 2;

/** What the system says when that much is written into a folder; empty when it takes it. */
export function probeFolder(folder: string): string {
  const probe = join(folder, 'probe.tmp');
  try {
    writeFileSync(probe, Buffer.alloc(PROBE_BYTES));
    return '';
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(probe, { force: true });
  }
}

export const wayOut = (folder: string): string =>
  `Keep it by moving it away (mv ${folder} ${folder}.old), or delete it (rm -r ${folder}) if nothing in it is needed; the next start makes a new one.`;
