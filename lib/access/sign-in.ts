// A browser signs in with a key once, and out again: the key itself is never kept by a page.
import Type, { type Static } from 'typebox';
import type { Contract } from '../contract.ts';
import { Fault } from '../errors.ts';
import type { Admission, Guard } from './guard.ts';
import { cookieName, findCookies, makeCookie, SESSION_SECONDS, type Sessions } from './sessions.ts';

const SignIn = Type.Object(
  { key: Type.String({ minLength: 1, maxLength: 200, expected: 'a key (hp_...)' }) },
  { additionalProperties: false, expected: 'an object with a key' },
);
export const signInContract: Contract<Static<typeof SignIn>> = { schema: SignIn };

export interface SessionInfo {
  /** Prefix of the key; `local` where none is needed. */
  key: string;
  owner?: string;
  scopes: readonly string[];
}

interface Asked {
  headers: Readonly<Record<string, string | undefined>>;
  cookies: readonly string[];
  admission: Admission | undefined;
}

export interface SessionSettings {
  basePath: string;
  /** The address that people use; a session behind TLS stays there. */
  publicUrl: string;
}

const cookieFor = ({ headers, admission }: Asked, secret: string, seconds: number, settings: SessionSettings): string =>
  makeCookie(cookieName(headers.host ?? '', settings.basePath), secret, {
    path: settings.basePath,
    isSecure: admission?.client.isSecure === true || settings.publicUrl.startsWith('https:'),
    seconds,
  });

const findSecrets = ({ headers, cookies }: Asked, { basePath }: SessionSettings): string[] =>
  findCookies(cookies, cookieName(headers.host ?? '', basePath));

/**
 * Ends the former session of this browser.
 * @returns who signed in, and the cookie of the session
 * @throws Fault `unauthorized` or `limited` for a key that is none, `conflict` where none is needed
 */
export async function signIn(
  { guard, sessions, isRequired }: { guard: Guard; sessions: Sessions; isRequired: boolean },
  asked: Asked & { body: { key: string } },
  settings: SessionSettings,
): Promise<{ info: SessionInfo; cookie: string }> {
  if (!isRequired || asked.admission === undefined) throw new Fault('conflict', 'This service needs no key');
  const { prefix, owner, scopes } = await guard.identify(asked.body.key, asked.admission.client);
  const secret = await sessions.open(prefix);
  for (const former of findSecrets(asked, settings)) await sessions.close(former);
  return { info: { key: prefix, owner, scopes }, cookie: cookieFor(asked, secret, SESSION_SECONDS, settings) };
}

/** Ends the session of this browser, if it has one. @returns headers that remove what it keeps */
export async function signOut(
  sessions: () => Sessions,
  asked: Asked,
  settings: SessionSettings,
): Promise<Record<string, string>> {
  const secrets = findSecrets(asked, settings);
  const forget = { 'clear-site-data': '"cache", "cookies", "storage"' };
  if (secrets.length === 0) return forget;
  for (const secret of secrets) await sessions().close(secret);
  return { ...forget, 'set-cookie': cookieFor(asked, '', 0, settings) };
}

export function describeSession(admission: Admission | undefined): SessionInfo {
  const { key = 'local', owner, scopes = [] } = admission?.caller ?? {};
  return { key, ...(owner === undefined ? {} : { owner }), scopes };
}
