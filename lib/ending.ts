// Whether this process is about to end. What only waits ends at the first sign of that.

const over = new AbortController();

/** The first sign: nothing new is begun from here on. */
export const beginEnding = (): void => over.abort();
export const isEnding = (): boolean => over.signal.aborted;
/** Calls back at the first sign, once. */
export const onEnding = (act: () => void): void => over.signal.addEventListener('abort', act, { once: true });
