// A process that runs one function, one invocation after the other. It is ended by SIGKILL:
// whatever it does must be something that a killed function may do.
import { flushCompileCache } from 'node:module';
import { errorMessage } from '../../../lib/errors.ts';
import { type Handler, loadHandler, makeContext, prepareModule } from './context.ts';
import type { InvokeAnswer, InvokeOrder } from './messages.ts';

const [path = '', exported = '', start = ''] = process.argv.slice(2);
// Ctrl-C reaches a whole terminal; the host ends this process when its work is done.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
// A thread that waits for a drive that hangs would keep process.exit waiting.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

/** Its variables come first; some are read when the module is loaded. */
const handler = new Promise<Handler>((load) => {
  process.once('message', (environment: NodeJS.ProcessEnv) => {
    Object.assign(process.env, environment);
    process.on('message', (order: InvokeOrder) => void answer(order));
    load(loadHandler(path, exported));
  });
});
// Reported by the first invocation.
handler.catch(() => undefined);
if (start === 'ahead') handler.then(() => prepareModule(path)).catch(() => undefined);

async function run({ event, ...invocation }: InvokeOrder): Promise<InvokeAnswer> {
  const rss = (): number => process.memoryUsage.rss();
  try {
    const result = await (await handler)(event, makeContext(invocation));
    return { kind: 'result', text: JSON.stringify(result) ?? 'null', rss: rss() };
  } catch (error) {
    return { kind: 'error', name: (error as Error | null)?.name ?? 'Error', message: errorMessage(error), rss: rss() };
  }
}

let isFirst = true;
async function answer(order: InvokeOrder): Promise<void> {
  const found = await run(order);
  process.send?.(found, () => {
    // What is killed saves nothing at its end.
    if (isFirst) flushCompileCache();
    isFirst = false;
  });
}
