// Functions that a schedule invokes, as EventBridge does.
import { errorMessage, Fault } from '../../lib/errors.ts';
import { log } from '../../lib/log.ts';
import type { HostFunction } from './declared/functions.ts';
import type { TakePeriod } from './periods.ts';

const UNIT_MS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The period of `rate(5 minutes)`, in ms. @throws Fault `invalid` for any other expression */
function parseRate(schedule: string): number {
  const [, count, unit = ''] = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(schedule) ?? [];
  if (count === undefined)
    throw new Fault('invalid', `serverless.yml: the host knows schedules such as rate(5 minutes), not ${schedule}`);
  return Number(count) * UNIT_MS[unit]!;
}

/**
 * Invokes each function once in its period, for the first time when one has passed; one that still
 * runs is not invoked again, nor is one whose period another host has taken.
 * @returns ends the schedules
 */
export function startSchedules(
  functions: readonly HostFunction[],
  invoke: (target: HostFunction, event: unknown) => Promise<unknown>,
  takePeriod: TakePeriod,
): () => void {
  const act = async (target: HostFunction, name: string, period: number): Promise<void> => {
    try {
      if (!(await takePeriod(name, period))) return;
    } catch (error) {
      log.warn('schedule waits', { function: target.key, reason: errorMessage(error) });
      return;
    }
    const event = { source: 'aws.events', 'detail-type': 'Scheduled Event', time: new Date().toISOString() };
    // The function's own log entry says why.
    await invoke(target, event).catch(() => undefined);
  };
  const timers = functions.flatMap((target) =>
    target.schedules.map((schedule, at) => {
      const period = parseRate(schedule);
      const name = at === 0 ? target.key : `${target.key}:${at}`;
      let isRunning = false;
      return setInterval(() => {
        if (isRunning) return;
        isRunning = true;
        void act(target, name, period).finally(() => {
          isRunning = false;
        });
      }, period);
    }),
  );
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
