// A bound on waiting that does not count time in which the event loop of this thread was blocked.

const TICK = 25;

export interface EventLoopClock {
  /** Milliseconds since the start in which the loop was not blocked. */
  ms(): number;
  stop(): void;
}

/** One timer for all who wait: a busy service makes thousands of clocks a second. */
const waiting = new Set<() => void>();
let timer: NodeJS.Timeout | undefined;
let sum = 0;
let last = 0;

/**
 * A thread that starts up or computes blocks its loop for hundreds of ms; an ordinary timer then
 * fires before an answer that has come is read, and a healthy service looks dead. Here the time
 * between two looks counts for two tick lengths at most; there is one look a tick at least.
 */
function unblocked(): number {
  const now = performance.now();
  sum += Math.min(now - last, 2 * TICK);
  last = now;
  return sum;
}

function tick(): void {
  unblocked();
  for (const look of waiting) look();
}

/** @param each called at every tick with the time so far */
export function eventLoopClock(each: (ms: number) => void = () => undefined): EventLoopClock {
  const began = unblocked();
  const ms = (): number => unblocked() - began;
  const look = (): void => each(ms());
  waiting.add(look);
  timer ??= setInterval(tick, TICK);
  return {
    ms,
    stop: () => {
      waiting.delete(look);
      if (waiting.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
  };
}

/**
 * Waits at most `ms` for `work`, by the clock of the event loop.
 * @throws what `late` makes of an Error that says so when the time is over; the signal of `work`
 *   is aborted then, and its later end is ignored.
 */
export async function withTimeout<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  late: (error: Error) => Error = (error) => error,
): Promise<T> {
  const over = new AbortController();
  let clock: EventLoopClock | undefined;
  const timeIsOver = new Promise<never>((_, reject) => {
    clock = eventLoopClock((passed) => {
      if (passed < ms) return;
      const error = late(new Error(`no answer within ${Math.round(ms)} ms`));
      over.abort(error);
      reject(error);
    });
  });
  // What it throws at once is its answer as well.
  const answer = (async () => work(over.signal))();
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, timeIsOver]);
  } finally {
    clock?.stop();
  }
}
