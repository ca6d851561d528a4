// One message, one job, whatever happens on the way: the invariant is that completed means an
// object with the record's sha256.
import { randomUUID } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { Fault } from '../../lib/errors.ts';
import { deadLetterExport } from '../../lib/exports/job/dead-letter.ts';
import { generateExport } from '../../lib/exports/job/generate.ts';
import { identifyJob } from '../../lib/exports/job/message.ts';
import { cancelExport } from '../../lib/exports/job/status.ts';
import type { PdfRequest } from '../../lib/exports/pdf/request.ts';
import type { Renderer } from '../../lib/exports/shared/renderer.ts';
import { aRequest, EVERYONE, product } from '../support/ports.ts';
import { take } from '../support/queues.ts';
import { until } from '../support/wait.ts';
import { accepted, closeAll, expectSound, never, portsWith, status } from './accepted.ts';

afterEach(closeAll);

test('a job is made, named, measured and can be downloaded', async () => {
  const ports = portsWith(async () => product('report'));
  const message = await accepted(ports);
  expect(await status(ports, message)).toMatchObject({ status: 'processing', progress: 0, expires_at: undefined });
  await generateExport(ports, message, never);
  await expectSound(ports, message, 'report');
  const answered = await status(ports, message);
  expect(answered.download_url).toBe(`/api/static/exports/${answered.filename}`);
  const life = Date.parse(answered.expires_at!) - Date.parse(answered.completed_at!);
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
  const ports = portsWith(() =>
    Promise.reject(new Fault('invalid', 'No detections found between 2023-09-01 and 2024-01-31')),
  );
  const message = await accepted(ports);
  await generateExport(ports, message, never);
  expect(await status(ports, message)).toMatchObject({
    status: 'failed',
    error: 'No detections found between 2023-09-01 and 2024-01-31',
  });
});

test('a passing failure returns the message, keeps the job processing with a last_error that holds no address, and the next run completes it', async () => {
  let down = true;
  const cause = new Error('connect ECONNREFUSED 10.0.3.7:5432');
  const ports = portsWith(() =>
    down
      ? Promise.reject(new Fault('unavailable', 'PostgreSQL is not available', { cause }))
      : Promise.resolve(product('x')),
  );
  const message = await accepted(ports);
  await expect(generateExport(ports, message, never)).rejects.toMatchObject({ kind: 'unavailable' });
  expect((await ports.jobs.read(message.job_id)).record).toMatchObject({
    status: 'processing',
    last_error: 'PostgreSQL is not available',
  });
  down = false;
  await generateExport(ports, message, never);
  await expectSound(ports, message);
});

test('cancelled while it runs: the renderer is aborted, nothing is left, the message is done with', async () => {
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
  await cancelExport(ports, message.job_id, EVERYONE);
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

const outOfTime: [string, Renderer<PdfRequest>][] = [
  [
    'the run stops, says so, and the message returns',
    ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('whatever')))),
  ],
  ['a renderer that hears nothing (a query that hangs) does not keep the run', () => new Promise(() => undefined)],
];
test.each(outOfTime)('out of time: %s', async (_, renderer) => {
  const ports = portsWith(renderer);
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
  await deadLetterExport(ports, message, text);
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
  await ports.jobs.begin(identifyJob(message));
  const text = JSON.stringify(message);
  await expect(deadLetterExport(ports, message, text)).rejects.toMatchObject({ kind: 'conflict' });
  await ports.record(
    "local r = cjson.decode(redis.call('GET', KEYS[1])); r.beat_at = r.beat_at - 31000; return redis.call('SET', KEYS[1], cjson.encode(r), 'KEEPTTL')",
    message.job_id,
  );
  await deadLetterExport(ports, message, text);
  expect(await status(ports, message)).toMatchObject({ status: 'failed', error: 'all attempts failed' });
});

test('a message that carries the id of another job touches nothing and is parked', async () => {
  const ports = portsWith();
  const message = await accepted(ports);
  const forged = { ...message, request: { ...aRequest, group_by: 'day' as const } };
  await expect(generateExport(ports, forged, never)).rejects.toThrow('message carries the id of another job');
  await deadLetterExport(ports, forged, JSON.stringify(forged));
  expect(await status(ports, message)).toMatchObject({ status: 'processing' });
  expect(await take(process.env.EXPORTS_PARKED_QUEUE_URL!)).toHaveLength(1);
});
