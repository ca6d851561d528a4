// Requests that a web page of somebody else makes: a browser on this machine reaches every loopback
// port, whatever page it shows. https://www.w3.org/TR/fetch-metadata/
import { Fault } from '../errors.ts';

export interface BrowserRequest {
  method: string;
  /** By their lower-case names. */
  headers: Readonly<Record<string, string | undefined>>;
  /** A page or a download: a link on any page may lead to it. */
  navigable: boolean;
  /** What a page has to send, if not JSON: a type that needs a permission as well. */
  bodyType?: string | undefined;
}

export interface BrowserSettings {
  /** Address that it listens on, when that is no loopback one; empty = none. */
  ownHost: string;
  /** The address that people use, when it is not a loopback one; empty = none. */
  publicUrl: string;
  /** The one other origin whose pages may call; empty = none. */
  corsOrigin: string;
}

/** Names that only this machine can mean; a name of the network could be made to lead here. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

const parse = (url: string): URL | undefined => (URL.canParse(url) ? new URL(url) : undefined);

/** The usual ones need no parser. */
const PLAIN = /^(localhost|127\.0\.0\.1)(:[1-5]?\d{1,4})?$/;

/** Whether a Host header names this service: a page whose name was rebound to it does not. */
export function isServed(host: string, publicUrl: string, ownHost = ''): boolean {
  if (PLAIN.test(host)) return true;
  const asked = parse(`http://${host}`);
  if (asked === undefined || asked.username !== '' || asked.pathname !== '/') return false;
  return [...LOOPBACK, ownHost || undefined, parse(publicUrl)?.hostname].includes(asked.hostname);
}

const isNavigation = ({ method, headers, navigable }: BrowserRequest): boolean =>
  navigable &&
  ['GET', 'HEAD'].includes(method) &&
  headers['sec-fetch-mode'] === 'navigate' &&
  headers['sec-fetch-dest'] === 'document';

/**
 * Why a request is refused, or undefined: its Host is not ours (421), its page is not of this
 * service (403), or a page sends another type than is asked for, which may need no permission
 * (415).
 * Programs send no Origin and no Sec-Fetch-Site, and are not concerned.
 */
export function refuseForeignPage(request: BrowserRequest, settings: BrowserSettings): Fault | undefined {
  const { method, headers, bodyType = 'application/json' } = request;
  const { host, origin, 'sec-fetch-site': site = 'none' } = headers;
  if (host !== undefined && !isServed(host, settings.publicUrl, settings.ownHost))
    return new Fault('misdirected', 'This host name is not served here; PUBLIC_URL names the one that is');
  const isInvited = settings.corsOrigin !== '' && origin === settings.corsOrigin;
  const from = origin === undefined ? undefined : parse(origin)?.host;
  const isOwn = origin === undefined || (from !== undefined && [host, parse(settings.publicUrl)?.host].includes(from));
  const isForeign = !isOwn || (['cross-site', 'same-site'].includes(site) && !isNavigation(request));
  if (isForeign && !isInvited) return new Fault('forbidden', 'Other web pages may not use this service');
  const hasBody = !['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(method);
  const [type = ''] = (headers['content-type'] ?? '').toLowerCase().split(/[;,\s]/);
  if (origin !== undefined && hasBody && type !== bodyType)
    return new Fault('unsupported-type', `A web page must send ${bodyType}`);
  return undefined;
}
