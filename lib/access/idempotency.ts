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
 * A request whose process ended before it was answered: its key is free after this, in seconds.
 * Every request is answered within one.
 */
const WORKING_SECONDS = 30;
/** A Redis that is slower leaves the request the time for its answer, in ms. */
const CLAIM_MS = 300;

/**
 * What is known of a key. ARGV: digest of the request, a new token, seconds. Answers `new` when the
 * token has it now, `working`, `other` for another request, or the answer.
 */
const CLAIM = `
local digest, token, answer = unpack(redis.call('HMGET', KEYS[1], 'digest', 'token', 'answer'))
if not digest then
  redis.call('HSET', KEYS[1], 'digest', ARGV[1], 'token', ARGV[2])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  return 'new'
end
if digest ~= ARGV[1] then return 'other' end
return answer or 'working'
`;
/** ARGV: token, answer (empty = the key is free again), seconds. */
const SETTLE = `
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
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
 * first answer is given again. What throws leaves the key free.
 * @throws Fault `invalid` for a malformed key, `reused` when the key was used for another request,
 *   `conflict` while the first is being answered, `unavailable` when that is not known
 */
export async function doOnce<A extends Repeatable>(
  store: KeyValue,
  { key: header, caller, operation, body }: OnceRequest,
  act: () => Promise<A>,
): Promise<A> {
  const key = `idempotency:${hash(caller.owner ?? '', caller.owner === undefined ? caller.key : '', operation, readKey(header))}`;
  const token = randomUUID();
  const claim = [hash(canonicalJson(body)), token, WORKING_SECONDS];
  const found = String(await store.script(CLAIM, key, claim, CLAIM_MS));
  if (found === 'other') throw new Fault('reused', 'This Idempotency-Key was used for another request');
  if (found === 'working')
    throw new Fault('conflict', 'A request with this Idempotency-Key is being answered', {
      headers: { 'retry-after': '1' },
    });
  if (found !== 'new') {
    const first = JSON.parse(found) as A;
    return { ...first, headers: { ...first.headers, 'idempotency-replayed': 'true' } };
  }
  const settle = (answer: string): Promise<unknown> =>
    store
      .script(SETTLE, key, [token, answer, REMEMBERED_SECONDS])
      .catch((error: unknown) => log.warn('an answer could not be remembered', { reason: errorMessage(error) }));
  let answer: A;
  try {
    answer = await act();
  } catch (error) {
    await settle('');
    throw error;
  }
  await settle(JSON.stringify(answer));
  return answer;
}
