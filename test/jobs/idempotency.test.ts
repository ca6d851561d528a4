// Idempotency-Key: what is asked for twice is done once. Of two at once one is done.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Caller } from '../../lib/access/guard.ts';
import { doOnce, type OnceRequest } from '../../lib/access/idempotency.ts';
import { redis } from '../../lib/adapters/redis.ts';
import { Fault } from '../../lib/errors.ts';

const store = redis({ url: process.env.REDIS_URL!, prefix: process.env.REDIS_KEY_PREFIX!, timeout: 5_000 });
afterAll(() => store.close());

const caller = (owner: string | undefined, key = 'Xy12aB9z'): Caller => ({ key, owner, scopes: [], seesAll: false });
const asked = (fields: Partial<OnceRequest> = {}): OnceRequest => ({
  key: randomUUID(),
  caller: caller('Ranch office'),
  operation: 'pdf',
  body: { title: 'a', group_by: 'week' },
  ...fields,
});
/** Each time it is done it is another one. */
let made = 0;
const make = async () => {
  made += 1;
  return { status: 202, body: { job_id: made }, headers: { location: `/${made}`, absent: undefined } };
};
const once = (request: OnceRequest) => doOnce(store, request, make);

test('the first answer is given again, and says so', async () => {
  const request = asked();
  const first = await once(request);
  const again = await once({ ...request, body: { group_by: 'week', title: 'a' } });
  expect(again).toEqual({
    ...first,
    headers: { location: first.headers.location, 'idempotency-replayed': 'true' },
  });
  expect(first.headers).not.toHaveProperty('idempotency-replayed');
});

test('quoted and bare are one key', async () => {
  const key = randomUUID();
  const first = await once(asked({ key: `"${key}"` }));
  expect((await once(asked({ key }))).body).toEqual(first.body);
});

test.each([
  ['', ' ', '""', 'a b', '"a b"', 'a\u00e9', '"a', 'a\tb', 'x'.repeat(256), `"${'x'.repeat(256)}"`, '"a\\b"', '\u007f'],
  // Two headers, as gateways join them.
  ['a,b', '"a","b"', '"a", "b"'],
])('what is no key is refused', async (...keys) => {
  const before = made;
  for (const key of keys)
    await expect(once(asked({ key }))).rejects.toMatchObject({
      kind: 'invalid',
      message: 'Idempotency-Key must be 1 to 255 visible ASCII characters; one with a comma needs quotes',
    });
  expect(made).toBe(before);
});

test.each(['x'.repeat(255), `"${'x'.repeat(255)}"`, '!', '"\\"\\\\"', '"a,b"', "a'{}~"])('a key: %s', async (key) => {
  expect((await once(asked({ key, operation: randomUUID() }))).status).toBe(202);
});

test('another body with the same key is refused, also while the first is being answered', async () => {
  const request = asked();
  const other = { ...request, body: { title: 'b', group_by: 'week' } };
  const first = doOnce(store, request, async () => {
    await expect(once(other)).rejects.toMatchObject({ kind: 'reused' });
    return make();
  });
  await first;
  await expect(once(other)).rejects.toMatchObject({ kind: 'reused' });
});

test('callers and operations do not share keys; keys of one owner do', async () => {
  const request = asked();
  const { body } = await once(request);
  const others = [
    { ...request, operation: 'zip' },
    { ...request, caller: caller('Biologist') },
    { ...request, caller: caller(undefined, 'local') },
    { ...request, caller: caller(undefined, 'machine') },
    { ...request, caller: caller('local', 'Xy12aB9z') },
  ];
  const bodies = await Promise.all(others.map(async (one) => (await once(one)).body.job_id));
  expect(new Set([body.job_id, ...bodies]).size).toBe(6);
  expect((await once({ ...request, caller: caller('Ranch office', 'AnotherK') })).body).toEqual(body);
});

test('ten at once: one is done, the others are to come back', async () => {
  const request = asked();
  const before = made;
  const slow = async () => {
    await pause(200);
    return make();
  };
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => doOnce(store, request, slow)));
  expect(made).toBe(before + 1);
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  expect(refused).toHaveLength(9);
  for (const reason of refused) expect(reason).toMatchObject({ kind: 'conflict', headers: { 'retry-after': '1' } });
  expect((await once(request)).body.job_id).toBe(made);
});

test('what is refused leaves the key free, also for another body', async () => {
  const request = asked();
  const refuse = async (): Promise<never> => {
    throw new Fault('unavailable', 'SQS is not available');
  };
  await expect(doOnce(store, request, refuse)).rejects.toThrow('SQS is not available');
  expect((await once({ ...request, body: { title: 'b' } })).status).toBe(202);
});

test('a process that ended before it answered holds the key for half a minute', async () => {
  const request = asked();
  const life = (): Promise<unknown> =>
    store.script(
      `for _, key in ipairs(redis.call('KEYS', KEYS[1] .. '*')) do if redis.call('HGET', key, 'answer') == false then return redis.call('TTL', key) end end return -1`,
      'idempotency:',
      [],
    );
  await doOnce(store, request, async () => {
    expect(Number(await life())).toBeGreaterThan(25);
    expect(Number(await life())).toBeLessThanOrEqual(30);
    return make();
  });
  expect(await life()).toBe(-1);
});

test.each(['refused', 'answered'])('one that is %s after its key was taken by another changes nothing', async (how) => {
  const request = asked();
  const forget = `for _, key in ipairs(redis.call('KEYS', KEYS[1] .. '*')) do redis.call('DEL', key) end return 0`;
  let second: unknown;
  const late = async () => {
    await store.script(forget, 'idempotency:', []);
    second = (await once(request)).body;
    if (how === 'refused') throw new Fault('unavailable', 'too late');
    return make();
  };
  await doOnce(store, request, late).catch(() => undefined);
  expect(second).toBeDefined();
  expect((await once(request)).body).toEqual(second);
});

test('without Redis nothing is done', async () => {
  const away = redis({ url: 'redis://127.0.0.1:1', timeout: 300 });
  const before = made;
  await expect(doOnce(away, asked(), make)).rejects.toMatchObject({ kind: 'unavailable' });
  expect(made).toBe(before);
  await away.close();
});
