// The event source's side of SQS: it receives with this client, then hands messages back or deletes
// them.
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

/** What the client needs: the SQS to talk to, and as whom; what is missing is the SDK's to find. */
export type QueueEnvironment = Readonly<
  Partial<Record<'AWS_REGION' | 'AWS_ENDPOINT_URL_SQS' | 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY', string>>
>;

/** A message that was received, and where from. */
export interface Received {
  queueUrl: string;
  message: Message;
}

/** Messages that are done and not yet deleted. */
interface Settling {
  /** Ends the wait. */
  now: () => void;
  done: Promise<void>;
}

function createClient(environment: QueueEnvironment): SQSClient {
  const { AWS_REGION, AWS_ENDPOINT_URL_SQS, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = environment;
  return new SQSClient({
    region: AWS_REGION ?? 'us-east-1',
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

/** Failures are logged, never thrown: SQS delivers a message again that it still holds. */
export class QueueClient {
  /** For receiving, and for extending what runs. */
  readonly sqs: SQSClient;
  private readonly settling = new Set<Settling>();
  private state: 'open' | 'closing' | 'closed' = 'open';

  constructor(environment: QueueEnvironment) {
    this.sqs = createClient(environment);
    // A function that outlives close() must not extend what was handed back; deleting what it still
    // finished is right.
    this.sqs.middlewareStack.add(
      (next, context) => (args) =>
        this.state === 'closed' && context.commandName?.startsWith('ChangeMessageVisibility')
          ? Promise.reject(new Error('handed back'))
          : next(args),
      { step: 'initialize' },
    );
  }

  /** Makes messages visible again, each after `delay` seconds. */
  async handBack(queueUrl: string, messages: readonly Message[], delay: (message: Message) => number): Promise<void> {
    if (messages.length === 0) return;
    const Entries = messages.map((message, index) => ({
      Id: String(index),
      ReceiptHandle: message.ReceiptHandle,
      VisibilityTimeout: delay(message),
    }));
    // Failing to hand back is harmless: the message is received again when its time is over.
    await this.sqs
      .send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }))
      .catch((error: unknown) =>
        log.warn('messages not handed back', { queue: queueUrl, reason: errorMessage(error) }),
      );
  }

  /** Deletes messages after SETTLE_MS, or at once after close() has begun. */
  settle(queueUrl: string, messages: readonly Message[]): void {
    if (messages.length === 0) return;
    const { promise, resolve: now } = Promise.withResolvers<void>();
    const timer = setTimeout(now, this.state === 'open' ? SETTLE_MS : 0);
    const entry = { now, done: promise.then(() => this.delete(queueUrl, messages)) };
    this.settling.add(entry);
    void entry.done.finally(() => {
      clearTimeout(timer);
      this.settling.delete(entry);
    });
  }

  /** Deletes what is settled and hands back the rest, within LAST_CALLS_MS. */
  async close(unfinished: readonly Received[]): Promise<void> {
    this.state = 'closing';
    for (const { now } of this.settling) now();
    const calls = [
      ...[...this.settling].map(({ done }) => done),
      ...unfinished.map(({ queueUrl, message }) => this.handBack(queueUrl, [message], () => 1)),
    ];
    await Promise.race([Promise.all(calls), pause(LAST_CALLS_MS, undefined, { ref: false })]);
    this.state = 'closed';
    if (unfinished.length === 0) this.sqs.destroy();
  }

  private async delete(queueUrl: string, messages: readonly Message[]): Promise<void> {
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    // Failing to delete is harmless as well: the job has ended, and the message is dropped when it
    // is received again.
    await this.sqs
      .send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }))
      .catch((error: unknown) => log.warn('messages not deleted', { queue: queueUrl, reason: errorMessage(error) }));
  }
}
