// The HTTP side of the host: what API Gateway is on AWS. Everything is bounded before it is held.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { errorMessage } from '../../../lib/errors.ts';
import { BODY_LIMIT } from '../../../lib/lambda/body.ts';
import { log } from '../../../lib/log.ts';
import { measureRequest } from '../../../lib/metrics.ts';
import type { HostFunction } from '../declared/functions.ts';
import { LateError } from '../pool/errors.ts';
import { type Asked, type HttpAnswer, type LateAnswer, problem, send } from './answer.ts';
import { type BodyFault, readBody } from './body.ts';
import { makeEvent, splitTarget } from './event.ts';
import { type Match, makeRouter, stripBase } from './routes.ts';

export interface HttpOptions {
  functions: readonly HostFunction[];
  /** Path that proxies may leave at the beginning of a request's; `/` = none. */
  basePath: string;
  /**
   * Runs a function. @returns undefined for a result that is no HTTP answer
   * @throws LateError when its time is over, else what it threw
   */
  invoke: (
    target: HostFunction,
    event: APIGatewayProxyEventV2,
    asked: Asked,
  ) => Promise<HttpAnswer | LateAnswer | undefined>;
}

export interface HttpServer {
  /** @returns the port. @throws the system's error for an address that cannot be had */
  listen(host: string, port: number): Promise<number>;
  /** Takes no more requests but those of probes. */
  refuse(): void;
  /** Takes none, and lets those under way end within `timeout` ms. */
  stop(timeout: number): Promise<void>;
}

/** Headers and a body have to arrive within these times, in ms. */
const HEADERS_MS = 10_000;
const BODY_MS = 20_000;
/** A body of several MB comes over slow lines too, in ms; so many are read at a time. */
const LARGE_BODY_MS = 60_000;
const MOST_LARGE = 8;
const CHECK_MS = 2_000;
/** An idle connection is kept this long, in ms. */
const KEEP_ALIVE_MS = 65_000;
const MOST_CONNECTIONS = 1_000;
/** Requests at the same time, from their headers to their answer; each holds a body at most. */
const MOST_REQUESTS = 200;
/** A client that still sends its body has this long to notice the refusal, in ms. */
const LINGER_MS = 3_000;

const DETAILS: Record<BodyFault, readonly [status: number, detail: string]> = {
  'too large': [413, 'Request body is too large'],
  'too slow': [408, 'Request body did not arrive in time'],
  'broken off': [400, 'Request is malformed'],
};

class Host implements HttpServer {
  private readonly server: Server;
  private readonly options: HttpOptions;
  private readonly route: (method: string, path: string) => Match | undefined;
  private working = 0;
  private reading = 0;
  private stopping = false;

  constructor(options: HttpOptions) {
    this.options = options;
    this.route = makeRouter(options.functions);
    this.server = createServer({
      headersTimeout: HEADERS_MS,
      requestTimeout: HEADERS_MS + LARGE_BODY_MS,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      noDelay: true,
    });
    this.server.maxConnections = MOST_CONNECTIONS;
    this.server.on('request', (request, response) => void this.take(request, response));
    this.server.on('checkContinue', (request, response) => {
      // A body that is too large is refused before it is sent.
      if (!(Number(request.headers['content-length']) > this.findMostBody(request))) response.writeContinue();
      void this.take(request, response);
    });
    // What is no HTTP never becomes a request.
    this.server.on('clientError', (error: Error & { code?: string }, socket) => {
      log.info('request', { request_id: randomUUID(), reason: `no HTTP (${error.code ?? 'unknown'})` });
      if (!socket.writable || socket.destroyed) return;
      const status =
        error.code === 'HPE_HEADER_OVERFLOW'
          ? '431 Request Header Fields Too Large'
          : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
            ? '408 Request Timeout'
            : '400 Bad Request';
      socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    });
  }

  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, resolve);
    });
    return (this.server.address() as AddressInfo).port;
  }

  refuse(): void {
    this.stopping = true;
  }

  async stop(timeout: number): Promise<void> {
    this.refuse();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    await Promise.race([closed, pause(timeout, undefined, { ref: false })]);
    this.server.closeAllConnections();
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = { requestId: randomUUID(), onGone: (act: () => void) => void response.once('close', act) };
    let counted = 1;
    this.working += 1;
    try {
      // 'close' is of interest only to the body; an answer to nobody is dropped.
      response.on('error', () => undefined);
      let answer = await this.answer(request, asked);
      if ('later' in answer) {
        this.working -= counted;
        counted = 0;
        answer = await answer.later;
      }
      if (this.stopping || !request.complete) response.setHeader('connection', 'close');
      const isAwaited = !request.complete;
      await send(response, answer, { isHead: request.method === 'HEAD', isAwaited });
      if (isAwaited) await this.linger(request, response);
    } finally {
      this.working -= counted;
    }
  }

  private findMostBody({ method = '', url = '' }: IncomingMessage): number {
    try {
      const path = splitTarget(stripBase(url, this.options.basePath)).path;
      return this.route(method, path)?.target.mostBody ?? BODY_LIMIT;
    } catch {
      return BODY_LIMIT;
    }
  }

  /** The body of a request that its function takes; those that may be large take turns. */
  private async read(request: IncomingMessage, mostBody: number | undefined): Promise<Buffer | BodyFault | 'busy'> {
    if (mostBody === undefined) return readBody(request, BODY_LIMIT, BODY_MS);
    if (this.reading >= MOST_LARGE) return 'busy';
    this.reading += 1;
    try {
      return await readBody(request, mostBody, LARGE_BODY_MS);
    } finally {
      this.reading -= 1;
    }
  }

  /**
   * Drops what still arrives, then ends the connection: unread bytes would make the system reset
   * it, and the client would not see the refusal.
   */
  private async linger(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const over = new AbortController();
    request.once('end', () => over.abort()).once('close', () => over.abort());
    request.resume();
    await pause(LINGER_MS, undefined, { signal: over.signal }).catch(() => undefined);
    response.end();
    request.socket.destroySoon();
  }

  private async answer(request: IncomingMessage, asked: Asked): Promise<HttpAnswer | LateAnswer> {
    const { requestId } = asked;
    const began = performance.now();
    let match: Match | undefined;
    const refuse = (status: number, detail: string): HttpAnswer => {
      log[status >= 500 ? 'error' : 'info']('request', {
        request_id: requestId,
        method: request.method,
        path: splitTarget(request.url ?? '').path.slice(0, 200),
        status,
        reason: detail,
      });
      measureRequest({ route: match?.routeKey, method: request.method, status, ms: performance.now() - began });
      return problem(status, detail, requestId);
    };
    const hosts = request.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
    if (hosts.length > 1) return refuse(400, 'Request is malformed');
    try {
      request.url = stripBase(request.url ?? '', this.options.basePath);
      match = this.route(request.method ?? '', splitTarget(request.url).path);
    } catch {
      return refuse(400, 'Request is malformed');
    }
    if (match?.target.probe !== true && (this.working > MOST_REQUESTS || this.stopping))
      return refuse(503, 'The service is busy');
    if (match === undefined) return refuse(404, 'Not found');
    const body = await this.read(request, match.target.mostBody);
    if (body === 'busy') return refuse(503, 'The service is busy');
    if (typeof body === 'string') return refuse(...DETAILS[body]);
    try {
      const event = makeEvent(request, match, body, requestId);
      const answer = await this.options.invoke(match.target, event, asked);
      if (answer !== undefined) return answer;
      log.error('function failed', { function: match.target.key, reason: 'it answered with no HTTP status' });
    } catch (error) {
      if (error instanceof LateError) return refuse(503, 'The service did not answer in time');
      log.error('function failed', { function: match.target.key, reason: errorMessage(error) });
    }
    return refuse(500, 'Internal server error');
  }
}

export const openHttp = (options: HttpOptions): HttpServer => new Host(options);
