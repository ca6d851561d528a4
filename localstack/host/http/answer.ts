// What a function returned, as an HTTP answer.
import { type OutgoingHttpHeaders, type ServerResponse, STATUS_CODES } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errorMessage } from '../../../lib/errors.ts';
import { type Reply, SECURITY } from '../../../lib/lambda/answers.ts';
import { log } from '../../../lib/log.ts';

/** An answer that goes out as it is. */
export interface HttpAnswer {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer | string | Readable;
}

/** One that is held: its request is none of those under way. Never rejects. */
export interface LateAnswer {
  later: Promise<HttpAnswer>;
}

/** Of the request that is answered. */
export interface Asked {
  requestId: string;
  /** Calls back when nobody waits for the answer any more, or when it was sent. */
  onGone: (act: () => void) => void;
}

interface Structured {
  statusCode?: unknown;
  headers?: Record<string, unknown>;
  cookies?: unknown;
  body?: unknown;
  isBase64Encoded?: boolean;
}

const NOTHING = Buffer.alloc(0);

/**
 * By the rules of payload format 2.0: a value without statusCode is a JSON body with 200.
 * @returns undefined for a status that HTTP does not have
 */
export function readResult(result: unknown): HttpAnswer | undefined {
  const structured = (typeof result === 'object' && result !== null ? result : {}) as Structured;
  if (structured.statusCode === undefined) {
    const body = result === undefined ? NOTHING : typeof result === 'string' ? result : JSON.stringify(result);
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  const status = Number(structured.statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined;
  const headers: OutgoingHttpHeaders = { 'content-type': 'application/json' };
  for (const [name, value] of Object.entries(structured.headers ?? {})) headers[name.toLowerCase()] = String(value);
  if (Array.isArray(structured.cookies) && structured.cookies.length > 0) headers['set-cookie'] = structured.cookies;
  const { body, isBase64Encoded } = structured;
  if (body === undefined || body === null) return { status, headers, body: NOTHING };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers, body: isBase64Encoded === true ? Buffer.from(text, 'base64') : text };
}

/** A refusal that no function made: problem JSON without a reason that would help an attacker. */
export function problem(status: number, detail: string, requestId: string): HttpAnswer {
  return {
    status,
    headers: {
      ...SECURITY,
      'content-type': 'application/problem+json',
      'x-request-id': requestId,
      ...(status === 503 ? { 'retry-after': '2' } : {}),
    },
    body: JSON.stringify({ detail }),
  };
}

/**
 * Sends an answer, and ends it unless the rest of the request is still `awaited`. 204 and 304 have
 * no body; HEAD has the length of what GET would send. A stream that fails breaks the connection
 * off: what it began cannot be taken back.
 */
export async function send(
  response: ServerResponse,
  { status, headers, body }: HttpAnswer,
  { isHead, isAwaited }: { isHead: boolean; isAwaited: boolean },
): Promise<void> {
  const isEmpty = isHead || status === 204 || status === 304;
  if (body instanceof Readable && (isEmpty || response.destroyed)) body.destroy();
  if (response.destroyed) return;
  if (status === 204 || status === 304) delete headers['content-type'];
  else if (!(body instanceof Readable)) headers['content-length'] = Buffer.byteLength(body);
  response.writeHead(status, STATUS_CODES[status], headers);
  if (body instanceof Readable && !isEmpty) {
    await pipeline(body, response, { end: !isAwaited }).catch((error: NodeJS.ErrnoException) => {
      const hungUp = error.code === 'ERR_STREAM_PREMATURE_CLOSE';
      log[hungUp ? 'debug' : 'warn']('answer broken off', { reason: errorMessage(error) });
      response.destroy();
    });
    return;
  }
  // A text leaves together with the headers, without being copied first.
  const bytes = isEmpty || body instanceof Readable ? NOTHING : body;
  if (!isAwaited) response.end(bytes);
  else if (bytes.length > 0) response.write(bytes);
  else response.flushHeaders();
}

/** What an HTTP function of this process answered. */
export function readReply({ status, headers, body }: Reply): HttpAnswer {
  return { status, headers, body: body ?? NOTHING };
}
