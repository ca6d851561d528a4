// Everything that was accepted, and what must be true of it when a fault is over.
import { createHash } from 'node:crypto';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Redis } from 'ioredis';
import { sweepExports } from '../../lib/exports/job/sweep.ts';
import { type TestPorts, testPorts } from '../support/ports.ts';
import { take } from '../support/queues.ts';
import { SMALL_REPORT } from '../support/small-report.ts';
import { until } from '../support/wait.ts';
import { SOAK } from './rows.ts';

export interface Reply {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  json: any;
  bytes: Buffer;
  etag: string | null;
  location: string | null;
  ms: number;
  /**
   * The same without what the machine itself was slow by, seen in requests that lean on no service.
   */
  own_ms: number;
}

export interface Ledger {
  ports: TestPorts;
  ask(method: string, path: string, body?: object): Promise<Reply>;
  /** POSTs an export; a 202 is entered. */
  post(kind?: 'pdf' | 'zip', request?: object): Promise<Reply>;
  /** The same for many at once, without watching how slow the machine is. */
  postQuietly(kind: 'pdf' | 'zip', request: object): Promise<Omit<Reply, 'own_ms'>>;
  /** Enters a job that came into the queue by another way. */
  enter(jobId: string, kind?: 'pdf' | 'zip'): void;
  cancel(jobId: string): Promise<Reply>;
  /**
   * All entered jobs are terminal, or it throws after `within` ms; resolves with the time it took.
   */
  settle(within?: number): Promise<number>;
  /**
   * The invariants, of all jobs entered since the last check: terminal and unchanged, one sound
   * file per completed job, no file of any other, a reason for each failure, empty queues.
   * `failed`: how many jobs may have failed; `parked`: how many messages must lie there.
   */
  check(expected?: { failed?: number; parked?: number; within?: number }): Promise<void>;
  /** Redis forgets every key of ours. */
  empty(): Promise<void>;
  /** Keys of records that are processing. */
  processing(): Promise<string[]>;
  /** Messages in the work queue, hidden ones too. */
  depth(): Promise<number>;
  close(): Promise<void>;
}

/**
 * One month of the herd: a real report, made in a fifth of a second. Faults do not care what is on
 * its pages: the short selection makes the cover alone.
 */
export const MONTH = SOAK ? { start_date: '2023-11-01', end_date: '2023-11-30', group_by: 'week' } : SMALL_REPORT;

interface Entry {
  kind: 'pdf' | 'zip';
  cancelled: boolean;
  terminal?: string;
}

export function openLedger(url: string): Ledger {
  const ports = testPorts();
  const redis = new Redis(process.env.REDIS_URL!, { lazyConnect: true });
  redis.on('error', () => undefined);
  const sqs = new SQSClient({ endpoint: new URL(process.env.EXPORTS_QUEUE_URL!).origin });
  let entries = new Map<string, Entry>();

  /**
   * Time that requests which lean on no service lost while `busy` was pending (5 ms each are their
   * own): what a crowded machine adds to an answer.
   */
  async function noise(busy: Promise<unknown>): Promise<number> {
    let over = false;
    const end = (): void => {
      over = true;
    };
    const ended = busy.then(end, end);
    let lost = 0;
    while (!over) {
      const began = performance.now();
      await (await fetch(url)).arrayBuffer();
      lost += Math.max(0, performance.now() - began - 5);
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
    return lost;
  }

  async function asked(method: string, path: string, body?: object): Promise<Omit<Reply, 'own_ms'>> {
    const began = performance.now();
    const response = await fetch(`${url}${path}`, { method, body: body && JSON.stringify(body), redirect: 'manual' });
    const bytes = Buffer.from(await response.arrayBuffer());
    const json = response.headers.get('content-type')?.includes('json') ? JSON.parse(bytes.toString()) : undefined;
    const header = (name: string): string | null => response.headers.get(name);
    return {
      status: response.status,
      json,
      bytes,
      etag: header('etag'),
      location: header('location'),
      ms: performance.now() - began,
    };
  }
  async function ask(method: string, path: string, body?: object): Promise<Reply> {
    const answer = asked(method, path, body);
    const slow = noise(answer);
    const reply = await answer;
    return { ...reply, own_ms: reply.ms - (await slow) };
  }

  /** What of a terminal record must never change again. */
  async function terminalOf(jobId: string): Promise<string | undefined> {
    const { record } = await ports.jobs.read(jobId);
    if (record === undefined || record.status === 'processing') return undefined;
    const { status, completed_at, sha256, object_key, error } = record;
    return JSON.stringify({ status, completed_at, sha256, object_key, error });
  }

  /** Records that wait for something, known to a client or not. */
  async function processing(): Promise<string[]> {
    const left: string[] = [];
    for await (const keys of redis.scanStream({
      match: `${process.env.REDIS_KEY_PREFIX}export_job:*`,
    }) as AsyncIterable<string[]>) {
      for (const key of keys) if ((await redis.get(key))?.includes('"status":"processing"')) left.push(key);
    }
    return left;
  }

  async function queueDepth(queueUrl: string): Promise<number> {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }),
    );
    return Number(Attributes?.ApproximateNumberOfMessages) + Number(Attributes?.ApproximateNumberOfMessagesNotVisible);
  }

  /**
   * The files of each job, by one look at the bucket: a listing for each of 10,000 jobs would look
   * at all files as often.
   */
  async function everyFile(): Promise<Map<string, string[]>> {
    const found = new Map<string, string[]>();
    for await (const { key } of ports.files.list('exports/')) {
      const jobId = key.split('/')[1] ?? '';
      found.set(jobId, [...(found.get(jobId) ?? []), key]);
    }
    return found;
  }

  /** Reports what is wrong; returns the reason of a failed job. */
  async function checkFile(
    jobId: string,
    { kind, cancelled }: Entry,
    stored: readonly string[],
    problems: string[],
  ): Promise<string | undefined> {
    const status = await asked('GET', `/api/exports/${kind}/${jobId}`);
    const say = (problem: string): void => void problems.push(`${jobId}: ${problem}`);
    if (cancelled) {
      if (status.status !== 404) say(`cancelled, yet its status answers ${status.status}`);
      if (stored.length > 0) say(`cancelled, yet it has the files ${stored.join(', ')}`);
      return undefined;
    }
    if (status.json?.status === 'failed') {
      if (!status.json.error) say('failed without a reason');
      if (stored.length > 0) say(`failed, yet it has the files ${stored.join(', ')}`);
      return String(status.json.error);
    }
    const { record } = await ports.jobs.read(jobId);
    if (status.json?.status !== 'completed' || stored.length !== 1 || stored[0] !== record?.object_key)
      say(
        `${status.status} ${status.json?.status}, files: ${stored.join(', ') || 'none'}, record names ${record?.object_key}`,
      );
    const answer = await asked('GET', status.json.download_url);
    // Large files, and those that S3 sends slowly, are answered with a link.
    const linked = answer.status === 307 ? await fetch(answer.location!) : undefined;
    const file =
      linked === undefined
        ? answer
        : { ...answer, status: linked.status, bytes: Buffer.from(await linked.arrayBuffer()) };
    const sha256 = createHash('sha256').update(file.bytes).digest('hex');
    if (
      file.status !== 200 ||
      sha256 !== record?.sha256 ||
      file.etag !== `"${sha256}"` ||
      file.bytes.length !== status.json.file_size_bytes
    )
      say(`the download (${file.status}, ${file.bytes.length} bytes) is not what the record says`);
    return undefined;
  }

  const settle = async (within = 60_000): Promise<number> => {
    const began = Date.now();
    for (const [jobId, entry] of entries) {
      await until(
        `job ${jobId} to end`,
        async () => {
          const terminal = await terminalOf(jobId);
          entry.terminal ??= terminal;
          return terminal;
        },
        Math.max(1, within - (Date.now() - began)),
      );
    }
    return Date.now() - began;
  };

  return {
    ports,
    ask,
    async post(kind = 'pdf', request = MONTH) {
      const reply = await ask('POST', `/api/exports/${kind}`, request);
      if (reply.status === 202) entries.set(reply.json.job_id, { kind, cancelled: false });
      return reply;
    },
    async postQuietly(kind, request) {
      const reply = await asked('POST', `/api/exports/${kind}`, request);
      if (reply.status === 202) entries.set(reply.json.job_id, { kind, cancelled: false });
      return reply;
    },
    enter: (jobId, kind = 'pdf') => void entries.set(jobId, { kind, cancelled: false }),
    async cancel(jobId) {
      const entry = entries.get(jobId)!;
      const reply = await ask('DELETE', `/api/exports/${jobId}`);
      if (reply.status === 204) Object.assign(entry, { cancelled: true, terminal: undefined });
      return reply;
    },
    settle,
    async check({ failed = 0, parked = 0, within } = {}) {
      await settle(within);
      for (const name of ['EXPORTS_QUEUE_URL', 'EXPORTS_DEAD_QUEUE_URL'])
        await until(
          `an empty ${name}`,
          async () => ((await queueDepth(process.env[name]!)) === 0 ? true : undefined),
          45_000,
        );
      const later = (ports.limits.ttlSeconds + 120) * 1_000;
      await sweepExports({ ...ports, clock: () => new Date(Date.now() + later) });
      const files = await everyFile();
      const problems = (await processing()).map((key) => `${key} is left processing`);
      let failures = 0;
      const reasons = new Set<string>();
      const left = [...entries];
      const check = async (): Promise<void> => {
        for (let next = left.pop(); next !== undefined; next = left.pop()) {
          const [jobId, entry] = next;
          const now = await terminalOf(jobId);
          if (now !== entry.terminal) problems.push(`${jobId}: was ${entry.terminal}, is ${now}`);
          const reason = await checkFile(jobId, entry, files.get(jobId) ?? [], problems);
          if (reason === undefined) continue;
          failures += 1;
          reasons.add(reason);
        }
      };
      await Promise.all(Array.from({ length: 8 }, check));
      if (failures > failed)
        problems.push(`${failures} jobs failed, at most ${failed} may: ${[...reasons].join('; ')}`);
      const found = await take(process.env.EXPORTS_PARKED_QUEUE_URL!);
      if (found.length !== parked) problems.push(`${found.length} messages are parked, not ${parked}`);
      entries = new Map();
      if (problems.length > 0) throw new Error(problems.join('\n'));
    },
    async empty() {
      const keys = await redis.keys(`${process.env.REDIS_KEY_PREFIX}*`);
      if (keys.length > 0) await redis.del(keys);
    },
    processing,
    depth: () => queueDepth(process.env.EXPORTS_QUEUE_URL!),
    async close() {
      redis.disconnect();
      sqs.destroy();
      await ports.close();
    },
  };
}
