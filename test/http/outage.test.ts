// A service that is down or hangs at POST and at status: 503 within a second, and nothing half-done remains.
import { createServer, type Server, type Socket } from 'node:net';
import { redis } from '../../lib/adapters/redis.ts';
import { sqsQueue } from '../../lib/adapters/sqs.ts';
import { createExport } from '../../lib/exports/create.ts';
import { jobs } from '../../lib/exports/jobs.ts';
import { namesOf } from '../../lib/exports/season/names.ts';
import { readStatus } from '../../lib/exports/status.ts';
import { http } from '../../lib/lambda/http.ts';
import { logFrom } from '../../lib/log.ts';
import { call } from '../support/invoke.ts';
import { aRequest, testPorts } from '../support/ports.ts';

const ports = testPorts();
const open: Socket[] = [];
let silent: Server;
/** A port that takes connections and never says a word, as a paused process does. */
let silentPort: number;
const dead = 1;

beforeAll(async () => {
  logFrom('silent');
  silent = createServer((socket) => open.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  silentPort = (silent.address() as { port: number }).port;
});
afterAll(async () => {
  for (const socket of open) socket.destroy();
  silent.close();
  await ports.close();
});

// The bounds of lib/wiring.ts.
const redisAt = (port: number) => redis({ url: `redis://127.0.0.1:${port}`, timeout: 600 });
const queueAt = (port: number) => sqsQueue({ url: `http://127.0.0.1:${port}/000000000000/exports`, timeout: 900 });

async function answers(
  act: () => Promise<unknown>,
): Promise<{ status: number; within: boolean; detail: string; retry: string | undefined }> {
  const handler = http({}, async () => ({ status: 200, body: await act() }));
  const began = performance.now();
  const reply = await call(handler, {});
  return {
    status: reply.status,
    within: performance.now() - began < 1_000,
    detail: reply.json.detail,
    retry: reply.headers['retry-after'],
  };
}
const refusal = (service: string) => ({
  status: 503,
  within: true,
  detail: `${service} is not available`,
  retry: expect.stringMatching(/^\d+$/),
});

test.each([
  'OOM command not allowed',
  'MISCONF Redis is configured to save RDB snapshots',
  'READONLY You cannot write',
  'NOREPLICAS Not enough',
])('a Redis that answers and takes no writes is not available, for its health as well: %s', async (refusing) => {
  const info = 'redis_version:7.0.0\r\nloading:0\r\n';
  const server = createServer((socket) =>
    socket
      .on('error', () => undefined)
      .on('data', (asked) => {
        for (const _ of asked.toString().matchAll(/^\*\d+\r$/gm))
          socket.write(/info/i.test(asked.toString()) ? `$${info.length}\r\n${info}\r\n` : `-${refusing}\r\n`);
      }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const full = redisAt((server.address() as { port: number }).port);
  expect(await answers(() => full.script('return 1', 'k', []))).toEqual(refusal('Redis'));
  expect(await answers(() => full.ping())).toEqual(refusal('Redis'));
  await full.close();
  server.close();
});

test.each([
  ['dead', () => dead],
  ['silent', () => silentPort],
])('Redis %s', async (_how, port) => {
  const store = redisAt(port());
  const sent: string[] = [];
  const work = { ...ports.work, send: async (body: string) => void sent.push(body) };
  const broken = {
    ...ports,
    work,
    jobs: jobs(store, ports.limits),
    files: () => ports.files,
    names: namesOf(() => ports.database, ports.clock),
  };
  expect(await answers(() => createExport(broken, 'pdf', aRequest))).toEqual(refusal('Redis'));
  expect(await answers(() => readStatus(broken, 'pdf', '3b241101-e2bb-4255-8caf-4136c566a962'))).toEqual(refusal('Redis'));
  expect(sent).toEqual([]);
  await store.close();
});

test.each([
  ['dead', () => dead],
  ['silent', () => silentPort],
])('SQS %s: the record that was written becomes a tombstone', async (_how, port) => {
  const made: string[] = [];
  const watched = {
    ...ports.jobs,
    create: (job: Parameters<typeof ports.jobs.create>[0]) => {
      made.push(job.job_id);
      return ports.jobs.create(job);
    },
  };
  const broken = {
    ...ports,
    jobs: watched,
    work: queueAt(port()),
    files: () => ports.files,
    names: namesOf(() => ports.database, ports.clock),
  };
  expect(await answers(() => createExport(broken, 'pdf', aRequest))).toEqual(refusal('SQS'));
  expect(made).toHaveLength(1);
  expect((await ports.jobs.read(made[0]!)).record?.status).toBe('cancelled');
  expect(await answers(() => readStatus(ports, 'pdf', made[0]))).toMatchObject({ status: 404, detail: 'Job not found or expired' });
});
