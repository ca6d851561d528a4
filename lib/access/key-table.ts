// Keys in the table hoofprint_keys, and what was done with them in hoofprint_audit.
import type { Database, Queries } from '../adapters/postgres.ts';
import type { KeyText } from './key-text.ts';
import type { KeyStore, StoredKey } from './keys.ts';
import { isScope, type Scope } from './scopes.ts';

interface Row {
  prefix: string;
  hash: string;
  owner: string;
  /** Separated by spaces. */
  scopes: string;
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_on: string | null;
}

/** @returns none where `npm run migrate` has not made the table */
export async function loadKeys({ rows }: Queries): Promise<StoredKey[]> {
  const [table] = await rows<{ there: boolean }>(`SELECT to_regclass('hoofprint_keys') IS NOT NULL AS there`);
  if (table?.there !== true) return [];
  const found = await rows<Row>(
    `SELECT prefix, hash, owner, scopes, created_at, expires_at, revoked_at, last_used_on
     FROM hoofprint_keys ORDER BY created_at, prefix`,
  );
  return found.map((row) => ({
    prefix: row.prefix,
    hash: row.hash,
    owner: row.owner,
    scopes: row.scopes.split(' ').filter(isScope),
    createdAt: new Date(row.created_at),
    expiresAt: row.expires_at === null ? undefined : new Date(row.expires_at),
    revokedAt: row.revoked_at === null ? undefined : new Date(row.revoked_at),
    lastUsedOn: row.last_used_on ?? undefined,
  }));
}

export const tableKeys = (database: () => Database): KeyStore => ({
  load: () => database().read(loadKeys),
  use: async (prefix, day) => {
    await database().write(({ rows }) =>
      rows(
        'UPDATE hoofprint_keys SET last_used_on = $2 WHERE prefix = $1 AND (last_used_on IS NULL OR last_used_on < $2)',
        [prefix, day],
      ),
    );
  },
});

export interface NewKey {
  key: KeyText;
  owner: string;
  scopes: readonly Scope[];
  expiresAt: Date | undefined;
}

export async function insertKey({ rows }: Queries, { key, owner, scopes, expiresAt }: NewKey): Promise<void> {
  await rows('INSERT INTO hoofprint_keys (prefix, hash, owner, scopes, expires_at) VALUES ($1, $2, $3, $4, $5)', [
    key.prefix,
    key.hash,
    owner,
    scopes.join(' '),
    expiresAt ?? null,
  ]);
}

/** @returns whether there was such a key that had not been revoked */
export async function revokeKey({ rows }: Queries, prefix: string): Promise<boolean> {
  const found = await rows(
    'UPDATE hoofprint_keys SET revoked_at = now() WHERE prefix = $1 AND revoked_at IS NULL RETURNING prefix',
    [prefix],
  );
  return found.length > 0;
}

export interface AuditEntry {
  /** Prefix of the key, or `local` for a person at this machine. */
  key: string;
  owner: string;
  /** e.g. `export requested`. */
  act: string;
  /** What it was done to, e.g. the id of a job. */
  subject: string;
}

export async function insertAudit({ rows }: Queries, { key, owner, act, subject }: AuditEntry): Promise<void> {
  await rows('INSERT INTO hoofprint_audit (key_prefix, owner, act, subject) VALUES ($1, $2, $3, $4)', [
    key,
    owner,
    act,
    subject,
  ]);
}
