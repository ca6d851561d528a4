// Counters of jobs: in Redis, exact, with several processes that write them and begin anew.
import { randomUUID } from 'node:crypto';
import { redis } from '../../lib/adapters/redis.ts';
import type { Queue } from '../../lib/adapters/sqs.ts';
import { Fault } from '../../lib/errors.ts';
import { readFigures } from '../../lib/exports/job/figures.ts';
import { type JobIdentity, jobs } from '../../lib/exports/job/jobs.ts';
import { logFrom } from '../../lib/log.ts';
import { writeMetrics } from '../../lib/metrics.ts';
import { counters, readExposition } from '../support/exposition.ts';

logFrom('silent');
const prefix = `${process.env.REDIS_KEY_PREFIX}figures-${randomUUID()}:`;
const store = redis({ url: process.env.REDIS_URL!, prefix, timeout: 5_000 });
const law = jobs(store, { ttlSeconds: 3600, retentionSeconds: 86_400 });
afterAll(() => store.close());

const counted = (waiting: number, received: number): Queue => ({
  send: async () => undefined,
  ping: async () => undefined,
  check: async () => undefined,
  count: async () => ({ waiting, received }),
});
const queues = { exports: counted(3, 2), dead: counted(1, 1), parked: counted(4, 0) };
const read = async (ports = { store, queues }) => readExposition(writeMetrics(await readFigures(ports)));
const valueIn = (families: Awaited<ReturnType<typeof read>>, family: string, key: string): number | undefined =>
  families.get(family)?.samples.get(key)?.value;

const identity = (kind: 'pdf' | 'zip', age = 0): JobIdentity => ({
  job_id: randomUUID(),
  kind,
  created_at: new Date(Date.now() - age).toISOString(),
  digest: 'a'.repeat(64),
});
const file = { filename: 'f', download_url: '/f', file_size_bytes: 1, object_key: 'exports/f', sha256: 'b'.repeat(64) };

test('before the first job everything is there, and 0', async () => {
  const families = await read();
  expect(valueIn(families, 'jobs_submitted_total', 'jobs_submitted_total{kind="occupancy"}')).toBe(0);
  expect(valueIn(families, 'jobs_finished_total', 'jobs_finished_total{kind="pdf",outcome="failed"}')).toBe(0);
  expect(valueIn(families, 'queue_oldest_message_age_seconds', 'queue_oldest_message_age_seconds{}')).toBe(0);
});

test('jobs are counted once, by how they end, with their times', async () => {
  const before = counters(await read());
  const [done, lost, twice, late] = [identity('pdf', 4_000), identity('pdf'), identity('zip'), identity('zip', 40_000)];
  for (const job of [done, lost, twice, late]) await law.create(job);
  const run = (await law.begin(done)).record!.run;
  // A second run is no second wait, a second end no second job.
  const again = (await law.begin(done)).record!.run;
  await law.complete(done.job_id, run, file);
  await law.complete(done.job_id, again, file);
  await law.cancel(done.job_id);
  await law.fail(lost.job_id, (await law.begin(lost)).record!.run, 'No detections found');
  await law.cancel(twice.job_id);
  await law.cancel(twice.job_id);
  const families = await read();
  const after = counters(families);
  const rises = new Map([...after].flatMap(([key, value]) => (value === before.get(key) ? [] : [[key, value]])));
  expect(Object.fromEntries([...rises].filter(([key]) => !/bucket|sum/.test(String(key))))).toEqual({
    'jobs_submitted_total{kind="pdf"}': 2,
    'jobs_submitted_total{kind="zip"}': 2,
    'jobs_finished_total{kind="pdf",outcome="completed"}': 1,
    'jobs_finished_total{kind="pdf",outcome="failed"}': 1,
    'jobs_finished_total{kind="zip",outcome="cancelled"}': 1,
    'job_duration_seconds_count{kind="pdf"}': 2,
    'job_duration_seconds_count{kind="zip"}': 1,
    'job_queue_wait_seconds_count{kind="pdf"}': 2,
  });
  expect(rises.get('job_duration_seconds_bucket{kind="pdf",le="2.5"}')).toBe(1);
  expect(rises.get('job_duration_seconds_bucket{kind="pdf",le="5"}')).toBe(2);
  expect(rises.get('job_duration_seconds_sum{kind="pdf"}')).toBeGreaterThanOrEqual(4);
  const age = valueIn(families, 'queue_oldest_message_age_seconds', 'queue_oldest_message_age_seconds{}');
  expect(age).toBeGreaterThanOrEqual(40);
  expect(age).toBeLessThan(100);
  await law.cancel(late.job_id);
  expect(valueIn(await read(), 'queue_oldest_message_age_seconds', 'queue_oldest_message_age_seconds{}')).toBe(0);
  await law.create(identity('pdf', 10_000));
  expect(
    valueIn(await read(), 'queue_oldest_message_age_seconds', 'queue_oldest_message_age_seconds{}'),
  ).toBeGreaterThanOrEqual(10);
});

test('a job that is lost and dead is counted; one that Redis forgot is not submitted again', async () => {
  const before = counters(await read());
  const [dead, forgotten] = [identity('pdf'), identity('pdf')];
  await law.deadLetter(dead, 'all attempts failed');
  await law.begin(forgotten);
  const after = counters(await read());
  const rise = (key: string): number => after.get(key)! - before.get(key)!;
  expect(rise('jobs_finished_total{kind="pdf",outcome="failed"}')).toBe(1);
  expect(rise('jobs_submitted_total{kind="pdf"}')).toBe(0);
});

test('the oldest job is found past many that have ended', async () => {
  const waiting = identity('zip', 30_000);
  for (let at = 0; at < 200; at += 1) {
    const job = identity('pdf');
    await law.create(job);
    await law.cancel(job.job_id);
  }
  await law.create(waiting);
  const key = 'queue_oldest_message_age_seconds{}';
  const oldest = async () => valueIn(await read(), 'queue_oldest_message_age_seconds', key);
  expect(await oldest()).toBeGreaterThanOrEqual(10);
});

test('messages by state; what is away is left out, and said to be', async () => {
  const families = await read();
  const states = [...families.get('queue_messages')!.samples].map(([key, { value }]) => [key, value]);
  expect(states).toEqual([
    ['queue_messages{state="waiting"}', 3],
    ['queue_messages{state="running"}', 2],
    ['queue_messages{state="dead"}', 2],
    ['queue_messages{state="parked"}', 4],
  ]);
  const count = () => Promise.reject(new Fault('unavailable', 'SQS is not available'));
  const away = await read({ store, queues: { ...queues, parked: { ...queues.parked, count } } });
  expect([
    valueIn(away, 'source_up', 'source_up{source="redis"}'),
    valueIn(away, 'source_up', 'source_up{source="sqs"}'),
  ]).toEqual([1, 0]);
  expect([away.has('queue_messages'), away.has('jobs_submitted_total')]).toEqual([false, true]);
});
