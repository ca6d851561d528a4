// What an owner's keys may see, and how much of it there may be at a time.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Rate, rateHeaders, take } from '../../lib/access/limits.ts';
import { redis } from '../../lib/adapters/redis.ts';
import { createExport } from '../../lib/exports/job/create.ts';
import { openDownload } from '../../lib/exports/job/download.ts';
import { generateExport } from '../../lib/exports/job/generate.ts';
import type { ExportMessage } from '../../lib/exports/job/message.ts';
import { cancelExport } from '../../lib/exports/job/status.ts';
import { MOST_ENDED } from '../../lib/exports/job/transitions.ts';
import { EVERYONE, product, testPorts } from '../support/ports.ts';
import { readStatus } from '../support/status.ts';

const ports = testPorts(async () => product('%PDF-12345'));
const store = redis({ url: process.env.REDIS_URL!, prefix: process.env.REDIS_KEY_PREFIX!, timeout: 3_000 });
afterAll(async () => {
  await ports.close();
  await store.close();
});

const request = { start_date: '2024-01-01', end_date: '2024-01-31', group_by: 'week' };
const viewer = (owner: string) => ({ owner, seesAll: false });

/** Asks for an export as an owner; the message is kept here instead of being sent. */
async function asked(owner: string, most = { waitingJobs: 0, bytes: 0 }): Promise<ExportMessage> {
  let message: ExportMessage | undefined;
  const queue = {
    ...ports.queue,
    send: async (body: string) => {
      message = JSON.parse(body) as ExportMessage;
    },
  };
  const names = { check: async () => undefined };
  await createExport({ ...ports, queue, files: () => ports.files, names, most } as never, 'pdf', request, { owner });
  return message!;
}
const work = (message: ExportMessage): Promise<void> => generateExport(ports, message, new AbortController().signal);

test('a job is seen, fetched and cancelled by its owner and by those who see all, and by nobody else', async () => {
  const [owner, other] = [`Office ${randomUUID()}`, `Office ${randomUUID()}`];
  const message = await asked(owner);
  await work(message);
  const { filename } = await readStatus(ports, 'pdf', message.job_id, viewer(owner));
  expect((await readStatus(ports, 'pdf', message.job_id, EVERYONE)).status).toBe('completed');
  for (const nobody of [viewer(other), { owner: undefined, seesAll: false }]) {
    await expect(readStatus(ports, 'pdf', message.job_id, nobody)).rejects.toThrow('Job not found or expired');
    await expect(openDownload(ports, filename, nobody)).rejects.toThrow('File not found or expired');
    await expect(cancelExport(ports, message.job_id, nobody)).rejects.toThrow('Job not found or expired');
  }
  expect((await openDownload(ports, filename, viewer(owner))).bytes?.toString()).toBe('%PDF-12345');
  await cancelExport(ports, message.job_id, viewer(owner));
  await expect(readStatus(ports, 'pdf', message.job_id, EVERYONE)).rejects.toThrow('Job not found or expired');
});

test('a job that was asked for without a key is not for the owner of one', async () => {
  const message = await asked(undefined as never);
  await expect(readStatus(ports, 'pdf', message.job_id, viewer('Office'))).rejects.toThrow('Job not found');
});

test('a record that was lost is made again from the message, with its owner', async () => {
  const owner = `Office ${randomUUID()}`;
  const message = await asked(owner);
  await ports.record("return redis.call('DEL', KEYS[1])", message.job_id);
  await work(message);
  expect((await readStatus(ports, 'pdf', message.job_id, viewer(owner))).status).toBe('completed');
});

test('so many jobs of one owner may wait; ended and cancelled ones make room, and others are not concerned', async () => {
  const owner = `Office ${randomUUID()}`;
  const most = { waitingJobs: 2, bytes: 0 };
  const [first, second] = [await asked(owner, most), await asked(owner, most)];
  const third = asked(owner, most);
  await expect(third).rejects.toMatchObject({ kind: 'limited', headers: { 'retry-after': '10' } });
  await expect(third).rejects.toThrow('At most 2 exports of one owner may wait');
  await asked(`Office ${randomUUID()}`, most);
  await work(first);
  await asked(owner, most);
  await expect(asked(owner, most)).rejects.toMatchObject({ kind: 'limited' });
  await cancelExport(ports, second.job_id, EVERYONE);
  await asked(owner, most);
});

test('ten at once: no more than may wait are accepted', async () => {
  const owner = `Office ${randomUUID()}`;
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, () => asked(owner, { waitingJobs: 3, bytes: 0 })),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
});

test('files of one owner may hold so many bytes together; what is cancelled or expired makes room', async () => {
  const owner = `Office ${randomUUID()}`;
  const most = { waitingJobs: 0, bytes: 20 };
  const [first, second] = [await asked(owner, most), await asked(owner, most)];
  await work(first);
  await work(second);
  await expect(asked(owner, most)).rejects.toThrow('The files of this owner are too many or too large');
  await cancelExport(ports, first.job_id, EVERYONE);
  await asked(owner, most);
  const brief = testPorts(async () => product('%PDF-12345'), { ttlSeconds: 1, retentionSeconds: 86_400 });
  const another = `Office ${randomUUID()}`;
  const message = await asked(another, most);
  await generateExport(brief, message, new AbortController().signal);
  const small = { waitingJobs: 0, bytes: 10 };
  await expect(asked(another, small)).rejects.toMatchObject({ kind: 'limited' });
  await pause(1_300);
  await asked(another, small);
  await brief.close();
});

test('only so many ended jobs are looked at before a new one', async () => {
  const owner = `Office ${randomUUID()}`;
  const most = { waitingJobs: 0, bytes: 1_000_000 };
  const end = (last: number, expires: number) =>
    store.script(
      `for id = 1, ARGV[1] do redis.call('HSET', KEYS[1], id, '0 ' .. ARGV[2] .. ' 1') end redis.call('EXPIRE', KEYS[1], 60)`,
      `jobs_of:${owner}`,
      [last, expires],
    );
  await end(MOST_ENDED, Date.now() + 60_000);
  await expect(asked(owner, most)).rejects.toThrow('The files of this owner are too many or too large');
  await asked(owner);
  await end(1, Date.now() - 1);
  await asked(owner, most);
});

test('requests of one key: a burst, then so many a second; the headers say what is left', async () => {
  const rate: Rate = { perSecond: 5, burst: 3 };
  const bucket = randomUUID();
  const first = (await take(store, bucket, rate))!;
  expect(rateHeaders(rate, first)).toEqual({
    'ratelimit-policy': '"requests";q=3;w=1',
    ratelimit: '"requests";r=2;t=1',
  });
  const burst = await Promise.all(Array.from({ length: 20 }, () => take(store, bucket, rate)));
  const allowed = burst.filter((taken) => taken?.isAllowed).length;
  expect(allowed).toBeGreaterThanOrEqual(2);
  expect(allowed).toBeLessThan(8);
  expect(burst.find((taken) => !taken?.isAllowed)).toMatchObject({ remaining: 0, seconds: 1 });
  await pause(450);
  expect((await take(store, bucket, rate))?.isAllowed).toBe(true);
  expect(await take(store, bucket, { perSecond: 0, burst: 1 })).toBeUndefined();
});

test('without Redis nobody is limited', async () => {
  const away = redis({ url: 'redis://127.0.0.1:1', timeout: 300 });
  expect(await take(away, randomUUID(), { perSecond: 1, burst: 1 })).toBeUndefined();
  await away.close();
});
