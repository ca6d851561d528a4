// Idempotency-Key: a request that is sent again, because its answer was lost, is done once and
// answered twice. https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
import { createHash, randomUUID } from 'node:crypto';
import type { KeyValue } from '../adapters/redis.ts';
import { canonicalJson } from '../canonical.ts';
import { errorMessage, Fault } from '../errors.ts';
import { log } from '../log.ts';
import type { Caller } from './guard.ts';

/** How long an answer is given again, in seconds. */
const REMEMBERED_SECONDS = 86_400;
/**
 * A process that has not answered within this, in seconds, has ended: the next one goes on with
 * what it was making. Every request is answered within one.
 */
const WORKING_SECONDS = 30;
/** A Redis that is slower leaves the request the time for its answer, in ms. */
const CLAIM_MS = 300;

/**
 * What is known of a key. ARGV: digest of the request, a new token, which is the claim as well, the
 * time now, seconds to work, seconds to be remembered. Answers {`new` or `again`, token, time} when
 * what the token names is to be made now, {`working`}, {`other`} for another request, or {`done`,
 * answer}.
 */
const CLAIM = `
local now = tonumber(redis.call('TIME')[1])
local digest, token, at, busy, answer =
  unpack(redis.call('HMGET', KEYS[1], 'digest', 'token', 'at', 'busy_until', 'answer'))
if digest and digest ~= ARGV[1] then return { 'other' } end
if answer then return { 'done', answer } end
if digest and now < tonumber(busy or 0) then return { 'working' } end
local found = token and 'again' or 'new'
token, at = token or ARGV[2], at or ARGV[3]
redis.call('HSET', KEYS[1], 'digest', ARGV[1], 'token', token, 'at', at, 'claim', ARGV[2], 'busy_until', now + ARGV[4])
redis.call('EXPIRE', KEYS[1], ARGV[5])
return { found, token, at }
`;
/** ARGV: the claim that is settled, answer (empty = the key is free again), seconds. */
const SETTLE = `
if redis.call('HGET', KEYS[1], 'claim') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then return redis.call('DEL', KEYS[1]) end
redis.call('HSET', KEYS[1], 'answer', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
`;

/** What is done once. */
export interface OnceRequest {
  /** The header. */
  key: string;
  caller: Caller;
  /** Name of what is asked for: the same key may be used for another operation. */
  operation: string;
  /** As it was checked, with defaults filled in. */
  body: unknown;
}

/** What a request makes. A process that ends before it has answered leaves it to the next one. */
export interface Making {
  /** UUID of what is made. */
  id: string;
  at: Date;
  /** The request was begun before: it may be there. */
  again: boolean;
  /** Whether no other process has part in it: then it may be taken back. */
  isOurs(): boolean;
}

/** As JSON: what an answer needs to be given again. */
export interface Repeatable {
  status: number;
  body?: unknown;
  headers?: Readonly<Record<string, string | undefined>>;
}

/** A comma needs quotes: it joins two headers. @throws Fault `invalid` for a malformed key */
function readKey(header: string): string {
  const [, quoted, bare] =
    /^\s*(?:"((?:[\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"|([\x21\x23-\x2b\x2d-\x7e][\x21-\x2b\x2d-\x7e]*))\s*$/.exec(
      header,
    ) ?? [];
  const key = quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '';
  if (key.length < 1 || key.length > 255)
    throw new Fault(
      'invalid',
      'Idempotency-Key must be 1 to 255 visible ASCII characters; one with a comma needs quotes',
    );
  return key;
}

const hash = (...parts: string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/**
 * Does what is asked for unless the same was asked for with the same key within a day: then the
 * first answer is given again. What throws leaves the key free, unless it was begun before.
 * @throws Fault `invalid` for a malformed key, `reused` when the key was used for another request,
 *   `conflict` while the first is being answered, `unavailable` when that is not known
 */
export async function doOnce<A extends Repeatable>(
  store: KeyValue,
  { key: header, caller, operation, body }: OnceRequest,
  act: (making: Making) => Promise<A>,
  now = Date.now,
): Promise<A> {
  const key = `idempotency:${hash(caller.owner ?? '', caller.owner === undefined ? caller.key : '', operation, readKey(header))}`;
  const times = [new Date().toISOString(), WORKING_SECONDS, REMEMBERED_SECONDS];
  const [begun, claim] = [now(), randomUUID()];
  const claiming = [hash(canonicalJson(body)), claim, ...times];
  const [found, token, at] = (await store.script(CLAIM, key, claiming, CLAIM_MS)) as [string, string, string];
  if (found === 'other') throw new Fault('reused', 'This Idempotency-Key was used for another request');
  if (found === 'working')
    throw new Fault('conflict', 'A request with this Idempotency-Key is being answered', {
      headers: { 'retry-after': '1' },
    });
  if (found === 'done') {
    const first = JSON.parse(token) as A;
    return { ...first, headers: { ...first.headers, 'idempotency-replayed': 'true' } };
  }
  const settle = (answer: string): Promise<unknown> =>
    store
      .script(SETTLE, key, [claim, answer, REMEMBERED_SECONDS])
      .catch((error: unknown) => log.warn('an answer could not be remembered', { reason: errorMessage(error) }));
  const again = found === 'again';
  // A process that was frozen for longer comes back to what another one has gone on with.
  const isOurs = (): boolean => !again && now() - begun < 1_000 * WORKING_SECONDS;
  let answer: A;
  try {
    answer = await act({ id: token, at: new Date(at), again, isOurs });
  } catch (error) {
    if (!again) await settle('');
    throw error;
  }
  await settle(JSON.stringify(answer));
  return answer;
}
