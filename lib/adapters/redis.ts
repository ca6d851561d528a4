// Redis behind one door: a script run on one key, atomically. It knows no record.
import { Redis, type RedisOptions } from 'ioredis';
import { Fault } from '../errors.ts';
import { log } from '../log.ts';
import { withTimeout } from '../timeout.ts';

export interface KeyValue {
  /**
   * Runs a Lua script on one key (prefixed as configured).
   * @param within bound on this call in ms, when it has to be shorter than the store's own.
   * @throws Fault `unavailable` when Redis is down or slower than the bound. The script may then
   *   still run later.
   */
  script(script: string, key: string, args: readonly (string | number)[], within?: number): Promise<unknown>;
  /**
   * Writes a key that lives for a minute: a Redis that is full or read-only answers, but is of no
   * use. @throws as script.
   */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface RedisSettings {
  url: string;
  /** Put before every key. */
  prefix?: string;
  /** Bound on each command, connecting included, in ms. */
  timeout?: number;
}

/**
 * A Redis that cannot do its work just now says so by these words; before Redis 7 they are inside
 * "ERR Error running script (...)". Any other error reply is a script of ours that is wrong, and no
 * outage to hide.
 */
const PASSING = /(?:^|[\s-])(?:LOADING|MASTERDOWN|READONLY|BUSY|CLUSTERDOWN|OOM|MISCONF|NOREPLICAS) /;

const PING = `return redis.call('SET', KEYS[1], '1', 'EX', 60)`;

/**
 * What is sent in one turn of the event loop leaves by one call of the system, and arrives as one
 * piece: at ten callers that call costs more than all else that a read does here.
 */
function sendTogether({ stream }: Redis): void {
  // Before it is connected commands wait in the client.
  if (stream === undefined || stream.writableCorked > 0) return;
  stream.cork();
  setImmediate(() => stream.uncork());
}

/** The connection is made on first use and made again after it is lost. */
export function redis({ url, prefix = '', timeout = 400 }: RedisSettings): KeyValue {
  const options: RedisOptions = {
    lazyConnect: true,
    // The bound is withTimeout()'s; these only remove commands that no caller waits for any more.
    commandTimeout: 4 * timeout,
    // A connection that was lost without a word (a router that forgot it) would otherwise be asked
    // for a quarter of an hour.
    socketTimeout: 2 * timeout,
    connectTimeout: 4 * timeout,
    maxRetriesPerRequest: 1,
    enableAutoPipelining: false,
    retryStrategy: (times) => Math.min(50 * times, 1_000),
  };
  const client = new Redis(url, options);
  let lost = false;
  /** Why there is no connection, if there is none; the client itself only says that it gave up. */
  let why: Error | undefined;
  client.on('ready', () => {
    why = undefined;
    if (lost) log.info('redis connection is back');
    lost = false;
  });
  client.on('error', (error: Error) => {
    if (!lost) log.warn('redis connection lost', { reason: error.message });
    lost = true;
    why = error;
  });
  const commands = new Map<string, string>();
  const bounded = async <T>(within: number, ask: () => Promise<T>): Promise<T> => {
    try {
      return await withTimeout(within, ask);
    } catch (error) {
      if ((error as Error).name === 'ReplyError' && !PASSING.test((error as Error).message)) throw error;
      throw new Fault('unavailable', 'Redis is not available', { cause: why ?? error });
    }
  };
  const script: KeyValue['script'] = (script, key, args, within = timeout) => {
    let name = commands.get(script);
    if (name === undefined) {
      name = `script${commands.size}`;
      commands.set(script, name);
      client.defineCommand(name, { lua: script, numberOfKeys: 1 });
    }
    const run = (client as unknown as Record<string, (...args: (string | number)[]) => Promise<unknown>>)[name]!;
    return bounded(Math.min(within, timeout), () => {
      sendTogether(client);
      return run.call(client, prefix + key, ...args);
    });
  };
  return {
    script,
    ping: async () => {
      await script(PING, 'health', []);
    },
    close: async () => {
      client.disconnect();
    },
  };
}
