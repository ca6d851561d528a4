// The edge for functions that a schedule or a person invokes.
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { errorMessage } from '../errors.ts';
import { log, logAbout } from '../log.ts';

/**
 * A scheduled function: runs `act` and writes its counts as one log entry. An error is logged and
 * thrown on, so that the platform counts it.
 */
export function task(
  name: string,
  act: () => Promise<Record<string, number>>,
): (event: unknown, context: Context) => Promise<Record<string, number>> {
  return middy<unknown, Record<string, number>>(async (_event: unknown, context: Context) => {
    try {
      const counts = await logAbout({ request_id: context?.awsRequestId }, act);
      log[Object.values(counts).some((n) => n > 0) ? 'info' : 'debug'](name, {
        request_id: context?.awsRequestId,
        ...counts,
      });
      return counts;
    } catch (error) {
      log.error(name, { request_id: context?.awsRequestId, reason: errorMessage(error) });
      throw error;
    }
  });
}
