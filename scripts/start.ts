// npm start: the local stack, and the functions behind HTTP, queues and schedules.
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Engines and functions are processes of this one, and inherit it: what any of them has loaded once
// is not compiled again.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../node_modules/.cache/compiled');
enableCompileCache(process.env.NODE_COMPILE_CACHE);

const { runHost } = await import('../localstack/host/index.ts');
await runHost();
