// Ten minutes of mixed load on the host while its engines are killed: nothing that was accepted is
// lost, and at the end the service takes no more memory and handles than near the beginning.

import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Dice, dice } from '../../lib/reid/statistics/random.ts';
import { type Service, startService } from '../../localstack/host/service.ts';
import { freePorts } from '../../localstack/stack/ports.ts';
import { bareEnvironment } from '../support/services.ts';
import { until } from '../support/wait.ts';

const MINUTES = Number(process.env.HOOFPRINT_SOAK_MINUTES ?? 10);
const EVERY_MS = 200;
const KILL_EVERY_MS = 35_000;

const folder = mkdtempSync(join(tmpdir(), 'hoofprint-mixed-'));
let service: Service;
beforeAll(async () => {
  const [httpPort, lambdaPort] = await freePorts(2);
  service = await startService({
    httpPort: httpPort!,
    lambdaPort: lambdaPort!,
    env: { ...bareEnvironment(), HOOFPRINT_DATA: join(folder, 'data'), HOOFPRINT_PORTS: 'free' },
    logFile: join(folder, 'service.log'),
  });
}, 300_000);
afterAll(async () => {
  await service?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const descendants = (pid: number): number[] => {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
};
const commandOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8');
const engines = (): [name: string, pid: number][] =>
  descendants(service.pid).flatMap((pid) => {
    const name = /engines\/(\w+)\.ts/.exec(commandOf(pid))?.[1];
    return name === undefined ? [] : [[name, pid]];
  });
/** Of the process that serves the API. */
function measure(): { megabytes: number; handles: number } {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${service.pid}/status`, 'utf8'))?.[1];
  return { megabytes: Number(kilobytes) / 1_000, handles: readdirSync(`/proc/${service.pid}/fd`).length };
}

interface Job {
  id: string;
  kind: 'pdf' | 'zip';
  isCancelled: boolean;
}
const jobs: Job[] = [];
const seen = new Map<string, number>();
const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);

const ask = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(`${service.url}${path}`, { ...init, signal: AbortSignal.timeout(20_000) });

async function post(kind: Job['kind'], body: object): Promise<void> {
  const answer = await ask(`/api/exports/${kind}`, { method: 'POST', body: JSON.stringify(body) });
  count(`POST ${kind} ${answer.status}`);
  if (answer.status === 202)
    jobs.push({ id: ((await answer.json()) as { job_id: string }).job_id, kind, isCancelled: false });
}

async function visit(job: Job): Promise<void> {
  const answer = await ask(`/api/exports/${job.kind}/${job.id}`);
  const status = (await answer.json()) as { status?: string; download_url?: string };
  count(`status ${answer.status}`);
  if (status.status !== 'completed') return;
  const file = await ask(status.download_url!);
  await file.arrayBuffer();
  count(`download ${file.status}`);
}

async function cancel(job: Job): Promise<void> {
  // It counts as cancelled once it has been tried: the answer may be lost with an engine.
  job.isCancelled = true;
  count(`DELETE ${(await ask(`/api/exports/${job.id}`, { method: 'DELETE' })).status}`);
}

/** One request of the mix. */
function act(random: Dice): Promise<unknown> {
  const month = { start_date: '2023-10-01', end_date: '2023-10-31', group_by: 'week' };
  const choice = random.next();
  if (choice < 0.12) return post('pdf', month);
  if (choice < 0.16) return post('zip', { ...month, include_crops: random.next() < 0.3 });
  if (choice < 0.24) return post('pdf', { ...month, end_date: '2023-09-01' });
  const job = jobs[Math.floor(random.next() * jobs.length)];
  if (job === undefined || job.isCancelled) return ask('/health').then((answer) => count(`health ${answer.status}`));
  return choice < 0.27 ? cancel(job) : visit(job);
}

/** What became of a job; undefined while it is processing. */
async function outcome({ id, kind }: Job): Promise<string | undefined> {
  const answer = await ask(`/api/exports/${kind}/${id}`);
  if (answer.status === 404) return 'gone';
  const { status, download_url, sha256 } = (await answer.json()) as Record<string, string>;
  if (status === 'processing' || answer.status !== 200) return undefined;
  if (status !== 'completed') return status;
  const file = Buffer.from(await (await ask(download_url!)).arrayBuffer());
  return createHash('sha256').update(file).digest('hex') === sha256 ? 'completed' : 'damaged';
}

test(
  `${MINUTES} minutes, 5 requests a second, an engine killed every 35 s: 0 lost, memory and handles flat`,
  async () => {
    const random = dice(Number(process.env.HOOFPRINT_SOAK_SEED ?? 1), 'mixed load');
    const end = Date.now() + MINUTES * 60_000;
    const steady = Date.now() + Math.min(120_000, MINUTES * 20_000);
    let killAt = Date.now() + KILL_EVERY_MS;
    let early: ReturnType<typeof measure> | undefined;
    const kills: string[] = [];
    const running = new Set<Promise<unknown>>();
    while (Date.now() < end) {
      const one = act(random).catch((error: Error) => count(`broken off: ${error.name}`));
      running.add(one);
      void one.finally(() => running.delete(one));
      if (Date.now() > killAt) {
        killAt += KILL_EVERY_MS;
        const all = engines();
        const [name, pid] = all[Math.floor(random.next() * all.length)]!;
        process.kill(pid, 'SIGKILL');
        kills.push(name);
      }
      if (early === undefined && Date.now() > steady) early = measure();
      await pause(EVERY_MS);
    }
    await Promise.all(running);
    const late = measure();
    const outcomes = new Map<string, number>();
    const lost: string[] = [];
    for (const job of jobs) {
      const became = await until(`the end of ${job.id}`, () => outcome(job).catch(() => undefined), 120_000);
      outcomes.set(became, (outcomes.get(became) ?? 0) + 1);
      if (!(became === 'completed' || (job.isCancelled && became === 'gone'))) lost.push(`${job.id}: ${became}`);
    }
    console.log(JSON.stringify({ kills, early, late, outcomes: [...outcomes], requests: [...seen] }));
    expect(lost).toEqual([]);
    expect(jobs.length).toBeGreaterThan(MINUTES * 20);
    expect(late.megabytes).toBeLessThan(early!.megabytes * 1.25 + 20);
    expect(late.handles).toBeLessThan(early!.handles + 30);
  },
  (MINUTES + 10) * 60_000,
);
