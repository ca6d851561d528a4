// Keeps the keys of a Redis in a file: only those that changed are written, as soon as they are
// told, each with its absolute expiry.
import { DatabaseSync } from 'node:sqlite';
import type { Redis } from 'ioredis';

export interface Keep {
  /** Writes what has changed since the last time. */
  save(): Promise<void>;
  /** Saves once more and closes the file. */
  close(): Promise<void>;
}

/** How often the file is compared with the engine, for what is told of no key. */
const COMPARE_MS = 1_000;
const BATCH = 500;

/**
 * Puts back the keys of the file that have not expired, then follows every change. Database 0 only.
 */
export async function keepKeys(client: Redis, file: string): Promise<Keep> {
  const store = new DatabaseSync(file);
  // A power cut may cost the last second, as the design allows; a killed process costs nothing that
  // was committed.
  store.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  store.exec(
    'CREATE TABLE IF NOT EXISTS keys (key BLOB PRIMARY KEY, expires_at INTEGER NOT NULL, value BLOB NOT NULL) WITHOUT ROWID',
  );
  const put = store.prepare('INSERT OR REPLACE INTO keys (key, expires_at, value) VALUES (?, ?, ?)');
  const drop = store.prepare('DELETE FROM keys WHERE key = ?');
  const count = store.prepare('SELECT count(*) AS n FROM keys');

  store.prepare('DELETE FROM keys WHERE expires_at > 0 AND expires_at <= ?').run(Date.now());
  const rows = store.prepare('SELECT key, expires_at, value FROM keys').all() as {
    key: Uint8Array;
    expires_at: number;
    value: Uint8Array;
  }[];
  for (let at = 0; at < rows.length; at += BATCH) {
    const pipeline = client.pipeline();
    for (const row of rows.slice(at, at + BATCH)) {
      pipeline.restore(Buffer.from(row.key), row.expires_at, Buffer.from(row.value), 'ABSTTL');
    }
    for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error;
  }

  let changed = new Map<string, Buffer>();
  let due = false;
  const complain = (error: unknown): void => console.error('keys could not be saved:', error);
  /** What comes while a save is under way is saved together by the next one. */
  const soon = (): void => {
    if (due) return;
    due = true;
    setImmediate(() => {
      save().catch(complain);
    });
  };
  const events = client.duplicate();
  events.on('error', () => undefined);
  await client.config('SET', 'notify-keyspace-events', 'EA');
  await events.psubscribe('__keyevent@0__:*');
  events.on('pmessageBuffer', (_pattern: string, _channel: Buffer, key: Buffer) => {
    changed.set(key.toString('latin1'), key);
    soon();
  });

  async function write(keys: Buffer[]): Promise<void> {
    for (let at = 0; at < keys.length; at += BATCH) {
      const part = keys.slice(at, at + BATCH);
      const pipeline = client.pipeline();
      for (const key of part) pipeline.pexpiretime(key).dumpBuffer(key);
      const answers = (await pipeline.exec()) ?? [];
      const failed = answers.find(([error]) => error !== null)?.[0];
      if (failed) throw failed;
      store.exec('BEGIN');
      part.forEach((key, i) => {
        const [expiry, value] = [answers[2 * i]?.[1], answers[2 * i + 1]?.[1]];
        if (Buffer.isBuffer(value)) put.run(key, Math.max(0, Number(expiry)), value);
        else drop.run(key);
      });
      store.exec('COMMIT');
    }
  }

  /**
   * FLUSHDB tells of no key: when the file and the engine differ in number, all keys are written
   * and the others dropped.
   */
  async function rewrite(): Promise<void> {
    const present = new Set<string>();
    let cursor = '0';
    do {
      const [next, keys] = await client.scanBuffer(cursor, 'COUNT', BATCH);
      await write(keys);
      for (const key of keys) present.add(key.toString('latin1'));
      cursor = next.toString();
    } while (cursor !== '0');
    for (const { key } of store.prepare('SELECT key FROM keys').all() as { key: Uint8Array }[]) {
      if (!present.has(Buffer.from(key).toString('latin1'))) drop.run(key);
    }
  }

  let saving: Promise<void> = Promise.resolve();
  const save = (): Promise<void> => {
    saving = saving
      .catch(() => undefined)
      .then(async () => {
        const taken = changed;
        changed = new Map();
        due = false;
        try {
          await write([...taken.values()]);
        } catch (error) {
          for (const [name, key] of taken) changed.set(name, key);
          throw error;
        }
      });
    return saving;
  };
  const compare = async (): Promise<void> => {
    await save();
    if (Number(count.get()?.n) !== (await client.dbsize()) && changed.size === 0) await rewrite();
  };
  const timer = setInterval(() => compare().catch(complain), COMPARE_MS);
  return {
    save,
    close: async () => {
      clearInterval(timer);
      // What changed is told on this connection in order: behind the answer nothing is on its way
      // any more.
      await events.ping().catch(complain);
      await save();
      events.disconnect();
      store.close();
    },
  };
}
