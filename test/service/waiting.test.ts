// Waits for a change, and streams of events, at the host: how soon, how many, and what it costs.
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { processMemory } from '../../scripts/bench/peers/memory.ts';
import { listenTo, type Reader, type SentEvent } from '../support/event-source.ts';
import type { Answer } from '../support/surface.ts';
import { until } from '../support/wait.ts';
import { get, json, makeJob, ports, url } from './acted-jobs.ts';

/** Hundreds of requests at once need a machine that does nothing else. */
const SOAK = process.env.HOOFPRINT_SOAK === '1';
const logFile = process.env.HOOFPRINT_TEST_SERVICE_LOG!;
const loggedBefore = statSync(logFile).size;
afterAll(() => ports.close());

interface Entry {
  event?: string;
  held?: boolean;
  job_id?: string;
  after_change_ms?: number;
}
const entries = (): Entry[] =>
  readFileSync(logFile)
    .subarray(loggedBefore)
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Entry);

describe('waiting for a change', () => {
  const waitFor = (path: string, tag: string, seconds = 20): Promise<Answer> =>
    get(path, { 'if-none-match': tag, prefer: `wait=${seconds}` });
  const tagAt = async (path: string): Promise<string> => String((await get(path)).headers.etag);

  test('a status has a tag; who knows it gets 304 at once, and its change anew', async () => {
    const { id, path, run } = await makeJob();
    const tag = await tagAt(path);
    expect(tag).toMatch(/^"\d+"$/);
    const known = await get(path, { 'if-none-match': `W/${tag}` });
    expect([known.status, known.text, known.headers.etag, known.headers['preference-applied']]).toEqual([
      304,
      '',
      tag,
      undefined,
    ]);
    // A heartbeat is nothing that a reader sees.
    await ports.jobs.progress(id, run, { progress: 0 });
    expect((await get(path, { 'if-none-match': tag })).status).toBe(304);
    await ports.jobs.progress(id, run, { progress: 5 });
    const changed = await get(path, { 'if-none-match': tag });
    expect([changed.status, json(changed).progress]).toEqual([200, 5]);
    expect(changed.headers.etag).not.toBe(tag);
  });

  test('without a tag, or with another one, nothing is waited for', async () => {
    const { path } = await makeJob();
    for (const more of [[], [['if-none-match', '"1"']]]) {
      const began = Date.now();
      expect((await get(path, { prefer: 'wait=20', ...Object.fromEntries(more) })).status).toBe(200);
      expect(Date.now() - began).toBeLessThan(5_000);
    }
  });

  test('a change is answered within 100 ms (p95 of 40), by the clock of the service', async () => {
    const ids: string[] = [];
    const follow = async (): Promise<void> => {
      const { id, path, run } = await makeJob();
      ids.push(id);
      let tag = await tagAt(path);
      for (let progress = 1; progress <= 10; progress += 1) {
        const answer = waitFor(path, tag);
        await pause(50);
        await ports.jobs.progress(id, run, { progress });
        const { status, headers, text } = await answer;
        expect([status, JSON.parse(text).progress]).toEqual([200, progress]);
        tag = String(headers.etag);
      }
    };
    await Promise.all([follow(), follow(), follow(), follow()]);
    // On a busy machine a request may come after its change: then it is not held.
    const times = await until('log entries', () => {
      const found = entries().filter(({ held, job_id }) => held === true && ids.includes(job_id ?? ''));
      return found.length >= 20 ? found.flatMap(({ after_change_ms }) => after_change_ms ?? []) : undefined;
    });
    expect(times.length).toBeGreaterThanOrEqual(15);
    times.sort((a, b) => a - b);
    expect(times[Math.floor(times.length * 0.95)]).toBeLessThan(100);
  });

  test('at the end of the wait 304; a job that is cancelled meanwhile is gone', async () => {
    const { id, path } = await makeJob();
    const tag = await tagAt(path);
    const began = Date.now();
    const over = await waitFor(path, tag, 1);
    expect([over.status, over.headers['preference-applied'], over.headers.etag]).toEqual([304, 'wait', tag]);
    expect(Date.now() - began).toBeGreaterThanOrEqual(990);
    const gone = waitFor(path, tag);
    await pause(50);
    await ports.jobs.cancel(id);
    expect([(await gone).status, json(await gone)]).toEqual([404, { detail: 'Job not found or expired' }]);
  });

  if (SOAK)
    test('200 wait at a time and hold nobody else up; one more is answered at once, and so is who comes after them', async () => {
      const { id, path, run } = await makeJob();
      const tag = await tagAt(path);
      const waiting: Promise<Answer>[] = [];
      while (waiting.length < 205) {
        waiting.push(...Array.from({ length: 5 }, () => waitFor(path, tag)));
        await pause(20);
      }
      const first = await Promise.race(waiting);
      expect([first.status, first.headers['preference-applied']]).toEqual([304, undefined]);
      expect((await get('/health')).status).toBe(200);
      await ports.jobs.progress(id, run, { progress: 50 });
      const answers = await Promise.all(waiting);
      expect(answers.filter(({ status }) => status === 200).length).toBe(200);
      const after = waitFor(path, String(answers.find(({ status }) => status === 200)!.headers.etag), 1);
      expect((await after).headers['preference-applied']).toBe('wait');
    }, 60_000);

  if (SOAK)
    test('who hangs up waits no longer', async () => {
      const { path } = await makeJob();
      const tag = await tagAt(path);
      for (let round = 0; round < 3; round += 1) {
        const over = new AbortController();
        const headers = { 'if-none-match': tag, prefer: 'wait=20' };
        const waiting = Array.from({ length: 150 }, () => fetch(url + path, { headers, signal: over.signal }));
        const settled = Promise.allSettled(waiting);
        await pause(700);
        over.abort();
        await settled;
        await pause(100);
      }
      expect((await waitFor(path, tag, 1)).headers['preference-applied']).toBe('wait');
    }, 60_000);
});

describe('events', () => {
  const listen = (lastEventId?: number): Promise<Reader> =>
    listenTo(`${url}/api/events`, lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) });
  const about =
    (id: string, progress?: number) =>
    ({ data }: SentEvent): boolean =>
      data.job_id === id && (progress === undefined || data.progress === progress);

  test('a stream of what happens to jobs; each event is what the status says then', async () => {
    const reader = await listen();
    expect([reader.status, reader.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect([reader.headers.get('cache-control'), reader.headers.get('x-accel-buffering')]).toEqual(['no-store', 'no']);
    await reader.find('its beginning', ({ event }) => event === 'open');
    const { id, path, run } = await makeJob();
    await ports.jobs.progress(id, run, { progress: 40 });
    const { event, data } = await reader.find('progress', about(id, 40));
    const { status_url, ...status } = data;
    expect([event, status_url, status]).toEqual(['job', path, json(await get(path))]);
    await ports.jobs.cancel(id);
    expect((await reader.find('its end', ({ event }) => event === 'gone')).data).toEqual({ job_id: id });
    const ids = reader.events.map((one) => one.id);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(reader.comments[0]).toBe('retry: 1000');
    await reader.close();
  });

  test('who comes back with Last-Event-ID gets each job that changed meanwhile, and then what follows', async () => {
    const reader = await listen();
    const { id: beginning } = await reader.find('its beginning', ({ event }) => event === 'open');
    const [first, second, third] = [await makeJob(), await makeJob(), await makeJob()];
    const { id: last } = await reader.find('the third', about(third.id));
    await reader.close();
    await ports.jobs.progress(first.id, first.run, { progress: 10 });
    await ports.jobs.progress(first.id, first.run, { progress: 20 });
    await ports.jobs.cancel(second.id);
    const again = await listen(last);
    await again.find('the second', about(second.id));
    expect(again.events.map(({ event, data }) => [event, data.job_id, data.progress])).toEqual([
      ['job', first.id, 20],
      ['gone', second.id, undefined],
    ]);
    await ports.jobs.progress(third.id, third.run, { progress: 30 });
    await again.find('the third', about(third.id, 30));
    await again.close();
    // Also when nothing was read but the beginning.
    const whole = await listen(beginning);
    await whole.find('the first', about(first.id, 20));
    await whole.close();
  });

  test('an id that is too old or was never given: reset, and all that there is', async () => {
    const { id } = await makeJob();
    const reader = await listen(12);
    await reader.find('the job', about(id));
    expect(reader.events[0]!.event).toBe('reset');
    await reader.close();
  });

  if (SOAK)
    test('50 listeners hear 1,000 changes each and a heartbeat every 15 s, and the memory stays flat', async () => {
      const pid = Number(process.env.HOOFPRINT_TEST_SERVICE_PID);
      const readers = await Promise.all(Array.from({ length: 50 }, () => listen()));
      const drive = async (changes: number): Promise<void> => {
        const { id, run } = await makeJob();
        let done = 0;
        for (let job = { id, run }; done < changes; job = await makeJob())
          for (let progress = 1; progress < 100 && done < changes; progress += 1, done += 1)
            await ports.jobs.progress(job.id, job.run, { progress });
      };
      await drive(300);
      const before = processMemory(pid);
      await drive(1_000);
      const { id } = await makeJob();
      for (const reader of readers) await reader.find('the last job', about(id));
      expect(Math.min(...readers.map(({ events }) => events.length))).toBeGreaterThan(1_300);
      expect(processMemory(pid) - before).toBeLessThan(40);
      expect(readers.filter(({ hasEnded }) => hasEnded())).toEqual([]);
      await until('a heartbeat', () =>
        readers.every(({ comments }) => comments.includes(': open')) ? true : undefined,
      );
      await Promise.all(readers.map((reader) => reader.close()));
    }, 60_000);
});
