// Keys in a file (KEYS_FILE), for a database that Hoofprint may not write to.
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Fault } from '../errors.ts';
import type { KeyStore, StoredKey } from './keys.ts';
import { isScope } from './scopes.ts';

interface Entry {
  prefix: string;
  hash: string;
  owner: string;
  scopes: string[];
  created_at: string;
  expires_at?: string;
  revoked_at?: string;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isInstant = (value: unknown): boolean =>
  value === undefined || (isText(value) && !Number.isNaN(Date.parse(value)));
const isEntry = (value: unknown): value is Entry => {
  const { prefix, hash, owner, scopes, created_at, expires_at, revoked_at } = (value ?? {}) as Partial<Entry>;
  return (
    isText(prefix) &&
    /^[0-9a-f]{64}$/.test(hash ?? '') &&
    isText(owner) &&
    Array.isArray(scopes) &&
    isText(created_at) &&
    [created_at, expires_at, revoked_at].every(isInstant)
  );
};

const instant = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));

/**
 * The keys of a file; none when it does not exist.
 * @throws Fault `misconfigured` when others than its owner may read it, or it is not what
 *   `npm run keys` writes
 */
export function readKeysFile(path: string): StoredKey[] {
  let text: string;
  try {
    const found = statSync(path);
    if (!found.isFile()) throw new Fault('misconfigured', `${path} (KEYS_FILE) is not a file`);
    if ((found.mode & 0o077) !== 0)
      throw new Fault('misconfigured', `${path} (KEYS_FILE) can be read by others. Type: chmod 600 ${path}`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  let entries: unknown;
  try {
    entries = (JSON.parse(text) as { keys?: unknown }).keys;
  } catch {
    entries = undefined;
  }
  if (!Array.isArray(entries) || !entries.every(isEntry))
    throw new Fault('misconfigured', `${path} (KEYS_FILE) is not what npm run keys writes`);
  return entries.map(({ prefix, hash, owner, scopes, created_at, expires_at, revoked_at }) => ({
    prefix,
    hash,
    owner,
    scopes: scopes.filter(isScope),
    createdAt: new Date(created_at),
    expiresAt: instant(expires_at),
    revokedAt: instant(revoked_at),
  }));
}

const makeEntry = ({ prefix, hash, owner, scopes, createdAt, expiresAt, revokedAt }: StoredKey): Entry => ({
  prefix,
  hash,
  owner,
  scopes: [...scopes],
  created_at: createdAt.toISOString(),
  ...(expiresAt === undefined ? {} : { expires_at: expiresAt.toISOString() }),
  ...(revokedAt === undefined ? {} : { revoked_at: revokedAt.toISOString() }),
});

/**
 * Replaces the file as a whole, readable by its owner only. The new file is there from before the
 * old one is read, so that of two changes none undoes the other.
 * @param change keys before -> keys after; undefined leaves the file alone
 * @throws Fault `conflict` while somebody else changes it
 */
export function changeKeysFile(
  path: string,
  change: (keys: readonly StoredKey[]) => readonly StoredKey[] | undefined,
): void {
  const next = `${path}.new`;
  try {
    writeFileSync(next, '', { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Fault('conflict', `the keys are being changed. Try again; if nobody else does, type: rm ${next}`);
  }
  try {
    const keys = change(readKeysFile(path));
    if (keys === undefined) return;
    writeFileSync(next, `${JSON.stringify({ keys: keys.map(makeEntry) }, undefined, 2)}\n`, { flush: true });
    renameSync(next, path);
  } finally {
    rmSync(next, { force: true });
  }
}

export const fileKeys = (path: string): KeyStore => ({ load: async () => readKeysFile(path) });
