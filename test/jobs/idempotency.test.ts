// Idempotency-Key: what is asked for twice is done once. Of two at once one is done.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Caller } from '../../lib/access/guard.ts';
import { doOnce, type Making, type OnceRequest } from '../../lib/access/idempotency.ts';
import { redis } from '../../lib/adapters/redis.ts';
import { Fault } from '../../lib/errors.ts';
import { createExport } from '../../lib/exports/job/create.ts';
import { generateExport } from '../../lib/exports/job/generate.ts';
import type { ExportMessage } from '../../lib/exports/job/message.ts';
import { aRequest, testPorts } from '../support/ports.ts';

const store = redis({ url: process.env.REDIS_URL!, prefix: process.env.REDIS_KEY_PREFIX!, timeout: 5_000 });
const ports = testPorts();
afterAll(async () => {
  await store.close();
  await ports.close();
});

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

/** As after the half minute that a process may take. */
const passTime = `for _, key in ipairs(redis.call('KEYS', KEYS[1] .. '*')) do if redis.call('HGET', key, 'answer') == false then redis.call('HSET', key, 'busy_until', 0) end end return 0`;
/** Its process ends before it has answered. */
const begin = async (request: OnceRequest): Promise<Making> => {
  const { promise, resolve } = Promise.withResolvers<Making>();
  void doOnce(store, request, (making) => {
    resolve(making);
    return new Promise<never>(() => undefined);
  });
  return promise;
};

test('what a process was making when it ended is made by the next one, half a minute later', async () => {
  const request = asked();
  const first = await begin(request);
  expect(first.again).toBe(false);
  await expect(once(request)).rejects.toMatchObject({ kind: 'conflict' });
  await store.script(passTime, 'idempotency:', []);
  await expect(once({ ...request, body: {} })).rejects.toMatchObject({ kind: 'reused' });
  // It ends as well.
  expect(await begin(request)).toMatchObject({ id: first.id, at: first.at, again: true });
  await expect(once(request)).rejects.toMatchObject({ kind: 'conflict' });
  await store.script(passTime, 'idempotency:', []);
  await expect(doOnce(store, request, () => Promise.reject(new Fault('unavailable', 'SQS')))).rejects.toThrow('SQS');
  await store.script(passTime, 'idempotency:', []);
  const seen: Making[] = [];
  const answer = await doOnce(store, request, async (making) => {
    seen.push(making);
    return make();
  });
  expect(seen).toMatchObject([{ id: first.id, at: first.at, again: true }]);
  expect((await once(request)).body).toEqual(answer.body);
});

/** As the endpoints make a job, with some ports of the test. */
const create = (using: object) => async (making: Making) => {
  const all = { ...ports, files: () => ports.files, names: { check: () => undefined }, ...using } as never;
  return { status: 202, body: await createExport(all, 'pdf', aRequest, { making }) };
};

test.each(['before its record', 'between its record and its message', 'after its message'])(
  'a service that is killed %s makes one job in the end',
  async (when) => {
    const request = asked({ body: aRequest });
    const messages: ExportMessage[] = [];
    const death = Promise.withResolvers<never>();
    const dies = () => death.promise;
    const { promise: dead, resolve } = Promise.withResolvers<void>();
    const dying = {
      jobs: {
        ...ports.jobs,
        create: async (...job: Parameters<typeof ports.jobs.create>) => {
          if (when.startsWith('before')) resolve();
          return when.startsWith('before') ? dies() : ports.jobs.create(...job);
        },
      },
      queue: {
        ...ports.queue,
        send: async (body: string) => {
          if (when.startsWith('after')) messages.push(JSON.parse(body));
          resolve();
          await dies();
        },
      },
    };
    const first = doOnce(store, request, create(dying));
    await dead;
    await store.script(passTime, 'idempotency:', []);
    const send = async (body: string) => void messages.push(JSON.parse(body));
    const { body } = await doOnce(store, request, create({ queue: { ...ports.queue, send } }));
    expect(messages).toHaveLength(when.startsWith('after') ? 2 : 1);
    expect(new Set(messages.map((message) => JSON.stringify(message))).size).toBe(1);
    expect(messages[0]!.job_id).toBe(body.job_id);
    for (const message of messages) await generateExport(ports, message, new AbortController().signal);
    expect((await ports.jobs.read(body.job_id)).record).toMatchObject({ status: 'completed', runs: 1 });
    death.reject(new Error('killed'));
    await first.catch(() => undefined);
  },
);

test.each(['before its record', 'before its message', 'after its message'])(
  'a service that was frozen %s, and goes on when another one has made the job, takes nothing back',
  async (when) => {
    const request = asked({ body: aRequest });
    const [frozen, thawed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const freeze = async (): Promise<void> => {
      frozen.resolve();
      await thawed.promise;
    };
    let time = 0;
    const first = doOnce(
      store,
      request,
      create({
        jobs: {
          ...ports.jobs,
          create: async (...job: Parameters<typeof ports.jobs.create>) => {
            if (when === 'before its record') await freeze();
            return ports.jobs.create(...job);
          },
        },
        queue: {
          ...ports.queue,
          send: async () => {
            await freeze();
            // Its connection is long gone.
            if (when === 'before its message') throw new Fault('unavailable', 'SQS is not available');
          },
        },
      }),
      () => time,
    );
    await frozen.promise;
    time = 30_000;
    await store.script(passTime, 'idempotency:', []);
    const messages: string[] = [];
    const send = async (body: string) => void messages.push(body);
    const second = await doOnce(store, request, create({ queue: { ...ports.queue, send } }));
    thawed.resolve();
    await first.catch(() => undefined);
    expect((await ports.jobs.read(second.body.job_id)).record?.status).toBe('processing');
    expect((await doOnce(store, request, create({}))).body).toEqual(second.body);
    await generateExport(ports, JSON.parse(messages[0]!), new AbortController().signal);
    expect((await ports.jobs.read(second.body.job_id)).record?.status).toBe('completed');
  },
);

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
