// The signs of life of a run: heartbeats and progress in its record, and the news that the job has
// ended meanwhile.
import { errorMessage } from '../../errors.ts';
import { log } from '../../log.ts';
import type { Jobs } from './jobs.ts';

/** Progress is written at most this often, and a heartbeat at least this often, in ms. */
const PROGRESS_MS = 500;
const HEARTBEAT_MS = 5_000;

/**
 * The job was cancelled or has ended otherwise: there is nothing left to do, and the message is
 * done with.
 */
export class JobEnded extends Error {}

export interface Heartbeat {
  /** Aborted with a JobEnded when the record has become terminal. */
  ended: AbortSignal;
  /** Reports that `done` of `total` is done; cheap, may be called for every row. */
  progress(done: number, total: number): void;
  /** Asks the record now. @throws the JobEnded of `ended`, or Fault `unavailable` */
  confirm(): Promise<void>;
  /** Resolves when the last write has ended. */
  stop(): Promise<void>;
}

/** Begins the heartbeat of a run. A write that fails is logged: the next one follows. */
export function startHeartbeat(jobs: Pick<Jobs, 'progress'>, job_id: string, run: string): Heartbeat {
  const ended = new AbortController();
  let percent = 0;
  let written = 0;
  let writing: Promise<void> | undefined;
  const write = async (): Promise<void> => {
    const { state } = await jobs.progress(job_id, run, { progress: percent });
    if (state === 'terminal') ended.abort(new JobEnded('the job has ended while it was being worked on'));
  };
  const beat = (): void => {
    written = Date.now();
    writing ??= write()
      .catch((error: unknown) => log.warn('progress was not written', { job_id, reason: errorMessage(error) }))
      .finally(() => {
        writing = undefined;
      });
  };
  const timer = setInterval(beat, HEARTBEAT_MS);
  return {
    ended: ended.signal,
    progress: (done, total) => {
      // 100 is what a completed job shows; until the file is in the bucket there is something left
      // to do.
      const now = Math.min(99, Math.floor((100 * done) / Math.max(1, total)));
      if (now <= percent) return;
      percent = now;
      if (Date.now() - written >= PROGRESS_MS) beat();
    },
    confirm: async () => {
      await writing;
      await write();
      ended.signal.throwIfAborted();
    },
    stop: async () => {
      clearInterval(timer);
      await writing;
    },
  };
}
