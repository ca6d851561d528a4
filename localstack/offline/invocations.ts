// The invoke endpoint of serverless-offline (the Lambda port) is for programs of this machine.
// serverless-offline lets every origin in, and a function that fails after it was invoked without
// waiting would end the whole service.
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorMessage } from '../../lib/errors.ts';
import { log } from '../../lib/log.ts';

/**
 * What only a browser adds (Node's fetch sends a Sec-Fetch-Mode too): no page has business
 * here, and a blind POST needs no permission.
 */
const BROWSERS = ['origin', 'sec-fetch-site'] as const;

/**
 * Answers requests of browsers to this port with 404, and keeps the service alive when an
 * invocation fails that no caller waits for.
 */
export function guardInvocations(port: number): void {
  subscribe('http.server.request.start', (message) => {
    const { request, server } = message as { request: IncomingMessage; server: Server };
    if ((server.address() as AddressInfo | null)?.port !== port) return;
    const from = BROWSERS.find((name) => request.headers[name] !== undefined);
    if (from === undefined) return;
    log.warn('invocation refused', { reason: `${from}: ${String(request.headers[from]).slice(0, 200)}` });
    for (const name of BROWSERS) delete request.headers[name];
    // The server has no route for this.
    request.url = '/';
  });
  process.on('unhandledRejection', (error) => log.error('invocation failed', { reason: errorMessage(error) }));
}
