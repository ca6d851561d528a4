// What answers in the functions' place, and what a browser of a configured origin gets.
import type { Admission } from '../../lib/access/guard.ts';
import { http } from '../../lib/lambda/http.ts';
import { logFrom } from '../../lib/log.ts';
import { actAsGateway, type Gateway } from '../../localstack/offline/gateway.ts';
import { call } from '../support/invoke.ts';

beforeAll(() => logFrom('silent'));

type Act = Parameters<Gateway['ext']>[1];

/** The gateway's acts, called as the server would. */
function acts(): { onRequest: Act; onPreHandler: Act; onPreResponse: Act } {
  const found: Record<string, Act> = {};
  const gather: Gateway['ext'] = (event, act) => void Object.assign(found, { [event]: act });
  actAsGateway({ ext: gather, events: { on: () => undefined }, listener: { on: () => undefined } });
  return found as { onRequest: Act; onPreHandler: Act; onPreResponse: Act };
}
const go = Symbol('continue');
function respond(response: object): unknown {
  const made = { status: 200, headers: {} as Record<string, string>, body: '' };
  const reply = {
    code: (status: number) => Object.assign(made, { status }) && reply,
    header: (name: string, value: string) => Object.assign(made.headers, { [name]: value }) && reply,
    made,
  };
  const toolkit = { continue: go, response: (body: string) => Object.assign(made, { body }) && reply };
  const request = { method: 'get', path: '/health', headers: {}, response };
  const answer = acts().onPreResponse(request as never, toolkit as never);
  return answer === go ? go : (answer as typeof reply).made;
}

test.each([
  [
    'a function that broke',
    { statusCode: 502, headers: {}, source: { errorMessage: 'x', stackTrace: ['at /home/me/x.ts:1:1'] } },
    500,
    'Internal server error',
  ],
  [
    'a function that ran out of time, which the emulator answers as a 200',
    {
      statusCode: 200,
      headers: {},
      source: '{"errorMessage":"x","errorType":"LambdaTimeoutError","stackTrace":["at /home/me/x.ts:1:1"]}',
    },
    503,
    'The service did not answer in time',
  ],
  ['a 200 of nobody', { statusCode: 200, headers: {}, source: '{"a":1}' }, 500, 'Internal server error'],
  [
    'a function that ran out of time',
    { statusCode: 504, headers: {}, source: { errorMessage: '[504] - Lambda timeout.' } },
    503,
    'The service did not answer in time',
  ],
  [
    'an error of the server itself',
    { isBoom: true, output: { statusCode: 500, headers: {} } },
    500,
    'Internal server error',
  ],
  ['a list of routes', { statusCode: 404, headers: {}, source: { existingRoutes: ['get - /x'] } }, 404, 'Not found'],
  [
    'a body over the limit',
    { isBoom: true, output: { statusCode: 413, headers: {} } },
    413,
    'Request body is too large',
  ],
  [
    'a path that cannot be read',
    { isBoom: true, output: { statusCode: 400, headers: {} } },
    400,
    'Request is malformed',
  ],
])('%s becomes problem JSON that gives nothing away', (_name, response, status, detail) => {
  expect(respond(response)).toMatchObject({
    status,
    body: JSON.stringify({ detail }),
    headers: {
      'content-type': 'application/problem+json',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      ...(status === 503 ? { 'retry-after': '2' } : {}),
    },
  });
});

test('what a function answered is left alone', () => {
  expect(respond({ statusCode: 500, headers: { 'x-request-id': 'a' } })).toBe(go);
});

const admit = (): Admission => ({
  caller: { key: 'local', owner: undefined, scopes: [], seesAll: true },
  client: { address: '127.0.0.1', isSecure: false, isForwarded: false },
  headers: {},
});

test('an origin that is configured is answered, also before the request; any other gets the same and nothing for itself', async () => {
  const open = http({ access: { corsOrigin: () => 'https://deer.example', admit } }, () => ({
    status: 404,
  }));
  for (const origin of ['https://deer.example', 'http://evil.example']) {
    const before = await call(open, { method: 'OPTIONS', path: '/api/exports/pdf', headers: { origin } });
    expect([before.status, before.text]).toEqual([204, '']);
    expect(before.headers).toMatchObject({
      'access-control-allow-origin': 'https://deer.example',
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-headers':
        'authorization, content-type, idempotency-key, if-none-match, last-event-id, prefer',
      vary: 'origin',
    });
    expect(before.headers['access-control-allow-credentials']).toBeUndefined();
    expect((await call(open, { headers: { origin } })).headers['access-control-allow-origin']).toBe(
      'https://deer.example',
    );
  }
  const closed = http({ access: { corsOrigin: () => '', admit } }, () => ({ status: 404 }));
  const refused = await call(closed, { method: 'OPTIONS', headers: { origin: 'https://deer.example' } });
  expect([refused.status, Object.keys(refused.headers).filter((name) => name.startsWith('access-control'))]).toEqual([
    404,
    [],
  ]);
});

test('five requests are held at a time; the function of one more does not see that it may wait', async () => {
  type Fake = { active: () => boolean; response: object; headers: object; raw: { req: { rawHeaders: string[] } } };
  const ext: Record<string, ((request: Fake, h: object) => unknown)[]> = {};
  const gather: Gateway['ext'] = (event, act) => {
    ext[event] = [...(ext[event] ?? []), act as never];
  };
  actAsGateway({ ext: gather, events: { on: () => undefined }, listener: { on: () => undefined } });
  const begin = async (): Promise<{ request: Fake; seen: string[] }> => {
    const rawHeaders = ['Host', 'localhost', 'Prefer', 'respond-async, wait=20', 'If-None-Match', '"1"'];
    const headers = { prefer: 'respond-async, wait=20' };
    const request = { active: () => true, response: {}, headers, raw: { req: { rawHeaders } } };
    await ext.onPreHandler![0]!(request, { continue: go });
    return { request, seen: rawHeaders };
  };
  const first = await Promise.all(Array.from({ length: 5 }, begin));
  expect(first.every(({ seen }) => seen.includes('Prefer'))).toBe(true);
  const sixth = await begin();
  expect(sixth.seen).toEqual(['Host', 'localhost', 'If-None-Match', '"1"']);
  ext.onPreResponse![0]!(first[0]!.request, { continue: go });
  expect((await begin()).seen).toContain('Prefer');
});

test('ten requests are worked on at once; the others wait, and a client that hung up meanwhile takes no turn', async () => {
  type Fake = { active: () => boolean; response: object; headers: object };
  const ext: Record<string, ((request: Fake, h: object) => unknown)[]> = {};
  const gather: Gateway['ext'] = (event, act) => {
    ext[event] = [...(ext[event] ?? []), act as never];
  };
  actAsGateway({ ext: gather, events: { on: () => undefined }, listener: { on: () => undefined } });
  const h = { continue: go };
  let working = 0;
  const begin = (active = true): { request: Fake; begun: Promise<void> } => {
    const request = { active: () => active, response: {}, headers: {} };
    const begun = Promise.resolve(ext.onPreHandler![0]!(request, h)).then(() => {
      if (active) working += 1;
    });
    return { request, begun };
  };
  const end = (request: Fake): unknown => ext.onPreResponse![0]!(request, h);
  const first = Array.from({ length: 10 }, () => begin());
  await Promise.all(first.map(({ begun }) => begun));
  const gone = begin(false);
  const next = begin();
  expect(working).toBe(10);
  end(first[0]!.request);
  await Promise.all([gone.begun, next.begun]);
  expect(working).toBe(11);
  for (const { request } of [...first, next]) end(request);
  await Promise.all(Array.from({ length: 10 }, () => begin().begun));
  expect(working).toBe(21);
});
