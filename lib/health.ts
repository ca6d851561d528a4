// Whether the services that exports lean on answer.
import { errorMessage } from './errors.ts';
import { log } from './log.ts';

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
