// Webhooks in the table hoofprint_webhooks, one for each key.
import type { Database, Queries } from '../adapters/postgres.ts';
import type { Webhook, WebhookStore } from './webhooks.ts';

interface Row {
  key_prefix: string;
  owner: string;
  url: string;
  secret: string;
  created_at: Date;
  ended_at: Date | null;
  ended_because: string | null;
}

const instant = (value: Date | null): Date | undefined => (value === null ? undefined : new Date(value));

async function loadWebhooks({ rows }: Queries, condition: string, value: string): Promise<Webhook[]> {
  const [table] = await rows<{ there: boolean }>(`SELECT to_regclass('hoofprint_webhooks') IS NOT NULL AS there`);
  if (table?.there !== true) return [];
  const found = await rows<Row>(
    `SELECT w.key_prefix, k.owner, w.url, w.secret, w.created_at, w.ended_at, w.ended_because
     FROM hoofprint_webhooks w JOIN hoofprint_keys k ON k.prefix = w.key_prefix WHERE ${condition} ORDER BY w.key_prefix`,
    [value],
  );
  return found.map(({ key_prefix, owner, url, secret, created_at, ended_at, ended_because }) => ({
    ...{ key: key_prefix, owner, url, secret, createdAt: new Date(created_at) },
    ...{ endedAt: instant(ended_at), endedBecause: ended_because ?? undefined },
  }));
}

/** Whether a key and its webhook live, in SQL. */
const LIVE = 'w.ended_at IS NULL AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())';

export const tableWebhooks = (database: () => Database): WebhookStore => ({
  ofOwner: (owner) => database().read((queries) => loadWebhooks(queries, `k.owner = $1 AND ${LIVE}`, owner)),
  find: async (key) =>
    (await database().read((queries) => loadWebhooks(queries, `w.key_prefix = $1 AND ${LIVE}`, key)))[0],
  end: async (key, because) => {
    await database().write(({ rows }) =>
      rows(
        'UPDATE hoofprint_webhooks SET ended_at = now(), ended_because = $2 WHERE key_prefix = $1 AND ended_at IS NULL',
        [key, because],
      ),
    );
  },
});

/** Of a key, also one that has ended. */
export const readWebhook = async (queries: Queries, key: string): Promise<Webhook | undefined> =>
  (await loadWebhooks(queries, 'w.key_prefix = $1', key))[0];

/** In place of the one before. */
export async function writeWebhook({ rows }: Queries, key: string, url: string, secret: string): Promise<void> {
  await rows(
    `INSERT INTO hoofprint_webhooks (key_prefix, url, secret) VALUES ($1, $2, $3)
     ON CONFLICT (key_prefix) DO UPDATE SET url = $2, secret = $3, created_at = now(), ended_at = NULL, ended_because = NULL`,
    [key, url, secret],
  );
}

/** @returns whether there was one */
export async function removeWebhook({ rows }: Queries, key: string): Promise<boolean> {
  const found = await rows('DELETE FROM hoofprint_webhooks WHERE key_prefix = $1 RETURNING key_prefix', [key]);
  return found.length > 0;
}
