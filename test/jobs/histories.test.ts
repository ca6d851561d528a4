// Random days of one job: runs that are killed or held at any call they make, cancelled, closed,
// swept, forgotten by Redis. What is completed is there.
import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import type { Files } from '../../lib/adapters/s3.ts';
import { Fault } from '../../lib/errors.ts';
import { deadLetterExport } from '../../lib/exports/job/dead-letter.ts';
import { generateExport } from '../../lib/exports/job/generate.ts';
import { digestRequest, type Outcome } from '../../lib/exports/job/jobs.ts';
import { cancelExport } from '../../lib/exports/job/status.ts';
import { sweepExports } from '../../lib/exports/job/sweep.ts';
import { HISTORIES } from '../faults/rows.ts';
import { aMessage, aRequest, EVERYONE, product, testPorts } from '../support/ports.ts';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A bucket that this test can look through without waiting. */
function bucket(): Files & { objects: Map<string, { bytes: Buffer; modified: Date }> } {
  const objects = new Map<string, { bytes: Buffer; modified: Date }>();
  return {
    objects,
    put: async (key, body) =>
      void objects.set(key, { bytes: Buffer.isBuffer(body) ? body : await buffer(body), modified: new Date() }),
    get: async (key) => (objects.has(key) ? Readable.from([objects.get(key)!.bytes]) : undefined),
    has: async (key) => objects.has(key),
    read: async (key) => objects.get(key)?.bytes,
    async *list(prefix) {
      for (const [key, { bytes, modified }] of [...objects])
        if (key.startsWith(prefix)) yield { key, size: bytes.length, modified };
    },
    remove: async (keys) => {
      for (const key of keys) objects.delete(key);
    },
    sign: async (key) => key,
    async *unfinished() {},
    abort: async () => undefined,
    ping: async () => undefined,
  };
}

/** Where a run is stopped: at its nth call outwards, before or after that has its effect. */
interface Stop {
  at: number;
  after: boolean;
  how: 'killed' | 'held';
}
interface Held {
  go(): void;
  end: Promise<unknown>;
  /** It has read that the job has ended: it will acknowledge the message. */
  knows(): boolean;
}

/** Every call of `target` goes through `gate`; a generator that lists is one call. */
function through<T extends object>(target: T, gate: <R>(call: () => R) => R | Promise<Awaited<R>>): T {
  return new Proxy(target, {
    get: (from, name) => {
      const member = Reflect.get(from, name) as unknown;
      if (typeof member !== 'function') return member;
      const call = member.bind(from) as (...args: unknown[]) => unknown;
      if (name === 'list')
        return async function* (...args: unknown[]) {
          const found: unknown[] = [];
          await gate(async () => {
            for await (const one of call(...args) as AsyncIterable<unknown>) found.push(one);
          });
          yield* found;
        };
      return (...args: unknown[]) => gate(() => call(...args));
    },
  });
}

const base = testPorts();
afterAll(() => base.close());

type Step =
  | { act: 'run'; makes: 'file' | 'nothing' | 'error'; stop?: Stop | undefined }
  | { act: 'resume' | 'cancel' | 'deadLetter' | 'sweep' | 'forget' | 'quiet' | 'create' };
const stop = fc.option(
  fc.record({ at: fc.nat(7), after: fc.boolean(), how: fc.constantFrom('killed' as const, 'held' as const) }),
  {
    nil: undefined,
    freq: 4,
  },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      act: fc.constant('run' as const),
      makes: fc.constantFrom('file', 'file', 'file', 'nothing', 'error'),
      stop,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      act: fc.constantFrom('resume', 'resume', 'cancel', 'deadLetter', 'sweep', 'forget', 'quiet', 'create'),
    }),
  },
) as fc.Arbitrary<Step>;

async function live(steps: readonly Step[]): Promise<void> {
  const id = randomUUID();
  const message = aMessage(id);
  const identity = {
    job_id: id,
    kind: 'pdf' as const,
    created_at: message.created_at,
    digest: digestRequest('pdf', message.created_at, aRequest),
  };
  const files = bucket();
  const parked = { ...base.parked, send: async () => undefined };
  const held: Held[] = [];
  let ended: string | undefined;
  /** A run has acknowledged the message: it never comes again. */
  let acknowledged = false;

  const run = async (makes: 'file' | 'nothing' | 'error', where: Stop | undefined): Promise<void> => {
    // Whatever ended may be delivered once more; what was acknowledged and is forgotten never comes
    // again.
    if (acknowledged && (await base.jobs.read(id)).record === undefined) return;
    let calls = 0;
    let dead = false;
    let knows = false;
    let reached: () => void = () => undefined;
    const stopped = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const gate = async <R>(call: () => R): Promise<Awaited<R>> => {
      const here = where !== undefined && calls === where.at;
      calls += 1;
      const pause = async (): Promise<void> => {
        if (where?.how === 'killed') dead = true;
        else
          await new Promise<void>((resolve) => {
            held.push({ go: resolve, end, knows: () => knows });
            reached();
          });
      };
      if (here && !where.after) await pause();
      if (dead) throw new Error('killed');
      const answer = await call();
      const { record } = (answer ?? {}) as Partial<Outcome>;
      if (record !== undefined && record.status !== 'processing') knows = true;
      if (here && where.after) await pause();
      if (dead) throw new Error('killed');
      return answer;
    };
    const pdf = async () => {
      if (makes === 'nothing') throw new Fault('invalid', 'No detections found');
      if (makes === 'error') throw new Error('a bug');
      return product(`%PDF- ${randomUUID()}`);
    };
    const ports = {
      ...base,
      jobs: through(base.jobs, gate),
      files: through(files, gate),
      renderers: { ...base.renderers, pdf },
    };
    const end: Promise<unknown> = Promise.resolve()
      .then(() => generateExport(ports as typeof base, message, new AbortController().signal))
      .then(() => {
        // A killed run acknowledges nothing, however far it came.
        if (!dead) acknowledged = true;
      })
      .catch(() => undefined);
    await Promise.race([end, stopped]);
  };

  const raw = (lua: string): Promise<unknown> => base.record(lua, id);
  const look = async (): Promise<void> => {
    const { record } = await base.jobs.read(id);
    if (record?.status === 'completed') {
      const object = files.objects.get(record.object_key ?? '');
      expect([record.object_key, object === undefined ? 'no object' : sha256(object.bytes)]).toEqual([
        record.object_key,
        record.sha256,
      ]);
    }
    const now =
      record === undefined || record.status === 'processing'
        ? undefined
        : `${record.status} ${record.completed_at} ${record.object_key}`;
    // An end is an end; a person may still have it forgotten.
    if (ended !== undefined) expect([ended, ended.replace(/^\w+/, 'cancelled')]).toContain(now);
    ended = now;
  };
  const sweep = (hours: number): Promise<unknown> =>
    sweepExports({
      jobs: base.jobs,
      files,
      limits: base.limits,
      clock: () => new Date(Date.now() + hours * 3_600_000),
    });

  for (const one of steps) {
    if (one.act === 'run') await run(one.makes, one.stop);
    else if (one.act === 'resume') {
      const [first] = held.splice(0, 1);
      first?.go();
      await first?.end;
    } else if (one.act === 'create') await base.jobs.create(identity).catch(() => undefined);
    else if (one.act === 'cancel') await cancelExport({ jobs: base.jobs, files }, id, EVERYONE).catch(() => undefined);
    else if (one.act === 'deadLetter')
      await deadLetterExport({ ...base, parked }, message, JSON.stringify(message)).catch(() => undefined);
    // A run lives five minutes at most: nothing grows an hour old while one is held.
    else if (one.act === 'sweep') await sweep(held.length > 0 ? 0 : 2);
    else if (one.act === 'forget') {
      // What had ended and is forgotten is lost, as OPERATIONS.md says; what has not ended must not
      // be.
      if (ended !== undefined && (acknowledged || held.some((one) => one.knows()))) continue;
      await raw("return redis.call('DEL', KEYS[1])");
      ended = undefined;
    } else
      await raw(
        "local r = redis.call('GET', KEYS[1]); if not r then return 0 end; r = cjson.decode(r); r.beat_at = 0; return redis.call('SET', KEYS[1], cjson.encode(r), 'KEEPTTL')",
      );
    await look();
  }
  for (const one of held.splice(0)) {
    one.go();
    await one.end;
    await look();
  }
  // The end of every history: unless a run has acknowledged it, the message comes once more,
  // unhindered; then the sweeper after the hour.
  await run('file', undefined);
  await look();
  const { record } = await base.jobs.read(id);
  expect(['completed', 'failed', 'cancelled']).toContain(record?.status);
  await sweep(2);
  expect([...files.objects.keys()]).toEqual(record?.status === 'completed' ? [record.object_key] : []);
}

/**
 * Uploaded, cancelled and thereby removed, forgotten by Redis, and only then completed.
 */
const BETWEEN: Step[] = [
  { act: 'create' },
  { act: 'run', makes: 'file', stop: { at: 1, after: true, how: 'held' } },
  { act: 'cancel' },
  { act: 'forget' },
  { act: 'resume' },
];

/**
 * Begun, forgotten by Redis, and only then found to have nothing to export: the end has to be
 * written anyway.
 */
const NOTHING: Step[] = [
  { act: 'create' },
  { act: 'run', makes: 'nothing', stop: { at: 0, after: true, how: 'held' } },
  { act: 'forget' },
  { act: 'resume' },
];

test('whatever happens, a completed job names a file that is there, an end is an end, and nothing is left over', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), live), {
    numRuns: HISTORIES,
    examples: [[BETWEEN], [NOTHING]],
  });
}, 300_000);
