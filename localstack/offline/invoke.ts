// Calls a function on the local invoke endpoint, as a queue does.
import { request } from 'node:http';
import { errorMessage } from '../../lib/errors.ts';
import type { Answer } from './batch.ts';

/**
 * Node's client without its default timeouts: fetch gives up on headers after 300 s, long before a
 * function of ten minutes does.
 *
 * @param timeout ms after which the endpoint is given up
 */
export function invokeFunction(url: string, event: unknown, timeout: number): Promise<Answer> {
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
