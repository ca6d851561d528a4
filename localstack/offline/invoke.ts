// Calls functions on the invoke endpoint of serverless-offline, as a queue does.
import { request } from 'node:http';
import { errorMessage } from '../../lib/errors.ts';
import type { Answer } from '../host/queues/batch.ts';
import type { InvokeQueueFunction } from '../host/queues/event-source.ts';

/** A function's own timeout ends it; this is for an endpoint that never answers. */
const GRACE_MS = 15_000;
const ENDPOINT_MS = 2_000;

/**
 * Node's client without its default timeouts: fetch gives up on headers after 300 s, long before a
 * function of ten minutes does.
 *
 * @param timeout ms after which the endpoint is given up
 */
function invokeFunction(url: string, event: unknown, timeout: number): Promise<Answer> {
  return new Promise((resolve) => {
    const fail = (error: unknown): void => resolve({ error: errorMessage(error) });
    const body = JSON.stringify(event);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request(url, { method: 'POST', signal: AbortSignal.timeout(timeout), headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', fail);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        const status = response.statusCode ?? 0;
        const failed = status >= 300 || response.headers['x-amz-function-error'] !== undefined;
        resolve(failed ? { error: `the function failed (${status}): ${text.slice(0, 300)}` } : { text });
      });
    });
    sent.on('error', fail);
    sent.end(body);
  });
}

/** @param url base of the endpoint, e.g. http://127.0.0.1:8002 */
export const invokeAt =
  (url: string): InvokeQueueFunction =>
  ({ functionName, timeout }, event) => {
    const path = `/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;
    return invokeFunction(`${url}${path}`, event, timeout * 1_000 + GRACE_MS);
  };

/** Whether the endpoint answers at all: what does not, by name. */
export const checkEndpoint = (url: string): Promise<Record<string, string>> =>
  fetch(url, { signal: AbortSignal.timeout(ENDPOINT_MS) }).then(
    async (response) => {
      await response.body?.cancel();
      return {};
    },
    (error: unknown) => ({ functions: errorMessage(error) }),
  );
