// What a person does with keys, and what the terminal shows of it.
import { makeKey } from '../../lib/access/key-text.ts';
import { isLive, type StoredKey } from '../../lib/access/keys.ts';
import { isScope, SCOPES } from '../../lib/access/scopes.ts';
import { Fault } from '../../lib/errors.ts';
import { LONGEST_OWNER } from '../../lib/exports/job/message.ts';
import type { KeyHolder } from './holder.ts';

export const USAGE = [
  'usage: npm run keys -- create --owner "Ranch office" --scopes read,exports [--days 365]',
  '       npm run keys -- list',
  '       npm run keys -- revoke PREFIX',
  `scopes: ${SCOPES.join(', ')}`,
].join('\n');

/** An owner has two at a time, so that a new key can replace the old one without a gap. */
const MOST_LIVE = 2;
const DAY_MS = 86_400_000;

interface Wanted {
  owner?: string | undefined;
  scopes?: string | undefined;
  days?: string | undefined;
}

function readOwner(text: string | undefined): string {
  const owner = text?.trim() ?? '';
  if (owner === '' || owner.length > LONGEST_OWNER || /\p{C}/u.test(owner))
    throw new Fault('invalid', `--owner must be a name of 1 to ${LONGEST_OWNER} characters`);
  return owner;
}

/**
 * @throws Fault `invalid` for an option that cannot be used, `conflict` when the owner has two keys
 */
export async function createKey(holder: KeyHolder, wanted: Wanted, now = new Date()): Promise<string[]> {
  const owner = readOwner(wanted.owner);
  const scopes = [...new Set((wanted.scopes ?? '').split(',').map((scope) => scope.trim()))];
  if (!scopes.every(isScope)) throw new Fault('invalid', `--scopes must list some of: ${SCOPES.join(', ')}`);
  const days = wanted.days ?? '';
  if (!/^([1-9]\d{0,3})?$/.test(days)) throw new Fault('invalid', '--days must be a whole number from 1 to 9999');
  const refuseThird = (keys: readonly StoredKey[]): void => {
    const live = keys.filter((key) => key.owner === owner && isLive(key, now));
    if (live.length >= MOST_LIVE)
      throw new Fault(
        'conflict',
        `${owner} has ${live.length} live keys (${live.map(({ prefix }) => prefix).join(', ')}). Type: npm run keys -- revoke ${live[0]?.prefix}`,
      );
  };
  const key = makeKey();
  const expiresAt = days === '' ? undefined : new Date(now.getTime() + Number(days) * DAY_MS);
  await holder.add({ key, owner, scopes, expiresAt }, refuseThird);
  return [
    key.text,
    `This is the key of ${owner}; it is not shown again. Scopes: ${scopes.join(', ')}. ${expiresAt === undefined ? 'It does not expire.' : `It expires on ${expiresAt.toISOString().slice(0, 10)}.`}`,
    'Use it: curl -H "Authorization: Bearer KEY" ... From now on requests need a key.',
  ];
}

const day = (date: Date | undefined): string => date?.toISOString().slice(0, 10) ?? '-';

export async function listKeys(holder: KeyHolder, now = new Date()): Promise<string[]> {
  const keys = await holder.load();
  if (keys.length === 0) return ['There are no keys.'];
  const state = (key: (typeof keys)[number]): string =>
    isLive(key, now) ? 'live' : key.revokedAt === undefined ? 'expired' : 'revoked';
  return [
    'prefix    state    created     expires     last used   scopes and owner',
    ...keys.map((key) =>
      [
        key.prefix.padEnd(9),
        state(key).padEnd(8),
        day(key.createdAt).padEnd(11),
        day(key.expiresAt).padEnd(11),
        (key.lastUsedOn ?? '-').padEnd(11),
        `${key.scopes.join(',')}  ${key.owner}`,
      ].join(' '),
    ),
  ];
}

/** @throws Fault `not-found` when no live key has this prefix */
export async function revoke(holder: KeyHolder, prefix: string | undefined): Promise<string[]> {
  if (prefix === undefined || !(await holder.revoke(prefix)))
    throw new Fault('not-found', 'there is no such key, or it is revoked already. Type: npm run keys -- list');
  return [`Revoked: ${prefix}. It ends within a minute, and so do its sessions.`];
}
