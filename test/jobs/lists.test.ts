// Which jobs there are: in the order of their acceptance, by owner, page after page; what changed
// since; and that a list forgets what its records forget.
import { randomUUID } from 'node:crypto';
import { redis } from '../../lib/adapters/redis.ts';
import { type JobIdentity, jobs } from '../../lib/exports/job/jobs.ts';
import { jobLists } from '../../lib/exports/job/lists.ts';
import { listJobs } from '../../lib/exports/job/pages.ts';
import { EVERYONE } from '../support/ports.ts';

const limits = { ttlSeconds: 3600, retentionSeconds: 86_400 };
/** Everybody's jobs are those of the test. */
function open() {
  const prefix = `${process.env.REDIS_KEY_PREFIX}lists-${randomUUID()}:`;
  const store = redis({ url: process.env.REDIS_URL!, prefix, timeout: 5_000 });
  opened.push(store);
  const law = jobs(store, limits);
  return {
    store,
    law,
    lists: jobLists(store),
    /** The ids of new jobs, the first one first. */
    async make(count: number, owner?: string): Promise<string[]> {
      const ids: string[] = [];
      for (let at = 0; at < count; at += 1) {
        const job = identity(owner);
        await law.create(job);
        ids.push(job.job_id);
      }
      return ids;
    },
    forget: (id: string) => store.script("return redis.call('DEL', KEYS[1])", `export_job:${id}`, []),
  };
}
const opened: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(opened.map((store) => store.close())));

const identity = (owner?: string, job_id: string = randomUUID()): JobIdentity => ({
  job_id,
  kind: 'pdf',
  created_at: new Date().toISOString(),
  digest: 'a'.repeat(64),
  owner,
});
const viewer = (owner: string) => ({ owner, seesAll: false });
const idsIn = ({ jobs: found }: { jobs: { jobId: string }[] }): string[] => found.map(({ jobId }) => jobId);

test('pages, the newest first, over several sections of the list; none is missed and none comes twice', async () => {
  const { lists, make } = open();
  const made = await make(300);
  const seen: string[] = [];
  const lengths: number[] = [];
  let before: string | undefined;
  do {
    const page = await listJobs(lists, { limit: '70', ...(before && { before }) }, EVERYONE);
    seen.push(...idsIn(page));
    lengths.push(page.jobs.length);
    // What comes in between is on no later page.
    await make(1);
    before = page.next;
  } while (before !== undefined);
  expect(seen).toEqual(made.reverse());
  expect(lengths).toEqual([70, 70, 70, 70, 20]);
});

test('the last page says so, also when it is full', async () => {
  const { lists, make } = open();
  await make(20);
  const { jobs: found, next } = await listJobs(lists, {}, EVERYONE);
  expect([found.length, next]).toEqual([20, undefined]);
});

test('an owner sees the jobs of that name alone, whatever the name is', async () => {
  const { lists, make } = open();
  const names = ['Office', 'Office 2', '*', '=Office', 'Buero \u00fc'];
  const own = new Map<string, string[]>();
  for (const name of names) own.set(name, (await make(2, name)).reverse());
  await make(1);
  for (const name of names) expect(idsIn(await listJobs(lists, {}, viewer(name)))).toEqual(own.get(name));
  expect(idsIn(await listJobs(lists, {}, { owner: undefined, seesAll: false }))).toEqual([]);
  expect(idsIn(await listJobs(lists, {}, EVERYONE))).toHaveLength(11);
});

test('a page is full although jobs of others are between', async () => {
  const { lists, make } = open();
  const [first] = await make(1, 'Office');
  await make(400, 'Other');
  const [second] = await make(1, 'Office');
  expect(idsIn(await listJobs(lists, { limit: '2' }, viewer('Office')))).toEqual([second, first]);
});

test('cancelled and forgotten jobs are on no page; one that was made again is there once', async () => {
  const { lists, law, make, forget } = open();
  const [cancelled, gone, again, done] = await make(4);
  await law.cancel(cancelled!);
  await forget(gone!);
  await forget(again!);
  await law.begin(identity(undefined, again));
  const run = (await law.begin(identity(undefined, done))).record!.run;
  await law.fail(done!, run, 'No detections found');
  const page = await listJobs(lists, {}, EVERYONE);
  expect(page.jobs.map(({ jobId, record }) => [jobId, record.status])).toEqual([
    [again, 'processing'],
    [done, 'failed'],
  ]);
  expect(page.jobs[1]!.expiresAt!.getTime()).toBeGreaterThan(Date.now() + 3_500_000);
});

test.each([
  [{ limit: '0' }, /limit must be a whole number from 1 to 100/],
  [{ limit: '101' }, /limit must be/],
  [{ limit: '1.5' }, /limit must be/],
  [{ limit: '' }, /limit must be/],
  [{ limit: '5,5' }, /limit must be/],
  [{ before: '' }, /before must be the `next` of an earlier answer/],
  [{ before: '12' }, /before must be/],
  [{ before: Buffer.from('-1').toString('base64url') }, /before must be/],
  [{ before: `${Buffer.from('12').toString('base64url')}=` }, /before must be/],
])('no page: %j', async (query, reason) => {
  await expect(listJobs(open().lists, query, EVERYONE)).rejects.toThrow(reason);
});

test('a version rises with what a reader sees, and with nothing else', async () => {
  const { law, make } = open();
  const [id] = await make(1);
  const version = async (): Promise<number> => Number((await law.read(id!)).record!.version);
  const seen = [await version()];
  const run = (await law.begin(identity(undefined, id))).record!.run;
  await law.progress(id!, run, { last_error: 'S3 is not available' });
  await law.progress(id!, run, { progress: 0 });
  expect(await version()).toBe(seen[0]);
  await law.progress(id!, run, { progress: 7 });
  seen.push(await version());
  await law.fail(id!, run, 'No detections found');
  seen.push(await version());
  expect([...new Set(seen)].sort((a, b) => a - b)).toEqual(seen);
  expect(seen).toHaveLength(3);
});

test('changes since a version: each job once, as it is now, in the order of the last changes', async () => {
  const { lists, law, make } = open();
  const [first, second] = await make(2, 'Office');
  await make(1, 'Other');
  const { version } = await lists.changedSince(EVERYONE, -1);
  expect(await lists.changedSince(EVERYONE, version)).toEqual({ isKnown: true, jobs: [], version });
  const run = (await law.begin(identity('Office', first))).record!.run;
  for (let progress = 1; progress < 90; progress += 1) await law.progress(first!, run, { progress });
  await law.cancel(second!);
  await law.fail(first!, run, 'No detections found');
  const third = await make(300, 'Office');
  const since = await lists.changedSince(viewer('Office'), version);
  expect(since.isKnown).toBe(true);
  expect(since.jobs.map(({ jobId, record }) => [jobId, record.status])).toEqual([
    [second, 'cancelled'],
    [first, 'failed'],
    ...third.map((id) => [id, 'processing']),
  ]);
  expect(Number(since.jobs.at(-1)!.record.version)).toBe(since.version);
  expect(idsIn(await lists.changedSince(viewer('Other'), version))).toEqual([]);
  expect(idsIn(await lists.changedSince({ owner: undefined, seesAll: false }, version))).toEqual([]);
});

test('versions that Redis has forgotten, or never gave, are not taken for known', async () => {
  const { lists, make, store } = open();
  await make(1);
  const { version } = await lists.changedSince(EVERYONE, -1);
  await make(300);
  await store.script(`return redis.call('DEL', KEYS[1] .. ':' .. ARGV[1])`, 'changes_log', [Math.floor(version / 32)]);
  expect(await lists.changedSince(EVERYONE, version)).toMatchObject({ isKnown: false });
  expect(await lists.changedSince(EVERYONE, version + 10_000)).toMatchObject({ isKnown: false });
});

test('a place is never given twice: not when sections are gone, nor when Redis is empty', async () => {
  const { lists, law, make, store } = open();
  const [id] = await make(1);
  const { place, version } = (await law.read(id!)).record!;
  const drop = (log: string) =>
    store.script(`return redis.call('DEL', KEYS[1] .. ':' .. redis.call('GET', KEYS[1]))`, log, []);
  await drop('jobs_log');
  await drop('changes_log');
  const [next] = await make(1);
  const after = (await law.read(next!)).record!;
  expect([Number(after.place) > Number(place), Number(after.version) > Number(version)]).toEqual([true, true]);
  await drop('jobs_log');
  await store.script(`return redis.call('DEL', KEYS[1])`, 'jobs_log', []);
  const [last] = await make(1);
  expect(Number((await law.read(last!)).record!.place)).toBeGreaterThan(Number(after.place));
  expect(idsIn(await listJobs(lists, {}, EVERYONE))).toEqual([last]);
});

test('a sweep removes the oldest sections without a record, and nothing else', async () => {
  const { lists, make, forget } = open();
  const made = await make(300);
  expect(await lists.sweep()).toBe(0);
  for (const id of made.slice(0, 200)) await forget(id);
  expect(await lists.sweep()).toBe(6);
  expect(idsIn(await listJobs(lists, { limit: '100' }, EVERYONE))).toEqual(made.slice(200).reverse());
  for (const id of made.slice(200)) await forget(id);
  expect(await lists.sweep()).toBe(4);
  expect(await lists.sweep()).toBe(0);
  const [next] = await make(1);
  expect(idsIn(await listJobs(lists, {}, EVERYONE))).toEqual([next]);
});
