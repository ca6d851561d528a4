// Keys: their text, where they are kept, how long a process relies on what it knows.
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { insertKey, loadKeys, revokeKey, tableKeys } from '../../lib/access/key-table.ts';
import { makeKey, parseKey } from '../../lib/access/key-text.ts';
import { type KeyStore, keyRing, type StoredKey } from '../../lib/access/keys.ts';
import { changeKeysFile, readKeysFile } from '../../lib/access/keys-file.ts';
import { isAllowed, SCOPES } from '../../lib/access/scopes.ts';
import { Fault } from '../../lib/errors.ts';
import { createKey, listKeys, revoke } from '../../scripts/keys/acts.ts';
import { inFile, inTable } from '../../scripts/keys/holder.ts';
import { migratedDatabase, type OwnDatabase } from '../support/database.ts';
import { until } from '../support/wait.ts';

const folder = mkdtempSync(join(tmpdir(), 'hoofprint-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function writeKeysFile(path: string, keys: readonly StoredKey[]): void {
  rmSync(path, { force: true });
  changeKeysFile(path, () => keys);
}

test('a key is hp_ and 36 letters and digits; any one changed is noticed without a look at any store', () => {
  fc.assert(
    fc.property(fc.nat(35), fc.nat(61), (at, digit) => {
      const { text, prefix, hash } = makeKey();
      expect(text).toMatch(/^hp_[0-9A-Za-z]{36}$/);
      expect(parseKey(text)).toEqual({ text, prefix, hash });
      expect([text.slice(3, 11), hash.length, hash.includes(text.slice(3))]).toEqual([prefix, 64, false]);
      const letter = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'[digit]!;
      const changed = text.slice(0, 3 + at) + letter + text.slice(4 + at);
      expect(parseKey(changed) === undefined).toBe(changed !== text);
    }),
  );
  for (const text of ['', 'hp_', makeKey().text.slice(1), ` ${makeKey().text}`, `${makeKey().text}\n`])
    expect(parseKey(text)).toBeUndefined();
  expect(new Set(Array.from({ length: 1_000 }, () => makeKey().text)).size).toBe(1_000);
});

test('every scope includes read, none another one but exports:all exports and write import', () => {
  for (const held of SCOPES)
    for (const wanted of SCOPES)
      expect([held, wanted, isAllowed([held], wanted)]).toEqual([
        held,
        wanted,
        held === wanted ||
          wanted === 'read' ||
          (held === 'exports:all' && wanted === 'exports') ||
          (held === 'write' && wanted === 'import'),
      ]);
  expect(isAllowed([], 'read')).toBe(false);
});

const stored = (more: Partial<StoredKey> = {}) => {
  const key = makeKey();
  const { prefix, hash } = key;
  return {
    key,
    row: { prefix, hash, owner: 'Ranch office', scopes: ['read'], createdAt: new Date(0), ...more } as StoredKey,
  };
};

describe('what a process knows', () => {
  let now: number;
  let loads: number;
  let rows: StoredKey[];
  let isAway: boolean;
  const store: KeyStore = {
    load: async () => {
      loads += 1;
      if (isAway) throw new Fault('unavailable', 'PostgreSQL is not available');
      return rows;
    },
  };
  const open = () => {
    [now, loads, rows, isAway] = [1_000_000, 0, [], false];
    return keyRing(store, () => new Date(now));
  };

  test('a key is looked up once a minute, and a revoked or expired one ends within it', async () => {
    const ring = open();
    const { key, row } = stored();
    rows = [row];
    for (let i = 0; i < 59; i += 1, now += 1_000) expect((await ring.find(key))?.prefix).toBe(key.prefix);
    expect(loads).toBe(1);
    rows = [{ ...row, revokedAt: new Date(now) }];
    now += 1_000;
    expect(await ring.find(key)).toBeUndefined();
    expect(await ring.findByPrefix(key.prefix)).toBeUndefined();
    rows = [{ ...row, expiresAt: new Date(now + 60_500) }];
    now += 60_000;
    expect((await ring.find(key))?.prefix).toBe(key.prefix);
    now += 1_000;
    expect(await ring.find(key)).toBeUndefined();
  });

  test('a new key works at once, and unknown ones do not ask the store each time', async () => {
    const ring = open();
    expect(await ring.find(makeKey())).toBeUndefined();
    const { key, row } = stored();
    rows = [row];
    now += 2_000;
    expect((await ring.find(key))?.prefix).toBe(key.prefix);
    const before = loads;
    for (let i = 0; i < 100; i += 1) await ring.find(makeKey());
    expect(loads - before).toBeLessThanOrEqual(1);
  });

  test('a key with the prefix of another one is not it', async () => {
    const ring = open();
    const { key, row } = stored();
    rows = [row];
    expect(await ring.find({ ...makeKey(), prefix: key.prefix })).toBeUndefined();
  });

  test('the store is away: known keys go on for five minutes, others wait for it', async () => {
    const ring = open();
    const { key, row } = stored();
    rows = [row];
    await ring.find(key);
    isAway = true;
    for (; now < 1_000_000 + 299_000; now += 13_000) expect((await ring.find(key))?.prefix).toBe(key.prefix);
    await expect(ring.find(makeKey())).rejects.toMatchObject({ kind: 'unavailable' });
    now = 1_000_000 + 300_000;
    await expect(ring.find(key)).rejects.toMatchObject({ kind: 'unavailable' });
    const before = loads;
    for (let i = 0; i < 50; i += 1) await ring.find(key).catch(() => undefined);
    expect(loads - before).toBeLessThanOrEqual(1);
    isAway = false;
    now += 2_000;
    expect((await ring.find(key))?.prefix).toBe(key.prefix);
  });
});

test('a clock that was set back keeps no revoked key alive, and hides no new one', async () => {
  let now = 10 * 3_600_000;
  const [old, young] = [stored(), stored()];
  let rows = [old.row];
  const ring = keyRing({ load: async () => rows }, () => new Date(now));
  expect(await ring.find(old.key)).toBeDefined();
  rows = [{ ...old.row, revokedAt: new Date(now) }, young.row];
  now -= 3 * 3_600_000;
  expect(await ring.find(old.key)).toBeUndefined();
  expect(await ring.find(young.key)).toBeDefined();
});

test('a store that does not answer holds up a known key for a moment only', async () => {
  let now = 0;
  const { key, row } = stored();
  let load = async (): Promise<StoredKey[]> => [row];
  const ring = keyRing({ load: () => load() }, () => new Date(now));
  await ring.find(key);
  load = () => new Promise(() => undefined);
  now += 60_000;
  const began = performance.now();
  expect(await ring.find(key)).toBeDefined();
  expect(performance.now() - began).toBeLessThan(500);
  await expect(ring.find(makeKey())).rejects.toMatchObject({ kind: 'unavailable' });
});

describe('in the database', () => {
  let own: OwnDatabase;
  beforeAll(async () => {
    own = await migratedDatabase();
  });
  afterAll(() => own?.close());

  test('made, found, used, revoked; the key itself is nowhere', async () => {
    const key = makeKey();
    const expiresAt = new Date('2031-01-01T00:00:00Z');
    await own.database.write((queries) =>
      insertKey(queries, { key, owner: 'Ranch office', scopes: ['exports', 'review'], expiresAt }),
    );
    const ring = keyRing(
      tableKeys(() => own.database),
      () => new Date('2030-05-01T23:00:00Z'),
    );
    expect(await ring.find(key)).toMatchObject({ owner: 'Ranch office', scopes: ['exports', 'review'], expiresAt });
    await until('the day of use', async () =>
      (await own.database.read(loadKeys))[0]?.lastUsedOn === '2030-05-01' ? true : undefined,
    );
    const dump = await own.database.read(({ rows }) =>
      rows<{ all: string }>('SELECT k::text AS all FROM hoofprint_keys k'),
    );
    expect(dump[0]!.all).not.toContain(key.text.slice(11));
    expect(await own.database.write((queries) => revokeKey(queries, key.prefix))).toBe(true);
    expect(await own.database.write((queries) => revokeKey(queries, key.prefix))).toBe(false);
    const later = keyRing(
      tableKeys(() => own.database),
      () => new Date('2030-05-01T23:00:00Z'),
    );
    expect(await later.find(key)).toBeUndefined();
  });

  test('of several that are made at once for an owner two are', async () => {
    const holder = inTable(own.database);
    const made = await Promise.allSettled(
      Array.from({ length: 4 }, () => createKey(holder, { owner: 'In a hurry', scopes: 'read' })),
    );
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect((await holder.load()).filter(({ owner }) => owner === 'In a hurry')).toHaveLength(2);
  });
});

describe('in a file', () => {
  const path = join(folder, 'keys.json');

  test('read and written, by its owner only', async () => {
    expect(readKeysFile(path)).toEqual([]);
    const { row } = stored({ expiresAt: new Date('2031-01-01T00:00:00Z') });
    writeKeysFile(path, [row]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readKeysFile(path)).toEqual([{ ...row, revokedAt: undefined }]);
    chmodSync(path, 0o640);
    expect(() => readKeysFile(path)).toThrow(/can be read by others. Type: chmod 600/);
    chmodSync(path, 0o600);
  });

  test('of two changes at once one is refused, and nothing is undone', async () => {
    const { row } = stored();
    writeKeysFile(path, [row]);
    changeKeysFile(path, (keys) => {
      expect(() => changeKeysFile(path, () => [])).toThrow(/being changed. Try again; .* type: rm .*keys.json.new/);
      return keys.map((key) => ({ ...key, revokedAt: new Date(0) }));
    });
    expect(readKeysFile(path).map(({ revokedAt }) => revokedAt)).toEqual([new Date(0)]);
    expect(() =>
      changeKeysFile(path, () => {
        throw new Error('broken off');
      }),
    ).toThrow('broken off');
    changeKeysFile(path, () => undefined);
    expect(readKeysFile(path)).toHaveLength(1);
  });

  test('a folder is no file of keys, and no advice is given to close it', () => {
    for (const mode of [0o755, 0o700]) {
      chmodSync(folder, mode);
      expect(() => readKeysFile(folder)).toThrow('(KEYS_FILE) is not a file');
    }
  });

  test.each([
    '',
    '[]',
    '{"keys":[{}]}',
    '{"keys":[{"prefix":"a","hash":"b","owner":"c","scopes":[],"created_at":"x"}]}',
  ])('not what npm run keys writes: %s', (text) => {
    writeKeysFile(path, []);
    writeFileSync(path, text);
    expect(() => readKeysFile(path)).toThrow('is not what npm run keys writes');
  });
});

describe('npm run keys', () => {
  const path = join(folder, 'acts.json');
  const holder = inFile(path);

  test('two live keys an owner: a third is refused until one is revoked', async () => {
    const create = () => createKey(holder, { owner: 'Ranch office', scopes: 'read,exports', days: '30' });
    const [first] = await create();
    await create();
    await expect(create()).rejects.toThrow(`Type: npm run keys -- revoke ${parseKey(first!)!.prefix}`);
    await createKey(holder, { owner: 'Biologist', scopes: 'read' });
    await revoke(holder, parseKey(first!)!.prefix);
    await expect(revoke(holder, parseKey(first!)!.prefix)).rejects.toThrow('there is no such key');
    await create();
    const list = await listKeys(holder);
    expect(list.map((line) => line.split(/ +/)[1])).toEqual(['state', 'revoked', 'live', 'live', 'live']);
    expect([list.join('\n'), readFileSync(path, 'utf8')].join('\n')).not.toContain(first!.slice(11));
  });

  test.each([
    [{ scopes: 'read' }, '--owner must be a name'],
    [{ owner: 'a\u0007b', scopes: 'read' }, '--owner must be a name'],
    [{ owner: 'x'.repeat(81), scopes: 'read' }, '--owner must be a name'],
    [{ owner: 'x' }, '--scopes must list some of: read, exports'],
    [{ owner: 'x', scopes: 'read,all' }, '--scopes must list some of'],
    [{ owner: 'x', scopes: 'read', days: '0' }, '--days must be a whole number'],
    [{ owner: 'x', scopes: 'read', days: '1e3' }, '--days must be a whole number'],
  ])('refused: %j', async (wanted, sentence) => {
    await expect(createKey(holder, wanted)).rejects.toThrow(sentence);
  });
});
