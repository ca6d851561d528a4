// Keys in a file (KEYS_FILE), for a database that Hoofprint may not write to.
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Fault } from '../errors.ts';
import { isLive, type KeyStore, type StoredKey } from './keys.ts';
import { isScope } from './scopes.ts';
import type { Webhook, WebhookStore } from './webhooks.ts';

interface Entry {
  prefix: string;
  hash: string;
  owner: string;
  scopes: string[];
  created_at: string;
  expires_at?: string;
  revoked_at?: string;
  webhook?: WebhookEntry;
}

interface WebhookEntry {
  url: string;
  secret: string;
  created_at: string;
  ended_at?: string;
  ended_because?: string;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isInstant = (value: unknown): boolean =>
  value === undefined || (isText(value) && !Number.isNaN(Date.parse(value)));
const isWebhook = (value: unknown): boolean => {
  if (value === undefined) return true;
  const { url, secret, created_at, ended_at } = (value ?? {}) as Partial<WebhookEntry>;
  return (
    isText(url) && URL.canParse(url) && isText(secret) && isText(created_at) && [created_at, ended_at].every(isInstant)
  );
};
const isEntry = (value: unknown): value is Entry => {
  const entry = (value ?? {}) as Partial<Entry>;
  const { prefix, hash, owner, scopes, created_at, expires_at, revoked_at } = entry;
  return (
    isText(prefix) &&
    /^[0-9a-f]{64}$/.test(hash ?? '') &&
    isText(owner) &&
    Array.isArray(scopes) &&
    isText(created_at) &&
    [created_at, expires_at, revoked_at].every(isInstant) &&
    isWebhook(entry.webhook)
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
  return entries.map(({ prefix, hash, owner, scopes, created_at, expires_at, revoked_at, webhook }) => ({
    prefix,
    hash,
    owner,
    scopes: scopes.filter(isScope),
    createdAt: new Date(created_at),
    expiresAt: instant(expires_at),
    revokedAt: instant(revoked_at),
    ...(webhook === undefined ? {} : { webhook: readWebhook(webhook) }),
  }));
}

const readWebhook = ({ url, secret, created_at, ended_at, ended_because }: WebhookEntry): StoredKey['webhook'] => ({
  ...{ url, secret, createdAt: new Date(created_at), endedAt: instant(ended_at), endedBecause: ended_because },
});

const makeWebhookEntry = ({ url, secret, createdAt, endedAt, endedBecause }: Omit<Webhook, 'key' | 'owner'>) => ({
  ...{ url, secret, created_at: createdAt.toISOString() },
  ...(endedAt === undefined ? {} : { ended_at: endedAt.toISOString(), ended_because: endedBecause }),
});

const makeEntry = ({ prefix, hash, owner, scopes, createdAt, expiresAt, revokedAt, webhook }: StoredKey): Entry => ({
  prefix,
  hash,
  owner,
  scopes: [...scopes],
  created_at: createdAt.toISOString(),
  ...(expiresAt === undefined ? {} : { expires_at: expiresAt.toISOString() }),
  ...(revokedAt === undefined ? {} : { revoked_at: revokedAt.toISOString() }),
  ...(webhook === undefined ? {} : { webhook: makeWebhookEntry(webhook) }),
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

/** Of the live keys in the file. */
export const fileWebhooks = (path: string, clock: () => Date): WebhookStore => {
  const find = (isWanted: (key: StoredKey) => boolean): Webhook[] =>
    readKeysFile(path).flatMap((key) =>
      key.webhook !== undefined && key.webhook.endedAt === undefined && isLive(key, clock()) && isWanted(key)
        ? [{ ...key.webhook, key: key.prefix, owner: key.owner }]
        : [],
    );
  return {
    ofOwner: async (owner) => find((key) => key.owner === owner),
    find: async (prefix) => find((key) => key.prefix === prefix)[0],
    end: async (prefix, endedBecause) =>
      void changeWebhook(path, prefix, (webhook) => webhook && { ...webhook, endedAt: clock(), endedBecause }),
  };
};

/** @returns whether there is such a key */
export function changeWebhook(
  path: string,
  prefix: string,
  change: (before: StoredKey['webhook']) => StoredKey['webhook'],
): boolean {
  let isThere = false;
  changeKeysFile(path, (keys) => {
    isThere = keys.some((key) => key.prefix === prefix);
    return isThere
      ? keys.map((key) => (key.prefix === prefix ? { ...key, webhook: change(key.webhook) } : key))
      : undefined;
  });
  return isThere;
}
