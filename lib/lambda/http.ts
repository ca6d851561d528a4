// The edge, HTTP side: events, status codes, problem JSON, headers, one log line per request. Knows
// no feature.
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { errorMessage, Fault, type FaultKind, isFault, type Problem } from '../errors.ts';
import { log, logAbout } from '../log.ts';
import { withTimeout } from '../timeout.ts';
import type { BodyCheck, HttpEvent } from './event.ts';

export interface HttpRequest<Body> {
  body: Body;
  path: Readonly<Record<string, string | undefined>>;
  headers: Readonly<Record<string, string | undefined>>;
  /**
   * Aborted when the request was answered without waiting any longer: what it did so far has to be
   * taken back.
   */
  signal: AbortSignal;
}

export interface Answer {
  status: number;
  /** Sent as JSON; a Buffer as bytes, a string as text. */
  body?: unknown;
  headers?: Readonly<Record<string, string | undefined>>;
}

export interface HttpOptions<Body> {
  /** Made by jsonBody(); absent = the body is not looked at. */
  body?: BodyCheck<Body>;
  /** Origin that browsers may call from; empty = none. */
  corsOrigin?: () => string;
  /** The job that a request is about, for its log line; absent = the path parameter job_id. */
  readJobId?: (path: HttpRequest<Body>['path']) => string | undefined;
}

export type HttpHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

const STATUS: Record<FaultKind, number> = {
  invalid: 400,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
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
    headers: { 'content-type': 'application/problem+json', ...(status === 503 ? { 'retry-after': '2' } : {}) },
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
    'access-control-allow-headers': 'content-type, if-none-match',
    'access-control-max-age': '600',
  },
};

function encode(
  { status, body, headers }: Answer,
  requestId: string,
  corsOrigin: string,
): APIGatewayProxyStructuredResultV2 {
  const cors: Record<string, string> =
    corsOrigin === ''
      ? {}
      : {
          'access-control-allow-origin': corsOrigin,
          'access-control-expose-headers': 'location, retry-after, x-request-id',
          vary: 'origin',
        };
  const given = Object.entries({ ...SECURITY, ...cors, 'x-request-id': requestId, ...headers }).filter(
    (header): header is [string, string] => header[1] !== undefined,
  );
  const result = { statusCode: status, headers: Object.fromEntries(given) };
  if (body === undefined) return result;
  if (Buffer.isBuffer(body)) return { ...result, body: body.toString('base64'), isBase64Encoded: true };
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  return {
    ...result,
    headers: { 'content-type': type, ...result.headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/**
 * An HTTP function (API Gateway payload 2.0): holds the body to its contract,
 * answers JSON or problem JSON, and logs one line. Never throws: every error is an answer.
 */
export function http<Body = undefined>(
  options: HttpOptions<Body>,
  act: (request: HttpRequest<Body>) => Promise<Answer> | Answer,
): HttpHandler {
  const faults = new WeakMap<Answer, Fault>();
  const readJobId = options.readJobId ?? (({ job_id }) => job_id);
  const handler = middy<HttpEvent, Answer>(({ body, pathParameters, headers }: HttpEvent) =>
    withTimeout(
      ANSWER_MS,
      async (signal) => act({ body: body as Body, path: pathParameters ?? {}, headers: headers ?? {}, signal }),
      late,
    ),
  );
  if (options.body !== undefined) handler.use(options.body.middlewares);
  handler.onError((request) => {
    const fault = toFault(request.error);
    request.response = problemAnswer(fault);
    faults.set(request.response, fault);
  });
  return async (event, context) => {
    const began = performance.now();
    const requestId = context?.awsRequestId ?? event.requestContext?.requestId ?? '';
    const method = event.requestContext?.http?.method;
    const origin = options.corsOrigin?.() ?? '';
    const answer =
      method === 'OPTIONS' && origin !== ''
        ? PREFLIGHT
        : ((await logAbout({ request_id: requestId }, () => handler({ ...event }, context))) as Answer);
    const fault = faults.get(answer);
    const fields = {
      request_id: requestId,
      method,
      path: event.rawPath?.slice(0, 200),
      job_id:
        readJobId(event.pathParameters ?? {})?.slice(0, 80) ?? (answer.body as { job_id?: string } | undefined)?.job_id,
      status: answer.status,
      ms: Math.round((performance.now() - began) * 10) / 10,
      ...(fault === undefined ? {} : { reason: errorMessage(fault) }),
      ...(answer.status === 500 && fault?.cause instanceof Error ? { stack: fault.cause.stack } : {}),
    };
    log[answer.status >= 500 ? 'error' : 'info']('request', fields);
    return encode(answer, requestId, origin);
  };
}
