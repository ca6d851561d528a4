// When requests need a key, and what a start without one is refused with.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeKey } from '../../lib/access/key-text.ts';
import { changeKeysFile } from '../../lib/access/keys-file.ts';
import { config } from '../../lib/config.ts';
import { decideExposure } from '../../localstack/stack/exposure.ts';

const folder = mkdtempSync(join(tmpdir(), 'hoofprint-exposure-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const none = join(folder, 'none.json');
const some = join(folder, 'some.json');
const { prefix, hash } = makeKey();
const key = { prefix, hash, owner: 'Office', scopes: ['read' as const], createdAt: new Date() };
changeKeysFile(some, () => [key]);

test.each<[string, Record<string, string>, string]>([
  ['127.0.0.2', {}, 'it listens on 127.0.0.2'],
  ['0.0.0.0', {}, 'it listens on 0.0.0.0'],
  ['::', {}, 'it listens on ::'],
  ['127.0.0.1', { BASE_PATH: '/herd/' }, 'BASE_PATH is set'],
  ['127.0.0.1', { PUBLIC_URL: 'https://deer.example' }, 'PUBLIC_URL is set'],
  ['127.0.0.1', { TRUSTED_PROXIES: '127.0.0.9' }, 'TRUSTED_PROXIES is set'],
  ['127.0.0.1', { AUTH: 'required' }, 'AUTH=required is set'],
  ['127.0.0.2', { AUTH: 'off', BASE_PATH: '/' }, 'it listens on 127.0.0.2'],
  ['127.0.0.2', { PUBLIC_URL: 'https://deer.example' }, 'it listens on 127.0.0.2, PUBLIC_URL is set'],
])('%s %j', async (host, env, reason) => {
  await expect(decideExposure(host, { ...env, KEYS_FILE: none }, '')).rejects.toThrow(
    `requests need a key because ${reason}, and there is none. Type: npm run keys -- create --owner "Ranch office"`,
  );
  const { environment, isOpen } = await decideExposure(host, { ...env, KEYS_FILE: some }, '');
  expect([isOpen, environment.AUTH, environment.COORDINATES]).toEqual([false, 'required', 'rounded']);
  const exact = await decideExposure(host, { ...env, KEYS_FILE: some, COORDINATES: 'exact' }, '');
  expect(exact.environment.COORDINATES).toBeUndefined();
});

test.each(['127.0.0.1', '::1', 'localhost'])(
  '%s: open without a key; closed as soon as there is a live one',
  async (host) => {
    expect(await decideExposure(host, { KEYS_FILE: none }, '')).toMatchObject({
      isOpen: true,
      environment: { AUTH: 'off' },
    });
    const { environment } = await decideExposure(host, { KEYS_FILE: some }, '');
    expect([environment.AUTH, environment.COORDINATES]).toEqual(['required', undefined]);
    const dead = join(folder, 'dead.json');
    changeKeysFile(dead, () => [
      { ...key, revokedAt: new Date() },
      { ...key, prefix: 'x', expiresAt: new Date(0) },
    ]);
    expect((await decideExposure(host, { KEYS_FILE: dead }, '')).isOpen).toBe(true);
  },
);

test('a file of keys that others can read is refused with what to type', async () => {
  const open = join(folder, 'open.json');
  changeKeysFile(open, () => [key]);
  chmodSync(open, 0o644);
  await expect(decideExposure('127.0.0.1', { KEYS_FILE: open }, '')).rejects.toThrow(
    'can be read by others. Type: chmod 600',
  );
});

test.each(['herd', '/herd', '/api/', '/api/herd/'])('no BASE_PATH: %s', (path) => {
  process.env.BASE_PATH = path;
  expect(() => config('BASE_PATH')).toThrow('BASE_PATH must be a path such as /herd/, and not below /api/');
  delete process.env.BASE_PATH;
});
