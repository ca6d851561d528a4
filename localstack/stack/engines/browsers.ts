// Pages of the web can reach a port of this machine through its owner's browser; none has business
// at an engine's.
import type { IncomingMessage } from 'node:http';
import { isServed } from '../../../lib/access/browser.ts';

export interface Refusal {
  status: number;
  message: string;
}

const OTHER_SITES = new Set(['cross-site', 'same-site']);

/** How often a header was sent: Node gives the first of some and joins others. */
const count = ({ rawHeaders }: IncomingMessage, name: string): number =>
  rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === name).length;

/** Why a request is not for this port, or comes from a page of another one. */
export function refuseBrowser(request: IncomingMessage): Refusal | undefined {
  const { host = '', origin } = request.headers;
  if (count(request, 'host') > 1 || !isServed(host, ''))
    return { status: 421, message: 'This port answers to localhost, 127.0.0.1 and [::1] only.' };
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
    return { status: 403, message: 'Pages of other origins may not use this port.' };
  return undefined;
}

/**
 * Whether another site caused the request. A page may link to a download: GET with a valid
 * signature is the one exception, where there are signatures.
 */
export const isFromOtherSite = ({ headers }: IncomingMessage): boolean =>
  OTHER_SITES.has(String(headers['sec-fetch-site'] ?? '').toLowerCase());
