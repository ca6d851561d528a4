// The consuming half of the product as one process: queue -> function by
// localstack/host/queues/event-source.ts, the functions in threads. FAULT_VISIBILITY_S: how long a
// message of a killed consumer stays hidden. FAULT_TIMEOUT_S: the consumer's timeout.
// FAULT_KILL_MS: its thread is ended after this long, while it believes that it has time. After the
// message `rest` it receives nothing, with its threads warm, until the message `work`.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { Worker } from 'node:worker_threads';
import { parse } from 'yaml';
import { type QueueFunction, queueFunctions, type Service } from '../../../localstack/host/declared/functions.ts';
import type { Answer } from '../../../localstack/host/queues/batch.ts';
import { type EventSource, startEventSource } from '../../../localstack/host/queues/event-source.ts';
import { openHealth } from '../../../localstack/stack/health.ts';
import { QUEUES } from '../../../localstack/stack/resources.ts';

const text = readFileSync('serverless.yml', 'utf8');
const GetAtt = { tag: '!GetAtt', resolve: (value: string) => ({ 'Fn::GetAtt': value.split('.') }) };
const Ref = { tag: '!Ref', resolve: (value: string) => ({ Ref: value }) };
const { FAULT_TIMEOUT_S, FAULT_KILL_MS, FAULT_VISIBILITY_S, ...env } = process.env as Record<string, string>;
const functions = queueFunctions(parse(text, { customTags: [GetAtt, Ref] }) as Service).map((one) =>
  one.queue === QUEUES.exports && FAULT_TIMEOUT_S ? { ...one, timeout: Number(FAULT_TIMEOUT_S) } : one,
);

const idle = new Map<string, Worker[]>();
async function take(name: string): Promise<Worker> {
  const waiting = idle.get(name)?.pop();
  if (waiting !== undefined) return waiting;
  const worker = new Worker(new URL('./function-thread.js', import.meta.url), { workerData: { name } });
  await once(worker, 'message');
  return worker;
}

const invoke = async (target: QueueFunction, event: object): Promise<Answer> => {
  const name = target.functionName.split('-').at(-1)!;
  const worker = await take(name);
  const timeoutMs = target.timeout * 1_000;
  const killMs = target.queue === QUEUES.exports && FAULT_KILL_MS ? Number(FAULT_KILL_MS) : timeoutMs;
  const answer = once(worker, 'message');
  worker.postMessage({ event, timeoutMs });
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), killMs);
  });
  const outcome = await Promise.race([answer, over]);
  clearTimeout(timer);
  if (outcome === undefined) {
    await worker.terminate();
    process.stderr.write(
      `${JSON.stringify({ time: new Date().toISOString(), level: 'error', event: 'function timed out' })}\n`,
    );
    return { error: 'the function failed: timed out' };
  }
  idle.set(name, [...(idle.get(name) ?? []), worker]);
  return { text: JSON.stringify(outcome[0]) };
};

const health = openHealth(env);
const urls: Record<string, string | undefined> = {
  [QUEUES.exports]: env.EXPORTS_QUEUE_URL,
  [QUEUES.dead]: env.EXPORTS_DEAD_QUEUE_URL,
  [QUEUES.parked]: env.EXPORTS_PARKED_QUEUE_URL,
};
const start = (): EventSource =>
  startEventSource({
    functions,
    invoke,
    queueUrl: (name) => urls[name]!,
    environment: env,
    health: () => health.check(),
    visibility: Number(FAULT_VISIBILITY_S),
  });
let source: EventSource | undefined = start();
process.on('SIGTERM', async () => {
  await source?.stop(20_000);
  process.exit(0);
});
process.on('message', async (wanted: 'rest' | 'work') => {
  if (wanted === 'work') source ??= start();
  else {
    await source?.stop(20_000);
    source = undefined;
  }
  process.send?.(wanted);
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
// What is killed saves nothing at its end.
flushCompileCache();
