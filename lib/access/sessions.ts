// A browser's session: opened with a key once, kept in Redis, named by a cookie that no script
// reads.
import { createHash, randomBytes } from 'node:crypto';
import type { KeyValue } from '../adapters/redis.ts';

/** Twelve hours, in seconds. */
export const SESSION_SECONDS = 12 * 3_600;

export interface Sessions {
  /** @returns the session's secret, for the cookie alone */
  open(prefix: string): Promise<string>;
  /** Prefix of the key that opened it; undefined when it is over. */
  find(secret: string): Promise<string | undefined>;
  close(secret: string): Promise<void>;
}

const key = (secret: string): string => `session:${createHash('sha256').update(secret).digest('hex')}`;

/** @throws what the store throws */
export const openSessions = (store: KeyValue): Sessions => ({
  async open(prefix) {
    const secret = randomBytes(32).toString('base64url');
    await store.script(`return redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])`, key(secret), [
      prefix,
      SESSION_SECONDS,
    ]);
    return secret;
  },
  async find(secret) {
    const found = await store.script(`return redis.call('GET', KEYS[1]) or ''`, key(secret), []);
    return found === '' ? undefined : String(found);
  },
  async close(secret) {
    await store.script(`return redis.call('DEL', KEYS[1])`, key(secret), []);
  },
});

/**
 * Cookies do not know ports, and two services of one machine must not take each other's.
 * @param host of the request, with its port. @param basePath such as `/herd/`
 */
export function cookieName(host: string, basePath: string): string {
  const port = /:(\d+)$/.exec(host)?.[1] ?? '';
  return ['hoofprint', port, ...basePath.split('/')].filter((part) => part !== '').join('-');
}

/** More of one name are none of ours. */
const MOST_COOKIES = 4;

/**
 * Secrets in cookies of this name. There may be several: another service of this machine, or one of
 * a longer path, can set one that the browser sends as well.
 */
export const findCookies = (cookies: readonly string[], name: string): string[] => [
  ...new Set(
    cookies
      .filter((cookie) => cookie.startsWith(`${name}=`))
      .slice(0, MOST_COOKIES)
      .map((cookie) => cookie.slice(name.length + 1)),
  ),
];

/** @param seconds 0 removes it */
export const makeCookie = (
  name: string,
  secret: string,
  { path, isSecure, seconds }: { path: string; isSecure: boolean; seconds: number },
): string =>
  `${name}=${secret}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
