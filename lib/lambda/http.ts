// The edge, HTTP side: events, status codes, problem JSON, headers, one log line per request. Knows
// no feature.
import { Readable } from 'node:stream';
import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { AccessRequest, Admission } from '../access/guard.ts';
import { errorMessage, Fault, type FaultKind, isFault, type Problem } from '../errors.ts';
import { type Fields, log, logAbout } from '../log.ts';
import { plainJson } from '../plain-text.ts';
import { withTimeout } from '../timeout.ts';
import type { BodyCheck, HttpEvent } from './event.ts';

export interface HttpRequest<Body> {
  body: Body;
  path: Readonly<Record<string, string | undefined>>;
  /** As it came, percent-encoded. */
  rawPath: string;
  query: Readonly<Record<string, string | undefined>>;
  headers: Readonly<Record<string, string | undefined>>;
  cookies: readonly string[];
  /** Who sends it and from where; undefined where no access is kept. */
  admission: Admission | undefined;
  /** Whether an answer may be a stream of any length. */
  streams: boolean;
  /** Calls back when nobody waits for the answer any more; never where that is not known. */
  onGone: (act: () => void) => void;
  /** What is left of the function's time, in ms. */
  msLeft: () => number;
  /**
   * Aborted when the request was answered without waiting any longer: what it did so far has to be
   * taken back.
   */
  signal: AbortSignal;
}

export interface Answer {
  status: number;
  /** Sent as JSON; a Buffer as bytes, a string as text. A stream only where the request says so. */
  body?: unknown;
  headers?: Readonly<Record<string, string | undefined>>;
  /** For the log entry of the request. */
  about?: Fields;
}

/** An answer that comes later than within a second. Its request is none of those under way. */
export interface Held {
  held: Promise<Answer>;
}

/** Who may call; made where functions are joined (lib/clients.ts). */
export interface Access {
  /** Origin that browsers may call from; empty = none. */
  corsOrigin: () => string;
  /** @throws Fault that says why a request is refused before its function sees it */
  admit: (request: AccessRequest) => Promise<Admission> | Admission;
}

export interface HttpOptions<Body> {
  /** Made by jsonBody(); absent = the body is not looked at. */
  body?: BodyCheck<Body>;
  access?: Access;
  /** What a caller's key must allow; absent = everybody may. */
  scope?: AccessRequest['scope'];
  /** A page or a download, to which other pages may link. */
  navigable?: boolean;
  /** The job that a request is about, for its log line; absent = the path parameter job_id. */
  readJobId?: (path: HttpRequest<Body>['path']) => string | undefined;
}

export interface HttpHandler {
  (event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2>;
  /**
   * The same for a caller that can pass a stream on.
   * @param onGone calls back when nobody waits for the answer any more
   */
  stream(
    event: APIGatewayProxyEventV2,
    context: Context,
    onGone: HttpRequest<unknown>['onGone'],
  ): Promise<Reply | LateReply>;
  /** What a caller's key must allow; undefined = everybody may. */
  scope: AccessRequest['scope'];
}

/** An answer with all of its headers. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body?: Buffer | string | Readable;
}

/** Of an answer that is held. Never rejects. */
export interface LateReply {
  later: Promise<Reply>;
}

const STATUS: Record<FaultKind, number> = {
  invalid: 400,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'unsupported-type': 415,
  unauthorized: 401,
  forbidden: 403,
  limited: 429,
  misdirected: 421,
  unavailable: 503,
  misconfigured: 500,
  corrupt: 500,
};

/**
 * What every answer bears: nothing of it is to be guessed at, framed, referred from, run or kept.
 */
export const SECURITY = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};

/**
 * Every request is answered within a second, in ms. Each thing that a feature waits for has a
 * shorter bound; this one limits their sum.
 */
const ANSWER_MS = 960;

/**
 * Whatever was thrown, as the Fault that the client sees. Anything but a Fault or an error of the
 * validator is a bug. Bugs and wrong settings are described in the log alone.
 */
function toFault(error: unknown): Fault {
  if (isFault(error, 'misconfigured')) return new Fault('misconfigured', 'Internal server error', { cause: error });
  if (isFault(error)) return error;
  const cause = (error as { cause?: { package?: string; data?: Problem[] } } | undefined)?.cause;
  const first = cause?.package === '@middy/validator' ? cause.data?.[0] : undefined;
  return first === undefined
    ? new Fault('corrupt', 'Internal server error', { cause: error })
    : new Fault('invalid', first.detail, { problems: cause?.data ?? [] });
}

const late = (cause: Error): Fault => new Fault('unavailable', 'The service did not answer in time', { cause });

/** RFC 9457 without a type: about:blank, whose title is the status phrase. */
function problemAnswer(fault: Fault): Answer {
  const status = STATUS[fault.kind];
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(status === 503 ? { 'retry-after': '2' } : {}),
      ...fault.headers,
    },
    body: fault.problems.length > 0 ? { detail: fault.message, errors: fault.problems } : { detail: fault.message },
  };
}

/**
 * What a browser asks before it calls from another origin; only a configured origin gets an
 * answer.
 */
const PREFLIGHT: Answer = {
  status: 204,
  headers: {
    'access-control-allow-methods': 'GET, POST, DELETE',
    'access-control-allow-headers':
      'authorization, content-type, idempotency-key, if-none-match, last-event-id, prefer',
    'access-control-max-age': '600',
  },
};

function complete({ status, body, headers }: Answer, requestId: string, corsOrigin: string): Reply {
  const cors: Record<string, string> =
    corsOrigin === ''
      ? {}
      : {
          'access-control-allow-origin': corsOrigin,
          'access-control-expose-headers':
            'etag, idempotency-replayed, location, preference-applied, ratelimit, ratelimit-policy, retry-after, x-request-id',
          vary: 'origin',
        };
  const given = Object.entries({ ...SECURITY, ...cors, 'x-request-id': requestId, ...headers }).filter(
    (header): header is [string, string] => header[1] !== undefined,
  );
  const reply = { status, headers: Object.fromEntries(given) };
  if (body === undefined) return reply;
  if (Buffer.isBuffer(body) || body instanceof Readable) return { ...reply, body };
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  return {
    ...reply,
    headers: { 'content-type': type, ...reply.headers },
    body: typeof body === 'string' ? body : plainJson(body),
  };
}

function encode({ status, headers, body }: Reply): APIGatewayProxyStructuredResultV2 {
  const result = { statusCode: status, headers };
  if (body === undefined) return result;
  if (Buffer.isBuffer(body)) return { ...result, body: body.toString('base64'), isBase64Encoded: true };
  if (typeof body === 'string') return { ...result, body };
  throw new Error('a stream was answered to a caller that cannot pass it on');
}

/** Refuses what the access says, before anything else of a request is looked at. */
const keepDoor = (
  { admit }: Access,
  { scope, navigable = false }: Pick<HttpOptions<unknown>, 'scope' | 'navigable'>,
): MiddlewareObj<HttpEvent> => ({
  before: async ({ event }) => {
    const { method = '', sourceIp = '' } = event.requestContext?.http ?? {};
    const { headers = {}, cookies = [] } = event;
    event.admission = await admit({ method, headers, cookies, source: sourceIp, navigable, scope });
  },
});

const never = (): void => undefined;
/** The request of an event, but for the signal. */
function readRequest<Body>(event: HttpEvent, context: Context): Omit<HttpRequest<Body>, 'signal'> {
  const { body, rawPath = '', cookies, headers, admission, onGone } = event;
  // The emulator says null for what is not there.
  const { pathParameters: path, queryStringParameters: query } = event;
  return {
    ...{ body: body as Body, path: path ?? {}, query: query ?? {}, headers: headers ?? {}, cookies: cookies ?? [] },
    ...{ rawPath, admission },
    streams: onGone !== undefined,
    onGone: onGone ?? never,
    msLeft: () => context?.getRemainingTimeInMillis?.() ?? 0,
  };
}

/** One log entry per request. */
function logRequest(event: APIGatewayProxyEventV2, answer: Answer, fault: Fault | undefined, fields: Fields): void {
  log[answer.status >= 500 ? 'error' : 'info']('request', {
    method: event.requestContext?.http?.method,
    path: event.rawPath?.slice(0, 200),
    status: answer.status,
    ...fields,
    ...(fault === undefined ? {} : { reason: errorMessage(fault) }),
    ...(answer.status === 500 && fault?.cause instanceof Error ? { stack: fault.cause.stack } : {}),
  });
}

/**
 * An HTTP function (API Gateway payload 2.0): holds the body to its contract,
 * answers JSON or problem JSON, and logs one line. Never throws: every error is an answer.
 */
export function http<Body = undefined>(
  options: HttpOptions<Body>,
  act: (request: HttpRequest<Body>) => Promise<Answer | Held> | Answer,
): HttpHandler {
  const { access, body: check, scope, readJobId = ({ job_id }) => job_id } = options;
  const faults = new WeakMap<Answer, Fault>();
  const refuse = (error: unknown): Answer => {
    const fault = toFault(error);
    const answer = problemAnswer(fault);
    faults.set(answer, fault);
    return answer;
  };
  // ANSWER_MS is shorter than any time-out of a function: middy's own timer would be a second one.
  const handler = middy<HttpEvent, Answer | Held>(
    (event: HttpEvent, context: Context) => {
      const request = readRequest<Body>(event, context);
      return withTimeout(ANSWER_MS, async (signal) => act({ ...request, signal }), late);
    },
    { timeoutEarlyInMillis: 0 },
  );
  if (access !== undefined) handler.use(keepDoor(access, options));
  if (check !== undefined) handler.use(check.middlewares);
  handler.onError((request) => {
    request.response = refuse(request.error);
  });
  const reply = async (event: APIGatewayProxyEventV2, context: Context, onGone?: HttpEvent['onGone']) => {
    const began = performance.now();
    const request_id = context?.awsRequestId ?? event.requestContext?.requestId ?? '';
    const origin = access?.corsOrigin() ?? '';
    const passed: HttpEvent = { ...event, ...(onGone === undefined ? {} : { onGone }) };
    const finish = (answer: Answer): Reply => {
      const { caller, headers: counted } = passed.admission ?? {};
      const made = answer.body as { job_id?: string } | undefined;
      logRequest(event, answer, faults.get(answer), {
        request_id,
        job_id: readJobId(event.pathParameters ?? {})?.slice(0, 80) ?? made?.job_id,
        ...(caller === undefined || caller.key === 'local' ? {} : { key: caller.key }),
        ms: Math.round((performance.now() - began) * 10) / 10,
        ...answer.about,
      });
      return complete({ ...answer, headers: { ...counted, ...answer.headers } }, request_id, origin);
    };
    if (event.requestContext?.http?.method === 'OPTIONS' && origin !== '') return finish(PREFLIGHT);
    const answer = (await logAbout({ request_id }, () => handler(passed, context))) as Answer | Held;
    return 'held' in answer ? { later: answer.held.catch(refuse).then(finish) } : finish(answer);
  };
  return Object.assign(
    async (event: APIGatewayProxyEventV2, context: Context) => {
      const answered = await reply(event, context);
      return encode('later' in answered ? await answered.later : answered);
    },
    { stream: reply, scope },
  );
}
