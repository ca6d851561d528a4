// What Redis announces on a channel: a separate connection, made on first use and kept. It knows no
// record.
import { Redis } from 'ioredis';
import { Fault } from '../errors.ts';
import { log } from '../log.ts';
import { withTimeout } from '../timeout.ts';

export interface Channel {
  /**
   * Resolves when announcements reach `hear`; a later call only waits for that.
   * @throws Fault `unavailable` when Redis does not answer in time
   */
  listen(): Promise<void>;
  close(): Promise<void>;
}

export interface ChannelSettings {
  url: string;
  /** Put before the name. */
  prefix?: string;
  name: string;
  hear: (text: string) => void;
  /** The connection was away: something may have been announced meanwhile. */
  missed: () => void;
}

const ANSWER_MS = 400;
/** A connection that was lost without a word is noticed within twice this time, in ms. */
const PING_MS = 5_000;

const awaited = new WeakMap<Redis, Promise<unknown>>();
/** One listener for all who wait: while Redis is away they are many. */
function nextReady(client: Redis): Promise<unknown> {
  let ready = awaited.get(client);
  if (ready === undefined) {
    ready = new Promise((resolve) => client.once('ready', resolve)).finally(() => awaited.delete(client));
    awaited.set(client, ready);
  }
  return ready;
}

export function redisChannel({ url, prefix = '', name, hear, missed }: ChannelSettings): Channel {
  const channel = prefix + name;
  let client: Redis | undefined;
  let listening: Promise<unknown> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let hasListened = false;

  const subscribe = async (): Promise<void> => {
    await client!.subscribe(channel);
    if (hasListened) missed();
    hasListened = true;
  };
  const connect = (): void => {
    client = new Redis(url, {
      autoResubscribe: false,
      connectTimeout: 4 * ANSWER_MS,
      maxRetriesPerRequest: null,
      retryStrategy: (times) => Math.min(50 * times, 1_000),
    });
    // redis.ts says that the connection is lost, for both.
    client.on('error', (error: Error) => log.debug('redis channel', { reason: error.message }));
    client.on('message', (_channel, text: string) => hear(text));
    client.on('ready', () => {
      listening = subscribe();
      listening.catch(() => undefined);
    });
    client.on('close', () => {
      listening = undefined;
    });
    let isAnswered = true;
    timer = setInterval(() => {
      if (!isAnswered) client?.disconnect(true);
      if (client?.status !== 'ready') return;
      isAnswered = false;
      client
        .ping()
        .catch(() => undefined)
        .finally(() => {
          isAnswered = true;
        });
    }, PING_MS).unref();
  };
  /** The subscription of the connection that there is, or is being made. */
  const whenListening = async (): Promise<void> => {
    if (client === undefined) connect();
    if (listening === undefined) await nextReady(client!);
    await listening;
  };
  return {
    listen: () =>
      withTimeout(ANSWER_MS, whenListening, (cause) => new Fault('unavailable', 'Redis is not available', { cause })),
    close: async () => {
      clearInterval(timer);
      client?.disconnect();
    },
  };
}
