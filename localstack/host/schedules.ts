// Functions that a schedule invokes, as EventBridge does.

import { Fault } from '../../lib/errors.ts';
import type { HostFunction } from './declared/functions.ts';

const UNIT_MS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The period of `rate(5 minutes)`, in ms. @throws Fault `invalid` for any other expression */
export function parseRate(schedule: string): number {
  const [, count, unit = ''] = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(schedule) ?? [];
  if (count === undefined)
    throw new Fault('invalid', `serverless.yml: the host knows schedules such as rate(5 minutes), not ${schedule}`);
  return Number(count) * UNIT_MS[unit]!;
}

/**
 * Invokes each function once in its period, for the first time when one has passed; one that still
 * runs is not invoked again.
 * @returns ends the schedules
 */
export function startSchedules(
  functions: readonly HostFunction[],
  invoke: (target: HostFunction, event: unknown) => Promise<unknown>,
): () => void {
  const timers = functions.flatMap((target) =>
    target.schedules.map((schedule) => {
      let isRunning = false;
      return setInterval(() => {
        if (isRunning) return;
        isRunning = true;
        const event = { source: 'aws.events', 'detail-type': 'Scheduled Event', time: new Date().toISOString() };
        // The function's own log entry says why.
        void invoke(target, event)
          .catch(() => undefined)
          .finally(() => {
            isRunning = false;
          });
      }, parseRate(schedule));
    }),
  );
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
