// Keeps the keys of a Redis in a file: only those that changed are written, each with its absolute
// expiry, and before anybody reads the answer to the command that changed them.
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Redis } from 'ioredis';

export interface Keep {
  /** Resolves when all that the engine has reported is in the file, or could not be written. */
  saved(): Promise<void>;
  /** Saves once more and closes the file. */
  close(): Promise<void>;
}

/** How often the file is compared with the engine, in ms, for changes that name no key. */
const COMPARE_MS = 1_000;
const BATCH = 500;

const complain = (error: unknown): void => console.error('keys could not be saved:', error);

/** The file. */
class KeyFile {
  private readonly store: DatabaseSync;
  private readonly put: StatementSync;
  private readonly remove: StatementSync;

  constructor(file: string) {
    this.store = new DatabaseSync(file);
    // A power cut may cost the last second, as the design allows; a killed process costs nothing
    // that was committed.
    this.store.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    this.store.exec(
      'CREATE TABLE IF NOT EXISTS keys (key BLOB PRIMARY KEY, expires_at INTEGER NOT NULL, value BLOB NOT NULL) WITHOUT ROWID',
    );
    this.put = this.store.prepare('INSERT OR REPLACE INTO keys (key, expires_at, value) VALUES (?, ?, ?)');
    this.remove = this.store.prepare('DELETE FROM keys WHERE key = ?');
    this.store.prepare('DELETE FROM keys WHERE expires_at > 0 AND expires_at <= ?').run(Date.now());
  }

  async restoreTo(client: Redis): Promise<void> {
    const rows = this.store.prepare('SELECT key, expires_at, value FROM keys').all() as {
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
  }

  /** Copies these keys from the engine; those that it no longer has are removed. */
  async write(client: Redis, keys: Buffer[]): Promise<void> {
    for (let at = 0; at < keys.length; at += BATCH) {
      const part = keys.slice(at, at + BATCH);
      const pipeline = client.pipeline();
      for (const key of part) pipeline.pexpiretime(key).dumpBuffer(key);
      const answers = (await pipeline.exec()) ?? [];
      const failed = answers.find(([error]) => error !== null)?.[0];
      if (failed) throw failed;
      this.store.exec('BEGIN');
      try {
        part.forEach((key, i) => {
          const [expiry, value] = [answers[2 * i]?.[1], answers[2 * i + 1]?.[1]];
          if (Buffer.isBuffer(value)) this.put.run(key, Math.max(0, Number(expiry)), value);
          else this.remove.run(key);
        });
        this.store.exec('COMMIT');
      } finally {
        if (this.store.isTransaction) this.store.exec('ROLLBACK');
      }
    }
  }

  count(): number {
    return Number(this.store.prepare('SELECT count(*) AS n FROM keys').get()?.n);
  }

  /** Writes all keys of the engine and removes the others: FLUSHDB reports no key. */
  async rewrite(client: Redis): Promise<void> {
    const present = new Set<string>();
    let cursor = '0';
    do {
      const [next, keys] = await client.scanBuffer(cursor, 'COUNT', BATCH);
      await this.write(client, keys);
      for (const key of keys) present.add(key.toString('latin1'));
      cursor = next.toString();
    } while (cursor !== '0');
    for (const { key } of this.store.prepare('SELECT key FROM keys').all() as { key: Uint8Array }[]) {
      if (!present.has(Buffer.from(key).toString('latin1'))) this.remove.run(key);
    }
  }

  close(): void {
    this.store.close();
  }
}

/** Follows the engine's changes and brings them to the file. */
class KeyKeeper implements Keep {
  private readonly client: Redis;
  private readonly file: KeyFile;
  private readonly events: Redis;
  private changed = new Map<string, Buffer>();
  private running: Promise<void> | undefined;
  /** A save that has not begun: it will take what has changed until then. */
  private next: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(client: Redis, file: KeyFile) {
    this.client = client;
    this.file = file;
    this.events = client.duplicate();
    this.events.on('error', () => undefined);
  }

  async follow(): Promise<void> {
    await this.client.config('SET', 'notify-keyspace-events', 'EA');
    await this.events.psubscribe('__keyevent@0__:*');
    this.events.on('pmessageBuffer', (_pattern: string, _channel: Buffer, key: Buffer) => {
      this.changed.set(key.toString('latin1'), key);
      this.save().catch(complain);
    });
    this.timer = setInterval(() => this.compare().catch(complain), COMPARE_MS);
  }

  /** Changes that arrive while a save is under way are saved together by the next one. */
  private save(): Promise<void> {
    this.next ??= (this.running ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        this.running = this.saveChanges();
        return this.running;
      });
    return this.next;
  }

  async saved(): Promise<void> {
    await (this.next ?? this.running)?.catch(() => undefined);
  }

  private async saveChanges(): Promise<void> {
    const taken = this.changed;
    this.changed = new Map();
    try {
      await this.file.write(this.client, [...taken.values()]);
    } catch (error) {
      for (const [name, key] of taken) this.changed.set(name, key);
      throw error;
    }
  }

  private async compare(): Promise<void> {
    await this.save();
    if (this.file.count() !== (await this.client.dbsize()) && this.changed.size === 0)
      await this.file.rewrite(this.client);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    // Changes are reported on this connection in order: after this answer none is on its way.
    await this.events.ping().catch(complain);
    await this.save();
    this.events.disconnect();
    this.file.close();
  }
}

/**
 * Puts back the keys of the file that have not expired, then follows every change. Database 0 only.
 */
export async function keepKeys(client: Redis, path: string): Promise<Keep> {
  const file = new KeyFile(path);
  await file.restoreTo(client);
  const keeper = new KeyKeeper(client, file);
  await keeper.follow();
  return keeper;
}
