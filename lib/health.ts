// Whether the services that exports lean on answer, and whether they take what they are given.
import { errorMessage } from './errors.ts';
import { log } from './log.ts';
import { withTimeout } from './timeout.ts';

export interface Health {
  status: 'ok' | 'unavailable';
  services: Record<string, 'ok' | 'unavailable'>;
}

/** Longest wait for one service, in ms. */
const WITHIN = 900;

/** Asks all at once; a service that does not answer in time is unavailable. */
export async function checkHealth(pings: Record<string, () => Promise<void>>): Promise<Health> {
  const services = Object.fromEntries(
    await Promise.all(
      Object.entries(pings).map(async ([name, ping]): Promise<[string, 'ok' | 'unavailable']> => {
        let timer: NodeJS.Timeout | undefined;
        const late = new Promise<never>((_, reject) => {
          timer = setTimeout(() => reject(new Error(`no answer within ${WITHIN} ms`)), WITHIN);
        });
        try {
          await Promise.race([ping(), late]);
          return [name, 'ok'];
        } catch (error) {
          log.warn('service unavailable', { service: name, reason: errorMessage(error) });
          return [name, 'unavailable'];
        } finally {
          clearTimeout(timer);
        }
      }),
    ),
  );
  return { status: Object.values(services).includes('unavailable') ? 'unavailable' : 'ok', services };
}

export interface Readiness {
  status: 'ready' | 'unavailable' | 'ending';
  /** Absent when nothing was asked. */
  services?: Health['services'];
}

/** All who ask share one look for this long, in ms. */
const LOOK_MS = 5_000;

/** Whether requests should be sent to this process. */
export function watchReadiness(
  checks: () => Record<string, () => Promise<void>>,
  isEnding: () => boolean,
  clock: () => number = Date.now,
): { look(): Promise<Readiness> } {
  let looked: { at: number; found: Promise<Health> } | undefined;
  return {
    async look() {
      if (isEnding()) return { status: 'ending' };
      if (looked === undefined || Math.abs(clock() - looked.at) >= LOOK_MS)
        looked = { at: clock(), found: checkHealth(checks()) };
      const { status, services } = await looked.found;
      return { status: status === 'ok' ? 'ready' : status, services };
    },
  };
}

/** Less than this on the disk of the embedded services is none, in bytes. */
const LEAST_ROOM = 100e6;

/** @throws Error where the disk is full, or nearly so */
export async function checkRoom(free: () => Promise<number>, least = LEAST_ROOM): Promise<void> {
  const bytes = await free();
  if (bytes < least) throw new Error(`only ${Math.floor(bytes / 1e6)} MB are free`);
}

/** How long a database may take to answer before it is asked whether it is there at all, in ms. */
const READ_MS = 500;

/**
 * The embedded database has one session: while an import writes, everybody else waits. It is busy
 * then, not away.
 * @param reach that the server is there. @throws what `read` threw, where it is not
 */
export async function readOrReach(read: () => Promise<void>, reach: () => Promise<void>): Promise<void> {
  try {
    await withTimeout(READ_MS, read);
  } catch (error) {
    await reach().catch(() => {
      throw error;
    });
  }
}
