// A process that runs one function, one invocation after the other. It is ended by SIGKILL:
// whatever it does must be something that a killed function may do.
import { flushCompileCache } from 'node:module';
import { errorMessage } from '../../../lib/errors.ts';
import { loadHandler, makeContext, prepareModule } from './context.ts';
import type { InvokeAnswer, InvokeOrder } from './messages.ts';

const [path = '', exported = '', start = ''] = process.argv.slice(2);
// Ctrl-C reaches a whole terminal; the host ends this process when its work is done.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
// A thread that waits for a drive that hangs would keep process.exit waiting.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

const handler = loadHandler(path, exported);
// Reported by the first invocation.
handler.catch(() => undefined);
if (start === 'ahead') prepareModule(path).catch(() => undefined);

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
process.on('message', async (order: InvokeOrder) => {
  const answer = await run(order);
  process.send?.(answer, () => {
    // What is killed saves nothing at its end.
    if (isFirst) flushCompileCache();
    isFirst = false;
  });
});
