// What webhooks are told when a job of their owner ends, and what happens when they do not listen.
// @alone
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeKey } from '../../lib/access/key-text.ts';
import { fileWebhooks } from '../../lib/access/keys-file.ts';
import type { Webhook } from '../../lib/access/webhooks.ts';
import { poster } from '../../lib/adapters/poster.ts';
import { redis } from '../../lib/adapters/redis.ts';
import { sqsQueue } from '../../lib/adapters/sqs.ts';
import { Fault } from '../../lib/errors.ts';
import { describeJob } from '../../lib/exports/job/status.ts';
import { outbox } from '../../lib/webhooks/outbox.ts';
import { PAUSES_MS, type SendPorts, sendWebhooks, sweepWebhooks } from '../../lib/webhooks/send.ts';
import { inFile } from '../../scripts/keys/holder.ts';
import { webhookAct } from '../../scripts/keys/webhooks.ts';
import { testPorts } from '../support/ports.ts';
import { ownQueues, take } from '../support/queues.ts';
import { openReceiver, type Receiver } from './receiver.ts';

await ownQueues();
const folder = mkdtempSync(join(tmpdir(), 'hoofprint-webhooks-'));
const path = join(folder, 'keys.json');
const holder = inFile(path);
const ports = testPorts();
const store = redis({ url: process.env.REDIS_URL!, prefix: process.env.REDIS_KEY_PREFIX!, timeout: 3_000 });
const queue = sqsQueue({ url: process.env.WEBHOOKS_QUEUE_URL!, timeout: 3_000 });

/** What the clock is ahead. */
let ahead = 0;
let ended: Webhook[] = [];
let secret = '';
let receiver: Receiver;
const clock = (): Date => new Date(Date.now() + ahead);
const sending: SendPorts = {
  outbox: outbox(store, () => clock().getTime()),
  webhooks: fileWebhooks(path, clock),
  poster: poster({ isAnyAllowed: true, timeout: 2_000 }),
  queue,
  show: describeJob,
  noteEnd: (webhook) => ended.push(webhook),
  // Receivers refuse what is not of now.
  clock: () => new Date(),
};

async function addKey(owner: string, expiresAt?: Date): Promise<string> {
  const key = makeKey();
  await holder.add({ key, owner, scopes: ['exports'], expiresAt }, () => undefined);
  return key.prefix;
}
const act = (...words: string[]): Promise<string[]> => webhookAct(words)!(holder);

let owner: string;
let key: string;
beforeAll(async () => {
  process.env.WEBHOOK_ADDRESSES = 'any';
  receiver = await openReceiver(() => secret);
});
beforeEach(async () => {
  [ahead, ended] = [0, []];
  for (const list of [receiver.told, receiver.refused, receiver.answers]) list.length = 0;
  owner = `Owner ${randomUUID()}`;
  key = await addKey(owner, new Date(Date.now() + 6 * 3_600_000));
  await act('set', key, receiver.url);
  secret = (await holder.webhook(key))!.secret;
  await take(process.env.WEBHOOKS_QUEUE_URL!);
});
afterAll(async () => {
  await receiver?.close();
  await store.close();
  await ports.close();
  rmSync(folder, { recursive: true, force: true });
});

const FILE = {
  filename: 'f.pdf',
  download_url: '/api/static/exports/f.pdf',
  file_size_bytes: 5,
  object_key: 'exports/x/1/f.pdf',
};
async function endJob(how: 'completed' | 'failed', by: string | null = owner): Promise<string> {
  const job = {
    job_id: randomUUID(),
    kind: 'pdf' as const,
    created_at: new Date().toISOString(),
    digest: 'a'.repeat(64),
    owner: by ?? undefined,
  };
  // No person waits here: a busy machine may take its time.
  await ports.jobs.create(job, 30_000);
  const { record } = await ports.jobs.begin(job);
  if (how === 'failed') await ports.jobs.fail(job.job_id, record!.run, 'No detections found');
  else await ports.jobs.complete(job.job_id, record!.run, { ...FILE, sha256: 'b'.repeat(64) });
  return job.job_id;
}
const isDue = async (jobId: string): Promise<boolean> => (await sending.outbox.due(1_000)).includes(jobId);
const kept = (jobId: string): Promise<unknown> =>
  store.script(`return redis.call('EXISTS', KEYS[1])`, `webhooks:${jobId}`, []);

test('an end is told once, signed, as the status shows it, without a link', async () => {
  for (const how of ['completed', 'failed'] as const) {
    const jobId = await endJob(how);
    expect(await isDue(jobId)).toBe(true);
    await sendWebhooks(sending, jobId);
    const { record, expiresAt } = await ports.jobs.read(jobId);
    const told = receiver.told.pop()!;
    expect(receiver.refused).toEqual([]);
    expect([told.id, told.path]).toEqual([`msg_${jobId}`, '/hook']);
    expect(Object.keys(told.body)).toEqual(['type', 'timestamp', 'data']);
    expect([told.body.type, told.body.timestamp]).toEqual([`export.${how}`, record!.completed_at]);
    expect(told.body.data).toEqual(JSON.parse(JSON.stringify(describeJob({ jobId, record: record!, expiresAt }))));
    await sendWebhooks(sending, jobId);
    expect([receiver.told, await isDue(jobId), await kept(jobId)]).toEqual([[], false, 0]);
  }
});

test('of one owner each key has its own; others are told nothing, nor of jobs of nobody', async () => {
  const second = await addKey(owner);
  const other = await addKey('Somebody else');
  for (const one of [second, other]) await act('set', one, receiver.url.replace('hook', one));
  secret = (await holder.webhook(second))!.secret;
  receiver.answers.push(204, 204);
  const jobId = await endJob('completed');
  await sendWebhooks(sending, jobId);
  // One is signed with the secret of the first key.
  expect([receiver.told.map((told) => told.path), receiver.refused.length]).toEqual([[`/${second}`], 1]);
  const ofNobody = await endJob('completed', null);
  expect([await isDue(ofNobody), await kept(ofNobody)]).toEqual([false, 0]);
});

test('tried at 0, 5 s, 5 min, 30 min and 2 h, then given up; the body and the id stay', async () => {
  expect(PAUSES_MS.map((ms) => ms / 1_000)).toEqual([0, 5, 300, 1_800, 7_200]);
  const jobId = await endJob('failed');
  receiver.answers.push(500, 302, 404, 503, 429, 204);
  for (const [attempt, pause] of PAUSES_MS.entries()) {
    if (pause > 0) {
      ahead += pause - 1_000;
      await sendWebhooks(sending, jobId);
      expect([attempt, receiver.told.length]).toEqual([attempt, attempt]);
      ahead += 1_000;
    }
    await sendWebhooks(sending, jobId);
    expect([attempt, receiver.told.length]).toEqual([attempt, attempt + 1]);
  }
  expect([await isDue(jobId), await kept(jobId)]).toEqual([false, 0]);
  ahead += 86_400_000;
  await sendWebhooks(sending, jobId);
  expect(receiver.told).toHaveLength(5);
  expect(new Set(receiver.told.map((told) => JSON.stringify(told))).size).toBe(1);
  expect(receiver.refused).toEqual([]);
});

test('the queue brings short pauses, the sweeper the long ones and what a process left', async () => {
  const messages = async (): Promise<string[]> =>
    (await take(process.env.WEBHOOKS_QUEUE_URL!)).map(({ Body }) => Body!);
  const jobId = await endJob('completed');
  // The process that ended the job died before it could say so.
  expect(await messages()).toEqual([]);
  expect(await sweepWebhooks(sending)).toBeGreaterThanOrEqual(1);
  expect(await messages()).toContain(JSON.stringify({ version: 1, job_id: jobId }));
  // One that sends dies as well: nothing is said again before it could have ended, and then it is.
  const { ended: first } = await sending.outbox.claim(jobId);
  expect(first?.jobId).toBe(jobId);
  expect(await isDue(jobId)).toBe(false);
  ahead += 91_000;
  expect(await isDue(jobId)).toBe(true);
  const dying = { ...sending, poster: { post: () => Promise.reject(new Error('killed')) } };
  await expect(sendWebhooks(dying, jobId)).rejects.toThrow('killed');
  await sendWebhooks(sending, jobId);
  expect(receiver.told).toEqual([]);
  ahead += 91_000;
  receiver.answers.push(500);
  await sendWebhooks(sending, jobId);
  expect(receiver.told).toHaveLength(1);
  // Five seconds: a message that nobody receives before.
  expect(await messages()).not.toContain(JSON.stringify({ version: 1, job_id: jobId }));
  ahead += 5_000;
  expect(await isDue(jobId)).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 5_200));
  expect(await messages()).toContain(JSON.stringify({ version: 1, job_id: jobId }));
  await sendWebhooks(sending, jobId);
  expect([receiver.told.length, await kept(jobId)]).toEqual([2, 0]);
}, 20_000);

test('two that send at the same time tell it once', async () => {
  const jobId = await endJob('completed');
  await Promise.all([sendWebhooks(sending, jobId), sendWebhooks(sending, jobId), sendWebhooks(sending, jobId)]);
  expect(receiver.told).toHaveLength(1);
});

test('410 ends the webhook, and setting it again begins anew', async () => {
  const jobId = await endJob('completed');
  receiver.answers.push(410);
  await sendWebhooks(sending, jobId);
  expect([ended.map((webhook) => webhook.key), await kept(jobId)]).toEqual([[key], 0]);
  expect((await act('show', key)).at(-1)).toMatch(/^state {4}ended .*: the receiver answered 410 Gone$/);
  await sendWebhooks(sending, await endJob('completed'));
  expect(receiver.told).toHaveLength(1);
  await act('set', key, receiver.url);
  secret = (await holder.webhook(key))!.secret;
  await sendWebhooks(sending, await endJob('completed'));
  expect([receiver.told.length, receiver.refused]).toEqual([2, []]);
});

test.each([
  ['revoked', () => holder.revoke(key)],
  [
    'expired',
    async () => {
      ahead += 6 * 3_600_000;
    },
  ],
  ['without its webhook', () => act('remove', key)],
])('a key that is %s is told nothing more, nor what was tried before', async (_how, end) => {
  const jobId = await endJob('completed');
  receiver.answers.push(500);
  await sendWebhooks(sending, jobId);
  expect(receiver.told).toHaveLength(1);
  await end();
  ahead += 5_000;
  await sendWebhooks(sending, jobId);
  expect([receiver.told.length, await kept(jobId)]).toEqual([1, 0]);
});

test('a private address is refused when it is sent to, and is tried again as any other', async () => {
  const jobId = await endJob('completed');
  const strict = { ...sending, poster: poster({ isAnyAllowed: false }) };
  await sendWebhooks(strict, jobId);
  expect([receiver.told, receiver.refused, await kept(jobId)]).toEqual([[], [], 1]);
  ahead += 5_000;
  await sendWebhooks(sending, jobId);
  expect(receiver.told).toHaveLength(1);
});

test('where the keys cannot be read, the end stays', async () => {
  const jobId = await endJob('completed');
  const away = () => Promise.reject(new Fault('unavailable', 'PostgreSQL is not available'));
  await expect(sendWebhooks({ ...sending, webhooks: { ...sending.webhooks, ofOwner: away } }, jobId)).rejects.toThrow();
  await sendWebhooks(sending, jobId);
  expect(receiver.told).toHaveLength(1);
});

describe('npm run keys -- webhook', () => {
  test('a test is sent signed, and an answer that is none is said', async () => {
    expect(await act('test', key)).toEqual([`Sent webhook.test to ${receiver.url}: the answer is 204.`]);
    expect(receiver.told[0]!.body).toMatchObject({ type: 'webhook.test', data: {} });
    receiver.answers.push(500);
    await expect(act('test', key)).rejects.toThrow('the answer is 500; it should be 2xx');
  });

  test('its secret is whsec_ and 32 bytes, shown when set and later', async () => {
    const [, line] = await act('set', key, receiver.url);
    const [, shown = ''] = /(whsec_\S+)$/.exec(line!) ?? [];
    expect(Buffer.from(shown.slice(6), 'base64')).toHaveLength(32);
    expect(await act('show', key)).toContain(`secret   ${shown}`);
    await act('remove', key);
    await expect(act('show', key)).rejects.toThrow('has no webhook');
  });

  test.each([
    ['nonsense', 'must be a URL'],
    ['ftp://example.com/', 'must be a URL'],
    ['https://user:secret@example.com/', 'no user, password or fragment'],
    [`https://example.com/${'x'.repeat(2_000)}`, 'at most 2000 characters'],
  ])('refused: %s', async (url, sentence) => {
    await expect(act('set', key, url)).rejects.toThrow(sentence);
  });

  test.each([
    'https://127.0.0.1/',
    'https://0x7f.1/',
    'https://[::ffff:10.0.0.1]/',
    'https://[fd00::1]:8443/',
    'https://169.254.169.254/latest',
    'https://localhost/',
    'https://hook.LOCALHOST./',
  ])('an address that nothing is sent to is refused when it is set: %s', async (url) => {
    const set = webhookAct(['set', key, url], () => false)!;
    await expect(set(holder)).rejects.toThrow('the address is private or of this machine');
    expect(await act('set', key, url)).toHaveLength(3);
  });

  test('words that are no act', () => {
    for (const words of [[], ['set', 'a'], ['show'], ['show', 'a', 'b'], ['set', 'a', 'b', 'c'], ['constructor', 'a']])
      expect(webhookAct(words)).toBeUndefined();
  });
});
