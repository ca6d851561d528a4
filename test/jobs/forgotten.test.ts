// What is lost on the way (records, answers, files), and what must not be: no end without a record,
// no record without its file, no file for ever.
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { Fault } from '../../lib/errors.ts';
import { openDownload } from '../../lib/exports/job/download.ts';
import { generateExport } from '../../lib/exports/job/generate.ts';
import { identifyJob } from '../../lib/exports/job/message.ts';
import { fileName } from '../../lib/exports/job/paths.ts';
import { sweepExports } from '../../lib/exports/job/sweep.ts';
import { unfinished } from '../support/left-over.ts';
import { aMessage, aRequest, EVERYONE, product } from '../support/ports.ts';
import { accepted, closeAll, expectSound, never, portsWith, status } from './accepted.ts';

afterEach(closeAll);

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
  // Nor parts, which no listing of files shows.
  expect((await unfinished(ports.files)).filter(({ key }) => key.includes(message.job_id))).toEqual([]);
  const { record } = await ports.jobs.read(message.job_id);
  expect(record?.last_error).toBe('unexpected error; the log has it under the id of this job');
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
    await ports.jobs.begin(identifyJob(message));
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
    // Between this run's answer and its next step, another delivery finds the file and ends the
    // job.
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

test('Redis forgets the job, and S3 is away when its file is looked for: the run that began anew says why, and shows no life', async () => {
  const ports = portsWith(async ({ jobId }) => {
    await ports.record("return redis.call('DEL', KEYS[1])", jobId);
    return product('y');
  });
  ports.files.has = () => Promise.reject(new Fault('unavailable', 'S3 is not available'));
  const message = await accepted(ports);
  await expect(generateExport(ports, message, never)).rejects.toThrow('S3 is not available');
  expect((await ports.jobs.read(message.job_id)).record).toMatchObject({
    status: 'processing',
    last_error: 'S3 is not available',
    beat_at: 0,
  });
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

test('the sweeper removes what no record names, and leaves what a live job may need', async () => {
  const ports = portsWith(async () => product('kept'), { ttlSeconds: 2, retentionSeconds: 86_400 });
  const [kept, expired, working, cancelled] = await Promise.all([0, 1, 2, 3].map(() => accepted(ports)));
  for (const message of [kept, expired, cancelled]) await generateExport(ports, message!, never);
  await ports.files.put(`exports/${working!.job_id}/1/earlier.pdf`, Buffer.from('half'), {
    contentType: 'application/pdf',
  });
  await ports.record("return redis.call('PERSIST', KEYS[1])", kept!.job_id);
  await ports.record("return redis.call('PERSIST', KEYS[1])", working!.job_id);
  await ports.record("return redis.call('DEL', KEYS[1])", expired!.job_id);
  await ports.jobs.cancel(cancelled!.job_id);
  const sweep = (later: number) => sweepExports({ ...ports, clock: () => new Date(Date.now() + later) });
  const counts = async () =>
    (await Promise.all([kept, expired, working, cancelled].map((message) => ports.stored(message!.job_id)))).map(
      (keys) => keys.length,
    );
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
  await expect(sweepExports({ ...ports, files, jobs: { ...ports.jobs, read } })).rejects.toThrow(
    'Redis is not available',
  );
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
  await expect(openDownload(ports, filename, EVERYONE)).rejects.toMatchObject({ kind: 'not-found' });
});
