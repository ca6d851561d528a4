// A bound on waiting that is fair to the other side: time in which our own event loop stood still does not count.

const TICK = 25;

/**
 * Waits at most `ms` for `work`. A thread that starts up or computes blocks its loop for hundreds of ms; an ordinary timer then fires before the
 * answer, long there, is read, and a healthy service looks dead. Here each tick counts for two tick lengths at most.
 * @throws Error when the time is over; `work` is told by its signal and its later end is ignored.
 */
export async function patiently<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController();
  let left = ms;
  let last = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      const now = performance.now();
      left -= Math.min(now - last, 2 * TICK);
      last = now;
      if (left > 0) return;
      const error = new Error(`no answer within ${Math.round(ms)} ms`);
      over.abort(error);
      reject(error);
    }, TICK);
  });
  const answer = work(over.signal);
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearInterval(timer);
  }
}
