// What the event source does with messages that it has received: hands them back, or deletes them.
import { setTimeout as pause } from 'node:timers/promises';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { errorMessage } from '../../../lib/errors.ts';
import { log } from '../../../lib/log.ts';

/**
 * Short, because a receive that is broken off may still take a message, which then stays hidden. A
 * message ends the wait at once.
 */
export const POLL_SECONDS = 1;
/**
 * A connection that a router forgot would otherwise be waited for forever, and with it a consumer
 * or the end of the service. Each try of a call has this on top of the longest wait for messages.
 */
const SILENCE_MS = 4_000;
/**
 * A message that is done is deleted this much later, so that whatever the function wrote is on disk
 * first: Redis may lose its last second when it crashes (appendfsync everysec), and only a message
 * that is still in the queue makes a lost end good. Until then it stays hidden.
 */
const SETTLE_MS = 1_000;
/**
 * How long close() waits for an SQS that does not answer: what is not handed back is received again
 * when its visibility timeout is over.
 */
const LAST_CALLS_MS = 3_000;

export interface QueueClient {
  sqs: SQSClient;
  /** Makes messages visible again, each after `delay` seconds. */
  handBack(queueUrl: string, messages: readonly Message[], delay: (message: Message) => number): Promise<void>;
  /** Deletes messages in a while, or at once after close() has begun. */
  settle(queueUrl: string, messages: readonly Message[]): void;
  /** Deletes what is settled, hands back the rest, within 3 s. */
  close(unfinished: readonly { queueUrl: string; message: Message }[]): Promise<void>;
}

function createClient(environment: Readonly<Record<string, string>>): SQSClient {
  const { AWS_ENDPOINT_URL_SQS, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = environment;
  return new SQSClient({
    region: environment.AWS_REGION ?? 'us-east-1',
    ...(AWS_ENDPOINT_URL_SQS ? { endpoint: AWS_ENDPOINT_URL_SQS } : {}),
    ...(AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY
      ? { credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY } }
      : {}),
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: SILENCE_MS,
      requestTimeout: POLL_SECONDS * 1_000 + SILENCE_MS,
      throwOnRequestTimeout: true,
    },
  });
}

export function openQueueClient(environment: Readonly<Record<string, string>>): QueueClient {
  const sqs = createClient(environment);
  let closing = false;
  let closed = false;
  // A function that outlives close() must not extend what was handed back; deleting what it still
  // finished is right.
  sqs.middlewareStack.add(
    (next, context) => (args) =>
      closed && context.commandName?.startsWith('ChangeMessageVisibility')
        ? Promise.reject(new Error('handed back'))
        : next(args),
    { step: 'initialize' },
  );
  const settling = new Set<{ now: () => void; done: Promise<void> }>();

  async function handBack(...[queueUrl, messages, delay]: Parameters<QueueClient['handBack']>): Promise<void> {
    if (messages.length === 0) return;
    const Entries = messages.map((message, index) => ({
      Id: String(index),
      ReceiptHandle: message.ReceiptHandle,
      VisibilityTimeout: delay(message),
    }));
    // Failing to hand back is harmless: the message is received again when its time is over.
    await sqs
      .send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }))
      .catch((error: unknown) =>
        log.warn('messages not handed back', { queue: queueUrl, reason: errorMessage(error) }),
      );
  }

  async function acknowledge(queueUrl: string, messages: readonly Message[]): Promise<void> {
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    // Failing to delete is harmless as well: the job has ended, and the message is dropped when it
    // is received again.
    await sqs
      .send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }))
      .catch((error: unknown) => log.warn('messages not deleted', { queue: queueUrl, reason: errorMessage(error) }));
  }

  function settle(queueUrl: string, messages: readonly Message[]): void {
    if (messages.length === 0) return;
    const { promise, resolve: now } = Promise.withResolvers<void>();
    const timer = setTimeout(now, closing ? 0 : SETTLE_MS);
    const entry = { now, done: promise.then(() => acknowledge(queueUrl, messages)) };
    settling.add(entry);
    void entry.done.finally(() => {
      clearTimeout(timer);
      settling.delete(entry);
    });
  }

  return {
    sqs,
    handBack,
    settle,
    async close(unfinished) {
      closing = true;
      for (const { now } of settling) now();
      const calls = [
        ...[...settling].map(({ done }) => done),
        ...unfinished.map(({ queueUrl, message }) => handBack(queueUrl, [message], () => 1)),
      ];
      await Promise.race([Promise.all(calls), pause(LAST_CALLS_MS, undefined, { ref: false })]);
      closed = true;
      if (unfinished.length === 0) sqs.destroy();
    },
  };
}
