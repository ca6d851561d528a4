// Who uses the page, and what the service is set to.
import { signal } from '@preact/signals';
import { call, get, onSignedOut, Refusal } from './api.ts';

export interface Session {
  key: string;
  owner?: string;
  scopes: readonly string[];
  /** The day of now where the cameras are, YYYY-MM-DD. */
  today?: string;
  time_zone?: string;
  event_stream?: boolean;
  keys_required?: boolean;
  version?: string;
}

/** undefined = not known yet, or nobody is signed in. */
export const session = signal<Session | undefined>(undefined);
/** A key is needed, and there is no session or no longer one. */
export const needsKey = signal(false);

onSignedOut.act = () => {
  needsKey.value = true;
};

export async function loadSession(): Promise<void> {
  try {
    session.value = await get<Session>('api/session');
    needsKey.value = false;
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 401) throw error;
  }
}

/** @throws Refusal in the words of the service */
export async function signIn(key: string): Promise<void> {
  await call('POST', 'api/session', { body: { key } });
  await loadSession();
}

/** The browser forgets what it keeps of this service. */
export async function signOut(): Promise<void> {
  await call('DELETE', 'api/session');
  location.reload();
}

/** Whether the page offers what wants this scope. */
export function may(scope: string): boolean {
  const { scopes = [], keys_required } = session.value ?? {};
  if (keys_required === false || session.value?.key === 'local') return true;
  const wider: Record<string, string> = { exports: 'exports:all', import: 'write' };
  return scopes.includes(scope) || scopes.includes(wider[scope] ?? scope);
}

/** The day of now where the cameras are. */
export const today = (): string => session.value?.today ?? new Date().toLocaleDateString('en-CA');
