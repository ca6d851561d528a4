// One message, one job, whatever happens on the way: the invariant is that completed means an object with the record's sha256.
import { createHash, randomUUID } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { Readable } from 'node:stream';
import { Fault } from '../../lib/errors.ts';
import { closeExport } from '../../lib/exports/close.ts';
import { openDownload } from '../../lib/exports/download.ts';
import { generateExport } from '../../lib/exports/generate.ts';
import type { ExportMessage } from '../../lib/exports/message.ts';
import { identityOf } from '../../lib/exports/message.ts';
import { fileName } from '../../lib/exports/names.ts';
import type { PdfRequest } from '../../lib/exports/request.ts';
import { cancelExport, readStatus } from '../../lib/exports/status.ts';
import { sweepExports } from '../../lib/exports/sweep.ts';
import type { Generator } from '../../lib/exports/work.ts';
import { aMessage, aRequest, product, type TestPorts, testPorts } from '../support/ports.ts';
import { take } from '../support/queues.ts';
import { until } from '../support/wait.ts';

const opened: TestPorts[] = [];
const portsWith = (generator?: Generator<PdfRequest>, limits?: { ttlSeconds: number; retentionSeconds: number }): TestPorts => {
  const ports = testPorts(generator, limits);
  opened.push(ports);
  return ports;
};
afterEach(async () => {
  await Promise.all(opened.splice(0).map((ports) => ports.close()));
  await take(process.env.EXPORTS_PARKED_QUEUE_URL!);
});

const never = new AbortController().signal;
async function accepted(ports: TestPorts, fields: Partial<ExportMessage> = {}): Promise<ExportMessage> {
  const message = aMessage(randomUUID(), fields);
  await ports.jobs.create(identityOf(message));
  return message;
}
const status = (ports: TestPorts, { job_id }: ExportMessage) => readStatus(ports, 'pdf', job_id);

async function expectSound(ports: TestPorts, message: ExportMessage, content?: string): Promise<void> {
  const told = await status(ports, message);
  expect(told).toMatchObject({ status: 'completed', progress: 100, filename: fileName('pdf', aRequest, message.job_id) });
  const { bytes } = await openDownload(ports, told.filename);
  expect(createHash('sha256').update(bytes!).digest('hex')).toBe(told.sha256);
  expect(told.file_size_bytes).toBe(bytes!.length);
  if (content !== undefined) expect(bytes!.toString()).toBe(content);
  expect(await ports.stored(message.job_id)).toHaveLength(1);
}

test('a job is made, named, measured and can be downloaded', async () => {
  const ports = portsWith(async () => product('report'));
  const message = await accepted(ports);
  expect(await status(ports, message)).toMatchObject({ status: 'processing', progress: 0, expires_at: undefined });
  await generateExport(ports, message, never);
  await expectSound(ports, message, 'report');
  const told = await status(ports, message);
  expect(told.download_url).toBe(`/api/static/exports/${told.filename}`);
  const life = Date.parse(told.expires_at!) - Date.parse(told.completed_at!);
  expect(life).toBeGreaterThan(3_590_000);
  expect(life).toBeLessThanOrEqual(3_601_000);
});

test('delivered again after completion: nothing is rendered, completed_at stays', async () => {
  const ports = portsWith();
  const message = await accepted(ports);
  await generateExport(ports, message, never);
  const before = await status(ports, message);
  const broken = portsWith(() => Promise.reject(new Error('the renderer must not be called')));
  await generateExport(broken, message, never);
  expect(broken.made()).toBe(0);
  expect(await status(ports, message)).toMatchObject({ status: 'completed', completed_at: before.completed_at });
});

test('delivered 20 times at once: one file, one completion', async () => {
  const ports = portsWith(async () => product(randomUUID()));
  const message = await accepted(ports);
  await Promise.all(Array.from({ length: 20 }, () => generateExport(ports, message, never)));
  await expectSound(ports, message);
});

test('no data is a permanent failure: failed with the sentence, acknowledged', async () => {
  const ports = portsWith(() => Promise.reject(new Fault('invalid', 'No detections found between 2023-09-01 and 2024-01-31')));
  const message = await accepted(ports);
  await generateExport(ports, message, never);
  expect(await status(ports, message)).toMatchObject({ status: 'failed', error: 'No detections found between 2023-09-01 and 2024-01-31' });
});

test('a passing failure returns the message, keeps the job processing with a last_error that tells no address, and the next run completes it', async () => {
  let down = true;
  const cause = new Error('connect ECONNREFUSED 10.0.3.7:5432');
  const ports = portsWith(() =>
    down ? Promise.reject(new Fault('unavailable', 'PostgreSQL is not available', { cause })) : Promise.resolve(product('x')),
  );
  const message = await accepted(ports);
  await expect(generateExport(ports, message, never)).rejects.toMatchObject({ kind: 'unavailable' });
  expect((await ports.jobs.read(message.job_id)).record).toMatchObject({ status: 'processing', last_error: 'PostgreSQL is not available' });
  down = false;
  await generateExport(ports, message, never);
  await expectSound(ports, message);
});

test('a stream that breaks halfway leaves no file', async () => {
  const ports = portsWith(async () =>
    product(
      Readable.from(
        (async function* () {
          for (let i = 0; i < 40; i += 1) yield Buffer.alloc(1024 * 1024, i);
          throw new Error('disk gone at /var/lib/somewhere/file');
        })(),
      ),
    ),
  );
  const message = await accepted(ports);
  await expect(generateExport(ports, message, never)).rejects.toThrow('disk gone');
  expect(await ports.stored(message.job_id)).toEqual([]);
  const { record } = await ports.jobs.read(message.job_id);
  expect(record?.last_error).toBe('unexpected error; the log has it under the id of this job');
});

test('cancelled while it runs: the generator is told, nothing is left, the message is done with', async () => {
  const ports = portsWith(
    ({ progress, signal }) =>
      new Promise((_, reject) => {
        let done = 0;
        const timer = setInterval(() => progress(++done, 100), 30);
        signal.addEventListener('abort', () => {
          clearInterval(timer);
          reject(signal.reason);
        });
      }),
  );
  const message = await accepted(ports);
  const running = generateExport(ports, message, never);
  await until('progress', async () => ((await status(ports, message)).progress > 0 ? true : undefined));
  await cancelExport(ports, message.job_id);
  await running;
  await expect(status(ports, message)).rejects.toMatchObject({ kind: 'not-found' });
  expect(await ports.stored(message.job_id)).toEqual([]);
  await generateExport(ports, message, never);
  expect(ports.made()).toBe(1);
});

test('cancelled just before completion: the run removes its own file', async () => {
  const ports = portsWith();
  const message = await accepted(ports);
  const put = ports.files.put;
  ports.files.put = async (...args) => {
    await put(...args);
    await ports.jobs.cancel(message.job_id);
  };
  await generateExport(ports, message, never);
  await expect(status(ports, message)).rejects.toMatchObject({ kind: 'not-found' });
  expect(await ports.stored(message.job_id)).toEqual([]);
});

test('Redis emptied while the file is being made: the job completes and its record is there again', async () => {
  const ports = portsWith(async ({ jobId }) => {
    await ports.record("return redis.call('DEL', KEYS[1])", jobId);
    return product('y');
  });
  const message = await accepted(ports);
  await generateExport(ports, message, never);
  await expectSound(ports, message, 'y');
});

test('Redis emptied before a job fails for good: it fails, and its record is there again', async () => {
  const ports = portsWith(async ({ jobId }) => {
    await ports.record("return redis.call('DEL', KEYS[1])", jobId);
    throw new Fault('invalid', 'No detections found');
  });
  const message = await accepted(ports);
  await generateExport(ports, message, never);
  expect(await status(ports, message)).toMatchObject({ status: 'failed', error: 'No detections found' });
});

test('another run has taken over: a run that finds no data ends nothing, and its message is not acknowledged', async () => {
  const ports = portsWith(async () => {
    await ports.jobs.begin(identityOf(message));
    throw new Fault('invalid', 'No detections found');
  });
  const message = await accepted(ports);
  await expect(generateExport(ports, message, never)).rejects.toMatchObject({ kind: 'conflict' });
  expect(await status(ports, message)).toMatchObject({ status: 'processing' });
});

test('Redis forgets the job, and another run completes it with the very file of this one: the file stays', async () => {
  const ports = portsWith(async () => product('shared'));
  const message = await accepted(ports);
  const { begin, complete } = ports.jobs;
  let completions = 0;
  ports.jobs.complete = async (...args) => {
    completions += 1;
    if (completions > 1) return complete(...args);
    await ports.record("return redis.call('DEL', KEYS[1])", message.job_id);
    const answer = await complete(...args);
    // Between this run's answer and its next step, another delivery finds the file and ends the job.
    await generateExport({ ...ports, jobs: { ...ports.jobs, begin, complete } }, message, never);
    return answer;
  };
  await generateExport(ports, message, never);
  expect(ports.made()).toBe(1);
  await expectSound(ports, message, 'shared');
});

test('Redis forgets the job again and again: the message is not acknowledged, and the file stays for the next run', async () => {
  const ports = portsWith(async () => product('kept'));
  const message = await accepted(ports);
  const { complete } = ports.jobs;
  ports.jobs.complete = async (...args) => {
    await ports.record("return redis.call('DEL', KEYS[1])", message.job_id);
    return complete(...args);
  };
  await expect(generateExport(ports, message, never)).rejects.toMatchObject({ kind: 'unavailable' });
  ports.jobs.complete = complete;
  await generateExport(ports, message, never);
  expect(ports.made()).toBe(1);
  await expectSound(ports, message, 'kept');
});

test('Redis emptied before the message came: the job is made from the message', async () => {
  const ports = portsWith();
  const message = aMessage(randomUUID());
  await generateExport(ports, message, never);
  await expectSound(ports, message);
});

test('the terminal write is lost: the message returns, and the next run finds the file instead of rendering again', async () => {
  const ports = portsWith(async () => product('once'));
  const message = await accepted(ports);
  const complete = ports.jobs.complete;
  ports.jobs.complete = () => Promise.reject(new Fault('unavailable', 'Redis is not available'));
  await expect(generateExport(ports, message, never)).rejects.toMatchObject({ kind: 'unavailable' });
  ports.jobs.complete = complete;
  await generateExport(ports, message, never);
  expect(ports.made()).toBe(1);
  await expectSound(ports, message, 'once');
});

test('the terminal write was applied but its answer lost: written again it changes nothing and keeps the file', async () => {
  const ports = portsWith();
  const message = await accepted(ports);
  const complete = ports.jobs.complete;
  let lost = 0;
  ports.jobs.complete = async (...args) => {
    const outcome = await complete(...args);
    lost += 1;
    if (lost === 1) throw new Fault('unavailable', 'Redis is not available');
    return outcome;
  };
  await generateExport(ports, message, never);
  await expectSound(ports, message);
});

test('progress that cannot be written does not fail the job', async () => {
  const ports = portsWith(async ({ progress }) => {
    progress(1, 2);
    return product('z');
  });
  ports.jobs.progress = () => Promise.reject(new Fault('unavailable', 'Redis is not available'));
  const message = await accepted(ports);
  await generateExport(ports, message, never);
  await expectSound(ports, message);
});

const outOfTime: [string, Generator<PdfRequest>][] = [
  [
    'the run stops, says so, and the message returns',
    ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('whatever')))),
  ],
  ['a generator that hears nothing (a query that hangs) does not keep the run', () => new Promise(() => undefined)],
];
test.each(outOfTime)('out of time: %s', async (_, generator) => {
  const ports = portsWith(generator);
  const message = await accepted(ports);
  const overtime = new AbortController();
  const running = generateExport(ports, message, overtime.signal);
  await until('the run', () => (ports.made() > 0 ? true : undefined));
  overtime.abort(new Fault('unavailable', 'the function ran out of time'));
  await expect(running).rejects.toThrow('ran out of time');
  expect((await ports.jobs.read(message.job_id)).record?.last_error).toBe('the function ran out of time');
});

test('a run leaves nobody listening to its signal, which would keep all that it made in memory', async () => {
  let heard: AbortSignal | undefined;
  const ports = portsWith(async ({ signal }) => {
    heard = signal;
    return product('%PDF-');
  });
  await generateExport(ports, await accepted(ports), new AbortController().signal);
  expect(heard).toBeInstanceOf(AbortSignal);
  expect(getEventListeners(heard!, 'abort')).toEqual([]);
});

test('attempts used up: the job says why, the message is parked with the reason', async () => {
  const ports = portsWith(() => Promise.reject(new Fault('unavailable', 'PostgreSQL is not available')));
  const message = await accepted(ports);
  await expect(generateExport(ports, message, never)).rejects.toThrow();
  const text = JSON.stringify(message);
  await closeExport(ports, message, text);
  expect(await status(ports, message)).toMatchObject({ status: 'failed', error: 'PostgreSQL is not available' });
  const [parked] = await take(process.env.EXPORTS_PARKED_QUEUE_URL!);
  expect(parked?.Body).toBe(text);
  expect(parked?.MessageAttributes).toMatchObject({
    reason: { StringValue: 'PostgreSQL is not available' },
    job_id: { StringValue: message.job_id },
  });
});

test('a run that may still be at work is not closed: the dead message goes back until it is quiet', async () => {
  const ports = portsWith();
  const message = await accepted(ports);
  await ports.jobs.begin(identityOf(message));
  const text = JSON.stringify(message);
  await expect(closeExport(ports, message, text)).rejects.toMatchObject({ kind: 'conflict' });
  await ports.record(
    "local r = cjson.decode(redis.call('GET', KEYS[1])); r.beat_at = r.beat_at - 31000; return redis.call('SET', KEYS[1], cjson.encode(r), 'KEEPTTL')",
    message.job_id,
  );
  await closeExport(ports, message, text);
  expect(await status(ports, message)).toMatchObject({ status: 'failed', error: 'all attempts failed' });
});

test('a message that carries the id of another job touches nothing and is parked', async () => {
  const ports = portsWith();
  const message = await accepted(ports);
  const forged = { ...message, request: { ...aRequest, group_by: 'day' as const } };
  await expect(generateExport(ports, forged, never)).rejects.toThrow('message carries the id of another job');
  await closeExport(ports, forged, JSON.stringify(forged));
  expect(await status(ports, message)).toMatchObject({ status: 'processing' });
  expect(await take(process.env.EXPORTS_PARKED_QUEUE_URL!)).toHaveLength(1);
});

test('the sweeper removes what no record names, and leaves what a live job may need', async () => {
  const ports = portsWith(async () => product('kept'), { ttlSeconds: 2, retentionSeconds: 86_400 });
  const [kept, expired, working, cancelled] = await Promise.all([0, 1, 2, 3].map(() => accepted(ports)));
  for (const message of [kept, expired, cancelled]) await generateExport(ports, message!, never);
  await ports.files.put(`exports/${working!.job_id}/1/earlier.pdf`, Buffer.from('half'), { contentType: 'application/pdf' });
  await ports.record("return redis.call('PERSIST', KEYS[1])", kept!.job_id);
  await ports.record("return redis.call('PERSIST', KEYS[1])", working!.job_id);
  await ports.record("return redis.call('DEL', KEYS[1])", expired!.job_id);
  await ports.jobs.cancel(cancelled!.job_id);
  const sweep = (later: number) => sweepExports({ ...ports, clock: () => new Date(Date.now() + later) });
  const counts = async () =>
    (await Promise.all([kept, expired, working, cancelled].map((message) => ports.stored(message!.job_id)))).map((keys) => keys.length);
  await sweep(0);
  expect(await counts()).toEqual([1, 1, 1, 0]);
  await sweep(120_000);
  expect(await counts()).toEqual([1, 0, 1, 0]);
});

test('a sweep that is cut short has removed what it had looked at', async () => {
  const ports = portsWith();
  const left = new Set(Array.from({ length: 700 }, () => `exports/${randomUUID()}/1/old.pdf`));
  const modified = new Date(0);
  let asked = 0;
  const files = {
    ...ports.files,
    async *list(prefix: string) {
      for (const key of [...left]) if (key.startsWith(prefix)) yield { key, size: 1, modified };
    },
    remove: async (keys: readonly string[]) => {
      for (const key of keys) left.delete(key);
    },
  };
  const read: typeof ports.jobs.read = (id) => {
    asked += 1;
    return asked > 600 ? Promise.reject(new Fault('unavailable', 'Redis is not available')) : ports.jobs.read(id);
  };
  await expect(sweepExports({ ...ports, files, jobs: { ...ports.jobs, read } })).rejects.toThrow('Redis is not available');
  expect(left.size).toBe(200);
});

test('a large file that is gone is not linked to', async () => {
  const ports = portsWith();
  const { job_id } = await accepted(ports);
  const filename = fileName('pdf', aRequest, job_id);
  const file = {
    filename,
    download_url: '',
    file_size_bytes: 5_000_000,
    object_key: `exports/${job_id}/1/${filename}`,
    sha256: 'a'.repeat(64),
  };
  await ports.jobs.complete(job_id, '1', file);
  await expect(openDownload(ports, filename)).rejects.toMatchObject({ kind: 'not-found' });
});
