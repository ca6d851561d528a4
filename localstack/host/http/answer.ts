// What a function returned, as an HTTP answer.
import { type OutgoingHttpHeaders, type ServerResponse, STATUS_CODES } from 'node:http';
import { SECURITY } from '../../../lib/lambda/http.ts';

/** An answer that goes out as it is. */
export interface HttpAnswer {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
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
    const body =
      result === undefined ? NOTHING : Buffer.from(typeof result === 'string' ? result : JSON.stringify(result));
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  const status = Number(structured.statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined;
  const headers: OutgoingHttpHeaders = { 'content-type': 'text/plain; charset=utf-8' };
  for (const [name, value] of Object.entries(structured.headers ?? {})) headers[name.toLowerCase()] = String(value);
  if (Array.isArray(structured.cookies) && structured.cookies.length > 0) headers['set-cookie'] = structured.cookies;
  const { body, isBase64Encoded } = structured;
  if (body === undefined || body === null) return { status, headers, body: NOTHING };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers, body: Buffer.from(text, isBase64Encoded === true ? 'base64' : 'utf8') };
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
    body: Buffer.from(JSON.stringify({ detail })),
  };
}

/**
 * Writes all of an answer; the caller ends it. 204 and 304 have no body; HEAD has the length of
 * what GET would send.
 */
export function send(response: ServerResponse, { status, headers, body }: HttpAnswer, isHead: boolean): void {
  if (response.headersSent || response.destroyed) return;
  const isEmpty = status === 204 || status === 304;
  if (isEmpty) delete headers['content-type'];
  else headers['content-length'] = body.length;
  response.writeHead(status, STATUS_CODES[status], headers);
  if (!isEmpty && !isHead && body.length > 0) response.write(body);
  else response.flushHeaders();
}
