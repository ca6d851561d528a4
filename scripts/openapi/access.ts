// What every answer bears in docs/openapi.yaml, and what the door of the service answers: keys,
// scopes, sessions, limits.
import type { Scope } from '../../lib/access/scopes.ts';
import { broken, problem, type Response, responses, said } from './answers.ts';

const { forbidden, misdirected, tooLarge, unavailable, unsupportedType } = responses;

const service = {
  version: '0.1.0',
  today: '2024-02-01',
  time_zone: 'America/Chicago',
  event_stream: true,
  keys_required: false,
  limits: { most_days: 366, most_detections: 10_000, most_waiting_jobs: 50, most_alive_bytes: 2_000_000_000 },
};

const access = {
  unauthorized: {
    description: 'A key is needed, and there is none, or none that is valid.',
    headers: { 'WWW-Authenticate': { description: 'RFC 6750.', example: 'Bearer realm="hoofprint"' } },
    body: problem({
      none: said('A key is needed: Authorization: Bearer hp_...'),
      unknown: said('This key is not valid: it is unknown, revoked or expired'),
    }),
  },
  outOfScope: {
    description: 'The key does not allow this; or the request comes from a web page of another origin.',
    body: problem({
      scope: said('This needs a key with the scope exports'),
      foreign: said('Other web pages may not use this service'),
    }),
  },
  limited: {
    description: 'Too many requests with this key, too many jobs that wait, or too large files.',
    headers: {
      'Retry-After': { description: 'Seconds to wait before asking again.', example: '1' },
      RateLimit: { description: 'What is left, and seconds until all is.', example: '"requests";r=0;t=1' },
      'RateLimit-Policy': { description: 'Requests in a window of seconds.', example: '"requests";q=100;w=10' },
    },
    body: problem({
      rate: said('Too many requests with this key'),
      waiting: said('At most 50 exports of one owner may wait; try again later'),
    }),
  },
  signedIn: {
    description: 'Signed in: the cookie is the session, for twelve hours.',
    headers: {
      'Set-Cookie': {
        description: 'HttpOnly, SameSite=Strict; named after port and base path.',
        example: 'hoofprint-8001=...; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict',
      },
    },
    body: { of: 'SignedIn', examples: { office: { key: 'Xy12aB9z', owner: 'Ranch office', scopes: ['exports'] } } },
  },
  signedOut: {
    description: 'Signed out, whether there was a session or not.',
    headers: {
      'Clear-Site-Data': { description: 'What the browser forgets.', example: '"cache", "cookies", "storage"' },
    },
  },
  session: {
    description: 'Who asks, what the key allows, and what a form has to know of this service.',
    body: {
      of: 'Session',
      examples: {
        office: { key: 'Xy12aB9z', owner: 'Ranch office', scopes: ['exports'], ...service, keys_required: true },
        local: { key: 'local', scopes: ['read', 'exports'], ...service },
      },
    },
  },
  noKeyNeeded: {
    description: 'This service needs no key: only this machine can call it.',
    body: problem({ local: said('This service needs no key') }),
  },
  invalidKey: {
    description: 'The body is not what it should be.',
    body: problem({ key: broken(['/key', 'key must be a key (hp_...)']) }),
  },
} as const satisfies Record<string, Response>;

/** One that may be left out. */
export const optional = (
  where: 'query' | 'header',
  name: string,
  description: string,
  schema: object,
  example: unknown,
) => ({
  ...{ name, in: where, required: false, description, schema, example },
});
export const text = { type: 'string' };

export const named = (examples: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }]));

/** Of a file: one of JSON holds any value. */
const describeBytes = (type: string): object => (type === 'application/json' ? {} : { type: 'string' });

function documentResponse({ description, headers, body }: Response): object {
  return {
    description,
    ...(headers === undefined
      ? {}
      : {
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, header]) => [
              name,
              {
                description: header.description,
                ...(header.isSeldom === undefined ? {} : { required: false }),
                schema: { type: 'string' },
                example: header.example,
              },
            ]),
          ),
        }),
    ...(body === undefined
      ? {}
      : {
          content: Object.fromEntries(
            (body.types ?? ['application/json']).map((type) => [
              type,
              {
                schema: body.of === undefined ? describeBytes(type) : { $ref: `#/components/schemas/${body.of}` },
                ...(Object.keys(body.examples).length === 0 ? {} : { examples: named(body.examples) }),
              },
            ]),
          ),
        }),
  };
}

export const answers = (of: Record<number, Response>) =>
  Object.fromEntries(
    Object.entries({ ...of, 403: forbidden, 421: misdirected }).map(([code, answer]) => [
      code,
      documentResponse(answer),
    ]),
  );
/** Of an operation that wants a key with this scope, or one of these, where keys are needed. */
export const secured = (scope: Scope | readonly Scope[], of: Record<number, Response>) => ({
  security: [scope].flat().flatMap((wanted) => [{ key: [wanted] }, { session: [wanted] }]),
  responses: {
    ...answers(of),
    401: documentResponse(access.unauthorized),
    403: documentResponse(access.outOfScope),
    429: documentResponse(access.limited),
  },
});

export const sessionPath = (): object => ({
  post: {
    operationId: 'signIn',
    summary: 'Sign a browser in with a key',
    tags: ['service'],
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: { $ref: '#/components/schemas/SignIn' },
          examples: named({ key: { key: 'hp_(36 letters and digits)' } }),
        },
      },
    },
    responses: answers({
      200: access.signedIn,
      400: access.invalidKey,
      401: access.unauthorized,
      409: access.noKeyNeeded,
      413: tooLarge,
      415: unsupportedType,
      429: access.limited,
      503: unavailable,
    }),
  },
  get: {
    operationId: 'session',
    summary: 'Who asks, and what the key allows',
    tags: ['service'],
    ...secured('read', { 200: access.session, 503: unavailable }),
  },
  delete: {
    operationId: 'signOut',
    summary: 'Sign this browser out',
    tags: ['service'],
    responses: answers({ 204: access.signedOut, 503: unavailable }),
  },
});
