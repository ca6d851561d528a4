// A data folder that is not what this program wrote is refused with a way out, before any engine
// touches it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkFolder, ENGINE_VERSIONS, PROJECT, stampFolder } from '../../localstack/stack/folder.ts';
import { openStack } from '../../localstack/stack/index.ts';
import { endAll, freshFolder } from '../support/owners.ts';

afterAll(endAll);

test('a new folder is stamped with the versions of the engines, and then recognised', () => {
  const folder = freshFolder();
  expect(checkFolder(folder)).toBeUndefined();
  stampFolder(folder);
  expect(checkFolder(folder)).toEqual(ENGINE_VERSIONS);
});

test('another major version of an engine is a sentence that says what to do', async () => {
  const folder = freshFolder();
  writeFileSync(join(folder, 'VERSION'), JSON.stringify({ ...ENGINE_VERSIONS, postgres: 17 }));
  const opening = openStack({ role: 'service', dataDir: folder, env: {}, freePorts: true, say: () => undefined });
  await expect(opening).rejects.toThrow(/was made by postgres 17 \(this program has 18\).*mv .*rm -r/);
});

test('data without VERSION, or with an unreadable one, is a sentence that says what to do', () => {
  const part = freshFolder();
  mkdirSync(join(part, 'postgres', 'cluster'), { recursive: true });
  expect(() => checkFolder(part)).toThrow(/copied or removed in part.*rm -r/);
  const garbled = freshFolder();
  writeFileSync(join(garbled, 'VERSION'), '{');
  expect(() => checkFolder(garbled)).toThrow(/cannot be read.*rm -r/);
});

test('a database that cannot be opened is a sentence that says what to do', async () => {
  const folder = freshFolder();
  stampFolder(folder);
  mkdirSync(join(folder, 'postgres', 'cluster'), { recursive: true });
  writeFileSync(join(folder, 'postgres', 'cluster', 'PG_VERSION'), '18\n');
  const opening = openStack({ role: 'service', dataDir: folder, env: {}, freePorts: true, say: () => undefined });
  await expect(opening).rejects.toThrow(/the local postgres did not start: .*database in .* cannot be opened.*rm -r/s);
});

test('the versions are those of the installed packages', () => {
  const { version } = JSON.parse(readFileSync(join(PROJECT, 'node_modules/fauxqs/package.json'), 'utf8')) as {
    version: string;
  };
  expect(Number.parseInt(version, 10)).toBe(ENGINE_VERSIONS.fauxqs);
});
