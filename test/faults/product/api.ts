// The HTTP half of the product as one process: the handlers of serverless.yml's routes behind a
// plain server. argv[2]: the port.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { parse } from 'yaml';
import type { HttpHandler } from '../../../lib/lambda/http.ts';
import { functions } from './functions.ts';

const { functions: declared } = parse(readFileSync('serverless.yml', 'utf8').replace(/!(GetAtt|Ref) /g, '')) as {
  functions: Record<string, { events?: { httpApi?: string }[] }>;
};

interface Route {
  method: string;
  path: RegExp;
  handler: HttpHandler;
}
const routes: Route[] = [];
for (const [name, { events = [] }] of Object.entries(declared)) {
  for (const { httpApi } of events) {
    if (httpApi === undefined) continue;
    const [method = '', path = ''] = httpApi === '*' ? ['.*', '.*'] : httpApi.split(' ');
    const module = (await functions[name as keyof typeof functions]()) as { handler: HttpHandler };
    const pattern = path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
    routes.push({ method, path: new RegExp(`^${pattern}$`), handler: module.handler });
  }
}
// The catch-all matches everything: it comes last.
routes.sort((a, b) => Number(a.method === '.*') - Number(b.method === '.*'));

createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
  const route = routes.find(
    ({ method, path }) => new RegExp(`^${method}$`).test(request.method ?? '') && path.test(pathname),
  )!;
  const event = {
    version: '2.0',
    rawPath: pathname,
    headers: request.headers,
    pathParameters: { ...route.path.exec(pathname)?.groups },
    requestContext: { requestId: '', http: { method: request.method, path: pathname } },
    body: parts.length === 0 ? undefined : Buffer.concat(parts).toString('base64'),
    isBase64Encoded: parts.length > 0,
  } as unknown as APIGatewayProxyEventV2;
  const answer = await route.handler(event, { awsRequestId: crypto.randomUUID() } as Context);
  response.writeHead(answer.statusCode ?? 500, answer.headers as Record<string, string>);
  response.end(
    answer.body === undefined ? undefined : Buffer.from(answer.body, answer.isBase64Encoded ? 'base64' : 'utf8'),
  );
}).listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('ready'));
process.on('disconnect', () => process.exit(0));
