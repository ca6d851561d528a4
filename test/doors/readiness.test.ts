// Whether requests should be sent to a process: its stores take what they are given, a database
// that is busy with an import is not away, and many who ask cost one look.
import { createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { freeBytes } from '../../lib/adapters/disk.ts';
import { postgres } from '../../lib/adapters/postgres.ts';
import { sqsQueue } from '../../lib/adapters/sqs.ts';
import { checkRoom, readOrReach, watchReadiness } from '../../lib/health.ts';
import { logFrom } from '../../lib/log.ts';
import { migratedDatabase, type OwnDatabase } from '../support/database.ts';

logFrom('silent');
const well = async (): Promise<void> => undefined;
const full = async (): Promise<void> => {
  throw new Error('OOM command not allowed');
};
let own: OwnDatabase;
beforeAll(async () => {
  own = await migratedDatabase();
}, 60_000);
afterAll(() => own?.close());

test('all who ask within five seconds share one look', async () => {
  let [asked, now] = [0, 0];
  const redis = async (): Promise<void> => {
    asked += 1;
    if (asked > 1) await full();
  };
  const readiness = watchReadiness(
    () => ({ redis }),
    () => false,
    () => now,
  );
  const looks = await Promise.all(Array.from({ length: 20 }, () => readiness.look()));
  expect([asked, new Set(looks.map(({ status }) => status))]).toEqual([1, new Set(['ready'])]);
  now = 4_999;
  expect((await readiness.look()).status).toBe('ready');
  now = 5_000;
  expect(await readiness.look()).toEqual({ status: 'unavailable', services: { redis: 'unavailable' } });
  expect(asked).toBe(2);
  // The clock was set back.
  now = -1;
  await readiness.look();
  expect(asked).toBe(3);
});

test.each(['postgres', 'redis', 'sqs', 's3', 'disk'])('%s takes nothing: not ready, and it is named', async (name) => {
  const checks = { postgres: well, redis: well, sqs: well, s3: well, disk: well, [name]: full };
  const { status, services } = await watchReadiness(
    () => checks,
    () => false,
  ).look();
  expect([status, Object.entries(services!).filter(([, state]) => state !== 'ok')]).toEqual([
    'unavailable',
    [[name, 'unavailable']],
  ]);
});

test('a process that is about to end says so first, and asks nothing', async () => {
  const readiness = watchReadiness(
    () => {
      throw new Error('asked');
    },
    () => true,
  );
  expect(await readiness.look()).toEqual({ status: 'ending' });
});

test('the disk of the embedded services', async () => {
  const free = await freeBytes(tmpdir());
  expect(free).toBeGreaterThan(0);
  await checkRoom(async () => free, free);
  await expect(checkRoom(async () => 99e6)).rejects.toThrow('only 99 MB are free');
  await checkRoom(async () => 101e6);
});

test('a queue is judged by the last message that was sent, and asked where none was', async () => {
  let answer = 500;
  const sockets: Socket[] = [];
  const server = createServer((socket) =>
    sockets[sockets.push(socket) - 1]!.on('error', () => undefined).on('data', (asked) => {
      const isSend = /SendMessage/.test(asked.toString());
      const md5 = createHash('md5').update('there is room again').digest('hex');
      const body = isSend ? `{"MessageId":"1","MD5OfMessageBody":"${md5}"}` : '{"Attributes":{}}';
      const status = isSend ? answer : 200;
      socket.write(
        `HTTP/1.1 ${status} X\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const queue = sqsQueue({ url: `http://127.0.0.1:${port}/000000000000/exports`, timeout: 900 });
  await queue.check();
  await expect(queue.send('full')).rejects.toThrow('SQS is not available');
  await queue.ping();
  await expect(queue.check()).rejects.toThrow('SQS is not available');
  answer = 200;
  await queue.send('there is room again');
  await queue.check();
  for (const socket of sockets) socket.destroy();
  server.close();
});

test('while another session writes to the embedded database, it is busy, not away', async () => {
  const client = postgres({ url: own.url, connectTimeout: 400, queryTimeout: 800, connections: 1 });
  const read = (): Promise<void> => client.ping();
  const importing = own.database.write(async ({ rows }) => {
    await rows('SELECT 1');
    await pause(2_500);
  });
  await pause(300);
  // A server with more than one session answers meanwhile.
  if (own.cluster !== undefined) await expect(read()).rejects.toMatchObject({ kind: 'unavailable' });
  await readOrReach(read, () => client.reach());
  await importing;
  await client.close();
});

test('a database that is not there is away', async () => {
  const client = postgres({ url: 'postgres://a:b@127.0.0.1:1/deer', connectTimeout: 400, queryTimeout: 800 });
  await expect(
    readOrReach(
      () => client.ping(),
      () => client.reach(),
    ),
  ).rejects.toMatchObject({ kind: 'unavailable' });
  await client.close();
});
