// The keys that a process knows: read from where they are stored at most once a minute, and relied
// upon for five while that place does not answer.
import { timingSafeEqual } from 'node:crypto';
import { Fault } from '../errors.ts';
import { withTimeout } from '../timeout.ts';
import type { KeyText } from './key-text.ts';
import type { Scope } from './scopes.ts';
import type { Webhook } from './webhooks.ts';

export interface StoredKey {
  prefix: string;
  /** SHA-256 of the key, in hexadecimal. */
  hash: string;
  /** Who uses it, e.g. `Ranch office`; jobs belong to the owner, so that keys can be replaced. */
  owner: string;
  scopes: readonly Scope[];
  createdAt: Date;
  expiresAt?: Date | undefined;
  revokedAt?: Date | undefined;
  /** ISO day. */
  lastUsedOn?: string | undefined;
  /** Of a key in a file: keys of the table have theirs in another one. */
  webhook?: Omit<Webhook, 'key' | 'owner'> | undefined;
}

/** Where keys are stored. */
export interface KeyStore {
  /** All of them. @throws Fault `unavailable` when they cannot be read just now */
  load(): Promise<StoredKey[]>;
  /** Notes the day of a use; a failure is of no consequence. */
  use?(prefix: string, day: string): Promise<void>;
}

export interface KeyRing {
  /**
   * The live key of this text.
   * @throws Fault `unavailable` when the keys could not be read for five minutes, or a key that is
   *   not known may have been made since
   */
  find(key: KeyText): Promise<StoredKey | undefined>;
  /** The live key with this prefix, for a session that it opened. @throws as find */
  findByPrefix(prefix: string): Promise<StoredKey | undefined>;
}

/** In ms. A revoked key ends within the first. */
const FRESH_MS = 60_000;
const RELIED_UPON_MS = 300_000;
/** A key that is not known may be new: the store is asked again, but not more often than this. */
const UNKNOWN_MS = 2_000;
/** What a request waits for a store that is slow, once some keys are known. */
const WAIT_MS = 300;

const unavailable = (): Fault => new Fault('unavailable', 'Keys cannot be checked just now');

export const isLive = ({ expiresAt, revokedAt }: StoredKey, now: Date): boolean =>
  revokedAt === undefined && (expiresAt === undefined || expiresAt > now);

class Ring implements KeyRing {
  private readonly store: KeyStore;
  private readonly clock: () => Date;
  private keys = new Map<string, StoredKey>();
  private loadedAt = Number.NEGATIVE_INFINITY;
  private triedAt = Number.NEGATIVE_INFINITY;
  private loading: Promise<void> | undefined;
  private readonly used = new Map<string, string>();

  constructor(store: KeyStore, clock: () => Date) {
    this.store = store;
    this.clock = clock;
  }

  async find({ prefix, hash }: KeyText): Promise<StoredKey | undefined> {
    const matches = (): StoredKey | undefined => {
      const key = this.keys.get(prefix);
      return key !== undefined && timingSafeEqual(Buffer.from(key.hash), Buffer.from(hash)) ? key : undefined;
    };
    await this.refresh(FRESH_MS);
    if (matches() === undefined) await this.refresh(UNKNOWN_MS);
    if (matches() === undefined && this.loadedAt < this.triedAt) throw unavailable();
    return this.ifLive(matches());
  }

  async findByPrefix(prefix: string): Promise<StoredKey | undefined> {
    await this.refresh(FRESH_MS);
    return this.ifLive(this.keys.get(prefix));
  }

  private ifLive(key: StoredKey | undefined): StoredKey | undefined {
    const now = this.clock();
    if (key === undefined || !isLive(key, now)) return undefined;
    const day = now.toISOString().slice(0, 10);
    if (this.used.get(key.prefix) !== day) {
      this.used.set(key.prefix, day);
      this.store.use?.(key.prefix, day).catch(() => this.used.delete(key.prefix));
    }
    return key;
  }

  /** Reads the keys when what is known is older than this; several callers share one read. */
  private async refresh(age: number): Promise<void> {
    const now = this.clock().getTime();
    // The clock was set back: what is known counts as a minute old, whatever it seems.
    if (now < Math.max(this.triedAt, this.loadedAt)) {
      this.loadedAt = Math.min(this.loadedAt, now - FRESH_MS);
      this.triedAt = Number.NEGATIVE_INFINITY;
    }
    // A store that does not answer is not asked by every request.
    if (now - this.triedAt >= Math.min(age, UNKNOWN_MS) && now - this.loadedAt >= age) {
      this.triedAt = now;
      this.loading ??= this.load(now).finally(() => {
        this.loading = undefined;
      });
    }
    await this.wait();
    if (now - this.loadedAt >= RELIED_UPON_MS) throw unavailable();
  }

  private async wait(): Promise<void> {
    const loading = this.loading?.catch(() => undefined) ?? Promise.resolve();
    if (!Number.isFinite(this.loadedAt)) return loading;
    await withTimeout(WAIT_MS, () => loading).catch(() => undefined);
  }

  private async load(now: number): Promise<void> {
    const keys = await this.store.load();
    this.keys = new Map(keys.map((key) => [key.prefix, key]));
    this.loadedAt = now;
  }
}

export const keyRing = (store: KeyStore, clock: () => Date): KeyRing => new Ring(store, clock);
