// Who watches an analysis: its kernel and its loops stop when the watcher says so, and say how far
// they are. Kept with the asynchronous work itself, so that no function has to pass it on.
import { AsyncLocalStorage } from 'node:async_hooks';

export interface Watch {
  /** Aborted when nobody wants the analysis any more. */
  signal: AbortSignal;
  /** @param share of the step that is being worked on, 0 to 1; cheap */
  progress: (share: number) => void;
}

const watches = new AsyncLocalStorage<Watch>();

/** All that `act` does is watched. */
export const underWatch = <T>(watch: Watch, act: () => Promise<T>): Promise<T> => watches.run(watch, act);

/** Of the work that asks; undefined where nobody watches. */
export const findWatch = (): Watch | undefined => watches.getStore();

/**
 * For loops that compute: the event loop gets its turn, in which a cancellation is heard.
 * @param share of the step that is done, 0 to 1
 * @throws the reason of a cancellation
 */
export async function pauseWatched(share = 0): Promise<void> {
  const watch = findWatch();
  if (watch === undefined) return;
  watch.progress(share);
  await new Promise((resolve) => setImmediate(resolve));
  watch.signal.throwIfAborted();
}
