// Where keys are kept: KEYS_FILE, or the tables of the database.
import { insertAudit, insertKey, loadKeys, type NewKey, revokeKey } from '../../lib/access/key-table.ts';
import { isLive, type StoredKey } from '../../lib/access/keys.ts';
import { changeKeysFile, changeWebhook, readKeysFile } from '../../lib/access/keys-file.ts';
import { readWebhook, removeWebhook, writeWebhook } from '../../lib/access/webhook-table.ts';
import { type Database, postgres } from '../../lib/adapters/postgres.ts';
import { migrate } from '../../lib/deer/schema.ts';
import { Fault } from '../../lib/errors.ts';
import { openStack } from '../../localstack/stack/index.ts';
import type { WebhookHolder } from './webhooks.ts';

export interface KeyHolder {
  /** All keys, oldest first. */
  load(): Promise<StoredKey[]>;
  /** @param check throws what keeps the key out; nobody adds another one meanwhile */
  add(key: NewKey, check: (keys: readonly StoredKey[]) => void): Promise<void>;
  /** @returns whether there was such a key that had not been revoked */
  revoke(prefix: string): Promise<boolean>;
}

export function inFile(path: string): KeyHolder & WebhookHolder {
  const find = (prefix: string): StoredKey | undefined => readKeysFile(path).find((key) => key.prefix === prefix);
  return {
    load: async () => readKeysFile(path),
    add: async ({ key, owner, scopes, expiresAt }, check) => {
      const { prefix, hash } = key;
      changeKeysFile(path, (keys) => {
        check(keys);
        return [...keys, { prefix, hash, owner, scopes, createdAt: new Date(), expiresAt }];
      });
    },
    revoke: async (prefix) => {
      let isRevoked = false;
      changeKeysFile(path, (keys) => {
        const found = keys.find((key) => key.prefix === prefix && key.revokedAt === undefined);
        isRevoked = found !== undefined;
        return found && keys.map((key) => (key === found ? { ...key, revokedAt: new Date() } : key));
      });
      return isRevoked;
    },
    webhook: async (prefix) => {
      const { webhook, owner } = find(prefix) ?? {};
      return webhook && owner ? { ...webhook, key: prefix, owner } : undefined;
    },
    setWebhook: async (prefix, url, secret) => {
      const key = find(prefix);
      if (key === undefined || !isLive(key, new Date())) return false;
      return changeWebhook(path, prefix, () => ({ url, secret, createdAt: new Date() }));
    },
    removeWebhook: async (prefix) => {
      let isThere = false;
      changeWebhook(path, prefix, (before) => {
        isThere = before !== undefined;
        return undefined;
      });
      return isThere;
    },
  };
}

/** Of the database, while a key is added: its keys are counted before. */
const ADDING_LOCK = 0x686f_6f66;

export function inTable(database: Database): KeyHolder & WebhookHolder {
  const audited = (owner: string, act: string, subject: string) => ({ key: 'local', owner, act, subject });
  return {
    load: () => database.read(loadKeys),
    add: (key, check) =>
      database.write(async (queries) => {
        await queries.rows('SELECT pg_advisory_xact_lock($1)', [ADDING_LOCK]);
        const [table] = await queries.rows<{ there: boolean }>(
          `SELECT to_regclass('hoofprint_keys') IS NOT NULL AS there`,
        );
        if (table?.there !== true)
          throw new Fault(
            'conflict',
            'the database has no table hoofprint_keys. Type: npm run migrate (or set KEYS_FILE to a file for keys)',
          );
        check(await loadKeys(queries));
        await insertKey(queries, key);
        await insertAudit(queries, audited(key.owner, 'key created', key.key.prefix));
      }),
    revoke: (prefix) =>
      database.write(async (queries) => {
        const isRevoked = await revokeKey(queries, prefix);
        if (isRevoked) await insertAudit(queries, audited('', 'key revoked', prefix));
        return isRevoked;
      }),
    webhook: (prefix) => database.read((queries) => readWebhook(queries, prefix)),
    setWebhook: (prefix, url, secret) =>
      database.write(async (queries) => {
        const key = (await loadKeys(queries)).find((found) => found.prefix === prefix);
        if (key === undefined || !isLive(key, new Date())) return false;
        await writeWebhook(queries, prefix, url, secret);
        await insertAudit(queries, audited(key.owner, 'webhook set', prefix));
        return true;
      }),
    removeWebhook: (prefix) =>
      database.write(async (queries) => {
        const isRemoved = await removeWebhook(queries, prefix);
        if (isRemoved) await insertAudit(queries, audited('', 'webhook removed', prefix));
        return isRemoved;
      }),
  };
}

/** Runs an act where keys are kept; an embedded database is brought up, and to this version. */
export async function withKeys(act: (holder: KeyHolder & WebhookHolder) => Promise<string[]>): Promise<string[]> {
  const file = process.env.KEYS_FILE;
  if (file) return act(inFile(file));
  const external = process.env.DATABASE_URL;
  const stack = external ? undefined : await openStack({ role: 'brief', engines: ['postgres'] });
  const database = postgres({ url: external || stack!.environment.DATABASE_URL!, queryTimeout: 60_000 });
  try {
    if (stack?.embeddedDatabase === true && !stack.joined) await migrate(database);
    return await act(inTable(database));
  } finally {
    await database.close();
    await stack?.close();
  }
}
