// The caller's jobs, as they change: one tab listens for all tabs, where the service can send
// events; elsewhere each tab asks with Prefer: wait.
import { signal } from '@preact/signals';
import { type JobKind, jobKinds } from 'compiled-contracts';
import { address, call, get, isReached, Refusal } from './api.ts';
import { once } from './hand.ts';
import { needsKey, session } from './session.ts';

export interface Job {
  job_id: string;
  status: 'processing' | 'completed' | 'failed';
  progress: number;
  filename?: string;
  download_url?: string;
  file_size_bytes?: number;
  sha256?: string;
  created_at: string;
  completed_at?: string;
  expires_at?: string;
  error?: string;
  status_url: string;
}

/** What this browser knows of a job that it asked for. */
interface Remembered {
  /** What was asked for, and where. */
  path?: string;
  request?: Record<string, unknown>;
  /** Name of the file that is imported. */
  title?: string;
  downloaded?: boolean;
}

/** The newest first; undefined = not known yet. */
export const jobs = signal<readonly Job[] | undefined>(undefined);
/** Why the list of jobs cannot be read now; undefined where it can. */
export const jobsRefusal = signal<Refusal | undefined>(undefined);
/** Seconds left by job, where they can be estimated. */
export const secondsLeft = signal<Readonly<Record<string, number>>>({});
/** Of jobs that this browser asked for, by id. */
export const remembered = signal<Readonly<Record<string, Remembered>>>({});

export function findJobKind({ status_url }: Job): JobKind {
  const path = `/${status_url.slice(address('').length, status_url.lastIndexOf('/'))}`;
  // The service may be newer than what this tab has loaded.
  return jobKinds.find((kind) => kind.path === path) ?? { kind: path, path, scope: 'exports' };
}

const MEMORY = 'hoofprint-jobs';
const readMemory = (): void => {
  try {
    remembered.value = JSON.parse(localStorage.getItem(MEMORY) ?? '{}') as Record<string, Remembered>;
  } catch {
    remembered.value = {};
  }
};
readMemory();
addEventListener('storage', readMemory);

export function remember(id: string, more: Remembered): void {
  readMemory();
  const known = new Set((jobs.value ?? []).map(({ job_id }) => job_id)).add(id);
  const rest = Object.entries(remembered.value).filter(([job]) => known.has(job));
  remembered.value = { ...Object.fromEntries(rest), [id]: { ...remembered.value[id], ...more } };
  try {
    localStorage.setItem(MEMORY, JSON.stringify(remembered.value));
  } catch {
    // A browser that keeps nothing.
  }
}

interface Pace {
  at: number;
  progress: number;
  left: number | undefined;
}
const paces = new Map<string, Pace>();
/** Of the newest estimate in what is shown. */
const WEIGHT = 0.3;

/** From two percentages and the time between them, smoothed. */
function estimate({ job_id, status, progress }: Job): void {
  if (status !== 'processing') {
    paces.delete(job_id);
    return;
  }
  const now = performance.now();
  const before = paces.get(job_id);
  if (before === undefined || progress <= before.progress) {
    if (before === undefined) paces.set(job_id, { at: now, progress, left: undefined });
    return;
  }
  const left = (((now - before.at) / (progress - before.progress)) * (100 - progress)) / 1_000;
  const smooth = before.left === undefined ? left : before.left * (1 - WEIGHT) + left * WEIGHT;
  paces.set(job_id, { at: now, progress, left: smooth });
}

/** A job as it is now; what is older than what is shown does not move its bar back. */
function take(job: Job): void {
  const all = jobs.value ?? [];
  const before = all.find(({ job_id }) => job_id === job.job_id);
  const isOlder = before !== undefined && (before.status !== 'processing' || before.progress > job.progress);
  if (isOlder && job.status === 'processing') return;
  estimate(job);
  jobs.value = before === undefined ? [job, ...all] : all.map((each) => (each === before ? job : each));
  secondsLeft.value = Object.fromEntries(
    [...paces].flatMap(([id, { left }]) => (left === undefined ? [] : [[id, left]])),
  );
}

const drop = (id: string): void => {
  paces.delete(id);
  jobs.value = jobs.value?.filter(({ job_id }) => job_id !== id);
};

export async function loadJobs(): Promise<void> {
  const { exports } = await get<{ exports: Job[] }>('api/exports?limit=50').catch((error: unknown) => {
    jobsRefusal.value = error instanceof Refusal && error.status !== 401 ? error : undefined;
    throw error;
  });
  jobsRefusal.value = undefined;
  const ids = new Set(exports.map(({ job_id }) => job_id));
  jobs.value = (jobs.value ?? []).filter(({ job_id }) => ids.has(job_id));
  for (const job of exports.toReversed()) take(job);
  jobs.value = (jobs.value ?? []).toSorted((a, b) => b.created_at.localeCompare(a.created_at));
}

async function send(path: string, request: Record<string, unknown>): Promise<void> {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const { body } = await call<{ job_id: string }>('POST', `api/${path}`, { body: request, headers });
  remember(body.job_id, { path, request });
  await loadJobs().catch(() => undefined);
}

/**
 * Asks for a job; a double click makes one.
 * @param path such as `exports/pdf`
 * @throws Refusal
 */
export const askFor = (path: string, request: Record<string, unknown>): Promise<void> =>
  once(`${path} ${JSON.stringify(request)}`, () => send(path, request));

export async function cancel(id: string): Promise<void> {
  await call('DELETE', `api/exports/${id}`).catch((error: unknown) => {
    if (!(error instanceof Refusal) || error.status !== 404) throw error;
  });
  drop(id);
  channel.postMessage({ gone: id });
}

type News = { job: Job } | { gone: string } | { reset: true };
const channel = new BroadcastChannel(`hoofprint ${address('')}`);
function hear(news: News): void {
  if ('job' in news) take(news.job);
  else if ('gone' in news) drop(news.gone);
  else void loadJobs().catch(() => undefined);
}
channel.onmessage = ({ data }: MessageEvent<News>) => hear(data);

/** One stream for all tabs; it ends with the tab, and another one goes on. */
function listen(): Promise<void> {
  return new Promise((ended) => {
    const source = new EventSource(address('api/events'));
    const tell = (news: News): void => {
      hear(news);
      channel.postMessage(news);
    };
    source.addEventListener('open', () => {
      isReached.value = true;
      tell({ reset: true });
    });
    source.addEventListener('job', ({ data }: MessageEvent<string>) => tell({ job: JSON.parse(data) as Job }));
    source.addEventListener('gone', ({ data }: MessageEvent<string>) =>
      tell({ gone: (JSON.parse(data) as { job_id: string }).job_id }),
    );
    source.addEventListener('reset', () => tell({ reset: true }));
    source.addEventListener('error', () => {
      // The browser comes back to a stream that broke, but not to one that was refused.
      if (source.readyState === EventSource.CLOSED) ended();
      else void get('livez').catch(() => undefined);
    });
  });
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const ASK_AGAIN_MS = 2_000;
/** An emulator holds few waits. */
const MOST_WAITS = 3;
const waiting = new Set<string>();

async function waitFor(job: Job): Promise<void> {
  waiting.add(job.job_id);
  try {
    const path = job.status_url.slice(address('').length);
    let etag: string | null = null;
    for (;;) {
      const headers: Record<string, string> = {
        prefer: 'wait=20',
        ...(etag === null ? {} : { 'if-none-match': etag }),
      };
      const answer: { status: number; body: Job; etag: string | null } = await call<Job>('GET', path, { headers });
      etag = answer.etag;
      if (answer.status === 304) continue;
      take({ ...answer.body, status_url: job.status_url });
      if (answer.body.status !== 'processing') return;
      await pause(200);
    }
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) drop(job.job_id);
  } finally {
    waiting.delete(job.job_id);
  }
}

async function askAgain(): Promise<never> {
  for (;;) {
    if (!needsKey.value) {
      await loadJobs().catch(() => undefined);
      const running = (jobs.value ?? []).filter(
        ({ status, job_id }) => status === 'processing' && !waiting.has(job_id),
      );
      for (const job of running.slice(0, MOST_WAITS - waiting.size)) void waitFor(job);
    }
    await pause(ASK_AGAIN_MS);
  }
}

/** From now on `jobs` is as the service says. */
export async function followJobs(): Promise<void> {
  await loadJobs().catch(() => undefined);
  if (session.value?.event_stream === false || !('locks' in navigator)) return askAgain();
  void navigator.locks.request(`hoofprint ${address('')}`, async () => {
    for (;;) {
      if (!needsKey.value) await listen();
      await pause(ASK_AGAIN_MS);
    }
  });
}
