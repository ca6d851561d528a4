// The same raw requests through host and emulator: events and answers are equal but for the
// differences that are listed with what AWS's documentation says.
import { createRequire } from 'node:module';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { HostFunction } from '../../localstack/host/declared/functions.ts';
import { readResult } from '../../localstack/host/http/answer.ts';
import { type HttpServer, openHttp } from '../../localstack/host/http/server.ts';
import { type EchoEmulator, ROUTES, startEmulator } from './differential/emulator.ts';
import { requests } from './differential/requests.ts';

let emulator: EchoEmulator;
let host: HttpServer;
let hostPort: number;

beforeAll(async () => {
  const require = createRequire(import.meta.url);
  const { handler } = require(join(import.meta.dirname, 'differential/echo.cjs')) as {
    handler: (event: unknown) => Promise<unknown>;
  };
  const echo: HostFunction = {
    key: 'echo',
    functionName: 'echo-dev-echo',
    file: 'echo.cjs',
    exported: 'handler',
    timeout: 6,
    memorySize: 1024,
    heavy: false,
    environment: {},
    routes: ROUTES,
    schedules: [],
  };
  host = openHttp({
    functions: [echo],
    basePath: '/',
    invoke: async (_target, event) => readResult(await handler(event)),
  });
  hostPort = await host.listen('127.0.0.1', 0);
  emulator = await startEmulator();
}, 120_000);
afterAll(async () => {
  await host?.stop(1_000);
  await emulator?.stop();
}, 30_000);

interface Answered {
  status: number;
  headers: Record<string, string[]>;
  event: Partial<APIGatewayProxyEventV2> | undefined;
  body: string;
}

function ask(port: number, text: string): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = createConnection({ host: '127.0.0.1', port }, () =>
      socket.write(Buffer.from(text.replace('HOST', 'deer.example:8001'), 'latin1')),
    );
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(parse(Buffer.concat(chunks))));
  });
}

function parse(bytes: Buffer): Answered {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const [line = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers: Record<string, string[]> = {};
  for (const each of lines) {
    const at = each.indexOf(':');
    const name = each.slice(0, at).toLowerCase();
    headers[name] = [...(headers[name] ?? []), each.slice(at + 1).trim()];
  }
  let body = text.slice(end + 4);
  if (headers['transfer-encoding']?.[0] === 'chunked')
    body = body.replace(/([0-9a-f]+)\r\n([\s\S]*?)\r\n(?=[0-9a-f]+\r\n)/g, '$2').replace(/0\r\n\r\n$/, '');
  const isEvent = body.startsWith('{"') && body.includes('"requestContext"');
  return {
    status: Number(line.split(' ')[1]),
    headers,
    event: isEvent ? JSON.parse(Buffer.from(body, 'latin1').toString()) : undefined,
    body: isEvent ? '' : body,
  };
}

type Event = NonNullable<Answered['event']>;

/** Of the machine, the moment or the instance: no difference in how a request is read. */
function leaveOutInstance({ event, headers, ...answered }: Answered): Answered {
  if (event?.requestContext !== undefined)
    for (const name of ['accountId', 'apiId', 'domainName', 'domainPrefix', 'requestId', 'time', 'timeEpoch'])
      Reflect.deleteProperty(event.requestContext, name);
  for (const name of ['date', 'content-length', 'connection', 'keep-alive', 'transfer-encoding', 'x-request-id'])
    delete headers[name];
  return { ...answered, event, headers };
}

const PAGE = 'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html';
const ROUTES_PAGE = 'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html';

interface Difference {
  /** What AWS's documentation says, and where. */
  because: string;
  /** Makes the emulator's answer that of the host; changes nothing where they do not differ. */
  mend: (emulator: Answered, host: Answered, text: string) => void;
}

const inEvents =
  (mend: (emulator: Event, host: Event, text: string) => void): Difference['mend'] =>
  (emulator, host, text) => {
    if (emulator.event !== undefined && host.event !== undefined) mend(emulator.event, host.event, text);
  };

const DIFFERENCES: Record<string, Difference> = {
  'a field without a value is absent, not null': {
    because: `${PAGE}: the documented structures hold no null; an HTTP API leaves such fields out.`,
    mend: inEvents((emulator) => {
      for (const [name, value] of Object.entries(emulator)) if (value === null) Reflect.deleteProperty(emulator, name);
    }),
  },
  'path as it was sent': {
    because: `${PAGE}: "Format 2.0 has rawPath."`,
    mend: inEvents((emulator, host, text) => {
      const sent = text.split(' ')[1]!.split('?')[0]!;
      if (emulator.rawPath === sent || host.rawPath !== sent) return;
      emulator.rawPath = sent;
      emulator.requestContext!.http.path = sent;
    }),
  },
  'dots in a path are not resolved: clients do that': {
    because: `${ROUTES_PAGE}: "Routes direct incoming API requests to backend resources." Its path is that of the request.`,
    mend: inEvents((emulator, host) => {
      if (!emulator.rawPath?.includes('/../')) return;
      emulator.routeKey = host.routeKey!;
      emulator.requestContext!.routeKey = host.routeKey!;
    }),
  },
  'the query as it was sent': {
    because: `${PAGE}: its example of rawQueryString is the text after the question mark, repeated names and all.`,
    mend: inEvents((emulator, host, text) => {
      const sent = text.split(' ')[1]!.split('?').slice(1).join('?');
      if (host.rawQueryString === sent) emulator.rawQueryString = sent;
    }),
  },
  'the catch-all has no path parameters': {
    because: `${ROUTES_PAGE}: "The $default route acts as a catch-all for requests that don't match any other routes."`,
    mend: inEvents((emulator) => {
      if (emulator.routeKey === '$default') delete emulator.pathParameters;
    }),
  },
  'repeated headers are joined': {
    because: `${PAGE}: "Duplicate headers are combined with commas and included in the headers field."`,
    mend: inEvents((emulator, host) => {
      for (const [name, value] of Object.entries(host.headers!))
        if (value?.endsWith(`,${emulator.headers![name]}`)) emulator.headers![name] = value;
    }),
  },
  'cookies are apart': {
    because: `${PAGE}: "All cookie headers in the request are combined with commas and added to the cookies field."`,
    mend: inEvents((emulator, host) => {
      if (emulator.headers?.cookie === undefined) return;
      expect(host.cookies!.join('; ')).toContain(emulator.headers.cookie);
      delete emulator.headers.cookie;
      emulator.cookies = host.cookies!;
    }),
  },
  'no header of the client makes an authorizer': {
    because: `${PAGE}: requestContext.authorizer holds what an authorizer of the route found.`,
    mend: inEvents((emulator) => {
      delete (emulator.requestContext as { authorizer?: unknown }).authorizer;
    }),
  },
  'text is text: only other bodies are in base64': {
    because: `${PAGE}: "isBase64Encoded" is false in the example, whose body is text.`,
    mend: inEvents((emulator, host) => {
      if (emulator.isBase64Encoded === host.isBase64Encoded || emulator.body === undefined) return;
      emulator.body = Buffer.from(emulator.body, 'base64').toString();
      emulator.isBase64Encoded = false;
    }),
  },
  'no header that the client did not send': {
    because: `${PAGE}: headers holds the headers of the request.`,
    mend: inEvents((emulator, host) => {
      for (const name of ['content-type', 'content-length'])
        if (!(name in host.headers!)) delete emulator.headers![name];
    }),
  },
  'two Host headers are refused': {
    because: 'RFC 9112 section 3.2, by which API Gateway finds the API: a server MUST answer 400.',
    mend: (emulator, host, text) => {
      if (text.split('Host:').length > 2) Object.assign(emulator, host);
    },
  },
  'answers have the headers and the form that the function gave': {
    because: `${PAGE}: "API Gateway can infer the response format for you"; it adds no header.`,
    mend: (emulator, host) => {
      for (const name of ['cache-control', 'vary', ...(host.status === 204 ? ['content-type'] : [])])
        if (!(name in host.headers)) delete emulator.headers[name];
      const [type] = emulator.headers['content-type'] ?? [];
      if (type === `${host.headers['content-type']?.[0]}; charset=utf-8`)
        emulator.headers['content-type'] = [...host.headers['content-type']!];
      // What is not marked as a function's answer is not let through there.
      if (emulator.status === 500 && host.status === 200) Object.assign(emulator, host);
    },
  },
};

test('at most twelve differences between host and emulator, and each of them is seen', async () => {
  const seen = new Set<string>();
  for (const { name, text } of requests) {
    const host = leaveOutInstance(await ask(hostPort, text));
    const other = leaveOutInstance(await ask(emulator.port, text));
    for (const [difference, { mend }] of Object.entries(DIFFERENCES)) {
      const before = JSON.stringify(other);
      mend(other, host, text);
      if (JSON.stringify(other) !== before) seen.add(difference);
    }
    expect({ name, ...other }).toEqual({ name, ...host });
  }
  expect(requests.length).toBeGreaterThanOrEqual(60);
  expect([...seen].sort()).toEqual(Object.keys(DIFFERENCES).sort());
  expect(seen.size).toBeLessThanOrEqual(12);
}, 120_000);

test('what the host hands over, on its own: the documented example', async () => {
  const text = [
    'POST /echo?parameter1=value1&parameter1=value2&parameter2=value HTTP/1.1',
    'Host: HOST',
    'Header1: value1',
    'Header2: value1',
    'Header2: value2',
    'Cookie: cookie1',
    'Cookie: cookie2',
    'User-Agent: agent',
    'Content-Type: text/plain',
    'Content-Length: 17',
    'Connection: close',
    '',
    'Hello from Lambda',
  ].join('\r\n');
  const { event } = await ask(hostPort, text);
  expect(event).toMatchObject({
    version: '2.0',
    routeKey: 'POST /echo',
    rawPath: '/echo',
    rawQueryString: 'parameter1=value1&parameter1=value2&parameter2=value',
    cookies: ['cookie1', 'cookie2'],
    headers: { header1: 'value1', header2: 'value1,value2', host: 'deer.example:8001' },
    queryStringParameters: { parameter1: 'value1,value2', parameter2: 'value' },
    requestContext: {
      http: { method: 'POST', path: '/echo', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'agent' },
      routeKey: 'POST /echo',
      stage: '$default',
      time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
    },
    body: 'Hello from Lambda',
    isBase64Encoded: false,
  });
});
