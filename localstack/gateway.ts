// What API Gateway does and serverless-offline does not: closed CORS, whole files, and problem JSON from whoever answers in the functions' place.
import { randomUUID } from 'node:crypto';
import { SECURITY } from '../lib/lambda/http.ts';
import { log } from '../lib/log.ts';

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
}
interface Toolkit {
  readonly continue: symbol;
  response(body: string): Reply;
}

/** What is used of hapi 21, the HTTP server inside serverless-offline. */
export interface Gateway {
  ext(event: 'onRequest' | 'onPreResponse', act: (request: Request, h: Toolkit) => unknown): void;
}

/** As API Gateway tells them: 504 is a function that ran out of time, 502 one that broke. */
const TOLD: Record<number, readonly [status: number, detail: string]> = {
  400: [400, 'Request is malformed'],
  413: [413, 'Request body is too large'],
  404: [404, 'Not found'],
  504: [503, 'The service did not answer in time'],
};
const BROKEN = [500, 'Internal server error'] as const;

/** Functions mark their answers with this header; what lacks it was not answered by a function. */
const MARK = 'x-request-id';

export function actAsGateway(server: Gateway): void {
  server.ext('onRequest', ({ headers }, h) => {
    // Functions read the raw headers and still see both. The server itself would let any origin in, with credentials, and cut answers by Range.
    delete headers.origin;
    delete headers.range;
    return h.continue;
  });
  server.ext('onPreResponse', (request, h) => {
    const { response } = request;
    const { statusCode = 500, headers = {} } = response.isBoom === true ? (response.output ?? {}) : response;
    if (MARK in headers) return h.continue;
    const [status, detail] = TOLD[statusCode] ?? (statusCode < 500 ? [statusCode, 'Request is malformed'] : BROKEN);
    const request_id = randomUUID();
    // No reason: what the server says of a broken function is a stack, and the function's own line has it.
    log[status >= 500 ? 'error' : 'info']('request', {
      request_id,
      method: request.method.toUpperCase(),
      path: request.path.slice(0, 200),
      status,
      reason: detail,
    });
    const reply = h.response(JSON.stringify({ detail })).code(status);
    const told = {
      ...SECURITY,
      [MARK]: request_id,
      'content-type': 'application/problem+json',
      ...(status === 503 ? { 'retry-after': '2' } : {}),
    };
    for (const [name, value] of Object.entries(told)) reply.header(name, value);
    return reply;
  });
}
