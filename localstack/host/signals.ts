// Ctrl-C and its relatives, for this service alone.

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C arrives twice within this time, in ms: from the terminal, and passed on by npm. */
const ONE_PRESS_MS = 1_000;

/**
 * serverless-offline ends its workers, and the process, at the first signal: its listeners are
 * removed as they come.
 *
 * @param first called at the first signal @param again called at a later one
 */
export function takeSignals(first: (signal: NodeJS.Signals) => void, again: () => void): void {
  let pressed: number | undefined;
  const listen = (signal: NodeJS.Signals): void => {
    if (pressed === undefined) {
      pressed = Date.now();
      first(signal);
    } else if (Date.now() - pressed > ONE_PRESS_MS) again();
  };
  process.on('newListener', (event: string, listener: (...args: unknown[]) => void) => {
    if (!SIGNALS.some((signal) => signal === event) || listener === (listen as unknown)) return;
    process.nextTick(() => process.removeListener(event, listener));
  });
  for (const signal of SIGNALS) process.on(signal, listen);
}
