// What a kill leaves on the disk besides uploads (test/stack/halves) and in the database
// (test/stack/survival): each clean-up first finds something, then has removed it, nothing else.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Redis } from 'ioredis';
import { ownFolder } from '../../localstack/bundles/bundle.ts';
import { framePath } from '../../localstack/herd/herd.ts';
import { planHerd } from '../../localstack/herd/plan.ts';
import { keepTemplate } from '../../localstack/stack/engines/cluster.ts';
import { type Engine, type EngineName, keepEngine } from '../../localstack/stack/supervisor.ts';
import { bytesBelow } from '../support/left-over.ts';
import { SECRETS } from '../support/secrets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hoofprint-left-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The number of a process that has ended. */
const dead = String(spawnSync(process.execPath, ['-e', '']).pid);
const alive = String(process.ppid);

function write(name: string, text = 'left behind'): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}
const there = (paths: readonly string[]): string[] => paths.filter((path) => existsSync(path));

const start = (name: EngineName, root = ''): Promise<Engine> =>
  keepEngine({
    name,
    folder: join(folder, name),
    port: 0,
    anyPort: true,
    settings: { root },
    secrets: SECRETS,
    onGivenUp: (fault) => console.error(fault.message),
  });

test('bundles of services that were killed, and of one that had our number, are removed; those of a running one stay', () => {
  const left = [write(`${dead}/build/handlers/one.cjs`), write(`${process.pid}/build/handlers/one.cjs`)];
  const others = write(`${alive}/build/handlers/one.cjs`);
  expect(there(left)).toEqual(left);
  expect(ownFolder(folder)).toBe(join(folder, String(process.pid)));
  expect(there(left)).toEqual([]);
  expect(there([others])).toEqual([others]);
});

test('a template of a cluster that was left half written is removed by the next one, which is kept whole', () => {
  const left = write(`cache/cluster-1.template.${dead}/base/1`);
  const stays = [
    write(`cache/cluster-1.template.${alive}/base/1`),
    write('cache/cluster-0.1.17.template/base/1'),
    write('cache/kept/one'),
  ];
  write('cluster/base/1', 'template');
  keepTemplate(join(folder, 'cache/cluster-2.template'), join(folder, 'cluster'));
  expect(there([left, ...stays])).toEqual(stays);
  expect(readdirSync(join(folder, 'cache')).sort()).toEqual([
    'cluster-0.1.17.template',
    `cluster-1.template.${alive}`,
    'cluster-2.template',
    'kept',
  ]);
  expect(readFileSync(join(folder, 'cache/cluster-2.template/base/1'), 'utf8')).toBe('template');
});

test('a template that cannot be put in its place leaves nothing', () => {
  write('cache/cluster-2.template/in/its/way');
  write('cluster/base/1', 'template');
  const before = bytesBelow(folder);
  keepTemplate(join(folder, 'cache/cluster-2.template'), join(folder, 'cluster'));
  expect(bytesBelow(folder)).toBe(before);
  expect(readdirSync(join(folder, 'cache'))).toEqual(['cluster-2.template']);
});

test('keys that expired while nothing ran are gone from the file when Redis is up; the others stay', async () => {
  mkdirSync(join(folder, 'redis'));
  const open = (): DatabaseSync => new DatabaseSync(join(folder, 'redis/keys.db'));
  const keys = (): string[] => {
    using file = open();
    const rows = file.prepare('SELECT CAST(key AS TEXT) AS key FROM keys ORDER BY key').all() as { key: string }[];
    return rows.map(({ key }) => key);
  };
  let engine = await start('redis');
  const client = new Redis({ lazyConnect: true, host: '127.0.0.1', port: engine.port, password: SECRETS.password });
  for (const key of ['goes', 'stays']) await client.set(key, 'x'.repeat(10_000), 'EX', 3_600);
  await client.quit();
  await engine.stop();
  expect(keys()).toEqual(['goes', 'stays']);
  {
    using file = open();
    file.exec("UPDATE keys SET expires_at = 1 WHERE CAST(key AS TEXT) = 'goes'");
  }
  engine = await start('redis');
  await engine.stop();
  expect(keys()).toEqual(['stays']);
});

test('frames that were left half drawn are gone when the archive is up, a frame is drawn whole, and nothing else is left', async () => {
  const root = join(folder, 'frames');
  const half = write(`frames/demo/.making/${dead}-0a0b0c0d`);
  const engine = await start('images', root);
  expect(there([half])).toEqual([]);
  const url = `http://127.0.0.1:${engine.port}`;
  const headers = { authorization: `Bearer ${SECRETS.token}` };
  expect((await fetch(`${url}/demo/.making/${dead}-0a0b0c0d`, { headers })).status).toBe(404);
  const path = framePath(planHerd(5, 2_000).frames[3]!);
  const frame = Buffer.from(await (await fetch(`${url}/${path}`, { headers })).arrayBuffer());
  expect(readFileSync(join(root, path)).equals(frame)).toBe(true);
  expect(bytesBelow(root)).toBe(frame.length);
  await engine.stop();
});
