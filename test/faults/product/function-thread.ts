// One function in a separate thread, as serverless-offline and Lambda run it: its timeout ends
// the thread without `finally`.
import { parentPort, workerData } from 'node:worker_threads';
import type { Context, SQSEvent } from 'aws-lambda';
import type { QueueHandler } from '../../../lib/lambda/queue.ts';
import { functions } from './functions.ts';

const { handler } = (await functions[workerData.name as 'generateExport']()) as { handler: QueueHandler };
parentPort!.on('message', async ({ event, timeoutMs }: { event: SQSEvent; timeoutMs: number }) => {
  const end = Date.now() + timeoutMs;
  const context = {
    awsRequestId: crypto.randomUUID(),
    getRemainingTimeInMillis: () => end - Date.now(),
  } as unknown as Context;
  parentPort!.postMessage(await handler(event, context));
});
parentPort!.postMessage('ready');
