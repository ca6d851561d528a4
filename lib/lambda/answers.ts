// Answers of HTTP functions: what a function says, and with all headers what is sent; problem JSON
// for what was thrown.
import { Readable } from 'node:stream';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { Fault, type FaultKind, isFault, type Problem } from '../errors.ts';
import type { Fields } from '../log.ts';
import { plainJson } from '../plain-text.ts';

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
  reused: 422,
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
 * Whatever was thrown, as the Fault that the client sees. Anything but a Fault or an error of the
 * validator is a bug. Bugs and wrong settings are described in the log alone.
 */
export function toFault(error: unknown): Fault {
  if (isFault(error, 'misconfigured')) return new Fault('misconfigured', 'Internal server error', { cause: error });
  if (isFault(error)) return error;
  const cause = (error as { cause?: { package?: string; data?: Problem[] } } | undefined)?.cause;
  const first = cause?.package === '@middy/validator' ? cause.data?.[0] : undefined;
  return first === undefined
    ? new Fault('corrupt', 'Internal server error', { cause: error })
    : new Fault('invalid', first.detail, { problems: cause?.data ?? [] });
}

/** RFC 9457 without a type: about:blank, whose title is the status phrase. */
export function problemAnswer(fault: Fault): Answer {
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
export const PREFLIGHT: Answer = {
  status: 204,
  headers: {
    'access-control-allow-methods': 'GET, POST, DELETE',
    'access-control-allow-headers':
      'authorization, content-type, idempotency-key, if-none-match, last-event-id, prefer',
    'access-control-max-age': '600',
  },
};

export function complete({ status, body, headers }: Answer, requestId: string, corsOrigin: string): Reply {
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

export function encode({ status, headers, body }: Reply): APIGatewayProxyStructuredResultV2 {
  const result = { statusCode: status, headers };
  if (body === undefined) return result;
  if (Buffer.isBuffer(body)) return { ...result, body: body.toString('base64'), isBase64Encoded: true };
  if (typeof body === 'string') return { ...result, body };
  throw new Error('a stream was answered to a caller that cannot pass it on');
}
