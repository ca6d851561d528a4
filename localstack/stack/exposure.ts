// Who can call this service, and whether they need a key: decided once, when it starts.

import { loadKeys } from '../../lib/access/key-table.ts';
import { isLive, type StoredKey } from '../../lib/access/keys.ts';
import { readKeysFile } from '../../lib/access/keys-file.ts';
import { postgres } from '../../lib/adapters/postgres.ts';
import { Fault } from '../../lib/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether only this machine can call a service that listens there. */
export const isClosed = (host: string): boolean => ['127.0.0.1', '::1', 'localhost'].includes(host);

const CREATE_KEY = 'npm run keys -- create --owner "Ranch office" --scopes read,exports';

/** What lets others than the users of this machine call. */
function findOpenings(host: string, env: Environment): string[] {
  return [
    ...(isClosed(host) ? [] : [`it listens on ${host}`]),
    ...(env.BASE_PATH && env.BASE_PATH !== '/' ? ['BASE_PATH is set'] : []),
    ...(env.PUBLIC_URL ? ['PUBLIC_URL is set'] : []),
    ...(env.TRUSTED_PROXIES ? ['TRUSTED_PROXIES is set'] : []),
    ...(env.AUTH === 'required' ? ['AUTH=required is set'] : []),
  ];
}

async function readKeys(env: Environment, databaseUrl: string): Promise<StoredKey[]> {
  if (env.KEYS_FILE) return readKeysFile(env.KEYS_FILE);
  const database = postgres({ url: databaseUrl, connections: 1 });
  try {
    return await database.read(loadKeys);
  } finally {
    await database.close();
  }
}

/** Whether a key could be used now. @throws what reading them throws */
export async function hasLiveKey(env: Environment, databaseUrl: string): Promise<boolean> {
  const now = new Date();
  return (await readKeys(env, databaseUrl)).some((key) => isLive(key, now));
}

/**
 * The variables that say whether functions ask for keys.
 * @param chosen what a person has set. @param databaseUrl where keys are, without KEYS_FILE
 * @throws Fault `misconfigured` with what to type when others could call and there is no key
 */
export async function decideExposure(
  host: string,
  chosen: Environment,
  databaseUrl: string,
): Promise<{ environment: Record<string, string>; isOpen: boolean }> {
  const openings = findOpenings(host, chosen);
  const hasKey = await hasLiveKey(chosen, databaseUrl);
  if (openings.length > 0 && !hasKey)
    throw new Fault(
      'misconfigured',
      `requests need a key because ${openings.join(', ')}, and there is none. Type: ${CREATE_KEY}`,
    );
  const isRequired = openings.length > 0 || hasKey;
  return {
    isOpen: !isRequired,
    environment: {
      AUTH: isRequired ? 'required' : 'off',
      HOOFPRINT_HOST: isClosed(host) ? '' : host,
      // What leaves this machine is coarser, unless its owner says otherwise.
      ...(openings.length > 0 && !chosen.COORDINATES ? { COORDINATES: 'rounded' } : {}),
    },
  };
}
