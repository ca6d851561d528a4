// A data folder that is damaged, is no folder, or has no room, and a Node that is too old: each
// refusal is a sentence that says what to type; nothing is a stack trace.
import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stampFolder } from '../../localstack/stack/folder.ts';
import { openStack } from '../../localstack/stack/index.ts';
import { endAll, freshFolder } from '../support/owners.ts';
import { outsideBut, plain, refusal, refused, run, start } from './person.ts';

afterAll(endAll);

/** A folder whose keys, queues and files a service has used and left. */
async function used(): Promise<string> {
  const folder = freshFolder();
  const env = plain({ ...outsideBut('redis', 'aws'), HOOFPRINT_DATA: folder });
  const stack = await openStack({ role: 'service', env, herd: false, say: () => undefined });
  await stack.close();
  return folder;
}

test('a half-written data folder: what is damaged is named, with a way to keep it; what can be mended is', async () => {
  const good = await used();
  const damaged = async (
    what: RegExp,
    harm: (folder: string) => void,
    here: 'redis' | 'aws' = 'redis',
  ): Promise<void> => {
    const folder = freshFolder();
    for (const part of ['VERSION', here]) cpSync(join(good, part), join(folder, part), { recursive: true });
    harm(folder);
    const sentence = await refusal(plain({ ...outsideBut(here), HOOFPRINT_DATA: folder }));
    expect(sentence).toMatch(what);
    expect(sentence).toMatch(/^Fault: .*(mv |rm )/);
  };
  await damaged(/copied or removed in part/, (folder) => {
    rmSync(join(folder, 'VERSION'));
    mkdirSync(join(folder, 'postgres/cluster'), { recursive: true });
  });
  await damaged(/VERSION cannot be read/, (folder) => writeFileSync(join(folder, 'VERSION'), ''));
  await damaged(/was made by postgres 17/, (folder) =>
    writeFileSync(join(folder, 'VERSION'), '{"layout":1,"postgres":17,"valkey":9,"fauxqs":2}'),
  );
  const garbage = 'not a database, by a long way';
  await damaged(
    /the keys in \S+ cannot be opened.*rm -r \S+\/redis\)/,
    (folder) => writeFileSync(join(folder, 'redis/keys.db'), garbage),
    'redis',
  );
  await damaged(
    /the queues and files in \S+ cannot be opened.*rm -r \S+\/aws\)/,
    (folder) => writeFileSync(join(folder, 'aws/fauxqs.db'), garbage),
    'aws',
  );
  await damaged(/owner\.lock is damaged.*Type: rm \S+owner\.lock/, (folder) =>
    writeFileSync(join(folder, 'owner.lock'), 'not a lock, by a long way'),
  );

  // Left by a crash: a record and locks of a process that is gone, a half-written VERSION next to
  // the right one; for a database half made see test/stack/survival.
  const left = good;
  writeFileSync(
    join(left, 'owner.json'),
    '{"pid":1,"role":"service","state":"ready","key":"x","address":"http://127.0.0.1:1"',
  );
  writeFileSync(join(left, 'VERSION.new'), '{"layo');
  expect(await refusal(plain({ ...outsideBut('redis'), HOOFPRINT_DATA: left }))).toBe('it started');
}, 120_000);

test('a data folder that is a file, is under a file, or may not be written', async () => {
  const folder = freshFolder();
  writeFileSync(join(folder, 'file'), '');
  for (const path of [join(folder, 'file'), join(folder, 'file', 'below')])
    expect(await refusal(plain({ HOOFPRINT_DATA: path }))).toMatch(/^Fault: .* is not a folder\..*HOOFPRINT_DATA/);
  const barred = freshFolder();
  chmodSync(barred, 0o555);
  // Nobody is barred from anything as root; then the process is somebody else.
  const root = process.getuid?.() === 0;
  const env = plain({ HOOFPRINT_DATA: join(barred, 'data') });
  if (!root) await refused(start(env), /cannot be written\. See whose it is \(ls -ld .*HOOFPRINT_DATA/);
  else if (existsSync('/usr/bin/setpriv'))
    await refused(
      run(
        '/usr/bin/setpriv',
        ['--reuid', '65534', '--clear-groups', process.execPath, 'scripts/import.ts', 'nothing'],
        env,
      ),
      /cannot be written\. See whose it is \(ls -ld .*HOOFPRINT_DATA/,
    );
}, 60_000);

test('a disk without room: said as such, without the advice to remove a database', async () => {
  const env = plain(outsideBut('postgres'));
  stampFolder(env.HOOFPRINT_DATA!);
  const shell = 'ulimit -f 4000; exec "$0" "$@"';
  const attempt = run('/bin/sh', ['-c', shell, process.execPath, 'scripts/import.ts', 'nothing'], env);
  await refused(attempt, /there is no room for .*df -h .*HOOFPRINT_DATA/);
  expect((await attempt).said).not.toMatch(/rm -r/);
}, 60_000);

test('a Node that is too old: setup says which is needed, and so does npx serverless', async () => {
  const folder = freshFolder();
  const pretend = (version: string): NodeJS.ProcessEnv => {
    const file = join(folder, `node-${version}.cjs`);
    writeFileSync(
      file,
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } }); Object.defineProperty(process, 'version', { value: 'v${version}' });`,
    );
    return plain({ NODE_OPTIONS: `--require ${file}` });
  };
  await Promise.all([
    refused(
      run(process.execPath, ['scripts/bootstrap.mjs'], pretend('18.20.0')),
      /needs Node 20 or newer .*this is v18\.20\.0.* Install Node 20\+/,
    ),
    refused(
      run(process.execPath, ['localstack/offline/plugin.cjs'], pretend('20.19.5')),
      /needs Node 22\.18 or newer here \(this is v20\.19\.5\)\. Run: npm run setup/,
    ),
  ]);
}, 60_000);
