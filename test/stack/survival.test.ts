// What a killed stack leaves: no process, no port, all of its data, and nothing half made.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Fault } from '../../lib/errors.ts';
import { ENGINE_VERSIONS } from '../../localstack/stack/folder.ts';
import { openStack, type Stack } from '../../localstack/stack/index.ts';
import {
  endAll,
  eventually,
  freshFolder,
  isAlive,
  isListening,
  type Opened,
  openInProcess,
} from '../support/owners.ts';

/** The next start after the kill. */
let stack: Stack | undefined;
let given: Fault | undefined;
afterAll(async () => {
  await stack?.close();
  await endAll();
});

function clientsOf(environment: Record<string, string>) {
  const aws = {
    endpoint: environment.AWS_ENDPOINT_URL_SQS!,
    region: environment.AWS_REGION!,
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID!,
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY!,
    },
  };
  const redis = new Redis(environment.REDIS_URL!, { maxRetriesPerRequest: 20 });
  redis.on('error', () => undefined);
  const database = new pg.Client({ connectionString: environment.DATABASE_URL });
  database.on('error', () => undefined);
  const [sqs, s3] = [new SQSClient(aws), new S3Client({ ...aws, forcePathStyle: true })];
  return {
    redis,
    database,
    sqs,
    s3,
    close: async () => {
      redis.disconnect();
      await database.end().catch(() => undefined);
      sqs.destroy();
      s3.destroy();
    },
  };
}

/** Whoever has the answer to a write has it for good: the key is in the file by then. */
async function expectKeptWhenAnswered(url: string, path: string): Promise<void> {
  const file = new DatabaseSync(path, { readOnly: true });
  const find = file.prepare('SELECT 1 FROM keys WHERE key = ?');
  const clients = Array.from({ length: 4 }, () => new Redis(url));
  const early: string[] = [];
  await Promise.all(
    clients.map(async (client, number) => {
      for (let i = 0; i < 100; i += 1) {
        const key = `kept-${number}-${i}`;
        await client.set(key, 'x'.repeat(1_000), 'EX', 100);
        if (find.get(Buffer.from(key)) === undefined) early.push(key);
      }
      expect(await client.quit()).toBe('OK');
    }),
  );
  file.close();
  expect(early).toEqual([]);
}

test('kill -9 of the owner: engines end, ports are free; the next start has rows, keys with their expiry, messages and objects', async () => {
  const folder = freshFolder();
  const leave = (name: string, text = 'left behind'): string => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  const half = leave('postgres/making/base/1/1234');
  const first = openInProcess(folder, 'service');
  const { environment, engines } = (await first.outcome) as Opened;
  expect(engines.map(({ name }) => name).sort()).toEqual(['aws', 'images', 'postgres', 'redis']);
  // A cluster that was left half made is gone when the database is up.
  expect(existsSync(half)).toBe(false);
  const one = clientsOf(environment);
  await one.database.connect();
  await one.database.query('CREATE TABLE kept (n int)');
  await one.database.query('INSERT INTO kept VALUES (7)');
  await one.redis.set('gone', 'x');
  await one.redis.flushdb();
  await one.redis.set('job', 'record', 'EX', 100);
  await one.redis.set('brief', 'record', 'PX', 1_500);
  await one.redis.set('deleted', 'record');
  await one.redis.set('forever', Buffer.from([0, 255, 10]));
  await one.redis.del('deleted');
  await one.sqs.send(new SendMessageCommand({ QueueUrl: environment.EXPORTS_QUEUE_URL, MessageBody: 'still here' }));
  await one.s3.send(
    new PutObjectCommand({ Bucket: environment.EXPORTS_BUCKET, Key: 'exports/a/1/a.pdf', Body: 'bytes' }),
  );
  await expectKeptWhenAnswered(environment.REDIS_URL!, join(folder, 'redis/keys.db'));
  // FLUSHDB names no key: the promise for those is one second.
  const written = Date.now();
  await eventually('a second has passed', () => Date.now() - written > 1_200);
  await first.end('SIGKILL');
  await one.close();
  await eventually('no engine is left', () => engines.every(({ pid }) => !isAlive(pid)));
  for (const { port } of engines) expect(await isListening(port)).toBe(false);

  const load = leave('postgres/cluster/incoming/0123456789abcdef.copy', 'x'.repeat(1_000_000));
  stack = await openStack({
    role: 'service',
    dataDir: folder,
    herd: false,
    freePorts: true,
    env: {},
    say: () => undefined,
    onFailure: (fault) => {
      given = fault;
    },
  });
  const again = stack.environment;
  // So is a bulk load that was killed.
  expect(existsSync(load)).toBe(false);
  const two = clientsOf(again);
  await two.database.connect();
  expect((await two.database.query('SELECT n FROM kept')).rows).toEqual([{ n: 7 }]);
  expect(await two.redis.get('job')).toBe('record');
  const left = await two.redis.pttl('job');
  expect(left).toBeGreaterThan(60_000);
  expect(left).toBeLessThan(99_000);
  expect(await two.redis.getBuffer('forever')).toEqual(Buffer.from([0, 255, 10]));
  await eventually('the brief key has expired', async () => (await two.redis.exists('brief')) === 0);
  expect(await two.redis.exists('deleted', 'gone')).toBe(0);
  const received = await two.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: again.EXPORTS_QUEUE_URL, WaitTimeSeconds: 5 }),
  );
  expect(received.Messages?.map(({ Body }) => Body)).toEqual(['still here']);
  const object = await two.s3.send(new GetObjectCommand({ Bucket: again.EXPORTS_BUCKET, Key: 'exports/a/1/a.pdf' }));
  expect(await object.Body?.transformToString()).toBe('bytes');
  await two.close();
});

test('then an engine that crashes comes back on its port with its data; three quick crashes end the stack with a sentence', async () => {
  if (stack === undefined) throw new Error('the stack did not start again');
  const { redis, database, close } = clientsOf(stack.environment);
  try {
    await database.connect();
    const version = (await database.query('SHOW server_version')).rows[0] as { server_version: string };
    expect(Number.parseInt(version.server_version, 10)).toBe(ENGINE_VERSIONS.postgres);
    expect(await redis.info('server')).toContain(`valkey_version:${ENGINE_VERSIONS.valkey}.`);

    await redis.set('key', 'value', 'EX', 50);
    const saved = Date.now();
    await eventually('a second has passed', () => Date.now() - saved > 1_200);
    const engine = () => stack!.engines().find(({ name }) => name === 'redis')!;
    const { port } = engine();
    for (let crash = 1; crash <= 3; crash++) {
      const { pid } = engine();
      process.kill(pid!, 'SIGKILL');
      if (crash === 3) break;
      await eventually('the engine is back', async () => engine().pid !== pid && (await isListening(port)));
      expect(await redis.get('key')).toBe('value');
    }
    await eventually('the stack gives up', () => given !== undefined);
    expect(given?.message).toContain('the local redis ended 3 times');
  } finally {
    await close();
    await stack.close();
  }
  expect(await isListening(Number(new URL(stack.environment.DATABASE_URL!).port))).toBe(false);
});
