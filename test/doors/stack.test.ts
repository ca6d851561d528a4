// A whole service on a folder of the version before: taken over, closed to other users, and every
// port asks for its secret. @alone
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Redis } from 'ioredis';
import pg from 'pg';
import { type Service, startService } from '../../localstack/host/service.ts';
import { PROJECT } from '../../localstack/stack/folder.ts';
import { openStack } from '../../localstack/stack/index.ts';
import { readRecord } from '../../localstack/stack/owner.ts';
import { freePorts } from '../../localstack/stack/ports.ts';
import { makeSecrets, type Secrets, takeSecrets } from '../../localstack/stack/secrets.ts';
import { connectLines, publicAddresses } from '../../scripts/doctor/connect.ts';
import { endAll, eventually, freshFolder } from '../support/owners.ts';
import { bareEnvironment } from '../support/services.ts';

type Environment = Record<string, string>;

const folder = freshFolder();
const logFile = join(freshFolder(), 'service.log');
const env = { ...bareEnvironment(), HOOFPRINT_DATA: folder, HOOFPRINT_PORTS: 'free', HOOFPRINT_DEMO: '0' };
let service: Service | undefined;
let environment: Environment;
let secrets: Secrets;

const everything = (path = folder): string[] => [
  path,
  ...(lstatSync(path).isDirectory() ? readdirSync(path).flatMap((name) => everything(join(path, name))) : []),
];
/** Files come and go while a service runs. */
const modeOf = (path: string): number => (existsSync(path) ? lstatSync(path).mode & 0o777 : 0o600);
const open = (path: string): boolean => (modeOf(path) & 0o077) !== 0;

function clientsOf(at: Environment) {
  const settings = {
    endpoint: at.AWS_ENDPOINT_URL_S3!,
    region: at.AWS_REGION!,
    credentials: { accessKeyId: at.AWS_ACCESS_KEY_ID!, secretAccessKey: at.AWS_SECRET_ACCESS_KEY! },
  };
  const [sqs, s3] = [new SQSClient(settings), new S3Client({ ...settings, forcePathStyle: true })];
  const redis = new Redis(at.REDIS_URL!, { lazyConnect: true });
  const database = new pg.Client({ connectionString: at.DATABASE_URL });
  return {
    sqs,
    s3,
    redis,
    database,
    async close() {
      sqs.destroy();
      s3.destroy();
      redis.disconnect();
      await database.end();
    },
  };
}

/** What a service of the version before leaves: data, no secrets, and everything readable. */
async function leaveOldFolder(): Promise<void> {
  const stack = await openStack({ role: 'service', env, herd: false, say: () => undefined });
  const { sqs, s3, redis, database, close } = clientsOf(stack.environment);
  await database.connect();
  await database.query("CREATE TABLE old AS SELECT 'row' AS kind");
  await redis.set('export_job:old', '{}', 'EX', 600);
  await s3.send(new PutObjectCommand({ Bucket: stack.environment.EXPORTS_BUCKET!, Key: 'old', Body: 'file' }));
  await sqs.send(new SendMessageCommand({ QueueUrl: stack.environment.EXPORTS_PARKED_QUEUE_URL!, MessageBody: 'job' }));
  await close();
  await stack.close();
  rmSync(join(folder, 'secrets.json'));
  for (const path of everything()) chmodSync(path, lstatSync(path).isDirectory() ? 0o777 : 0o666);
}

beforeAll(async () => {
  await leaveOldFolder();
  const [httpPort = 0, lambdaPort = 0] = await freePorts(2);
  service = await startService({ httpPort, lambdaPort, env, logFile });
  environment = readRecord(folder)!.environment;
  secrets = takeSecrets(folder);
}, 180_000);
afterAll(async () => {
  await service?.stop();
  await endAll();
});

/** The environment, with other secrets or none at all. */
function addressesWith(password: string): Environment {
  const changed = Object.entries(environment).map(([name, value]) => [name, value.replace(secrets.password, password)]);
  return { ...Object.fromEntries(changed), AWS_SECRET_ACCESS_KEY: makeSecrets().secretAccessKey };
}

test('a folder without secrets gets them and keeps its jobs, files, messages and rows; VERSION is what it was', async () => {
  const { sqs, s3, redis, database, close } = clientsOf(environment);
  await database.connect();
  expect((await database.query('SELECT kind FROM old')).rows).toEqual([{ kind: 'row' }]);
  expect(await redis.get('export_job:old')).toBe('{}');
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: environment.EXPORTS_BUCKET!, Key: 'old' }));
  expect(await Body!.transformToString()).toBe('file');
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: environment.EXPORTS_PARKED_QUEUE_URL! }));
  expect(Messages?.map(({ Body: text }) => text)).toEqual(['job']);
  await close();
  expect(JSON.parse(readFileSync(join(folder, 'VERSION'), 'utf8'))).toMatchObject({ layout: 1 });
});

test('after a start no other user may use any file or folder, also what the engines write', async () => {
  expect(modeOf(folder)).toBe(0o700);
  expect(modeOf(join(folder, 'secrets.json'))).toBe(0o600);
  const { database, redis, s3, close } = clientsOf(environment);
  await database.connect();
  await database.query('CREATE TABLE more AS SELECT n FROM generate_series(1, 1000) n');
  await database.query('CHECKPOINT');
  await redis.set('more', '1');
  await s3.send(new PutObjectCommand({ Bucket: environment.EXPORTS_BUCKET!, Key: 'more', Body: 'file' }));
  await close();
  const all = everything();
  expect(all.length).toBeGreaterThan(1_000);
  expect(all.filter(open)).toEqual([]);
});

const isRoot = process.getuid?.() === 0 && existsSync('/usr/bin/setpriv');
test('another user reads none of it', () => {
  // Nobody else may become another user.
  if (!isRoot) return;
  const read = (path: string): string =>
    spawnSync('/usr/bin/setpriv', ['--reuid', '65534', '--regid', '65534', '--clear-groups', 'cat', path], {
      encoding: 'utf8',
    }).stderr;
  for (const name of ['secrets.json', 'owner.json', 'VERSION', 'redis/keys.db', 'postgres/cluster/PG_VERSION'])
    expect(read(join(folder, name))).toMatch(/Permission denied/);
});

test('no secret is in the arguments of a process or in the log', async () => {
  const hidden = [secrets.secretAccessKey, secrets.password, secrets.token, readRecord(folder)!.key];
  // Refusals are logged, if anything is.
  const { database, redis, close } = clientsOf(addressesWith('another-password'));
  await expect(database.connect()).rejects.toThrow('password');
  redis.on('error', () => undefined);
  await expect(redis.get('x')).rejects.toThrow(/WRONGPASS|NOAUTH/);
  await close().catch(() => undefined);
  const commands = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    });
  const said = [...commands, readFileSync(logFile, 'utf8')].join('\n');
  expect(said).toContain('localstack/stack/engines/postgres.ts');
  expect(said).toContain('the local stack is up');
  expect(hidden.filter((secret) => said.includes(secret))).toEqual([]);
});

/** What a socket answers to bytes. */
function tell(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('error', reject);
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(answer.toString('latin1'));
    });
  });
}

const portOf = (variable: string): number => Number(new URL(environment[variable]!).port);

test('every engine refuses who brings no secret, and none has a port besides the one that is known', async () => {
  expect(await tell(portOf('REDIS_URL'), 'GET export_job:old\r\n')).toMatch(/^-NOAUTH/);
  expect(await tell(portOf('REDIS_URL'), 'AUTH postgres\r\n')).toMatch(/^-WRONGPASS/);
  for (const path of ['/', '/hoofprint-exports/old', '/hoofprint-exports?list-type=2'])
    expect((await fetch(environment.AWS_ENDPOINT_URL_S3 + path)).status).toBe(403);
  const message = { method: 'POST', headers: { 'content-type': 'application/x-amz-json-1.0' }, body: '{}' };
  expect((await fetch(environment.AWS_ENDPOINT_URL_SQS!, message)).status).toBe(403);
  const known = ['REDIS_URL', 'DATABASE_URL', 'AWS_ENDPOINT_URL_S3', 'IMAGE_ARCHIVE_URL'].map(portOf).sort();
  const sockets = execFileSync('sh', ['-c', 'cat /proc/net/tcp'], { encoding: 'utf8' }).split('\n');
  const listening = new Map<string, number>(
    sockets
      .map((line) => line.trim().split(/\s+/))
      .flatMap((field) =>
        field[3] === '0A' ? [[`socket:[${field[9]}]`, Number.parseInt(field[1]!.split(':')[1]!, 16)] as const] : [],
      ),
  );
  const children = readFileSync(`/proc/${service!.pid}/task/${service!.pid}/children`, 'utf8').trim().split(' ');
  const engines = children.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('/engines/'));
  const links = (pid: string): string[] => {
    const listed = spawnSync('sh', ['-c', `for f in /proc/${pid}/fd/*; do readlink $f; done`], { encoding: 'utf8' });
    return listed.stdout.split('\n');
  };
  const ports = engines.flatMap(links).flatMap((name) => listening.get(name) ?? []);
  expect(engines).toHaveLength(4);
  expect([...new Set(ports)].sort()).toEqual(known);
});

test('frames: 401 without the token, 421 and 403 from a browser, sent with it', async () => {
  const url = `${environment.IMAGE_ARCHIVE_URL}/demo/none.jpg`;
  const statusOf = async (headers: Record<string, string>): Promise<string> =>
    (
      await tell(
        portOf('IMAGE_ARCHIVE_URL'),
        `GET /demo/none.jpg HTTP/1.1\r\n${Object.entries(headers)
          .map(([name, value]) => `${name}: ${value}\r\n`)
          .join('')}\r\n`,
      )
    ).slice(9, 12);
  const host = new URL(url).host;
  const authorization = `Bearer ${secrets.token}`;
  expect(await statusOf({ host })).toBe('401');
  for (const wrong of ['Bearer ', `Bearer ${secrets.token}x`, `Basic ${secrets.token}`, `Bearer ${secrets.password}`])
    expect(await statusOf({ host, authorization: wrong })).toBe('401');
  expect(await statusOf({ host, authorization })).toBe('404');
  expect(await statusOf({ host: 'evil.example', authorization })).toBe('421');
  expect(await statusOf({ host, authorization, origin: 'http://evil.example' })).toBe('403');
  expect(await statusOf({ host, authorization, 'sec-fetch-site': 'same-site' })).toBe('403');
});

test('the address of the owner says nothing to who has no key', async () => {
  const { address, key } = readRecord(folder)!;
  for (const headers of [{}, { authorization: 'Bearer x' }, { authorization: `Basic ${key}` }]) {
    const answer = await fetch(address, { headers: headers as Record<string, string> });
    expect([answer.status, await answer.text()]).toEqual([404, '']);
  }
  expect((await fetch(`${address}/${key}`)).status).toBe(404);
  expect((await fetch(address, { headers: { authorization: `Bearer ${key}` } })).status).toBe(200);
});

test('doctor: addresses without secrets to anybody, with them to a terminal only', async () => {
  const hidden = [secrets.secretAccessKey, secrets.password, secrets.token];
  const shown = publicAddresses(environment).join('\n');
  expect(shown).toContain(`DATABASE_URL=postgres://postgres@127.0.0.1:${portOf('DATABASE_URL')}/postgres`);
  expect(hidden.filter((secret) => shown.includes(secret))).toEqual([]);
  const terminal = await connectLines(env, true);
  for (const secret of hidden) expect(JSON.stringify(terminal)).toContain(secret);
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['scripts/doctor.ts', ...args], { cwd: PROJECT, env, encoding: 'utf8' });
  const piped = run('--connect');
  expect([piped.status, piped.stdout]).toEqual([1, '']);
  expect(piped.stderr).toMatch(/to a terminal only/);
  expect(run().stdout).toContain(`REDIS_URL=redis://default@127.0.0.1:${portOf('REDIS_URL')}`);
  const { lines } = terminal as { lines: string[] };
  expect(lines.find((line) => line.startsWith('REDIS_URL='))).toBe(`REDIS_URL=${environment.REDIS_URL}`);
});

test('an engine that is killed comes back behind its door, and clients with the password go on', async () => {
  const redis = new Redis(environment.REDIS_URL!, { maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  await redis.set('before', '1', 'EX', 600);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  const children = readFileSync(`/proc/${service!.pid}/task/${service!.pid}/children`, 'utf8').trim().split(' ');
  const pid = children.find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('/engines/redis.ts'));
  process.kill(Number(pid), 'SIGKILL');
  await eventually(
    'Redis is back',
    () =>
      redis.get('before').then(
        (value) => value === '1',
        () => false,
      ),
    30_000,
  );
  expect(await tell(portOf('REDIS_URL'), 'GET before\r\n')).toMatch(/^-NOAUTH/);
  redis.disconnect();
}, 60_000);
