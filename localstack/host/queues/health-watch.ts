// Whether the event source may work: everything that its functions need answers.
import { setTimeout as pause } from 'node:timers/promises';
import { log } from '../../../lib/log.ts';

/** How long a good answer is trusted, in ms: asking costs a query. */
const TRUSTED_MS = 500;
const ASK_AGAIN_MS = 250;

export interface HealthWatch {
  /** Resolves when all is well, or when `stopped` says so. */
  untilHealthy(stopped: () => boolean): Promise<void>;
  /** Something failed: the next answer is asked for, not remembered. */
  distrust(): void;
}

/**
 * @param health what does not answer, by name
 */
export function watchHealth(health: () => Promise<object>): HealthWatch {
  let trustedUntil = 0;
  let asked: Promise<boolean> | undefined;
  let down = false;

  async function ask(): Promise<boolean> {
    const failing = Object.keys(await health().catch(() => ({ health: '' })));
    if (failing.length > 0 && !down) log.warn('event source waits', { for: failing.join(' ') });
    if (failing.length === 0 && down) log.info('event source goes on');
    down = failing.length > 0;
    trustedUntil = down ? 0 : Date.now() + TRUSTED_MS;
    return !down;
  }
  const isHealthy = (): Promise<boolean> => {
    if (Date.now() < trustedUntil) return Promise.resolve(true);
    // Consumers that ask at the same time share one answer.
    asked ??= ask().finally(() => {
      asked = undefined;
    });
    return asked;
  };
  return {
    async untilHealthy(stopped) {
      while (!stopped() && !(await isHealthy())) await pause(ASK_AGAIN_MS);
    },
    distrust() {
      trustedUntil = 0;
    },
  };
}
