// The edge, HTTP side: events, the door, one log line per request. Knows no feature.
import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { AccessRequest, Admission } from '../access/guard.ts';
import type { Making, OnceRequest } from '../access/idempotency.ts';
import { errorMessage, Fault } from '../errors.ts';
import { type Fields, log, logAbout } from '../log.ts';
import { measureRequest } from '../metrics.ts';
import { withTimeout } from '../timeout.ts';
import { joinTrace, type Part } from '../trace.ts';
import {
  type Answer,
  complete,
  encode,
  type Held,
  type LateReply,
  PREFLIGHT,
  problemAnswer,
  type Reply,
  toFault,
} from './answers.ts';
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
  /** What an Idempotency-Key has it make. */
  making?: Making;
}

/** Who may call; made where functions are joined (lib/clients.ts). */
export interface Access {
  /** Origin that browsers may call from; empty = none. */
  corsOrigin: () => string;
  /** @throws Fault that says why a request is refused before its function sees it */
  admit: (request: AccessRequest) => Promise<Admission> | Admission;
  /** Answers what was asked for before with the same Idempotency-Key as it was answered then. */
  once?: (request: OnceRequest, act: (making: Making) => Promise<Answer>) => Promise<Answer>;
}

export interface HttpOptions<Body> {
  /** Made by jsonBody(); absent = the body is not looked at. */
  body?: BodyCheck<Body>;
  access?: Access;
  /** What a caller's key must allow; absent = everybody may. */
  scope?: AccessRequest['scope'];
  /** A page or a download, to which other pages may link. */
  navigable?: boolean;
  /** Its requests are counted apart from others. */
  counted?: AccessRequest['counted'];
  /** Makes something: with an Idempotency-Key it makes one. The name of what is asked for. */
  once?: string;
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

/**
 * Every request is answered within a second, in ms. Each thing that a feature waits for has a
 * shorter bound; this one limits their sum.
 */
const ANSWER_MS = 960;

const late = (cause: Error): Fault => new Fault('unavailable', 'The service did not answer in time', { cause });

/** Refuses what the access says, before anything else of a request is looked at. */
const keepDoor = (
  { admit }: Access,
  { scope, counted, navigable = false, body }: Pick<HttpOptions<unknown>, 'scope' | 'counted' | 'navigable' | 'body'>,
): MiddlewareObj<HttpEvent> => ({
  before: async ({ event }) => {
    const { method = '', sourceIp = '' } = event.requestContext?.http ?? {};
    const { headers = {}, cookies = [] } = event;
    event.admission = await admit({
      method,
      headers,
      cookies,
      source: sourceIp,
      navigable,
      scope,
      counted,
      bodyType: body?.type,
    });
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

type Act<Body> = (request: HttpRequest<Body>) => Promise<Answer | Held> | Answer;

/** With an Idempotency-Key what is asked for is done once, where it makes something. */
function onceByKey<Body>({ access, once: operation }: HttpOptions<Body>, act: Act<Body>): Act<Body> {
  const once = access?.once;
  if (operation === undefined || once === undefined) return act;
  return (request) => {
    const { headers, admission, path } = request;
    // What the path names is part of what is asked for.
    const body = Object.keys(path).length === 0 ? request.body : { path, body: request.body };
    const { 'idempotency-key': key } = headers;
    if (key === undefined || admission === undefined) return act(request);
    // What is made once is not held.
    const make = async (making: Making): Promise<Answer> => (await act({ ...request, making })) as Answer;
    return once({ key, caller: admission.caller, operation, body }, make);
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

/** What a request causes, from here on. */
function beginTrace({ routeKey, headers, requestContext }: APIGatewayProxyEventV2): Part {
  const method = requestContext?.http?.method ?? '';
  const isRoute = routeKey !== undefined && routeKey !== '$default';
  return joinTrace(isRoute ? routeKey : method, 'server', headers, {
    'http.request.method': method,
    ...(isRoute ? { 'http.route': routeKey.slice(routeKey.indexOf(' ') + 1) } : {}),
  });
}

function endTrace(part: Part, status: number, job: string | undefined, fault: Fault | undefined): void {
  part.note({ 'http.response.status_code': status, ...(job === undefined ? {} : { 'hoofprint.job_id': job }) });
  part.end(status >= 500 ? fault : undefined);
}

/**
 * An HTTP function (API Gateway payload 2.0): holds the body to its contract,
 * answers JSON or problem JSON, and logs one line. Never throws: every error is an answer.
 */
export function http<Body = undefined>(options: HttpOptions<Body>, act: Act<Body>): HttpHandler {
  const { access, body: check, scope, readJobId = ({ job_id }) => job_id } = options;
  const answer = onceByKey(options, act);
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
      return withTimeout(ANSWER_MS, async (signal) => answer({ ...request, signal }), late);
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
    const part = beginTrace(event);
    const passed: HttpEvent = { ...event, ...(onGone === undefined ? {} : { onGone }) };
    const finish = (answer: Answer, isHeld = false): Reply => {
      const { caller, headers: counted } = passed.admission ?? {};
      const ms = performance.now() - began;
      measureRequest({
        ...{ route: event.routeKey, method: event.requestContext?.http?.method, status: answer.status, ms, isHeld },
      });
      const made = answer.body as { job_id?: string } | undefined;
      const fields = {
        request_id,
        job_id: readJobId(event.pathParameters ?? {})?.slice(0, 80) ?? made?.job_id,
        ...(caller === undefined || caller.key === 'local' || caller.scopes.length === 0 ? {} : { key: caller.key }),
        ms: Math.round(ms * 10) / 10,
        ...answer.about,
      };
      part.within(() => logRequest(event, answer, faults.get(answer), fields));
      endTrace(part, answer.status, fields.job_id, faults.get(answer));
      return complete({ ...answer, headers: { ...counted, ...answer.headers } }, request_id, origin);
    };
    if (event.requestContext?.http?.method === 'OPTIONS' && origin !== '') return finish(PREFLIGHT);
    const answer = (await part.within(() => logAbout({ request_id }, () => handler(passed, context)))) as Answer | Held;
    return 'held' in answer ? { later: answer.held.catch(refuse).then((late) => finish(late, true)) } : finish(answer);
  };
  return Object.assign(
    async (event: APIGatewayProxyEventV2, context: Context) => {
      const answered = await reply(event, context);
      return encode('later' in answered ? await answered.later : answered);
    },
    { stream: reply, scope },
  );
}
