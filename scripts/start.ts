// npm start [-- --host 127.0.0.1 --port 8001 --role all|api|worker --concurrency 2]: the stack, and
// the functions behind HTTP, queues and schedules.
import './compile-cache.mjs';
import { parseArgs } from 'node:util';

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { host: text, port: text, role: text, concurrency: text } });
if (values.host !== undefined) process.env.HOOFPRINT_HOST = values.host;
if (values.port !== undefined) process.env.HOOFPRINT_HTTP_PORT = values.port;
const { runHost } = await import('../localstack/host/index.ts');
await runHost(values);
