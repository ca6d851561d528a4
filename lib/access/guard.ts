// The one door of every HTTP function: from where a request comes, who sends it, whether that key
// allows it, and how often. Host, emulator and Lambda refuse alike: all pass through here.
import { isIPv4 } from 'node:net';
import type { KeyValue } from '../adapters/redis.ts';
import { Fault } from '../errors.ts';
import { type Client, findClient, type TrustedProxies } from '../proxies.ts';
import { type BrowserSettings, refuseForeignPage } from './browser.ts';
import { parseKey } from './key-text.ts';
import type { KeyRing, StoredKey } from './keys.ts';
import { countRequest, type Rate, take, tooMany } from './limits.ts';
import { isAllowed, SCOPES, type Scope } from './scopes.ts';
import { isSame, readBearer } from './secret.ts';
import { cookieName, findCookies, type Sessions } from './sessions.ts';

/** Who sends a request. */
export interface Caller {
  /** Prefix of the key; `machine` for programs of this machine, `local` where none is needed. */
  key: string;
  /** Whose jobs these are; undefined for `machine` and `local`: their jobs have no owner. */
  owner: string | undefined;
  scopes: readonly Scope[];
  /** May see and cancel everybody's jobs. */
  seesAll: boolean;
}

export interface AccessRequest {
  method: string;
  /** By their lower-case names. */
  headers: Readonly<Record<string, string | undefined>>;
  cookies: readonly string[];
  /** Address of the peer. */
  source: string;
  /** A page or a download: a link on any page may lead to it. */
  navigable: boolean;
  /** What it needs, or one of what it needs; undefined = everybody may. */
  scope: Scope | readonly Scope[] | undefined;
  /** Counted apart from other requests, by another rate. */
  counted?: Counted | undefined;
  /** Of its body, where a page may send something else than JSON. */
  bodyType?: string | undefined;
}

/** Requests that a page sends many of at once. */
export type Counted = 'pictures';

export interface Admission {
  caller: Caller;
  client: Client;
  /** Secret of the session by which the caller is known; undefined where there is none. */
  session?: string | undefined;
  /** For the answer. */
  headers: Readonly<Record<string, string>>;
}

type Known = Pick<Admission, 'caller' | 'session'>;

export interface PassageSettings {
  browser: () => BrowserSettings;
  trustedProxies: () => TrustedProxies;
}

export interface GuardSettings extends PassageSettings {
  /** Whether a key is needed. */
  isRequired: () => boolean;
  basePath: () => string;
  /** Of this machine's own programs; empty = there is none. */
  machineToken: () => string;
  rate: (counted: Counted | undefined) => Rate;
}

export interface GuardPorts {
  keys: () => KeyRing;
  store: () => KeyValue;
  sessions: () => Sessions;
}

/** Attempts with keys that are not valid, from one address. */
const FAILED: Rate = { perSecond: 0.2, burst: 20 };

const LOCAL: Caller = { key: 'local', owner: undefined, scopes: SCOPES, seesAll: true };
const MACHINE: Caller = { ...LOCAL, key: 'machine' };

/** Somebody without a key, where keys are required: may do what needs no scope. */
const ANONYMOUS: Caller = { key: 'none', owner: undefined, scopes: [], seesAll: false };

const isLoopback = (address: string): boolean => address === '::1' || (isIPv4(address) && address.startsWith('127.'));

/** RFC 6750 section 3. */
const unauthorized = (detail: string, error?: string): Fault =>
  new Fault('unauthorized', detail, {
    headers: { 'www-authenticate': `Bearer realm="hoofprint"${error === undefined ? '' : `, error="${error}"`}` },
  });

const outOfScope = (scopes: readonly Scope[], headers: Admission['headers']): Fault =>
  new Fault('forbidden', `This needs a key with the scope ${scopes.join(' or ')}`, {
    headers: {
      ...headers,
      'www-authenticate': `Bearer realm="hoofprint", error="insufficient_scope", scope="${scopes.join(' ')}"`,
    },
  });

/** Where the requests of a caller are counted. */
const nameBucket = ({ key }: Caller, { counted }: AccessRequest): string =>
  counted === undefined ? key : `${key}:${counted}`;

const makeCaller = ({ prefix, owner, scopes }: StoredKey): Caller => ({
  key: prefix,
  owner,
  scopes,
  seesAll: scopes.includes('exports:all') || scopes.includes('admin'),
});

/**
 * The door of what everybody may ask: where a request comes from.
 * @throws Fault that says why it is refused
 */
export function passAnyone(request: AccessRequest, settings: PassageSettings): Admission {
  const client = findClient(request.source, request.headers, settings.trustedProxies());
  const refusal = refuseForeignPage(request, settings.browser());
  if (refusal !== undefined) throw refusal;
  return { caller: LOCAL, client, headers: {} };
}

/** A program of this machine. */
const isHere = ({ isForwarded, address }: Client, { browser }: PassageSettings): boolean =>
  !isForwarded && (isLoopback(address) || address === browser().ownHost);

/** Carries a key or cookies. */
const hasCredentials = ({ headers, cookies }: AccessRequest): boolean =>
  headers.authorization !== undefined || cookies.length > 0;

export interface Guard {
  /** @throws Fault that says why a request is refused */
  admit(request: AccessRequest): Promise<Admission> | Admission;
  /**
   * The key of this text, counted as a request with it; failures are counted by address.
   * @throws Fault `unauthorized`, or `limited` after too many
   */
  identify(text: string, client: Client): Promise<StoredKey>;
  /** As admit, but somebody without a key is let in as a caller without any scope. */
  welcome(request: AccessRequest): Promise<Admission>;
  /** Whether somebody who was admitted would still be: key and session live, or none is needed. */
  stillAdmits(admission: Known): Promise<boolean>;
}

async function findSession(secret: string, ports: GuardPorts): Promise<StoredKey | undefined> {
  const prefix = await ports.sessions().find(secret);
  return prefix === undefined ? undefined : ports.keys().findByPrefix(prefix);
}

/** @throws Fault `unauthorized` when none is alive, or those of several owners */
async function chooseSession(
  secrets: readonly string[],
  ports: GuardPorts,
): Promise<{ session: string; key: StoredKey }> {
  if (secrets.length === 0) throw unauthorized('A key is needed: Authorization: Bearer hp_...');
  const found = await Promise.all(
    secrets.map(async (session) => ({ session, key: await findSession(session, ports) })),
  );
  const [first, ...others] = found.flatMap(({ session, key }) => (key === undefined ? [] : [{ session, key }]));
  if (first === undefined) throw unauthorized('The session is over: sign in with a key');
  // One cookie may be of somebody else, and nothing says which one.
  if (others.some(({ key }) => key.owner !== first.key.owner))
    throw unauthorized('This browser has sessions of several owners: sign out, and in again');
  return first;
}

export function makeGuard(settings: GuardSettings, ports: GuardPorts): Guard {
  const identify = async (text: string, { address }: Client): Promise<StoredKey> => {
    const key = parseKey(text);
    const found = key === undefined ? undefined : await ports.keys().find(key);
    if (found !== undefined) return found;
    const taken = await take(ports.store(), `failed:${address}`, FAILED);
    if (taken?.isAllowed === false) throw tooMany('Too many requests with keys that are not valid', taken.seconds);
    throw unauthorized('This key is not valid: it is unknown, revoked or expired', 'invalid_token');
  };

  const findCaller = async ({ headers, cookies }: AccessRequest, client: Client): Promise<Known> => {
    const { authorization, host = '' } = headers;
    if (authorization !== undefined) {
      const text = readBearer(authorization);
      if (isHere(client, settings) && isSame(text, settings.machineToken())) return { caller: MACHINE };
      return { caller: makeCaller(await identify(text, client)) };
    }
    const { session, key } = await chooseSession(findCookies(cookies, cookieName(host, settings.basePath())), ports);
    return { caller: makeCaller(key), session };
  };

  const admitCaller = async (
    request: AccessRequest,
    client: Client,
    ...scopes: readonly Scope[]
  ): Promise<Admission> => {
    const { caller, session } = await findCaller(request, client);
    const rate = settings.rate(request.counted);
    const headers = caller === MACHINE ? {} : await countRequest(ports.store(), nameBucket(caller, request), rate);
    if (scopes.some((scope) => isAllowed(caller.scopes, scope))) return { caller, client, session, headers };
    throw outOfScope(scopes, headers);
  };

  return {
    async identify(text, client) {
      const key = await identify(text, client);
      await countRequest(ports.store(), key.prefix, settings.rate(undefined));
      return key;
    },
    async welcome(request) {
      const passed = passAnyone(request, settings);
      if (!settings.isRequired()) return passed;
      const anonymous = { ...passed, caller: ANONYMOUS };
      return hasCredentials(request) ? admitCaller(request, passed.client, 'read').catch(() => anonymous) : anonymous;
    },
    stillAdmits: async ({ caller: { key }, session }) => {
      if (key === LOCAL.key) return !settings.isRequired();
      if (key === MACHINE.key) return true;
      return (
        (await (session === undefined ? ports.keys().findByPrefix(key) : findSession(session, ports)))?.prefix === key
      );
    },
    admit(request) {
      const passed = passAnyone(request, settings);
      if (request.scope === undefined || !settings.isRequired()) return passed;
      return admitCaller(request, passed.client, ...[request.scope].flat());
    },
  };
}
