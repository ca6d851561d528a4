// A service that is down or hangs at POST and at status: 503 within a second, and nothing half-done
// remains.
import { randomUUID } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { redis } from '../../lib/adapters/redis.ts';
import { sqsQueue } from '../../lib/adapters/sqs.ts';
import { Fault } from '../../lib/errors.ts';
import { createExport } from '../../lib/exports/job/create.ts';
import { downloadAnswer, openDownload } from '../../lib/exports/job/download.ts';
import { generateExport } from '../../lib/exports/job/generate.ts';
import { jobs } from '../../lib/exports/job/jobs.ts';
import { identifyJob } from '../../lib/exports/job/message.ts';
import { jobFolder, objectKey } from '../../lib/exports/job/paths.ts';
import { cancelExport } from '../../lib/exports/job/status.ts';
import { sweepExports } from '../../lib/exports/job/sweep.ts';
import { makeNameChecker } from '../../lib/exports/season/index.ts';
import { http } from '../../lib/lambda/http.ts';
import { logFrom } from '../../lib/log.ts';
import { eventLoopClock } from '../../lib/timeout.ts';
import { call } from '../support/invoke.ts';
import { aMessage, aRequest, EVERYONE, testPorts } from '../support/ports.ts';
import { readStatus } from '../support/status.ts';
import { until } from '../support/wait.ts';

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

// The bounds of lib/clients.ts.
const redisAt = (port: number) => redis({ url: `redis://127.0.0.1:${port}`, timeout: 600 });
const queueAt = (port: number) => sqsQueue({ url: `http://127.0.0.1:${port}/000000000000/exports`, timeout: 900 });

async function stored(prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of ports.files.list(prefix)) keys.push(key);
  return keys;
}

/** The bucket, and those of the files that were put there through it and are still there. */
function watchedFiles(): { files: typeof ports.files; left: () => Promise<string[]> } {
  const keys: string[] = [];
  const put: typeof ports.files.put = (key, ...rest) => {
    keys.push(key);
    return ports.files.put(key, ...rest);
  };
  const left = async (): Promise<string[]> => {
    const found = new Set(await stored('requests/'));
    expect(keys).toHaveLength(1);
    return keys.filter((key) => found.has(key));
  };
  return { files: { ...ports.files, put }, left };
}

async function answers(
  act: () => Promise<unknown>,
): Promise<{ status: number; within: boolean; detail: string | undefined; retry: string | undefined }> {
  const handler = http({}, async () => ({ status: 200, body: await act() }));
  // The service's own clock: what a crowded machine adds does not count.
  const clock = eventLoopClock();
  const reply = await call(handler, {});
  const passed = clock.ms();
  clock.stop();
  return {
    status: reply.status,
    within: passed < 1_000,
    detail: reply.json?.detail,
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
  // Before Redis 7, when it is a script that is refused.
  "ERR Error running script (call to f_0): @user_script:1: @user_script: 1: -OOM command not allowed when used memory > 'maxmemory'.",
  'ERR Error running script (call to f_0): @user_script:1: -READONLY You cannot write against a read only replica.',
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
  const { files, left } = watchedFiles();
  const sent: string[] = [];
  const queue = { ...ports.queue, send: async (body: string) => void sent.push(body) };
  const broken = {
    ...ports,
    queue,
    jobs: jobs(store, ports.limits),
    files: () => files,
    names: makeNameChecker(() => ports.database, ports.clock),
  };
  expect(await answers(() => createExport(broken, 'pdf', aRequest))).toEqual(refusal('Redis'));
  expect(await answers(() => readStatus(broken, 'pdf', '3b241101-e2bb-4255-8caf-4136c566a962', EVERYONE))).toEqual(
    refusal('Redis'),
  );
  // A large request is stored before its record is made; nothing of it stays.
  const large = { detection_ids: Array.from({ length: 10_000 }, () => randomUUID()) };
  expect(await answers(() => createExport(broken, 'zip', large))).toEqual(refusal('Redis'));
  await until('nothing stored', async () => ((await left()).length === 0 ? true : undefined));
  expect(sent).toEqual([]);
  await store.close();
});

test.each([
  ['dead', () => dead],
  ['silent', () => silentPort],
])('SQS %s: the record that was written becomes a tombstone', async (_how, port) => {
  const { files, left } = watchedFiles();
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
    queue: queueAt(port()),
    files: () => files,
    names: makeNameChecker(() => ports.database, ports.clock),
  };
  expect(await answers(() => createExport(broken, 'pdf', aRequest))).toEqual(refusal('SQS'));
  expect(made).toHaveLength(1);
  expect((await ports.jobs.read(made[0]!)).record?.status).toBe('cancelled');
  expect(await answers(() => readStatus(ports, 'pdf', made[0], EVERYONE))).toMatchObject({
    status: 404,
    detail: 'Job not found or expired',
  });
  const large = { detection_ids: Array.from({ length: 10_000 }, () => randomUUID()) };
  expect(await answers(() => createExport(broken, 'zip', large))).toEqual(refusal('SQS'));
  await sweepExports(ports);
  expect(await left()).toEqual([]);
});

test('nobody waits for the answer any more when the message is sent: the job is taken back', async () => {
  let job_id = '';
  const over = new AbortController();
  const queue = {
    ...ports.queue,
    send: async (body: string) => {
      ({ job_id } = JSON.parse(body) as { job_id: string });
      over.abort(new Fault('unavailable', 'The service did not answer in time'));
    },
  };
  const slow = { ...ports, queue, files: () => ports.files, names: makeNameChecker(() => ports.database, ports.clock) };
  await expect(createExport(slow, 'pdf', aRequest, { signal: over.signal })).rejects.toThrow('did not answer in time');
  expect((await ports.jobs.read(job_id)).record?.status).toBe('cancelled');
});

test('Redis and S3 slow, each within its own bound: a DELETE is done within a second, and the sweeper removes what it left', async () => {
  const message = aMessage(randomUUID());
  await ports.jobs.create(identifyJob(message));
  await ports.files.put(objectKey(message.job_id, '1', 'half.pdf'), Buffer.from('half'), {
    contentType: 'application/pdf',
  });
  const slowly = async <T>(answer: Promise<T>): Promise<T> => {
    await new Promise((resolve) => setTimeout(resolve, 550));
    return answer;
  };
  const slow = {
    jobs: { ...ports.jobs, cancel: (id: string) => slowly(ports.jobs.cancel(id)) },
    files: {
      ...ports.files,
      remove: (keys: readonly string[]) => slowly(Promise.resolve()).then(() => ports.files.remove(keys)),
    },
  };
  expect(await answers(() => cancelExport(slow, message.job_id, EVERYONE))).toMatchObject({
    status: 200,
    within: true,
  });
  await sweepExports(ports);
  expect(await stored(jobFolder(message.job_id))).toEqual([]);
});

/**
 * The download of a completed job whose bytes come as `body` sends them, with a Redis that takes
 * `redisMs`.
 */
async function downloaded(body: Readable, redisMs = 0): ReturnType<typeof call> {
  const message = aMessage(randomUUID());
  await generateExport(ports, message, new AbortController().signal);
  const { filename } = await readStatus(ports, 'pdf', message.job_id, EVERYONE);
  const read = async (id: string): ReturnType<typeof ports.jobs.read> => {
    await new Promise((resolve) => setTimeout(resolve, redisMs));
    return ports.jobs.read(id);
  };
  const slow = { jobs: { ...ports.jobs, read }, files: { ...ports.files, get: () => Promise.resolve(body) } };
  return call(
    http({}, async () => downloadAnswer(await openDownload(slow, filename, EVERYONE))),
    {},
  );
}

test.each([0, 300])(
  'S3 begins to send a small file and is slow, Redis takes %i ms: the answer is its link, which downloads it',
  async (redisMs) => {
    const body = new Readable({ read: () => undefined });
    body.push('%P');
    const { status, headers, text } = await downloaded(body, redisMs);
    expect([status, text]).toEqual([307, `The file is fetched from ${headers.location} (curl -L follows it)\n`]);
    expect(body.destroyed).toBe(true);
    const file = await fetch(headers.location!);
    expect([file.status, await file.text()]).toEqual([200, '%PDF-']);
  },
);

test('S3 breaks off in the midst of a small file: 503', async () => {
  async function* half(): AsyncGenerator<string> {
    yield '%P';
    throw new Error('aborted');
  }
  expect(await downloaded(Readable.from(half()))).toMatchObject({
    status: 503,
    json: { detail: 'S3 is not available' },
  });
});
