// GET status with Prefer: wait: the answer comes when something has changed, or when the wait is
// over.
import type { Change, Changes } from './changes.ts';
import type { FoundJob } from './lists.ts';

/** Longest wait, in ms: proxies and gateways give up after 30 s. */
const LONGEST_WAIT_MS = 20_000;
/** Kept of the function's time for the last read and the answer, in ms. */
const RESERVE_MS = 2_000;

/** The strong tag of a job as a reader sees it. */
export const tagJob = ({ record }: FoundJob): string => `"${record.version ?? `${record.status}-${record.progress}`}"`;

/**
 * How long a request is willing to wait, in ms. RFC 7240 section 4.3
 * @param msLeft of the function's time
 */
export function readWait(prefer: string | undefined, msLeft: number): number {
  // What is in the quotes of another preference is no preference.
  const bare = (prefer ?? '').replace(/"(\d*)"/g, '$1').replace(/"(?:[^"\\]|\\.)*("|$)/g, '""');
  const [, seconds = '0'] = /(?:^|,)\s*wait\s*=\s*(\d{1,9})\s*(?=[,;]|$)/i.exec(bare) ?? [];
  return Math.max(0, Math.min(Number(seconds) * 1_000, LONGEST_WAIT_MS, msLeft - RESERVE_MS));
}

/** How a wait ended. */
export interface Waited {
  /** As it is then. */
  job: FoundJob;
  /** What was heard of; undefined when the wait was over, or something was missed. */
  change: Change | undefined;
}

interface WaitRequest {
  job: FoundJob;
  ms: number;
  /** Reads the job again. */
  read: () => Promise<FoundJob>;
  onGone: (act: () => void) => void;
}

/**
 * Waits until a job is another than the one that was read, `ms` at most.
 * @returns undefined where no more may wait now. The inner promise rejects as `read`
 */
export async function waitForChange(
  changes: Changes,
  { job, ms, read, onGone }: WaitRequest,
): Promise<{ end: Promise<Waited> } | undefined> {
  const heard = Promise.withResolvers<Change | undefined>();
  const stop = (): void => heard.resolve(undefined);
  const leave = await changes.watch({
    onChange: (change) => {
      if (change.jobId === job.jobId) heard.resolve(change);
    },
    onMissed: stop,
    onEnding: stop,
  });
  if (leave === undefined) return undefined;
  onGone(stop);
  const timer = setTimeout(stop, ms);
  const wait = async (): Promise<Waited> => {
    try {
      // It may have changed before it was watched.
      const now = await read();
      if (tagJob(now) !== tagJob(job)) return { job: now, change: undefined };
      const change = await heard.promise;
      // What is cancelled or expired is for one place to say.
      return { job: await read(), change };
    } finally {
      clearTimeout(timer);
      leave();
    }
  };
  const end = wait();
  end.catch(() => undefined);
  return { end };
}
