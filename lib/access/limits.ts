// How much a caller may ask for, counted in Redis, so that all processes count together.
import type { KeyValue } from '../adapters/redis.ts';
import { Fault, isFault } from '../errors.ts';

export interface Rate {
  /** Added a second; 0 = no limit. */
  perSecond: number;
  /** Most that can be saved up. */
  burst: number;
}

export interface Taken {
  isAllowed: boolean;
  /** Requests that could follow at once. */
  remaining: number;
  /** Seconds until one more is there (when refused), or until all are. */
  seconds: number;
}

/**
 * A token bucket by Redis' clock. ARGV: tokens a second, burst. Answers allowed, tokens in 1/1000.
 */
const TAKE = `
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(burst, (tonumber(kept[1]) or burst) + math.max(0, now - (tonumber(kept[2]) or now)) * rate)
local allowed = tokens >= 1 and 1 or 0
tokens = tokens - allowed
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], math.ceil(burst / rate) + 1)
return { allowed, math.floor(tokens * 1000) }
`;

/** A Redis that is slower leaves the request the time for its answer, in ms. */
const TAKE_MS = 300;

/**
 * Takes one from a bucket. @returns undefined without a limit, or when Redis is away: then the host
 * has its own bound on requests under way
 */
export async function take(store: KeyValue, bucket: string, { perSecond, burst }: Rate): Promise<Taken | undefined> {
  if (perSecond === 0) return undefined;
  try {
    const answer = await store.script(TAKE, `rate:${bucket}`, [perSecond, burst], TAKE_MS);
    const [allowed, thousandths] = answer as [number, number];
    const tokens = thousandths / 1_000;
    const isAllowed = allowed === 1;
    const missing = isAllowed ? burst - tokens : 1 - tokens;
    return { isAllowed, remaining: Math.floor(tokens), seconds: Math.max(1, Math.ceil(missing / perSecond)) };
  } catch (error) {
    if (isFault(error, 'unavailable')) return undefined;
    throw error;
  }
}

/** draft-ietf-httpapi-ratelimit-headers, as structured fields. */
export const rateHeaders = ({ perSecond, burst }: Rate, { remaining, seconds }: Taken): Record<string, string> => ({
  'ratelimit-policy': `"requests";q=${burst};w=${Math.ceil(burst / perSecond)}`,
  ratelimit: `"requests";r=${remaining};t=${seconds}`,
});

export const tooMany = (detail: string, seconds: number, headers: Record<string, string> = {}): Fault =>
  new Fault('limited', detail, { headers: { ...headers, 'retry-after': String(seconds) } });

/**
 * Counts a request of a key.
 * @returns headers that say what is left
 * @throws Fault `limited` when nothing is
 */
export async function countRequest(store: KeyValue, prefix: string, rate: Rate): Promise<Record<string, string>> {
  const taken = await take(store, `key:${prefix}`, rate);
  if (taken === undefined) return {};
  const headers = rateHeaders(rate, taken);
  if (!taken.isAllowed) throw tooMany('Too many requests with this key', taken.seconds, headers);
  return headers;
}
