// What API Gateway does and serverless-offline does not: closed CORS, whole files, a bound on what
// runs at once, and problem JSON for errors outside the functions.
import { randomUUID } from 'node:crypto';
import { SECURITY } from '../../lib/lambda/answers.ts';
import { log } from '../../lib/log.ts';

interface Answered {
  isBoom?: boolean;
  /** Of an answer. */
  statusCode?: number;
  headers?: Record<string, unknown>;
  source?: unknown;
  /** Of an error of the server's own. */
  output?: { statusCode: number; headers: Record<string, unknown> };
}
interface Reply {
  code(status: number): Reply;
  header(name: string, value: string): Reply;
}
interface Request {
  method: string;
  path: string;
  headers: Record<string, unknown>;
  response: Answered;
  /** What functions see of the headers: names and values in turn. */
  raw?: { req: { rawHeaders: string[] } };
  /**
   * Of this route; `ranges`: whether the server may cut answers by Range, and says so
   * (accept-ranges).
   */
  route: { settings: { response: { ranges: boolean } } };
  /** Whether somebody still waits for the answer. */
  active(): boolean;
}
interface Toolkit {
  readonly continue: symbol;
  response(body: string): Reply;
}

/** What is used of hapi 21, the HTTP server inside serverless-offline. */
export interface Gateway {
  ext(event: 'onRequest' | 'onPreHandler' | 'onPreResponse', act: (request: Request, h: Toolkit) => unknown): void;
  readonly listener: { on(event: 'clientError', act: (error: Error & { code?: string }) => void): void };
  readonly events: { on(event: 'response', act: (request: Request) => void): void };
}

/** As API Gateway reports them: 504 is a function that ran out of time, 502 one that broke. */
const ANSWERS: Record<number, readonly [status: number, detail: string]> = {
  400: [400, 'Request is malformed'],
  413: [413, 'Request body is too large'],
  404: [404, 'Not found'],
  504: [503, 'The service did not answer in time'],
};
const BROKEN = [500, 'Internal server error'] as const;

/** Functions mark their answers with this header; what lacks it was not answered by a function. */
const MARK = 'x-request-id';

/** A function that ran out of time; serverless-offline answers it as a 200 that holds the stack. */
const LATE = '"LambdaTimeoutError"';

/**
 * Requests in functions at the same time. Each takes a worker of some 40 MB, and 50 that start at
 * once on two cores run out of their 28 s doing so.
 */
const AT_ONCE = 10;
/** Of these, requests that are held until something changes (Prefer: wait). */
const MOST_HELD = 5;

const wantsToWait = ({ headers }: Request): boolean => /\bwait\s*=/i.test(String(headers.prefer ?? ''));

/** Functions answer it at once. */
function forgetPreference({ headers, raw }: Request): void {
  delete headers.prefer;
  const { rawHeaders = [] } = raw?.req ?? {};
  for (let at = rawHeaders.length - 2; at >= 0; at -= 2)
    if (rawHeaders[at]?.toLowerCase() === 'prefer') rawHeaders.splice(at, 2);
}

function takeTurns(server: Gateway): void {
  const working = new Set<Request>();
  const waiting: (() => void)[] = [];
  const done = (request: Request): void => {
    if (working.delete(request)) waiting.shift()?.();
  };
  server.ext('onPreHandler', async (request, h) => {
    while (working.size >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    // Who hung up meanwhile takes no turn; the next one does.
    if (request.active()) {
      if (wantsToWait(request) && [...working].filter(wantsToWait).length >= MOST_HELD) forgetPreference(request);
      working.add(request);
    } else waiting.shift()?.();
    return h.continue;
  });
  // The function is done here; a slow reader blocks no other request. The event is for a client
  // that hangs up.
  server.ext('onPreResponse', (request, h) => {
    done(request);
    return h.continue;
  });
  server.events.on('response', done);
}

export function actAsGateway(server: Gateway): void {
  takeTurns(server);
  // What is no HTTP never becomes a request; the server hangs up with a bare 400 or, over 16 kB of
  // headers, 431.
  server.listener.on('clientError', ({ code }) =>
    log.info('request', { request_id: randomUUID(), reason: `no HTTP (${code ?? 'unknown'})` }),
  );
  server.ext('onRequest', ({ headers }, h) => {
    // Functions read the raw headers and still see all of these. The server itself would let any
    // origin in, with credentials, cut answers by Range, refuse types that it cannot parse, and
    // pass bodies on byte for byte only under this one.
    delete headers.origin;
    delete headers.range;
    headers['content-type'] = 'multipart/form-data; boundary=-';
    return h.continue;
  });
  // Range is the functions' own business, as behind API Gateway; the server would still say that it
  // takes it.
  server.ext('onPreHandler', (request, h) => {
    request.route.settings.response.ranges = false;
    return h.continue;
  });
  server.ext('onPreResponse', (request, h) => {
    const { response } = request;
    const { statusCode = 500, headers = {} } = response.isBoom === true ? (response.output ?? {}) : response;
    if (MARK in headers) return h.continue;
    const late = typeof response.source === 'string' && response.source.includes(LATE);
    const [status, detail] =
      ANSWERS[late ? 504 : statusCode] ??
      (statusCode >= 400 && statusCode < 500 ? [statusCode, 'Request is malformed'] : BROKEN);
    const request_id = randomUUID();
    // No reason: what the server says of a broken function is a stack, and the function's own line
    // has it.
    log[status >= 500 ? 'error' : 'info']('request', {
      request_id,
      method: request.method.toUpperCase(),
      path: request.path.slice(0, 200),
      status,
      reason: detail,
    });
    const reply = h.response(JSON.stringify({ detail })).code(status);
    const replied = {
      ...SECURITY,
      [MARK]: request_id,
      'content-type': 'application/problem+json',
      ...(status === 503 ? { 'retry-after': '2' } : {}),
    };
    for (const [name, value] of Object.entries(replied)) reply.header(name, value);
    return reply;
  });
}
