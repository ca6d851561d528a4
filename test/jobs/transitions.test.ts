// The law of a job's record: every cell of the table, and random histories against a model of it.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { redis } from '../../lib/adapters/redis.ts';
import { type JobIdentity, jobs, type Outcome } from '../../lib/exports/job/jobs.ts';
import { type Act, QUIET_MS, type State, TRANSITIONS } from '../../lib/exports/job/transitions.ts';

const store = redis({ url: process.env.REDIS_URL!, prefix: process.env.REDIS_KEY_PREFIX!, timeout: 5_000 });
const limits = { ttlSeconds: 3600, retentionSeconds: 86_400 };
const law = jobs(store, limits);
afterAll(() => store.close());

const identity = (created = new Date()): JobIdentity => ({
  job_id: randomUUID(),
  kind: 'pdf',
  created_at: created.toISOString(),
  digest: 'a'.repeat(64),
});
const file = (run: string) => ({
  filename: 'f.pdf',
  download_url: '/f.pdf',
  file_size_bytes: 1,
  object_key: `exports/${run}`,
  sha256: 'b'.repeat(64),
});
const script = (lua: string, id: string, ...args: (string | number)[]): Promise<unknown> =>
  store.script(lua, `export_job:${id}`, args);
const ttl = (id: string): Promise<unknown> => script("return redis.call('TTL', KEYS[1])", id);
const raw = (id: string): Promise<unknown> => script("return redis.call('GET', KEYS[1]) or ''", id);
/** Makes the last heartbeat `ms` older. */
const age = (id: string, field: string, ms: number): Promise<unknown> =>
  script(
    "local r = cjson.decode(redis.call('GET', KEYS[1])); r[ARGV[1]] = r[ARGV[1]] - ARGV[2]; return redis.call('SET', KEYS[1], cjson.encode(r), 'KEEPTTL')",
    id,
    field,
    ms,
  );

/** Brings a fresh job into a state as `run` sees it; gives the run to act with. */
async function into(state: State, job: JobIdentity): Promise<string> {
  if (state === 'absent') return '1';
  await law.create(job);
  const mine = (await law.begin(job)).record!.run;
  if (state === 'other') return (await law.begin(job)) && mine;
  if (state === 'terminal') await law.complete(job.job_id, mine, file(mine));
  return mine;
}

const perform: Record<Act, (job: JobIdentity, run: string) => Promise<Outcome | undefined>> = {
  create: (job) =>
    law.create(job).then(
      () => ({ outcome: 'ok' }) as Outcome,
      () => ({ outcome: 'refused' }) as Outcome,
    ),
  begin: (job) => law.begin(job),
  progress: (job, run) => law.progress(job.job_id, run, { progress: 40 }),
  complete: (job, run) => law.complete(job.job_id, run, file(run)),
  fail: (job, run) => law.fail(job.job_id, run, 'no data'),
  deadLetter: (job) => law.deadLetter(job, 'all attempts failed'),
  cancel: (job) => law.cancel(job.job_id),
  read: (job) => law.read(job.job_id),
};

const cells = (Object.keys(TRANSITIONS) as Act[]).flatMap((act) =>
  (Object.keys(TRANSITIONS[act]) as State[]).map((state) => ({ act, state, rule: TRANSITIONS[act][state] })),
);
// A begin never has a run yet, so `same` cannot be reached by it (nor by close, cancel, read
// and create, which have none).
const runless: Act[] = ['begin', 'deadLetter', 'cancel', 'read', 'create'];

test.each(cells.filter(({ act, state }) => !(state === 'same' && runless.includes(act))))(
  '$act on $state: $rule',
  async ({ act, state, rule }) => {
    const job = identity();
    const run = await into(state, job);
    if (rule === 'quiet') await age(job.job_id, 'beat_at', QUIET_MS + 1);
    const before = await raw(job.job_id);
    const answer = await perform[act](job, run);
    expect(answer?.outcome).toBe(rule === 'refused' ? 'refused' : 'ok');
    const after = await raw(job.job_id);
    if (rule === 'refused' || rule === 'give' || rule === 'renew') expect(after).toBe(before);
    else {
      expect(after).not.toBe(before);
      const life = Number(await ttl(job.job_id));
      const whole = rule === 'tombstone' ? limits.retentionSeconds : limits.ttlSeconds;
      expect(life).toBeGreaterThan(whole - 5);
      expect(life).toBeLessThanOrEqual(whole);
    }
  },
);

test('docs/EXPORT_STATUS_TRACKING.md shows this very table', () => {
  const doc = readFileSync(new URL('../../docs/EXPORT_STATUS_TRACKING.md', import.meta.url), 'utf8');
  const rows = Object.entries(TRANSITIONS).map(
    ([act, { absent, same, other, terminal }]) => `| ${act} | ${absent} | ${same} | ${other} | ${terminal} |`,
  );
  expect(doc).toContain(['| act | absent | same | other | terminal |', '|---|---|---|---|---|', ...rows].join('\n'));
});

test('a refused write renews nothing, a read renews a processing job only', async () => {
  const expire = (id: string) => script("return redis.call('EXPIRE', KEYS[1], 100)", id);
  const [waiting, done] = [identity(), identity()];
  await into('same', waiting);
  const run = await into('terminal', done);
  await expire(waiting.job_id);
  await expire(done.job_id);
  await law.progress(waiting.job_id, 'another run', { progress: 3 });
  expect(await ttl(waiting.job_id)).toBeLessThanOrEqual(100);
  await law.read(waiting.job_id);
  expect(await ttl(waiting.job_id)).toBeGreaterThan(3_500);
  await law.complete(done.job_id, run, file('again'));
  await law.read(done.job_id);
  expect(await ttl(done.job_id)).toBeLessThanOrEqual(100);
});

test('a read writes nothing until a hundredth of the hour is over', async () => {
  const expire = (id: string, seconds: number) => script("return redis.call('EXPIRE', KEYS[1], ARGV[1])", id, seconds);
  const job = identity();
  await law.create(job);
  await expire(job.job_id, 3_580);
  expect(await law.read(job.job_id)).toMatchObject({ outcome: 'ok', state: 'other', record: { status: 'processing' } });
  expect(await ttl(job.job_id)).toBeLessThanOrEqual(3_580);
  await expire(job.job_id, 3_560);
  await law.read(job.job_id);
  expect(await ttl(job.job_id)).toBeGreaterThan(3_590);
});

test('a job that waits longer than the queue keeps messages fails when it is read', async () => {
  const job = identity();
  await law.create(job);
  await age(job.job_id, 'created_ms', 86_401_000);
  const { record } = await law.read(job.job_id);
  expect(record).toMatchObject({ status: 'failed', error: 'waited too long' });
});

test('an absent record is made again from a message, unless that is older than the queue keeps messages', async () => {
  expect(await law.begin(identity(new Date(Date.now() - 86_401_000)))).toMatchObject({
    outcome: 'refused',
    state: 'absent',
  });
  const { outcome, record } = await law.begin(identity(new Date(Date.now() - 86_000_000)));
  expect({ outcome, status: record?.status, run: record?.run }).toEqual({
    outcome: 'ok',
    status: 'processing',
    run: expect.stringMatching(/^\d{16}$/),
  });
});

test('a message with another digest neither begins nor closes a job; a run that shows life is not closed', async () => {
  const job = identity();
  await into('same', job);
  const stranger = { ...job, digest: 'c'.repeat(64) };
  expect((await law.begin(stranger)).outcome).toBe('foreign');
  expect((await law.deadLetter(stranger, 'x')).outcome).toBe('foreign');
  expect((await law.deadLetter(job, 'x')).outcome).toBe('alive');
  expect((await law.read(job.job_id)).record?.status).toBe('processing');
});

test('last_error is what a closed job shows', async () => {
  const job = identity();
  const run = await into('same', job);
  await law.progress(job.job_id, run, { last_error: 'PostgreSQL is not available' });
  await age(job.job_id, 'beat_at', QUIET_MS + 1);
  expect((await law.deadLetter(job, 'all attempts failed')).record).toMatchObject({
    status: 'failed',
    error: 'PostgreSQL is not available',
  });
});

test('a create that comes too late is not written', async () => {
  let now = Date.now();
  const slow = jobs(store, limits, () => now);
  const warm = identity();
  await slow.create(warm);
  now -= 60_000; // our clock is a minute back now, as if the command had waited that long
  const job = identity();
  await expect(slow.create(job)).rejects.toMatchObject({ kind: 'unavailable' });
  expect(await raw(job.job_id)).toBe('');
});

test('what is no record is as good as none', async () => {
  const job = identity();
  await script("return redis.call('SET', KEYS[1], '{broken')", job.job_id);
  expect((await law.read(job.job_id)).record).toBeUndefined();
  expect((await law.begin(job)).record?.status).toBe('processing');
});

/** The model: the table itself, acted out on a plain object. */
interface Model {
  status?: 'processing' | 'terminal' | 'cancelled';
  run: string;
}

test('the end of a record is the same instant in every answer', async () => {
  const job = identity();
  await into('terminal', job);
  const ends = await Promise.all(
    Array.from({ length: 2_000 }, async () => (await law.read(job.job_id)).expiresAt?.getTime()),
  );
  expect([...new Set(ends)]).toEqual([ends[0]]);
  expect(ends[0]! - Date.now()).toBeGreaterThan(3_500_000);
});

test('300 random histories of three writers follow the table, and a terminal state never changes', async () => {
  const step = fc.record({ act: fc.constantFrom(...(Object.keys(TRANSITIONS) as Act[])), writer: fc.nat({ max: 2 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (history) => {
      const job = identity();
      const runs = ['', '', ''];
      const model: Model = { run: '' };
      for (const { act, writer } of history) {
        const run = runs[writer] ?? '';
        const withRun = !runless.includes(act) && run !== '';
        const state: State =
          model.status === undefined
            ? 'absent'
            : model.status !== 'processing'
              ? 'terminal'
              : withRun && model.run === run
                ? 'same'
                : 'other';
        const rule = TRANSITIONS[act][state];
        const answer = await perform[act](job, run);
        const alive = rule === 'quiet' && model.run !== '';
        const again = rule === 'tombstone' && model.status === 'cancelled';
        expect({ act, state, outcome: answer?.outcome }).toEqual({
          act,
          state,
          outcome: alive ? 'alive' : rule === 'refused' || again ? 'refused' : 'ok',
        });
        if (rule === 'refused' || rule === 'give' || rule === 'renew' || alive || again) continue;
        if (act === 'begin') {
          runs[writer] = answer!.record!.run;
          Object.assign(model, { status: 'processing', run: runs[writer] });
        } else if (act === 'create') Object.assign(model, { status: 'processing', run: '' });
        else if (act === 'cancel') model.status = 'cancelled';
        else if (act !== 'progress') model.status = 'terminal';
      }
      const record = (await law.read(job.job_id)).record;
      expect(
        record === undefined
          ? undefined
          : record.status === 'completed' || record.status === 'failed'
            ? 'terminal'
            : record.status,
      ).toBe(model.status);
    }),
    { numRuns: 300 },
  );
});

test('progress never moves back, whichever run reports it', async () => {
  const job = identity();
  const first = await into('same', job);
  await law.progress(job.job_id, first, { progress: 38 });
  const second = (await law.begin(job)).record!.run;
  expect((await law.progress(job.job_id, second, { progress: 1 })).record?.progress).toBe(38);
  expect((await law.progress(job.job_id, second, { progress: 50 })).record?.progress).toBe(50);
});
