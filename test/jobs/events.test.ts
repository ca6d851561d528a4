// The stream of events where a reader has missed much, takes it slowly, or it is over.
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { redisChannel } from '../../lib/adapters/redis-channel.ts';
import type { Changes, Watcher } from '../../lib/exports/job/changes.ts';
import { eventsAnswer, type Listener } from '../../lib/exports/job/events.ts';
import type { JobRecord } from '../../lib/exports/job/jobs.ts';
import type { FoundJob, JobLists } from '../../lib/exports/job/lists.ts';

const MANY = 900;
/** As long as a completed job is when it is shown. */
const LONG = 'x'.repeat(600);

const job = (version: number): FoundJob => ({
  jobId: `job-${version}`,
  record: { kind: 'pdf', status: 'completed', progress: 100, version: String(version) } as JobRecord,
  expiresAt: undefined,
});
const all = Array.from({ length: MANY }, (_, at) => job(at + 1));

const listsOf = (isKnown: boolean): JobLists => ({
  page: async (_viewer, before, limit) => {
    const end = before === 0 ? MANY : before;
    const jobs = all.slice(Math.max(0, end - limit), end).reverse();
    return { jobs, next: end - limit > 0 ? end - limit : undefined };
  },
  changedSince: async (_viewer, version) => {
    if (version < 0) return { isKnown: true, jobs: [], version: 0 };
    return { isKnown, jobs: isKnown ? all.slice(version) : [], version: MANY };
  },
  sweep: async () => 0,
});

async function open(lists: JobLists, lastEventId?: string, more: Partial<Listener> = {}) {
  const watchers = new Set<Watcher>();
  const changes: Changes = {
    watch: async (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
  const listener: Listener = {
    viewer: { owner: undefined, seesAll: true },
    lastEventId,
    mayListen: async () => true,
    show: ({ jobId }) => ({ job_id: jobId, filename: LONG }),
    ...more,
  };
  const answer = await eventsAnswer({ changes: () => changes, lists: () => lists }, true, listener);
  const { body } = 'held' in answer ? await answer.held : answer;
  return { stream: body as Readable, watchers };
}

/** Reads blocks until there are so many events of jobs, or the stream is over. */
async function read(stream: Readable, jobs: number): Promise<string[]> {
  const blocks: string[] = [];
  let rest = '';
  for await (const part of stream) {
    const found = (rest + String(part)).split('\n\n');
    rest = found.pop()!;
    blocks.push(...found);
    if (blocks.filter((block) => block.includes('event: job')).length >= jobs && rest === '') break;
  }
  return blocks;
}
const named = (blocks: string[]): string[] => blocks.flatMap((block) => /"job_id":"([^"]+)"/.exec(block)?.[1] ?? []);

describe('a reader who missed more than a stream holds', () => {
  test('gets every job that changed, in the order of the changes', async () => {
    const { stream, watchers } = await open(listsOf(true), '0');
    expect(named(await read(stream, MANY))).toEqual(all.map(({ jobId }) => jobId));
    expect(watchers.size).toBe(0);
  });

  test('gets everything anew after a reset, and its last id only then', async () => {
    const { stream } = await open(listsOf(false), '5');
    const blocks: string[] = [];
    for await (const part of stream) {
      blocks.push(...String(part).split('\n\n').filter(Boolean));
      if (String(part).startsWith(`id: ${MANY}\n`)) break;
    }
    expect(blocks[1]).toBe('event: reset\ndata: {}');
    expect(named(blocks)).toEqual(all.map(({ jobId }) => jobId));
    expect(blocks.filter((block) => block.startsWith('id:'))).toEqual([`id: ${MANY}`]);
  });

  test('costs no more memory than a stream holds, and hears what happens meanwhile', async () => {
    const { stream, watchers } = await open(listsOf(true), '0');
    await pause(20);
    expect(stream.readableLength).toBeLessThan(100_000);
    for (const watcher of watchers) watcher.onChange({ ...job(MANY + 1), version: MANY + 1, changedMs: 0 });
    expect(named(await read(stream, MANY + 1)).at(-1)).toBe(`job-${MANY + 1}`);
  });
});

test('a reader who takes nothing loses the stream when too much has changed meanwhile', async () => {
  const { stream, watchers } = await open(listsOf(true), '0');
  for (let version = MANY + 1; version <= MANY + 1_001; version += 1)
    for (const watcher of watchers) watcher.onChange({ ...job(version), version, changedMs: 0 });
  expect([stream.destroyed, watchers.size]).toEqual([true, 0]);
});

test('what is missed while things are sent is sent as well', async () => {
  const asked: number[] = [];
  const lists: JobLists = {
    ...listsOf(true),
    changedSince: async (_viewer, version) => {
      asked.push(version);
      await pause(1);
      return asked.length === 1
        ? { isKnown: true, jobs: [], version: 10 }
        : { isKnown: true, jobs: [job(10 + asked.length)], version: 10 + asked.length };
    },
  };
  const { stream, watchers } = await open(lists, '9');
  const [watcher] = watchers;
  watcher!.onMissed();
  watcher!.onMissed();
  // Later than what was missed: it must not hide it.
  watcher!.onChange({ ...job(20), version: 20, changedMs: 0 });
  expect(named(await read(stream, 3))).toEqual(['job-12', 'job-13', 'job-20']);
  expect(asked).toEqual([9, 10, 12]);
});

test('what was looked up is not sent again because it is heard of as well, then or later', async () => {
  const { stream, watchers } = await open(listsOf(true), String(MANY - 2));
  const [watcher] = watchers;
  const change = (version: number) => watcher!.onChange({ ...job(version), version, changedMs: 0 });
  change(MANY);
  await pause(5);
  change(MANY - 1);
  change(MANY + 1);
  expect(named(await read(stream, 3))).toEqual([MANY - 1, MANY, MANY + 1].map((version) => `job-${version}`));
});

test('after its end nothing is sent, whatever happens', async () => {
  const { stream, watchers } = await open(listsOf(true));
  const [watcher] = watchers;
  watcher!.onEnding();
  watcher!.onEnding();
  watcher!.onChange({ ...job(1), version: 1, changedMs: 0 });
  expect(named(await read(stream, 1))).toEqual([]);
  expect(stream.errored).toBeNull();
});

test('many who wait for a Redis that is away are one listener', async () => {
  const warnings: string[] = [];
  const note = (warning: Error): void => void warnings.push(warning.name);
  process.on('warning', note);
  const never = (): void => undefined;
  const channel = redisChannel({ url: 'redis://127.0.0.1:1', name: 'none', hear: never, missed: never });
  const asked = await Promise.allSettled(Array.from({ length: 40 }, () => channel.listen()));
  await channel.close();
  process.off('warning', note);
  expect(new Set(asked.map(({ status }) => status))).toEqual(new Set(['rejected']));
  expect(warnings).toEqual([]);
});
