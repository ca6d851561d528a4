// What is counted and measured about jobs. The counters are in Redis: they go on rising whatever
// restarts, and all processes count together.
import type { KeyValue } from '../../adapters/redis.ts';
import type { Queue } from '../../adapters/sqs.ts';
import { errorMessage } from '../../errors.ts';
import { log } from '../../log.ts';
import { type Family, histogram } from '../../metrics.ts';
import { withTimeout } from '../../timeout.ts';
import { KINDS } from '../kinds/index.ts';
import { DURATION_BOUNDS, FIGURES_SCRIPT, OLDEST_SCRIPT, WAIT_BOUNDS } from './journal.ts';

const OUTCOMES = ['completed', 'failed', 'cancelled'];
/** Longest wait for one source, in ms: an answer is due within a second. */
const WITHIN_MS = 700;

interface FigurePorts {
  store: KeyValue;
  /** Of exports, of dead letters, of what is parked. */
  queues: { exports: Queue; dead: Queue; parked: Queue };
}

async function readCounters(store: KeyValue): Promise<Family[]> {
  const answer = (await store.script(FIGURES_SCRIPT, 'job_figures', [])) as string[];
  const found = new Map<string, number>();
  for (let at = 0; at < answer.length; at += 2) found.set(answer[at]!, Number(answer[at + 1]));
  const count = (...name: (string | number)[]): number => found.get(name.join(' ')) ?? 0;
  const measured = (name: string, bounds: readonly number[]) =>
    KINDS.flatMap(({ kind }) => {
      const counts = Array.from({ length: bounds.length + 1 }, (_, at) => count(name, kind, at));
      return histogram({ kind }, bounds, counts, count(name, kind, 'sum') / 1_000);
    });
  return [
    {
      name: 'jobs_submitted_total',
      type: 'counter',
      help: 'Jobs that were accepted.',
      samples: KINDS.map(({ kind }) => ({ labels: { kind }, value: count('submitted', kind) })),
    },
    {
      name: 'jobs_finished_total',
      type: 'counter',
      help: 'Jobs that have ended, by how.',
      samples: KINDS.flatMap(({ kind }) =>
        OUTCOMES.map((outcome) => ({ labels: { kind, outcome }, value: count('finished', kind, outcome) })),
      ),
    },
    {
      name: 'job_duration_seconds',
      type: 'histogram',
      help: 'Time from the acceptance of a job to its end.',
      samples: measured('duration', DURATION_BOUNDS),
    },
    {
      name: 'job_queue_wait_seconds',
      type: 'histogram',
      help: 'Time from the acceptance of a job to the begin of its first run.',
      samples: measured('wait', WAIT_BOUNDS),
    },
  ];
}

async function readOldest(store: KeyValue): Promise<Family[]> {
  const [created, now] = (await store.script(OLDEST_SCRIPT, 'jobs_log', [])) as [string, string];
  const value = created === '0' ? 0 : Math.max(0, Number(now) - Number(created)) / 1_000;
  return [
    {
      name: 'queue_oldest_message_age_seconds',
      type: 'gauge',
      help: 'Age of the oldest job that has not ended; 0 when there is none.',
      samples: [{ value }],
    },
  ];
}

async function readQueues({ exports, dead, parked }: FigurePorts['queues']): Promise<Family[]> {
  const [own, failed, apart] = await Promise.all([exports.count(), dead.count(), parked.count()]);
  const samples = Object.entries({
    waiting: own.waiting,
    running: own.received,
    dead: failed.waiting + failed.received,
    parked: apart.waiting + apart.received,
  }).map(([state, value]) => ({ labels: { state }, value }));
  const help = 'Messages of jobs that wait, that are being worked on, whose attempts have failed, that are parked.';
  return [{ name: 'queue_messages', type: 'gauge', help, samples }];
}

/** What a source that is away would say is left out; source_up says so. */
export async function readFigures({ store, queues }: FigurePorts): Promise<Family[]> {
  const sources = {
    redis: async () => [...(await readCounters(store)), ...(await readOldest(store))],
    sqs: () => readQueues(queues),
  };
  const found = await Promise.all(
    Object.entries(sources).map(async ([source, read]) => {
      try {
        return { source, families: await withTimeout(WITHIN_MS, read) };
      } catch (error) {
        log.warn('figures could not be read', { source, reason: errorMessage(error) });
        return { source, families: undefined };
      }
    }),
  );
  return [
    {
      name: 'source_up',
      type: 'gauge',
      help: 'Whether what figures are read from has answered.',
      samples: found.map(({ source, families }) => ({ labels: { source }, value: families === undefined ? 0 : 1 })),
    },
    ...found.flatMap(({ families = [] }) => families),
  ];
}
