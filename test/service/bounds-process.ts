// The HTTP side of the host in a separate process, whose memory can be measured. Its one function
// answers with the length of the body.
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { HostFunction } from '../../localstack/host/declared/functions.ts';
import { openHttp } from '../../localstack/host/http/server.ts';

const target: HostFunction = {
  key: 'length',
  functionName: 'bounds-dev-length',
  file: 'length.cjs',
  exported: 'handler',
  timeout: 6,
  memorySize: 1024,
  heavy: false,
  environment: {},
  routes: ['POST /length', 'GET /length'],
  schedules: [],
};
const answer = async (_target: HostFunction, event: APIGatewayProxyEventV2) => ({
  status: 200,
  headers: {},
  body: Buffer.from(String(event.body?.length ?? 0)),
});
const host = openHttp({ functions: [target], basePath: '/', invoke: answer });
const port = await host.listen('127.0.0.1', 0);
process.on('message', () => process.send?.({ rss: process.memoryUsage.rss() }));
process.on('disconnect', () => process.exit());
process.send?.({ port });
