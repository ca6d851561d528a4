// The door in the process itself: what counts as a request of a key, and who is of this machine.
import { type GuardPorts, makeGuard } from '../../lib/access/guard.ts';
import { makeKey } from '../../lib/access/key-text.ts';
import { keyRing, type StoredKey } from '../../lib/access/keys.ts';
import type { Scope } from '../../lib/access/scopes.ts';
import type { Sessions } from '../../lib/access/sessions.ts';
import { signIn, signOut } from '../../lib/access/sign-in.ts';
import type { KeyValue } from '../../lib/adapters/redis.ts';
import { Fault } from '../../lib/errors.ts';
import { parseProxies } from '../../lib/proxies.ts';

const key = makeKey();
const row: StoredKey = { ...key, owner: 'Ranch office', scopes: ['read'], createdAt: new Date(0) };
/** By bucket: how many were taken. */
let taken: Map<string, number>;
let isSlow: boolean;
const store: KeyValue = {
  async script(_, bucket, [, burst = 0], within = 600) {
    if (isSlow) {
      await new Promise((resolve) => setTimeout(resolve, within));
      throw new Fault('unavailable', 'Redis is not available');
    }
    const count = (taken.get(bucket) ?? 0) + 1;
    taken.set(bucket, count);
    return [count <= Number(burst) ? 1 : 0, Math.max(0, Number(burst) - count) * 1_000];
  },
  ping: async () => undefined,
  close: async () => undefined,
};
let opened: Set<string>;
const sessions: Sessions = {
  async open() {
    const secret = `session-${opened.size}`;
    opened.add(secret);
    return secret;
  },
  find: async (secret) => {
    if (!opened.has(secret)) return undefined;
    return secret === 'of-another' ? another.prefix : key.prefix;
  },
  close: async (secret) => void opened.delete(secret),
};
const another: StoredKey = { ...makeKey(), owner: 'Biologist', scopes: ['read'], createdAt: new Date(0) };
const ring = keyRing({ load: async () => [row, another] }, () => new Date());
const ports: GuardPorts = { keys: () => ring, store: () => store, sessions: () => sessions };
const guard = makeGuard(
  {
    browser: () => ({ ownHost: '127.0.0.2', publicUrl: '', corsOrigin: '' }),
    trustedProxies: () => parseProxies('127.0.0.1', ''),
    isRequired: () => true,
    basePath: () => '/',
    machineToken: () => 'token-of-this-machine',
    rate: (counted) => ({ perSecond: 1, burst: counted === 'pictures' ? 5 : 3 }),
  },
  ports,
);
const ask = async (headers: Record<string, string>, source = '127.0.0.1') =>
  guard.admit({ method: 'GET', headers, cookies: [], source, navigable: false, scope: 'read' });

const settings = { basePath: '/', publicUrl: '' };
const enter = async (cookies: string[] = []) => {
  const client = { address: '127.0.0.1', isSecure: false, isForwarded: false };
  const admission = { caller: { key: 'local', owner: undefined, scopes: [], seesAll: false }, client, headers: {} };
  const asked = { headers: { host: 'localhost' }, cookies, admission, body: { key: key.text } };
  return signIn({ guard, sessions, isRequired: true }, asked, settings);
};

beforeEach(() => {
  [taken, opened, isSlow] = [new Map(), new Set(), false];
});

test('a sign-in counts as a request of its key: nobody opens sessions without end', async () => {
  for (let i = 0; i < 3; i += 1) await enter();
  await expect(enter()).rejects.toMatchObject({ kind: 'limited' });
  await expect(ask({ authorization: `Bearer ${key.text}` })).rejects.toMatchObject({ kind: 'limited' });
  expect(opened.size).toBe(3);
});

test('pictures are counted apart, by a rate of their own: a screen of them leaves the rest free', async () => {
  const headers = { authorization: `Bearer ${key.text}` };
  const picture = () =>
    guard.admit({
      ...{ method: 'GET', headers, cookies: [], source: '127.0.0.1', navigable: false },
      ...{ scope: 'read', counted: 'pictures' },
    });
  for (let i = 0; i < 5; i += 1) await picture();
  await expect(picture()).rejects.toMatchObject({ kind: 'limited' });
  for (let i = 0; i < 3; i += 1) await ask(headers);
  await expect(ask(headers)).rejects.toMatchObject({ kind: 'limited' });
});

test('a browser that signs in again leaves no session behind', async () => {
  const { cookie } = await enter();
  await enter([cookie.split(';')[0]!]);
  expect([...opened]).not.toContain('session-0');
  expect(opened.size).toBe(1);
});

const withCookies = (...secrets: string[]) =>
  guard.admit({
    ...{ method: 'GET', headers: { host: 'localhost' }, source: '127.0.0.1', navigable: false, scope: 'read' },
    cookies: secrets.map((secret) => `hoofprint=${secret}`),
  });

test('a cookie of the same name that is no session keeps nobody out, wherever it stands', async () => {
  const secret = await sessions.open(key.prefix);
  for (const secrets of [
    ['planted', secret],
    [secret, 'planted'],
    ['a', 'b', 'c', secret],
  ])
    expect((await withCookies(...secrets)).caller.key).toBe(key.prefix);
});

test('sessions of two owners in one browser: nobody is taken for the other', async () => {
  const secret = await sessions.open(key.prefix);
  opened.add('of-another');
  await expect(withCookies(secret, 'of-another')).rejects.toMatchObject({
    kind: 'unauthorized',
    message: 'This browser has sessions of several owners: sign out, and in again',
  });
});

test('not more than four cookies of a name are looked at', async () => {
  const secret = await sessions.open(key.prefix);
  await expect(withCookies('a', 'b', 'c', 'd', secret)).rejects.toMatchObject({ kind: 'unauthorized' });
});

test('signing out ends every session that the browser brings', async () => {
  const [first, second] = [await sessions.open(key.prefix), await sessions.open(key.prefix)];
  const cookies = [`hoofprint=${first}`, `hoofprint=${second}`];
  await signOut(() => sessions, { headers: { host: 'localhost' }, cookies, admission: undefined }, settings);
  expect(opened.size).toBe(0);
});

test('who was admitted by a session no longer is when it ends, whatever its key does', async () => {
  const secret = await sessions.open(key.prefix);
  const bySession = await withCookies(secret);
  const byKey = await ask({ authorization: `Bearer ${key.text}` });
  expect([await guard.stillAdmits(bySession), await guard.stillAdmits(byKey)]).toEqual([true, true]);
  await sessions.close(secret);
  expect([await guard.stillAdmits(bySession), await guard.stillAdmits(byKey)]).toEqual([false, true]);
});

test.each<Record<string, string>>([
  { 'x-forwarded-for': '127.0.0.1' },
  { 'x-forwarded-for': '127.0.0.7' },
  { forwarded: 'for=192.0.2.7' },
  { 'x-real-ip': '192.0.2.7' },
  { 'x-forwarded-proto': 'https' },
])('the token of this machine is not taken through a proxy: %j', async (forwarding) => {
  const authorization = 'Bearer token-of-this-machine';
  for (const source of ['127.0.0.1', '127.0.0.2'])
    expect((await ask({ authorization }, source)).caller.key).toBe('machine');
  await expect(ask({ authorization, ...forwarding })).rejects.toMatchObject({ kind: 'unauthorized' });
});

test('one of several scopes is enough, and a refusal names them all', async () => {
  const ask = (scope: readonly Scope[]) =>
    guard.admit({
      ...{ method: 'GET', cookies: [], source: '127.0.0.1', navigable: false, scope },
      headers: { authorization: `Bearer ${key.text}` },
    });
  expect((await ask(['reid', 'read'])).caller.key).toBe(key.prefix);
  await expect(ask(['exports', 'reid'])).rejects.toMatchObject({
    kind: 'forbidden',
    message: 'This needs a key with the scope exports or reid',
    headers: { 'www-authenticate': expect.stringContaining('scope="exports reid"') },
  });
});

test('a Redis that does not answer leaves most of the second to the request', async () => {
  isSlow = true;
  const began = performance.now();
  expect((await ask({ authorization: `Bearer ${key.text}` })).headers).toEqual({});
  expect(performance.now() - began).toBeLessThan(450);
});
